from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.series import Series
from tests.handlers.attending import chat_with_series, presses_of
from tests.handlers.houses import BACK, HOME, chat_with, empty_calendar, event, plan, subscriptions
from tests.support import NOW, Chat


def test_who_has_no_reminders_is_offered_what_anyone_may_hear_of():
    chat = Chat()
    (heard,) = chat.says("anna", "muistuta")
    all_of_them = offered(chat)

    assert heard.text == "Sinulla ei ole vielä muistutuksia.\nMistä haluat muistutuksen?"
    assert heard.buttons == (
        "Yksinäisyysryhmä",
        "Piparien leipominen…",
        "Joululauluja ja glögiä",
        "Kehitetään yhdessä",
        "Lisää",
        HOME,
    )
    assert "Piparien leipominen…" in all_of_them
    assert "Uutiskirje ilmestyy" in all_of_them
    assert "Asiakasraati" not in all_of_them
    assert "Vuosikertomuksen…" not in all_of_them


def test_what_has_no_date_any_more_is_not_offered_but_news_is():
    chat = Chat()
    empty_calendar(chat)
    (heard,) = chat.says("anna", "muistuta")

    assert heard.buttons == ("Uutiskirje ilmestyy", HOME)


def offered(chat):
    """All series that are offered, page by page."""
    (page,) = chat.says("anna", "muistuta")
    found = [*page.buttons]
    while "Lisää" in page.buttons:
        (page,) = chat.presses("anna", "Lisää")
        found += page.buttons
    return found


def test_series_stand_by_their_next_date_and_those_of_one_name_are_told_apart():
    coffee = [Series(id=each, name={"fi": "Kokeilukahvit"}) for each in ("aamu", "ilta", "toinen", "kolmas")]
    spring = Series(id="kevat", name={"fi": "Kevät"})
    chat = chat_with_series(spring, *coffee)
    days = {"kevat": 150, "aamu": 3, "ilta": 1, "toinen": 2, "kolmas": 2}
    plan(
        chat,
        *(replace(event("x", NOW + timedelta(days=n), series=each), uid=each) for each, n in days.items()),
    )

    assert offered(chat)[:4] == [
        "Kokeilukahvit su 22.11.",
        "Kokeilukahvit 2",
        "Kokeilukahvit 3",
        "Kokeilukahvit ti 24.11.",
    ]
    assert offered(chat)[-3:] == ["Kevät", "Uutiskirje ilmestyy", HOME]


def test_what_happens_once_is_offered_until_it_begins_unless_it_is_cancelled():
    begins = datetime(2026, 12, 9, 10, 0, tzinfo=UTC)
    before, then = Chat(now=begins - timedelta(minutes=1)), Chat(now=begins)
    plan(then, event("Peli", begins + timedelta(days=1), series="piparit", status="cancelled"))

    assert "Piparien leipominen…" in offered(before)
    assert "Piparien leipominen…" not in offered(then)


def test_a_reminder_takes_two_choices_and_can_be_taken_back():
    chat = Chat()
    chat.says("anna", "muistuta")
    (when,) = chat.presses("anna", "Yksinäisyysryhmä")
    (done,) = chat.presses("anna", "Molemmat")
    chosen = subscriptions(chat, "anna")
    (stopped,) = chat.presses("anna", "Peru muistutus")

    assert when.text == "Yksinäisyysryhmä\nMilloin muistutan sinua?"
    assert when.buttons == ("Päivää ennen", "2 tuntia ennen", "Molemmat", BACK)
    assert done.text == (
        "Selvä, muistutan sinua.\n"
        "Yksinäisyysryhmä: päivää ennen ja 2 tuntia ennen.\n"
        "Seuraava muistutus: ke 25.11. klo 13\n"
        "Muistutus ei kerro ryhmän nimeä."
    )
    assert done.buttons == ("Saa näyttää nimen", "Peru muistutus", HOME)
    assert chosen == {"ryhma": 3}
    assert stopped.text == "Tästä ei enää tule muistutuksia eikä tiedotteita."
    assert subscriptions(chat, "anna") == {}


def test_each_way_to_be_reminded_is_kept_as_chosen():
    chat = Chat()
    kept = []
    for way in ("Päivää ennen", "2 tuntia ennen"):
        chat.says("anna", "muistuta")
        chat.presses("anna", "Yksinäisyysryhmä")
        if kept:
            chat.presses("anna", "Muuta aikaa")
        chat.presses("anna", way)
        kept.append(subscriptions(chat, "anna"))

    assert kept == [{"ryhma": 1}, {"ryhma": 2}]


def test_what_one_has_comes_first_and_can_be_changed_stopped_or_paused():
    chat = Chat()
    for series in ("palsta", "ryhma"):
        presses_of(chat, "anna", "leads", series, "1")
    (listed,) = chat.says("anna", "muistuta")
    (one,) = chat.presses("anna", "Työntekijä palstalla")
    (changing,) = chat.presses("anna", "Muuta aikaa")

    assert listed.text == (
        "Saat muistutuksia: Työntekijä palstalla, Yksinäisyysryhmä.\nMistä haluat muistutuksen?"
    )
    assert listed.buttons == (
        "Yksinäisyysryhmä",
        "Työntekijä palstalla",
        "Piparien leipominen…",
        "Joululauluja ja glögiä",
        "Lisää",
        HOME,
    )
    assert one.text == (
        "Työntekijä palstalla\nSaat muistutuksen: päivää ennen.\nSeuraava muistutus: to 6.5. klo 10"
    )
    assert one.buttons == ("Muuta aikaa", "Peru muistutus", "Tauko 2 viikkoa", BACK)
    assert changing.buttons == ("Päivää ennen", "2 tuntia ennen", "Molemmat", BACK)


