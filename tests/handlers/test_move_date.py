"""siirra: another time or another place."""

from datetime import timedelta

import pytest

from tests.handlers.houses import HOME
from tests.handlers.test_cancel_date import DO, subscribe, told
from tests.support import Chat


@pytest.fixture
def chat():
    chat = Chat()
    chat.make_organizer("olga")
    subscribe(chat, "anna")
    return chat


def choose(chat, day="to 26.11.", what="Muu aika"):
    chat.says("olga", "siirra")
    chat.presses("olga", day)
    return chat.presses("olga", what)


def test_a_new_time_is_typed_and_shown_with_the_old_one(chat):
    (asked,) = choose(chat)
    as_read, question = chat.says("olga", "pe 27.11. klo 14")

    assert asked.text.startswith("Kirjoita uusi aika.")
    assert as_read.text.startswith("AIKA MUUTTUI")
    assert "pe 27.11. klo 14–16" in as_read.text
    assert "to 26.11. klo 13–15" in as_read.text
    assert question.buttons[0] == DO


def test_people_hear_once_of_the_new_time_and_are_reminded_of_it(chat):
    choose(chat)
    chat.says("olga", "pe 27.11. klo 14")
    chat.presses("olga", DO)
    heard = told(chat)
    later = [
        (each.text.split("\n")[0], chat.now)
        for each in chat.ticks(to=chat.now + timedelta(days=6), step=timedelta(hours=1))
        if each.who == "anna"
    ]

    assert len(heard) == 1
    assert heard[0].startswith("AIKA MUUTTUI")
    assert len(later) == 2
    assert "pe 27.11. klo 14–16" in chat.heard[-1].text


def test_an_hour_alone_keeps_the_day_and_the_length(chat):
    choose(chat)
    as_read, _ = chat.says("olga", "klo 15")

    assert "to 26.11. klo 15–17" in as_read.text


def test_a_day_alone_keeps_the_hour(chat):
    choose(chat)
    as_read, _ = chat.says("olga", "ke 25.11.")

    assert "ke 25.11. klo 13–15" in as_read.text


def test_a_week_later_is_one_press(chat):
    as_read, _ = choose(chat, "ke 9.12.", "Viikkoa myöhemmin")

    assert "ke 16.12. klo 12–14" in as_read.text


def test_what_cannot_be_read_is_asked_again(chat):
    choose(chat)
    (again,) = chat.says("olga", "joskus myöhemmin")
    as_read, _ = chat.says("olga", "pe 27.11. klo 14")

    assert again.text.startswith("En saanut ajasta selvää.")
    assert as_read.text.startswith("AIKA MUUTTUI")


def test_a_day_that_cannot_be_is_said_so(chat):
    choose(chat)
    (wrong,) = chat.says("olga", "pe 10.12. klo 14-16")
    as_read, _ = chat.says("olga", "pe 11.12. klo 14")

    assert wrong.text.splitlines()[0] == "10.12. on torstai."
    assert wrong.text.splitlines()[2:] == ["to 10.12. klo 14–16", "pe 11.12. klo 14–16"]
    assert as_read.text.startswith("AIKA MUUTTUI")


def test_the_past_is_no_time_to_move_to(chat):
    choose(chat)
    (refused,) = chat.says("olga", "20.11.2026 klo 14")

    assert "AIKA MUUTTUI" not in refused.text


def test_after_a_time_that_will_not_do_another_is_taken(chat):
    choose(chat)
    (refused,) = chat.says("olga", "klo 15-14")
    as_read, _ = chat.says("olga", "klo 15-16")

    assert (refused.text, refused.buttons) == ("Loppu on ennen alkua.\nTarkista ajat.", ("Takaisin", HOME))
    assert "to 26.11. klo 15–16" in as_read.text


def test_after_a_place_that_leads_away_another_is_taken(chat):
    choose(chat, what="Uusi paikka")
    (refused,) = chat.says("olga", "Kirjasto, www.example.org")
    as_read, _ = chat.says("olga", "Kirjasto")

    assert refused.text.startswith("Teksti johtaa tänne: www.example.org")
    assert as_read.text.startswith("UUSI PAIKKA")


def test_a_new_place_is_typed_and_told(chat):
    choose(chat, what="Uusi paikka")
    as_read, _ = chat.says("olga", "Kirjasto, 1. kerros")
    chat.presses("olga", DO)
    (heard,) = told(chat)

    assert as_read.text.startswith("UUSI PAIKKA")
    assert "Kirjasto, 1. kerros" in heard
    assert "Kirjasto, 1. kerros" in chat.says("bertta", "seuraava")[0].text


def test_a_first_place_reaches_who_has_a_place_there(chat):
    chat.says("olga", "lisaa")
    chat.says("olga", "Retki la 28.11. klo 10-14")
    chat.presses("olga", "Ei paikkaa")
    chat.presses("olga", DO)
    told(chat)
    with chat.transaction() as store:
        retki = next(each for each in store.calendar.coming(chat.now) if each.it.series is None)
        store.sign_ups.add(retki.id, store.people.find(chat.place("anna")).id, "coming")
    chat.says("olga", "siirrä retki")
    chat.presses("olga", "Uusi paikka")
    as_read, question = chat.says("olga", "Alvajärvi")
    chat.presses("olga", DO)

    assert as_read.text == "UUSI PAIKKA: Retki\nla 28.11. klo 10–14\nUusi paikka: Alvajärvi"
    assert "ihmisiä 1, ryhmiä 0" in question.text
    assert told(chat) == [as_read.text]


def test_a_time_after_a_new_place_joins_it_in_one_message(chat):
    choose(chat, what="Uusi paikka")
    chat.says("olga", "Kirjasto")
    chat.presses("olga", DO)
    choose(chat)
    chat.says("olga", "klo 15")
    chat.presses("olga", DO)
    heard = told(chat)

    assert len(heard) == 1
    assert "Kirjasto" in heard[0]
    assert "klo 15–17" in heard[0]


def test_a_place_cannot_command_or_lead_away(chat):
    choose(chat, what="Uusi paikka")
    as_read, _ = chat.says("olga", "Kirjasto\u202e <b>1</b>")

    assert "Kirjasto <b>1</b>" in as_read.text
