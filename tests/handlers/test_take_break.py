"""tauko, as organizers mean it."""

from dataclasses import replace

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


def test_days_before_the_group_are_kept_and_the_group_alone_is_asked_for(chat):
    chat.says("olga", "tauko")
    chat.presses("olga", "Ryhmän tauko")
    (asked,) = chat.says("olga", "1.12.-11.12.")
    (unclear,) = chat.says("olga", "se joulu")
    as_read, _ = chat.presses("olga", "Yksinäisyysryhmä")

    assert asked.text == "Mikä pitää taukoa?\nti 1.12.–pe 11.12."
    assert unclear.text == "En ymmärtänyt.\nMikä pitää taukoa?\nti 1.12.–pe 11.12."
    assert as_read.text.startswith("PERUTTU: Yksinäisyysryhmä\nto 3.12. klo 13–15\nto 10.12. klo 13–15")


def test_days_typed_once_are_not_those_of_another_break(chat):
    chat.says("olga", "tauko")
    chat.presses("olga", "Ryhmän tauko")
    chat.says("olga", "1.12.-11.12.")
    chat.says("olga", "tauko")
    (asked,) = chat.presses("olga", "Ryhmän tauko")
    (days,) = chat.presses("olga", "Yksinäisyysryhmä")

    assert asked.text == "Mikä pitää taukoa?"
    assert days.text.startswith("Minä päivinä?")


def test_where_there_is_one_series_it_is_that(chat):
    alone = replace(chat.house, series={"ryhma": chat.house.series["ryhma"]})
    chat.understanding = replace(chat.understanding, house=alone)
    chat.says("olga", "tauko")
    chat.presses("olga", "Ryhmän tauko")
    as_read, question = chat.says("olga", "1.12.-11.12.")

    assert as_read.text.startswith("PERUTTU: Yksinäisyysryhmä\n")
    assert question.text.startswith("Tauko: Yksinäisyysryhmä ti 1.12.–pe 11.12.\n")


def test_days_that_are_none_are_asked_again(chat):
    (again,) = take_break(chat, "kesällä")

    assert again.text.startswith("En saanut päivistä selvää.")
