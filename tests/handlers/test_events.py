from dataclasses import replace
from datetime import timedelta

from bot.core.occurrences import Occurrence
from tests.handlers.attending import GROUP, chat_with_series, dates, presses_of
from tests.handlers.houses import BACK, HOME, empty_calendar, event, plan
from tests.support import NOW, Chat

SOON = NOW + timedelta(hours=2)  # 14 o'clock in Helsinki, the same Saturday


def test_the_next_five_are_listed_a_line_each():
    (heard,) = Chat().says("anna", "tapahtumat")

    assert heard.text == (
        "Tulevat tapahtumat:\n"
        "to 26.11. klo 13–15: Yksinäisyysryhmä\n"
        "to 3.12. klo 13–15: Yksinäisyysryhmä\n"
        "ke 9.12. klo 12–14: Piparien leipominen Ensiaskeleessa\n"
        "to 10.12. klo 13–15: Yksinäisyysryhmä\n"
        "ke 16.12. klo 13–14.30: Joululauluja ja glögiä"
    )
    assert heard.buttons == ("Valitse tapahtuma", "Lisää", HOME)


def test_later_events_follow_on_request_until_there_are_no_more():
    chat = Chat()
    (heard,) = chat.says("anna", "tapahtumat")
    pages = [heard]
    while "Lisää" in pages[-1].buttons:
        pages += chat.presses("anna", "Lisää")
    rows = [row for page in pages for row in page.text.splitlines()[1:]]

    assert len(rows) == len(set(rows)) > 40
    assert pages[-1].buttons == ("Valitse tapahtuma", HOME)


def test_an_event_is_opened_by_a_button_or_its_number_and_leads_back():
    chat = Chat()
    listed = chat.says("anna", "tapahtumat")
    (which,) = chat.presses("anna", "Valitse tapahtuma")
    (opened,) = chat.says("anna", "3")

    assert which.buttons == (
        "to 26.11.",
        "to 3.12.",
        "ke 9.12.",
        "to 10.12.",
        "ke 16.12.",
        BACK,
    )
    assert opened.text == (
        "Piparien leipominen Ensiaskeleessa\nke 9.12. klo 12–14\nHinta: maksuton. Paikkoja 12, vapaana 12."
    )
    assert opened.buttons == ("Ilmoittaudu", "Muistuta minua", "Lisää kalenteriin", BACK, HOME)
    assert chat.presses("anna", BACK) == listed


def test_what_one_must_know_of_an_event_is_said():
    chat = Chat()
    plan(
        chat,
        event("Kahvit", SOON, place={"fi": "Aula"}, variant="vapaa"),
        event("Retki", SOON + timedelta(hours=1), signup=True),
        event("Peli", SOON + timedelta(hours=2), series="kiri"),
        event("Kävely", SOON + timedelta(hours=3), status="tentative"),
        event("Kuoro", SOON + timedelta(hours=4), status="cancelled"),
    )
    (listed,) = chat.says("anna", "tapahtumat")
    chat.presses("anna", "Valitse tapahtuma")
    (coffee,) = chat.says("anna", "1")

    assert listed.text.splitlines()[1:] == [
        "la 21.11. klo 14–15: Kahvit",
        "la 21.11. klo 15–16: Retki",
        "la 21.11. klo 16–17: Peli",
        "la 21.11. klo 17–18: ehkä Kävely",
        "la 21.11. klo 18–19: PERUTTU, Kuoro",
    ]
    assert coffee.text == ("Kahvit\nla 21.11. klo 14–15\nTämä on tänään.\nVapaa\nAula")
    assert coffee.buttons == ("Lisää kalenteriin", BACK, HOME)
    assert [chat.presses("anna", name)[0].text.splitlines()[-1] for name in ("Retki", "Peli", "Kävely")] == [
        "Voit ilmoittautua tästä.",
        "Paikkoja on 10. Kysy työntekijältä.",
        "Ehkä. Tämä ei ole vielä varmaa.",
    ]
    assert chat.presses("anna", "Kuoro")[0].text == (
        "PERUTTU: Kuoro\nla 21.11. klo 18–19\nValitettavasti tämä on peruttu."
    )


