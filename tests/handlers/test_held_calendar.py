from datetime import timedelta

import pytest

from bot.actions.held_calendar import Hold, hold, hold_of, release
from bot.core.occurrences import Occurrence
from bot.core.shrinking import Loss
from tests.handlers.organizing import log, organized, texts
from tests.support import NOW

YES, NO = "Ovat, peru ne", "Ei, pidä vanhat"


@pytest.fixture
def chat():
    """Two organizers who have been asked about one calendar."""
    chat = organized("tiina", "toni")
    ask(chat, "a.ics", {3, 1})
    return chat


def ask(chat, source, vanished):
    first = Occurrence(uid="x", recurrence_id=None, start=chat.now, end=chat.now, title={"fi": "Kahvit"})
    with chat.transaction() as store:
        asked = hold(
            store,
            chat.house,
            source,
            called=source,
            vanished=vanished,
            lost=Loss(2, 3),
            first=first,
            now=chat.now,
        )
    chat.deliver()
    return asked


def held(chat, source="a.ics"):
    with chat.transaction() as store:
        return hold_of(store, source)


def errands(chat):
    with chat.transaction() as store:
        return [(each.kind, dict(each.values)) for each in store.errands.due(chat.now)]


def test_each_organizer_is_asked(chat):
    question = (
        "Kalenterista a.ics katosi kertoja.\n30 päivän aikana: 2 (kaikkiaan 3).\nEnsimmäinen: Kahvit la 21.11. klo 12\n"
        "Onko ne peruttu?\nVanhat tiedot pätevät siihen asti."
    )

    assert [texts(chat.heard, who)[-1] for who in ("tiina", "toni")] == [question] * 2
    assert held(chat) == Hold.of({1, 3}, now=chat.now)


def test_yes_has_the_calendar_read_again_at_once(chat):
    (answer,) = chat.presses("tiina", YES)

    assert answer.text == "Selvä. Perun ne nyt.\nKerron siitä ihmisille."
    assert held(chat).answer == "yes"
    assert errands(chat) == [("refresh", {"calendar": "a.ics"})]
    assert log(chat)[-1] == ("calendar.accept", None)


def test_no_lets_the_old_dates_hold(chat):
    (answer,) = chat.presses("tiina", NO)

    assert answer.text == "Selvä. Vanhat tiedot pätevät.\nKorjaa kalenteri, kun ehdit."
    assert answer.buttons == ("Järjestäjän valikko", "Alkuun")
    assert held(chat).answer == "no"
    assert errands(chat) == []
    assert log(chat)[-1] == ("calendar.keep", None)


def test_after_a_yes_the_others_hear_that_it_is_settled(chat):
    chat.presses("tiina", YES)

    assert [each.text for each in chat.presses("toni", NO)] == ["Tämä on jo selvinnyt."]
    assert held(chat).answer == "yes"


def test_an_old_question_is_settled_when_another_is_asked(chat):
    ask(chat, "a.ics", {1, 3, 4})
    old = Hold.of({1, 3}, now=chat.now).token
    with chat.transaction() as store:
        data = store.vault.seal_button(store.people.find(chat.place("tiina")).id, "held.yes", (old,))

    assert chat.sends_button("tiina", data)[0].text == "Tämä on jo selvinnyt."


def test_two_calendars_are_held_apart(chat):
    ask(chat, "b.ics", {7})
    chat.presses("tiina", YES)

    assert (held(chat).answer, held(chat, "b.ics").answer) == ("", "yes")


def test_who_organizes_no_more_decides_nothing(chat):
    with chat.transaction() as store:
        store.organizers.revoke(store.people.find(chat.place("tiina")).id, now=chat.now)
    chat.presses("tiina", YES)

    assert held(chat).answer == ""


def test_a_hold_covers_what_was_asked_about_and_no_more():
    asked = Hold.of({1, 2, 3}, now=NOW)

    assert [asked.covers(gone) for gone in ({1, 2, 3}, {2}, set(), {2, 4})] == [True, True, True, False]
    assert Hold.of({3, 2, 1}, now=NOW) == asked
    assert len(asked.token) == 12


def test_at_night_they_are_asked_in_the_morning():
    chat = organized("tiina")
    chat.now += timedelta(hours=10)
    ask(chat, "a.ics", {1})

    assert [text for text in texts(chat.heard, "tiina") if "katosi" in text] == []
    assert any("katosi" in text for text in texts(chat.ticks(to=chat.now + timedelta(hours=12)), "tiina"))


def test_the_same_dates_lost_another_time_are_asked_about_anew(chat):
    chat.presses("tiina", NO)
    with chat.transaction() as store:
        release(store, "a.ics")
    chat.ticks(to=chat.now + timedelta(hours=1))
    before = len(chat.heard)
    ask(chat, "a.ics", {1, 3})
    chat.ticks()

    assert [each.who for each in chat.heard[before:]] == ["tiina", "toni"]
