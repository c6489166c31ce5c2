"""peruuta: chosen, shown as people will read it, done, told, and taken back."""

from datetime import timedelta

import pytest

from tests.handlers.houses import HOME
from tests.support import Chat

THIS = "Vain tämä kerta"
ALL = "Tämä ja kaikki seuraavat"
DO = "Kyllä, tee näin"
UNDO = "Ota takaisin: peruminen"


@pytest.fixture
def chat():
    chat = Chat()
    chat.make_organizer("olga")
    subscribe(chat, "anna")
    return chat


def subscribe(chat, who, series="ryhma"):
    with chat.transaction() as store:
        known = store.people.meet(chat.place(who), language="fi", now=chat.now)
        store.subscriptions.add(known.id, series)
        store.people.set_named(known.id, named=True)


def cancel(chat, day="to 26.11.", how=THIS):
    chat.says("olga", "peruuta")
    chat.presses("olga", day)
    return chat.presses("olga", how)


def told(chat, who="anna", minutes=5):
    return [each.text for each in chat.ticks(to=chat.now + timedelta(minutes=minutes)) if each.who == who]


def test_the_dates_ahead_are_offered(chat):
    (asked,) = chat.says("olga", "peruuta")

    assert asked.text.startswith("Mikä perutaan?\nto 26.11. klo 13–15")
    assert asked.buttons[0] == "to 26.11."
    assert asked.buttons[-2:] == ("Lisää", "Takaisin") or asked.buttons[-1] == HOME


def test_it_is_shown_as_people_will_read_it_before_anything_is_done(chat):
    as_read, question = cancel(chat)

    assert as_read.text.startswith("PERUTTU")
    assert "Yksinäisyysryhmä" in as_read.text
    assert "to 26.11. klo 13–15" in as_read.text
    assert "ihmisiä 1, ryhmiä 0" in question.text
    assert question.buttons == (DO, "En muuta mitään", HOME)
    assert told(chat) == []


def test_people_hear_of_it_once_and_are_not_reminded(chat):
    cancel(chat)
    chat.presses("olga", DO)
    first = told(chat)
    later = [
        each.text
        for each in chat.ticks(to=chat.now + timedelta(days=5, hours=2), step=timedelta(hours=1))
        if each.who == "anna"
    ]

    assert len(first) == 1
    assert first[0].startswith("PERUTTU")
    assert "to 3.12. klo 13–15" in first[0]
    assert later == []


def test_what_is_cancelled_is_shown_as_such(chat):
    cancel(chat)
    chat.presses("olga", DO)
    (listed,) = chat.says("bertta", "tapahtumat")
    (following,) = chat.says("bertta", "seuraava")

    assert "PERUTTU" in listed.text
    assert "to 26.11." not in following.text


def test_taken_back_before_it_was_told_nobody_hears_of_it(chat):
    cancel(chat)
    chat.presses("olga", DO)
    chat.presses("olga", UNDO)

    assert told(chat) == []
    assert "to 26.11. klo 13–15" in chat.says("bertta", "seuraava")[0].text


def test_taken_back_after_it_was_told_people_hear_that_it_is_held_after_all(chat):
    cancel(chat)
    chat.presses("olga", DO)
    told(chat)
    chat.presses("olga", UNDO)
    chat.presses("olga", "Kyllä, ota takaisin")
    (heard,) = told(chat)

    assert "to 26.11. klo 13–15" in heard
    assert "PERUTTU" not in heard


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("vain tämä", "PERUTTU: Yksinäisyysryhmä\nto 26.11. klo 13–15\nSeuraava kerta: to 3.12. klo 13–15"),
        ("Tää vain", None),
        ("tämä ja seuraavat", "PERUTTU: Yksinäisyysryhmä\nto 26.11. klo 13–15\nto 3.12. klo 13–15"),
    ],
)
def test_how_much_may_be_typed(chat, typed, shown):
    chat.says("olga", "peruuta to 26.11.")
    first, *_ = chat.says("olga", typed)

    if shown is None:
        assert first.text == (
            "En ymmärtänyt.\nYksinäisyysryhmä\nto 26.11. klo 13–15\nPerutaanko vain tämä kerta?"
        )
        assert first.buttons[0] == THIS
    else:
        assert first.text.startswith(shown)


def test_all_that_follow_can_be_cancelled(chat):
    cancel(chat, "to 3.12.", ALL)
    chat.presses("olga", DO)
    told(chat)
    (following,) = chat.says("bertta", "seuraava")
    chat.ticks(to=chat.now + timedelta(days=7))
    (later,) = chat.says("bertta", "ryhma")

    assert "to 26.11. klo 13–15" in following.text
    assert "klo 13–15" not in later.text


def test_a_cancelled_date_stays_cancelled_when_the_calendar_is_read_again(chat):
    cancel(chat)
    chat.presses("olga", DO)
    told(chat)
    chat.starts()

    assert "to 26.11." not in chat.says("bertta", "seuraava")[0].text


def test_an_old_preview_does_not_do_what_is_shown_now(chat):
    cancel(chat)
    old = next(each.data for each in chat.heard[-1].shown if each.label == DO)
    cancel(chat, "to 3.12.")
    (answer,) = chat.sends_button("olga", old)

    assert answer.text.startswith("Tämä valinta on vanha.")
    assert told(chat) == []


def test_pressed_twice_it_is_done_once(chat):
    cancel(chat)
    chat.presses("olga", DO)
    (again,) = chat.presses("olga", DO)

    assert again.text.startswith("Tämä valinta on vanha.")
    assert len(told(chat)) == 1


def test_nothing_changes_for_who_changes_their_mind(chat):
    cancel(chat)
    (dropped,) = chat.presses("olga", "En muuta mitään")

    assert dropped.text == "Mitään ei muutettu."
    assert told(chat) == []


def test_somebody_else_cannot(chat):
    (heard,) = chat.says("bertta", "/peruuta")

    assert "Mikä perutaan" not in heard.text


def test_a_followed_group_counts_among_the_readers(chat):
    subscribe(chat, "group 1")
    _, question = cancel(chat)
    chat.presses("olga", DO)

    assert "ihmisiä 1, ryhmiä 1" in question.text


def test_where_no_date_follows_there_is_no_question_how_much(chat):
    chat.says("olga", "peruuta")
    as_read, question = chat.presses("olga", "ke 9.12.")

    assert as_read.text.startswith("PERUTTU: Piparien leipominen")
    assert question.buttons[0] == DO
