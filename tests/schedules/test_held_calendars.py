"""A calendar that has lost much is held, and organizers are asked (T-25): through the real jobs, errands and buttons."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from bot.furnishing import furnish
from bot.router import Tick
from bot.settings import Settings
from schedules.refresh_schedule import ask_for_fresh
from tests.handlers.organizing import hears, listeners, log, texts
from tests.support import CONTENT, Chat

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 11, 28, 10, tzinfo=UTC)  # a Saturday, noon in Helsinki
YES, NO = "Ovat, peru ne", "Ei, pidä vanhat"
SERIES = """
series:
  - id: {id}
    name: {{fi: Kahvit}}
    dates: [{dates}]
    time: "13:00"
    duration: PT1H
"""
TEN = range(1, 11)  # days of December


@pytest.fixture
def content(tmp_path):
    folder = tmp_path / "content"
    shutil.copytree(CONTENT, folder)
    return folder


@pytest.fixture
def chat(content):
    """Coffee on ten days, two organizers, and somebody who hears of it."""
    write(content, TEN)
    chosen = {"calendars": ("lisaa.yaml",), "content_dir": content}
    chat = Chat(furnish(Settings(_env_file=None, **chosen)), now=NOW)
    for each in ("tiina", "toni"):
        chat.make_organizer(each)
    hears(chat, "anna", of="kahvit")
    chat.ticks()
    return chat


def write(content, days):
    dates = ", ".join(f"2026-12-{day:02}" for day in days)
    text = SERIES.format(id="kahvit", dates=dates) if days else "series: []\n"
    (content / "lisaa.yaml").write_text(text, encoding="utf-8")


def reads(chat, after=15 * MINUTE):
    """The calendar is read, and what follows has settled; give what everybody hears of it."""
    chat.now += after
    start = len(chat.heard)
    with chat.transaction() as store:
        ask_for_fresh(Tick(store, chat.now, chat.house))
    chat.runs_errands()
    chat.ticks(to=chat.now + 2 * MINUTE)
    return [each for each in chat.heard[start:] if not each.text.startswith("Muistutus")]


def on(chat):
    """The days on which there is coffee."""
    with chat.transaction() as store:
        rows = store.refreshing.stored("lisaa.yaml")
    return [row.it.start.day for row in rows if row.it.status == "confirmed"]


LOST = [1, 2, 3, 4, 5, 6]
HALF = (
    "Kalenterista lisaa.yaml katosi kertoja.\n30 päivän aikana: 4 (kaikkiaan 10).\nEnsimmäinen: Kahvit ma 7.12. klo 13–14\n"
    "Onko ne peruttu?\nVanhat tiedot pätevät siihen asti."
)


def test_each_organizer_is_asked_once_and_nobody_else_hears_of_it(content, chat):
    write(content, LOST)
    heard = reads(chat)
    again = reads(chat) + reads(chat, after=DAY)

    assert [(each.who, each.text, each.buttons) for each in heard] == [
        ("tiina", HALF, (YES, NO)),
        ("toni", HALF, (YES, NO)),
    ]
    assert on(chat) == list(TEN)
    assert [each for each in again if "katosi" in each.text] == []
    assert listeners(chat.heard, "PERUTTU") == []


def test_what_is_no_great_loss_is_told_at_once(content, chat):
    write(content, [1, 2, 3, *range(7, 11)])
    heard = reads(chat)

    assert on(chat) == [1, 2, 3, *range(7, 11)]
    assert listeners(heard, "katosi") == []
    assert [text.split("\n")[0] for text in texts(heard, "anna")] == ["PERUTTU: Tapaaminen"]


def test_yes_takes_that_very_reading_at_once(content, chat):
    write(content, LOST)
    reads(chat)
    (answer,) = chat.presses("tiina", YES)
    chat.runs_errands()

    assert answer.text == "Selvä. Perun ne nyt.\nKerron siitä ihmisille."
    assert on(chat) == LOST
    assert log(chat)[-1] == ("calendar.accept", None)
    assert [each.text for each in chat.presses("toni", NO)] == ["Tämä on jo selvinnyt."]
    assert reads(chat) == []


def test_yes_to_an_empty_calendar_cancels_what_is_near_and_tells_of_it(content, chat):
    write(content, [])
    asked, _ = reads(chat)
    chat.presses("tiina", YES)
    chat.runs_errands()
    heard = chat.ticks(to=chat.now + 2 * MINUTE)

    assert asked.text.startswith(
        "Kalenterista lisaa.yaml katosi kertoja.\n30 päivän aikana: 10 (kaikkiaan 10)."
    )
    assert on(chat) == []
    assert [text.split("\n")[0] for text in texts(heard, "anna")] == ["PERUTTU: Tapaaminen"]


def test_no_keeps_the_old_dates_until_the_calendar_changes(content, chat):
    write(content, LOST)
    reads(chat)
    (answer,) = chat.presses("tiina", NO)
    kept = on(chat)
    quiet = reads(chat) + reads(chat, after=DAY)
    write(content, LOST[:3])
    asked_anew = reads(chat)

    assert answer.text == "Selvä. Vanhat tiedot pätevät.\nKorjaa kalenteri, kun ehdit."
    assert kept == list(TEN)
    assert quiet == []
    assert listeners(asked_anew, "katosi") == ["tiina", "toni"]


def test_who_said_no_may_still_say_yes(content, chat):
    write(content, LOST)
    reads(chat)
    chat.presses("tiina", NO)
    chat.presses("toni", YES)
    chat.runs_errands()

    assert on(chat) == LOST


def test_when_the_dates_are_back_the_question_is_settled(content, chat):
    write(content, LOST)
    reads(chat)
    write(content, TEN)
    heard = reads(chat)
    (answer,) = chat.presses("tiina", YES)
    chat.runs_errands()

    assert heard == []
    assert answer.text == "Tämä on jo selvinnyt."
    assert on(chat) == list(TEN)


def test_a_yes_holds_only_for_what_was_asked(content, chat):
    write(content, LOST)
    reads(chat)
    write(content, LOST[:2])
    chat.presses("tiina", YES)
    start = len(chat.heard)
    chat.runs_errands()
    chat.ticks()

    assert on(chat) == list(TEN)
    assert listeners(chat.heard[start:], "katosi") == ["tiina", "toni"]


def test_as_dates_pass_by_nobody_is_asked_again(content, chat):
    write(content, LOST)
    reads(chat)
    heard = [each for _ in range(11) for each in reads(chat, after=DAY)]

    assert listeners(heard, "katosi") == []


def test_at_night_nobody_is_asked_and_if_it_is_well_in_the_morning_nobody_ever_is(content, chat):
    chat.now = datetime(2026, 11, 28, 20, tzinfo=UTC)
    write(content, LOST)
    reads(chat)
    write(content, TEN)
    reads(chat)

    assert listeners(chat.ticks(to=datetime(2026, 11, 29, 8, tzinfo=UTC)), "katosi") == []


def test_without_an_organizer_it_is_held_all_the_same_and_asked_when_there_is_one(content):
    write(content, TEN)
    chosen = {"calendars": ("lisaa.yaml",), "content_dir": content}
    chat = Chat(furnish(Settings(_env_file=None, **chosen)), now=NOW)
    write(content, LOST)
    reads(chat)
    held = on(chat)
    chat.make_organizer("tiina")

    assert held == list(TEN)
    assert listeners(reads(chat), "katosi") == ["tiina"]


def test_what_is_moved_is_not_lost(content, chat):
    text = (content / "lisaa.yaml").read_text(encoding="utf-8")
    (content / "lisaa.yaml").write_text(text.replace('"13:00"', '"15:00"'), encoding="utf-8")
    heard = reads(chat)

    assert listeners(heard, "katosi") == []
    assert on(chat) == list(TEN)
    assert [text.split("\n")[0] for text in texts(heard, "anna")] == ["MUUTOKSIA: Tapaaminen"]


def test_an_event_that_cannot_be_read_is_not_gone(content, chat):
    with (content / "lisaa.yaml").open("a", encoding="utf-8") as file:
        file.write(SERIES.format(id="muut", dates="2026-12-03").removeprefix("\nseries:"))
    reads(chat)
    text = (content / "lisaa.yaml").read_text(encoding="utf-8")
    (content / "lisaa.yaml").write_text(text.replace("2026-12-04", "2026-12-94"), encoding="utf-8")
    heard = reads(chat)

    assert on(chat) == [*TEN, 3]
    assert [each.who for each in heard] == ["tiina", "toni"]
    assert all("2026-12-94" in each.text for each in heard)


@pytest.mark.parametrize("text", ["<html>Kirjaudu sisään</html>", "series: [", "\x00\xff"])
def test_of_what_is_no_calendar_the_last_good_copy_stays_and_organizers_hear_why(content, chat, text):
    (content / "lisaa.yaml").write_text(text, encoding="latin-1")
    heard = reads(chat)

    assert on(chat) == list(TEN)
    assert [each.who for each in heard] == ["tiina", "toni"]
    assert all("on korjattavaa" in each.text for each in heard)


def test_a_calendar_that_flaps_cancels_nothing(content, chat):
    """R-15: whole, empty, a page, gone, whole again."""
    for text in (None, "series: []\n", "<html></html>", "", None, "series: []\n", None):
        if text is None:
            write(content, TEN)
        else:
            (content / "lisaa.yaml").write_text(text, encoding="utf-8")
        reads(chat)

    assert on(chat) == list(TEN)
    assert listeners(chat.heard, "PERUTTU") == listeners(chat.heard, "PIDETÄÄN") == []
