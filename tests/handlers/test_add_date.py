"""lisaa: three short questions."""

from datetime import timedelta

import pytest

from tests.handlers.test_cancel_date import DO, subscribe, told
from tests.support import Chat


@pytest.fixture
def chat():
    chat = Chat()
    chat.make_organizer("olga")
    subscribe(chat, "anna")
    return chat


def test_what_when_and_where_make_an_event(chat):
    (what,) = chat.says("olga", "lisaa")
    (when,) = chat.says("olga", "Grilli-ilta")
    (where,) = chat.says("olga", "ti 1.12. klo 17–19")
    *_, preview = chat.says("olga", "Lautaranta")
    chat.presses("olga", DO)
    (listed,) = chat.says("bertta", "tapahtumat")

    assert [each.text.split("\n")[0] for each in (what, when, where)] == [
        "Mikä tapahtuma tulee?",
        "Milloin?",
        "Missä?",
    ]
    assert preview.buttons[0] == DO
    assert "Grilli-ilta" in listed.text
    assert "ti 1.12. klo 17–19" in listed.text


def test_one_more_date_of_a_series_is_told_to_those_who_hear_of_it(chat):
    chat.says("olga", "lisaa")
    chat.presses("olga", "Yksinäisyysryhmä")
    chat.says("olga", "ti 24.11. klo 13")
    as_read, _ = chat.presses("olga", "Sama paikka kuin aina")
    chat.presses("olga", DO)
    (heard,) = told(chat)
    (following,) = chat.says("bertta", "seuraava")

    assert "ti 24.11. klo 13–15" in as_read.text
    assert "ti 24.11. klo 13–15" in heard
    assert "ti 24.11. klo 13–15" in following.text


def test_its_subscribers_are_reminded_of_it(chat):
    chat.says("olga", "lisaa")
    chat.presses("olga", "Yksinäisyysryhmä")
    chat.says("olga", "ti 24.11. klo 13")
    chat.presses("olga", "Sama paikka kuin aina")
    chat.presses("olga", DO)
    told(chat)
    heard = [
        each.text
        for each in chat.ticks(to=chat.now + timedelta(days=3), step=timedelta(hours=1))
        if each.who == "anna"
    ]

    assert len([text for text in heard if "ti 24.11." in text]) == 2


def test_a_time_that_is_no_time_is_asked_again(chat):
    chat.says("olga", "lisaa")
    chat.says("olga", "Grilli-ilta")
    (no_day,) = chat.says("olga", "klo 17")
    (nonsense,) = chat.says("olga", "pian")
    (where,) = chat.says("olga", "ti 1.12. klo 17")

    assert no_day.text.startswith("En saanut ajasta selvää.")
    assert nonsense.text.startswith("En saanut ajasta selvää.")
    assert where.text.startswith("Missä?")


def test_a_name_with_a_day_and_an_hour_is_not_asked_for_them_again(chat):
    chat.says("olga", "lisaa")
    (where,) = chat.says("olga", "Retki Alvajärvelle, lauantaina 28.11. klo 10-14")
    as_read, *_ = chat.presses("olga", "Ei paikkaa")

    assert where.text.startswith("Missä?")
    assert as_read.text == "UUSI KERTA: Retki Alvajärvelle\nla 28.11. klo 10–14"


def test_a_day_that_cannot_be_is_said_so(chat):
    chat.says("olga", "lisaa")
    chat.says("olga", "Grilli-ilta")
    (wrong,) = chat.says("olga", "pe 10.12. klo 14")
    (no_such,) = chat.says("olga", "31.11. klo 14")
    (where,) = chat.says("olga", "pe 11.12. klo 14")

    assert wrong.text == (
        "10.12. on torstai.\nKumpaa tarkoitat? Kirjoita jompikumpi:\nto 10.12. klo 14\npe 11.12. klo 14"
    )
    assert no_such.text == "Marraskuussa on 30 päivää.\nKirjoita aika uudelleen."
    assert where.text.startswith("Missä?")


def test_it_can_be_taken_back(chat):
    chat.says("olga", "lisaa")
    chat.says("olga", "Grilli-ilta")
    chat.says("olga", "ti 1.12. klo 17")
    chat.presses("olga", "Ei paikkaa")
    chat.presses("olga", DO)
    chat.presses("olga", "Ota takaisin: lisäys")

    assert "Grilli-ilta" not in chat.says("bertta", "tapahtumat")[0].text


def test_it_is_still_there_after_a_restart(chat):
    chat.says("olga", "lisaa")
    chat.says("olga", "Grilli-ilta")
    chat.says("olga", "ti 1.12. klo 17")
    chat.presses("olga", "Ei paikkaa")
    chat.presses("olga", DO)
    chat.starts()

    assert "Grilli-ilta" in chat.says("bertta", "tapahtumat")[0].text


def test_a_time_that_is_past_is_asked_for_again_at_once(chat):
    chat.says("olga", "lisaa")
    chat.says("olga", "Grilli-ilta")
    (refused,) = chat.says("olga", "20.11.2026 klo 17")
    (where,) = chat.says("olga", "ti 1.12. klo 17")

    assert refused.text == "Tämä aika on jo mennyt.\nValitse tuleva aika."
    assert where.text.startswith("Missä?")


def test_a_name_that_leads_away_is_asked_for_again(chat):
    chat.says("olga", "lisaa")
    chat.says("olga", "Ilta www.example.org")
    (refused,) = chat.says("olga", "ti 1.12. klo 17")
    (when,) = chat.says("olga", "Grilli-ilta")

    assert refused.text.startswith("Teksti johtaa tänne: www.example.org")
    assert when.text.startswith("Milloin?")