def test_news_has_no_hours_before_it():
    chat = Chat()
    empty_calendar(chat)
    chat.says("anna", "muistuta")
    (asked,) = chat.presses("anna", "Uutiskirje ilmestyy")
    (done,) = chat.presses("anna", "Kyllä, haluan")
    chat.says("anna", "muistuta")
    (shown,) = chat.presses("anna", "Uutiskirje ilmestyy")

    assert (asked.text, asked.buttons) == (
        "Uutiskirje ilmestyy\nHaluatko tästä viestin?",
        ("Kyllä, haluan", BACK),
    )
    assert done.text.splitlines()[1] == "Uutiskirje ilmestyy: kun on uutta."
    assert (shown.text, shown.buttons) == (
        "Uutiskirje ilmestyy\nSaat muistutuksen: kun on uutta.",
        ("Peru muistutus", "Tauko 2 viikkoa", BACK),
    )


def test_who_lets_reminders_name_the_group_is_not_asked_again():
    chat = Chat()
    chat.says("anna", "seuraava")
    chat.presses("anna", "Muistuta minua")
    chat.presses("anna", "Molemmat")
    chat.presses("anna", "Saa näyttää nimen")
    chat.says("anna", "palsta")
    chat.presses("anna", "Muistuta minua")
    (done,) = chat.presses("anna", "Molemmat")

    assert done.text.splitlines() == [
        "Selvä, muistutan sinua.",
        "Työntekijä palstalla: päivää ennen ja 2 tuntia ennen.",
        "Seuraava muistutus: to 6.5. klo 10",
    ]
    assert done.buttons == ("Peru muistutus", HOME)


def test_during_a_pause_one_is_told_so_and_can_end_it():
    chat = Chat()
    chat.says("anna", "seuraava")
    chat.presses("anna", "Muistuta minua")
    chat.presses("anna", "Molemmat")
    chat.says("anna", "muistuta")
    chat.presses("anna", "Yksinäisyysryhmä")
    chat.presses("anna", "Tauko 2 viikkoa")
    (during,) = chat.says("anna", "muistuta")
    chat.presses("anna", "Yksinäisyysryhmä")
    chat.presses("anna", "Muuta aikaa")
    (changed,) = chat.presses("anna", "Molemmat")
    chat.now += timedelta(weeks=2)
    (after,) = chat.says("anna", "muistuta")

    assert during.text.splitlines()[0] == "Tauko on päällä. Se loppuu: la 5.12."
    assert during.buttons[0] == "Lopeta tauko"
    assert changed.text.splitlines()[-1] == "Tauko on päällä. Se loppuu: la 5.12."
    assert after.text.splitlines()[0] == "Saat muistutuksia: Yksinäisyysryhmä."


def test_a_series_that_has_left_the_schedule_can_still_be_stopped_but_not_chosen(tmp_path):
    chat = Chat()
    chat.says("anna", "seuraava")
    chat.presses("anna", "Muistuta minua")
    chat.presses("anna", "Molemmat")
    edited = chat_with(tmp_path, "schedule.yaml", ("id: ryhma\n", "id: kerho\n"))
    chat.house, chat.understanding = edited.house, edited.understanding
    (listed,) = chat.says("anna", "muistuta")
    (shown,) = chat.presses("anna", "ryhma")
    (again,) = chat.presses("anna", "Molemmat")
    (gone,) = chat.presses("anna", "Muuta aikaa") if "Muuta aikaa" in shown.buttons else (again,)

    assert listed.text.splitlines()[0] == "Saat muistutuksia: ryhma."
    assert shown.buttons == ("Peru muistutus", "Tauko 2 viikkoa", BACK)
    assert (gone.text, gone.buttons) == ("Tästä ei voi nyt saada muistutuksia.", (BACK, HOME))


def test_what_has_become_its_members_own_meanwhile_is_not_offered_any_more(tmp_path):
    chat = Chat()
    chat.says("anna", "palsta")
    edited = chat_with(
        tmp_path, "schedule.yaml", ("  - id: palsta\n", "  - id: palsta\n    visibility: members\n")
    )
    chat.house, chat.understanding = edited.house, edited.understanding
    (heard,) = chat.presses("anna", "Muistuta minua")

    assert heard.text == "Tästä ei voi nyt saada muistutuksia."


def test_an_event_of_no_series_cannot_be_reminded_of():
    chat = Chat()
    plan(chat, event("Kahvit", NOW + timedelta(hours=1)))
    (heard,) = chat.says("anna", "seuraava")

    assert heard.buttons == ("Lisää kalenteriin", "Tulevat tapahtumat", HOME)


@pytest.mark.parametrize(
    ("lead", "words"),
    [
        ("PT2M", "2 minuuttia ennen"),
        ("PT1H", "tunti ennen"),
        ("PT36H", "36 tuntia ennen"),
        ("P3D", "3 päivää ennen"),
    ],
)
def test_a_series_that_says_itself_how_long_before_asks_only_whether(tmp_path, lead, words):
    chat = chat_with(
        tmp_path, "schedule.yaml", ("  - id: palsta\n", f"  - id: palsta\n    reminders: [{lead}]\n")
    )
    (asked,) = presses_of(chat, "anna", "remind", "palsta")
    (done,) = chat.presses("anna", "Kyllä, haluan")

    assert asked.buttons == ("Kyllä, haluan", BACK)
    assert f"Muistutan sinua {words}." in asked.text
    assert f"Työntekijä palstalla: {words}." in done.text
