"""tauko, as organizers mean it."""

import pytest

from tests.handlers.test_cancel_date import DO, subscribe, told
from tests.support import Chat


@pytest.fixture
def chat():
    chat = Chat()
    chat.make_organizer("olga")
    subscribe(chat, "anna")
    return chat


def take_break(chat, days, what="Yksinäisyysryhmä"):
    chat.says("olga", "tauko")
    chat.presses("olga", "Ryhmän tauko")
    chat.presses("olga", what)
    return chat.says("olga", days)


def test_an_organizer_is_asked_which_break_is_meant(chat):
    (asked,) = chat.says("olga", "tauko")

    assert asked.buttons[:2] == ("Tauko muistutuksista", "Ryhmän tauko")


def test_anybody_else_pauses_their_own_reminders(chat):
    (paused,) = chat.says("anna", "tauko")

    assert "Ryhmän tauko" not in paused.buttons


def test_all_dates_of_the_days_are_cancelled_and_shown_before(chat):
    as_read, _ = take_break(chat, "1.12.–11.12.")
    chat.presses("olga", DO)
    (listed,) = chat.says("bertta", "tapahtumat")

    assert "to 3.12. klo 13–15" in as_read.text
    assert "to 10.12. klo 13–15" in as_read.text
    assert listed.text.count("PERUTTU") == 2


def test_people_hear_of_a_break_in_one_message(chat):
    take_break(chat, "22.11.–11.12.")
    chat.presses("olga", DO)
    heard = told(chat)

    assert len(heard) == 1


def test_a_break_of_everything(chat):
    take_break(chat, "1.12.–31.12.", "Kaikki")
    chat.presses("olga", DO)
    (listed,) = chat.says("bertta", "tapahtumat")

    assert listed.text.count("PERUTTU") == 4


def test_it_can_be_taken_back(chat):
    take_break(chat, "1.12.–11.12.")
    chat.presses("olga", DO)
    chat.presses("olga", "Ota takaisin: tauko")

    assert "PERUTTU" not in chat.says("bertta", "tapahtumat")[0].text


def test_days_that_are_none_are_asked_again(chat):
    (again,) = take_break(chat, "kesällä")

    assert again.text.startswith("En saanut päivistä selvää.")
