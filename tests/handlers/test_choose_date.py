"""Which date is meant: typed by its day, its name, or both."""

from datetime import datetime, timedelta

import pytest

from tests.handlers.houses import empty_calendar, event, plan
from tests.handlers.test_cancel_date import subscribe
from tests.support import Chat

HOW_MUCH = "Perutaanko vain tämä kerta?"


@pytest.fixture
def chat():
    chat = Chat()
    chat.make_organizer("olga")
    subscribe(chat, "anna")
    return chat


def chosen(chat, typed, command="peruuta"):
    """The line with the time of what is gone on with; None: it is asked again."""
    chat.says("olga", command)
    *_, heard = chat.says("olga", typed)
    return heard.text.splitlines()[1] if HOW_MUCH in heard.text or "Miten se muuttuu?" in heard.text else None


@pytest.mark.parametrize(
    "typed", ["to 3.12.", "3.12.", "3.12", "torstaina 3.12. klo 13", "torstai 3.12. klo 14"]
)
def test_a_typed_day_goes_on_as_its_button_does(chat, typed):
    assert chosen(chat, typed) == "to 3.12. klo 13–15"


@pytest.mark.parametrize(
    "typed",
    ["torstai", "ensi torstai", "Torstaina!", "torstain kerta", "torstain ryhmä", "ryhmä torstaina", "yksinäisyysryhmä to",
     "seuraava", "seuraava ryhmä"],
)  # fmt: skip
def test_a_weekday_is_the_next_date_that_has_it(chat, typed):
    assert chosen(chat, typed) == "to 26.11. klo 13–15"
    assert chosen(chat, typed, "siirra") == "to 26.11. klo 13–15"


@pytest.mark.parametrize("typed", ["huomenna", "huominen", "huomisen kerta"])
def test_so_is_tomorrow(chat, typed):
    chat.now += timedelta(days=4)

    assert chosen(chat, typed) == "to 26.11. klo 13–15"


def test_on_the_very_weekday_today_may_be_meant_too(chat):
    chat.now = datetime(2026, 11, 26, 8, tzinfo=chat.now.tzinfo)
    chat.says("olga", "peruuta")
    (asked,) = chat.says("olga", "torstai")

    assert asked.text.startswith("Niitä on monta.\nMikä niistä?\nto 26.11. klo 13–15")
    assert asked.buttons == ("to 26.11.", "to 3.12.", "Takaisin")


@pytest.mark.parametrize(
    "typed", ["piparit", "Piparien leipominen", "9.12.", "keskiviikon piparit", "piparit 9.12."]
)
def test_a_name_that_one_date_has_goes_on_too(chat, typed):
    chat.says("olga", "siirra")
    (heard,) = chat.says("olga", typed)

    assert heard.text.startswith("Piparien leipominen Ensiaskeleessa\nke 9.12. klo 12–14\n")


def test_of_several_only_those_are_offered_and_one_of_them_can_be_typed(chat):
    chat.says("olga", "peruuta")
    (asked,) = chat.says("olga", "keskiviikko")
    (heard,) = chat.says("olga", "16.12.")

    assert asked.text.splitlines()[:2] == ["Niitä on monta.", "Mikä niistä?"]
    assert asked.buttons == ("ke 9.12.", "ke 16.12.", "Takaisin")
    assert heard.text.startswith("Joululauluja ja glögiä\nke 16.12.")


def test_of_two_on_one_day_the_hour_tells(chat):
    plan(chat, event("Kahvit", chat.now + timedelta(days=5, hours=6)))

    assert chosen(chat, "to 26.11.") is None
    assert chosen(chat, "to 26.11. klo 13") == "to 26.11. klo 13–15"


@pytest.mark.parametrize(
    "typed",
    [
        "huomenna",
        "5.12.",
        "avaruus",
        "👍",
        "ryhmä 5.12.",
        "en vielä tiedä, mikä niistä se olisi, kun kysyt",
    ],
)
def test_where_there_is_none_such_all_are_offered_again(chat, typed):
    (first,) = chat.says("olga", "peruuta")
    (asked,) = chat.says("olga", typed)

    assert asked.text.startswith(
        "En löytänyt sellaista kertaa.\nKirjoita päivä näin: to 3.12.\nto 26.11. klo 13–15"
    )
    assert asked.text.count("\n") == 5
    assert asked.buttons[:4] == first.buttons[:4]