def test_an_event_without_any_name_is_opened_by_its_day():
    chat = Chat()
    plan(chat, event("", SOON), event("Kahvit", SOON))
    chat.says("anna", "tapahtumat")
    (which,) = chat.presses("anna", "Valitse tapahtuma")

    assert {"la 21.11.", "Kahvit"} == {*which.buttons[:2]}


def test_a_whole_week_has_no_hour():
    chat = Chat()
    midnight = NOW.replace(hour=22)  # of the house
    plan(chat, event("Teemaviikko", midnight, end=midnight + timedelta(days=5), all_day=True))
    (heard,) = chat.says("anna", "tapahtumat")
    (which,) = chat.presses("anna", "Valitse tapahtuma")

    assert heard.text.splitlines()[1] == "su 22.11.–to 26.11.: Teemaviikko"
    assert which.buttons[0] == "su 22.11."


def test_what_members_and_staff_do_is_not_listed():
    chat = Chat()
    plan(chat, event("Raati", SOON, visibility="members"), event("Palaveri", SOON, visibility="staff"))
    (heard,) = chat.says("anna", "tapahtumat")

    assert heard.text.splitlines()[1] == "to 26.11. klo 13–15: Yksinäisyysryhmä"


def test_a_series_without_a_title_of_its_own_lends_its_name():
    chat = Chat()
    plan(chat, Occurrence(uid="x", recurrence_id=None, start=SOON, end=SOON, series="palsta"))
    (heard,) = chat.says("anna", "tapahtumat")

    assert heard.text.splitlines()[1] == "la 21.11. klo 14: Työntekijä palstalla"


def test_an_event_that_has_left_the_calendar_meanwhile_is_cancelled():
    chat = Chat()
    plan(chat, event("Kahvit", SOON))
    chat.says("anna", "tapahtumat")
    chat.presses("anna", "Valitse tapahtuma")
    plan(chat)
    (heard,) = chat.says("anna", "1")

    assert heard.text == "PERUTTU: Kahvit\nla 21.11. klo 14–15\nValitettavasti tämä on peruttu."
    assert heard.buttons == (BACK, HOME)


def test_of_what_is_cancelled_the_next_time_is_told_and_neither_reminder_nor_file_is_offered():
    chat = chat_with_series(GROUP)
    off = replace(event("Kahvit", SOON, series=GROUP.id, status="cancelled"), uid="1")
    plan(chat, off, replace(event("Kahvit", SOON + timedelta(days=7), series=GROUP.id), uid="2"))
    with chat.transaction() as store:
        here = next(each.id for each in store.calendar.coming(NOW) if each.it.uid == "1")
    (heard,) = presses_of(chat, "anna", "show", here)
    (following,) = chat.presses("anna", "la 28.11.")

    assert heard.text == (
        "PERUTTU: Kahvit\nla 21.11. klo 14–15\nValitettavasti tämä on peruttu.\n"
        "Seuraava kerta: la 28.11. klo 14–15"
    )
    assert heard.buttons == ("la 28.11.", "Saa näyttää nimen", HOME)
    assert following.text.splitlines()[0] == "Kahvit"


def test_two_events_of_one_name_on_one_day_are_told_apart_by_their_hour():
    chat = Chat()
    plan(chat, event("Kahvit", SOON), replace(event("Kahvit", SOON + timedelta(hours=3)), uid="later"))
    chat.says("anna", "tapahtumat")
    (which,) = chat.presses("anna", "Valitse tapahtuma")

    assert which.buttons[:2] == ("la 21.11. klo 14", "la 21.11. klo 17")


def test_where_one_has_reminders_they_can_be_stopped_instead():
    chat = chat_with_series(GROUP)
    dates(chat, GROUP, SOON)
    presses_of(chat, "anna", "leads", GROUP.id, "3")
    (heard,) = chat.says("anna", "seuraava")
    (stopped,) = chat.presses("anna", "Lopeta muistutukset")

    assert "Muistuta minua" not in heard.buttons
    assert stopped.text == "Tästä ei enää tule muistutuksia eikä tiedotteita."


def test_an_empty_calendar_leads_to_a_person():
    chat = Chat()
    empty_calendar(chat)
    (heard,) = chat.says("anna", "tapahtumat")

    assert heard.text == "Kalenterissa ei ole nyt tapahtumia.\nVoit kysyä työntekijältä."
    assert heard.buttons == ("Puhu ihmisen kanssa", HOME)
