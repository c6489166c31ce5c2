"""What is typed under a change that is shown."""

from datetime import timedelta

import pytest

from tests.handlers.houses import HOME
from tests.handlers.test_cancel_date import DO, cancel, subscribe, told
from tests.support import Chat

DROP = "En muuta mitään"


@pytest.fixture
def chat():
    chat = Chat()
    chat.make_organizer("olga")
    subscribe(chat, "anna")
    return chat


def move(chat, to="to 26.11. klo 15"):
    chat.says("olga", "siirrä 26.11.")
    return chat.says("olga", to)


@pytest.mark.parametrize("typed", ["hmm, entä jos", "no joo", "vain tämä", "siis keskiviikkona"])
def test_what_is_not_understood_is_said_so_in_one_line_with_the_same_buttons(chat, typed):
    cancel(chat)
    (short,) = chat.says("olga", typed)
    (done, *_) = chat.says("olga", "kyllä")

    assert (short.text, short.buttons) == ("En ymmärtänyt.\nKirjoita kyllä tai ei.", (DO, DROP, HOME))
    assert done.text.startswith("Muutos on tehty.")


def test_an_hour_later_all_is_shown_again(chat):
    cancel(chat)
    chat.now += timedelta(minutes=61)
    as_read, question = chat.says("olga", "hmm")

    assert as_read.text.startswith("PERUTTU")
    assert question.text.endswith("Tehdäänkö näin?")


@pytest.mark.parametrize(
    ("typed", "new"),
    [
        ("siis keskiviikkona", "ke 25.11. klo 15–17"),
        ("ei kun ke 25.11. klo 14", "ke 25.11. klo 14–16"),
        ("klo 16-17", "to 26.11. klo 16–17"),
        ("ylihuomenna", "ma 23.11. klo 15–17"),
    ],
)
def test_another_time_is_taken_in_place_of_the_one_that_is_shown(chat, typed, new):
    move(chat)
    as_read, question = chat.says("olga", typed)
    chat.presses("olga", DO)

    assert (
        as_read.text == f"AIKA MUUTTUI: Yksinäisyysryhmä\nUusi aika: {new}\nVanha aika: to 26.11. klo 13–15"
    )
    assert question.buttons[0] == DO
    assert told(chat) == [as_read.text]


def test_a_time_beside_a_new_place_joins_it(chat):
    chat.says("olga", "siirrä 26.11.")
    chat.presses("olga", "Uusi paikka")
    chat.says("olga", "Kirjasto")
    as_read, _ = chat.says("olga", "klo 15")

    assert as_read.text.startswith("AIKA MUUTTUI, UUSI PAIKKA")


def test_another_time_of_an_added_date_keeps_its_name_place_and_length(chat):
    chat.says("olga", "lisaa")
    chat.says("olga", "Grilli-ilta ti 1.12. klo 17-20")
    chat.says("olga", "Lautaranta")
    as_read, _ = chat.says("olga", "ei kun ke 2.12.")

    assert as_read.text == "UUSI KERTA: Grilli-ilta\nke 2.12. klo 17–20\nLautaranta"


def test_a_time_that_will_not_do_is_asked_for_again(chat):
    move(chat)
    (refused,) = chat.says("olga", "20.11.2026 klo 14")
    as_read, _ = chat.says("olga", "klo 16")

    assert refused.text.startswith("Tämä aika on jo mennyt.")
    assert "Uusi aika: to 26.11. klo 16–18" in as_read.text


def test_a_yes_after_a_day_that_cannot_be_is_no_yes_to_what_was_shown_before(chat):
    move(chat)
    (wrong,) = chat.says("olga", "siis pe 10.12. klo 14")
    (short,) = chat.says("olga", "kyllä")
    as_read, _ = chat.says("olga", "pe 11.12. klo 14")

    assert wrong.text.startswith("10.12. on torstai.\n")
    assert wrong.buttons == (DROP, HOME)
    assert short.text.startswith("En ymmärtänyt.")
    assert "pe 11.12. klo 14–16" in as_read.text
    assert told(chat) == []