@pytest.mark.parametrize(
    ("typed", "why"), [("31.11.", "Marraskuussa on 30 päivää."), ("pe 10.12.", "10.12. on torstai.")]
)
def test_a_day_that_cannot_be_is_said_so_above_the_dates(chat, typed, why):
    (first,) = chat.says("olga", "peruuta")
    (asked,) = chat.says("olga", typed)

    assert asked.text.splitlines()[0] == why
    assert asked.buttons[:4] == first.buttons[:4]


def test_the_date_can_be_said_with_the_command(chat):
    (cancelled,) = chat.says("olga", "Peru torstain kerta")
    (moved,) = chat.says("olga", "siirrä 10.12.")

    assert cancelled.text.splitlines()[1:] == ["to 26.11. klo 13–15", HOW_MUCH]
    assert moved.text.splitlines()[1:] == ["to 10.12. klo 13–15", "Miten se muuttuu?"]


def test_a_command_leaves_the_question_whatever_is_said_with_it(chat):
    chat.says("olga", "siirra")
    *_, cancelled = chat.says("olga", "peru 9.12.")
    (menu,) = chat.says("olga", "muuta ohjelmaa")

    assert cancelled.text.endswith("Tehdäänkö näin?")
    assert menu.text == "Mitä haluat muuttaa?"


def test_what_was_cancelled_already_or_has_begun_is_none(chat):
    chat.says("olga", "peruuta 26.11.")
    chat.presses("olga", "Vain tämä kerta")
    chat.says("olga", "kyllä")

    assert chosen(chat, "26.11.") is None


def test_something_else_asks_again_how_much_and_a_time_is_taken_at_once(chat):
    chat.says("olga", "peruuta 26.11.")
    (again,) = chat.says("olga", "hmm")
    chat.says("olga", "siirrä 26.11.")
    (unclear,) = chat.says("olga", "myöhemmäksi")
    as_read, _ = chat.says("olga", "ensi viikon perjantai klo 14")

    assert again.text.endswith(HOW_MUCH)
    assert unclear.text.endswith("Miten se muuttuu?")
    assert "Uusi aika: pe 27.11. klo 14–16" in as_read.text


def test_while_nothing_is_planned_there_is_nothing_to_choose(chat):
    chat.says("olga", "peruuta")
    empty_calendar(chat)
    (heard,) = chat.says("olga", "3.12.")
    (asked,) = chat.says("olga", "siirra")

    assert heard.text == asked.text == "Tulevia kertoja ei ole."


def test_a_date_that_is_gone_meanwhile_says_so(chat):
    chat.says("olga", "peruuta 26.11.")
    empty_calendar(chat)
    (heard,) = chat.presses("olga", "Vain tämä kerta")

    assert heard.text.startswith("Tätä ei ole enää kalenterissa.")


def test_two_of_a_series_on_one_day_are_told_apart_by_their_numbers(chat):
    chat.says("olga", "siirrä 26.11.")
    chat.presses("olga", "Viikkoa myöhemmin")
    chat.says("olga", "kyllä")
    (asked,) = chat.says("olga", "peru 3.12.")
    (chosen,) = chat.says("olga", "2")

    assert asked.buttons == ("1. to 3.12. klo 13", "2. to 3.12. klo 13", "Takaisin")
    assert chosen.text.splitlines()[1] == "to 3.12. klo 13–15"


@pytest.mark.parametrize("typed", ["tänään", "Tänään!", "i dag", "today"])
def test_today_is_a_day_here_and_no_command(chat, typed):
    chat.now = datetime(2026, 11, 26, 8, tzinfo=chat.now.tzinfo)

    assert chosen(chat, typed) == "to 26.11. klo 13–15"
    assert chosen(chat, typed, "siirra") == "to 26.11. klo 13–15"


def test_today_is_a_day_to_move_to_as_well(chat):
    chat.now = datetime(2026, 11, 24, 8, tzinfo=chat.now.tzinfo)
    chat.says("olga", "siirra to 26.11.")
    *_, at_once = chat.says("olga", "tänään")
    chat.says("olga", "siirra to 26.11.")
    chat.presses("olga", "Muu aika")
    *_, asked = chat.says("olga", "tänään")

    assert at_once.buttons == asked.buttons == ("Kyllä, tee näin", "En muuta mitään", "Alkuun")
