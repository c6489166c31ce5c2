"""Whose turn it is after a date that does not take place."""

import pytest

from bot.core.overrides import Override
from tests.handlers.test_cancel_date import DO, cancel, subscribe
from tests.support import Chat


@pytest.fixture
def chat():
    chat = Chat()
    chat.make_organizer("olga")
    subscribe(chat, "anna")
    return chat


def test_organizers_are_asked_whose_turn_it_is_then(chat):
    cancel(chat)
    done, question = chat.presses("olga", DO)

    assert done.text.startswith("Muutos on tehty.")
    assert question.text == (
        "Yksinäisyysryhmä\nSiirtyykö vuoro?\nVuoro siirtyy: to 3.12. klo 13–15 Keskustelukerta\n"
        "Pidetään kalenteri: to 3.12. klo 13–15 Toimintakerta"
    )
    assert question.buttons == ("Vuoro siirtyy", "Pidetään kalenteri")


def test_of_a_date_far_ahead_both_answers_are_said_of_the_date_after_it(chat):
    cancel(chat, "to 10.12.")
    _, question = chat.presses("olga", DO)

    assert question.text.splitlines()[2:] == [
        "Vuoro siirtyy: to 17.12. klo 13–15 Keskustelukerta",
        "Pidetään kalenteri: to 17.12. klo 13–15 Toimintakerta",
    ]


def test_the_turn_moves_on_when_they_want_so(chat):
    cancel(chat)
    chat.presses("olga", DO)
    (shown,) = chat.presses("olga", "Vuoro siirtyy")

    assert shown.text.splitlines()[2:4] == [
        "to 3.12. klo 13–15 Keskustelukerta",
        "to 10.12. klo 13–15 Toimintakerta",
    ]
    assert "Keskustelukerta" in chat.says("bertta", "seuraava")[0].text


def test_a_turn_that_moved_on_moves_no_further_however_much_was_changed_since(chat):
    cancel(chat)
    chat.presses("olga", DO)
    chat.presses("olga", "Vuoro siirtyy")
    later = Override(id=0, kind="break", organizer=0, made=chat.now, series="palsta", since=chat.now)
    with chat.transaction() as store:
        for _ in range(20):
            store.overrides.add(later, organizer=1)
    (shown,) = chat.presses("olga", "Vuoro siirtyy")

    assert shown.text.startswith("Tämä valinta on vanha.")


def test_or_the_calendar_is_kept(chat):
    cancel(chat)
    chat.presses("olga", DO)
    (shown,) = chat.presses("olga", "Pidetään kalenteri")

    assert shown.text.splitlines()[2:4] == [
        "to 3.12. klo 13–15 Toimintakerta",
        "to 10.12. klo 13–15 Keskustelukerta",
    ]


def test_where_the_calendar_is_kept_the_cancellation_can_still_be_taken_back(chat):
    cancel(chat)
    chat.presses("olga", DO)
    chat.presses("olga", "Pidetään kalenteri")
    (undone,) = chat.presses("olga", "Ota takaisin")

    assert undone.text.startswith("Muutos on otettu takaisin.")
    assert chat.says("bertta", "seuraava")[0].text.splitlines()[1:3] == [
        "to 26.11. klo 13–15",
        "Keskustelukerta",
    ]


def test_a_move_of_turns_can_be_taken_back(chat):
    cancel(chat)
    chat.presses("olga", DO)
    chat.presses("olga", "Vuoro siirtyy")
    chat.presses("olga", "Ota takaisin: vuoro")

    assert "Toimintakerta" in chat.says("bertta", "seuraava")[0].text


def test_turns_move_once_however_often_the_button_is_pressed(chat):
    cancel(chat)
    chat.presses("olga", DO)
    chat.presses("olga", "Vuoro siirtyy")
    chat.presses("olga", "Vuoro siirtyy")

    assert "Keskustelukerta" in chat.says("bertta", "seuraava")[0].text


def test_nobody_is_asked_where_no_date_follows(chat):
    cancel(chat, how="Tämä ja kaikki seuraavat")
    heard = chat.presses("olga", DO)

    assert [each.text.split("\n")[0] for each in heard] == ["Muutos on tehty."]
