import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.furnishing import furnish
from bot.router import Tick
from bot.settings import Settings
from schedules.refresh_schedule import AHEAD, ask_for_fresh
from tests.handlers.organizing import texts
from tests.support import CONTENT, NOW, Chat

DAY = timedelta(days=1)
WINDOW = (NOW, NOW + AHEAD)
BROKEN = """
  - id: rikki
    name: {fi: Rikki}
    dates: [2026-13-01]
    time: "13:00"
"""
COFFEE = """
  - id: kahvit
    name: {fi: Kahvit}
    dates: [2026-12-01]
    time: "13:00"
    duration: PT1H
"""


@pytest.fixture
def content(tmp_path):
    folder = tmp_path / "content"
    shutil.copytree(CONTENT, folder)
    return folder


def chat_in(content, *calendars, now=NOW):
    chosen = {"calendars": calendars} if calendars else {}
    return Chat(furnish(Settings(content_dir=content, _env_file=None, **chosen)), now=now)


def titles(chat, most=99):
    with chat.transaction() as store:
        return [each.it.title["fi"] for each in store.calendar.coming(chat.now, most=most)]


def looks_again(chat, after=timedelta(minutes=15)):
    """A quarter of an hour later; give what everybody hears of it."""
    chat.now += after
    start = len(chat.heard)
    with chat.transaction() as store:
        ask_for_fresh(Tick(store, chat.now, chat.house))
    chat.runs_errands()
    chat.deliver()
    return chat.heard[start:]


def append(content, text, name="schedule.yaml"):
    with (content / name).open("a", encoding="utf-8") as file:
        file.write(text)


def test_at_the_start_the_schedule_is_read_400_days_ahead(content):
    chat = chat_in(content)
    with chat.transaction() as store:
        last = store.calendar.coming(chat.now, most=999)[-1].it
        due = store.calendar.next_alarm()

    assert titles(chat)[:2] == ["Yksinäisyysryhmä", "Yksinäisyysryhmä"]
    assert NOW + 380 * DAY < last.start < NOW + 400 * DAY
    assert due == datetime(2026, 11, 25, 11, tzinfo=UTC)


def test_what_an_editor_adds_is_there_within_a_quarter_of_an_hour(content):
    chat = chat_in(content)
    append(content, COFFEE)
    before = titles(chat).count("Kahvit")
    looks_again(chat)

    assert (before, titles(chat).count("Kahvit")) == (0, 1)


def test_a_file_that_has_not_changed_is_not_read_again(content):
    chat = chat_in(content)
    with chat.transaction() as store:
        kept = store.books.bookmark("calendar.read:schedule.yaml")
        store.refreshing.drop_sources([], now=chat.now)
    looks_again(chat)
    same_day = titles(chat)
    looks_again(chat, after=DAY)

    assert kept
    assert same_day == []
    assert titles(chat)[0] == "Yksinäisyysryhmä"  # a new day moves the window, so it is read


@pytest.mark.parametrize("changed", ["quiet_hours", "default_leads", "language"])
def test_what_the_calendar_is_read_by_counts_as_a_change(content, changed):
    chat = chat_in(content)
    with chat.transaction() as store:
        store.refreshing.drop_sources([], now=chat.now)
    value = {"quiet_hours": None, "default_leads": (DAY,), "language": "sv"}[changed]
    chat.house = replace(chat.house, **{changed: value})
    looks_again(chat)

    assert titles(chat)[0] == "Yksinäisyysryhmä"


def test_two_calendars_stand_side_by_side(content):
    shutil.copy(CONTENT.parent / "tests" / "data" / "schedule.ics", content / "lisaa.ics")
    chat = chat_in(content, "schedule.yaml", "lisaa.ics")
    alone = chat_in(content)

    assert len(titles(chat, 999)) > len(titles(alone, 999))


def test_a_calendar_that_is_set_no_longer_goes_at_the_next_start(content):
    chat = chat_in(content)
    chat.house = replace(chat.house, calendars=())
    looks_again(chat)

    assert titles(chat) == []


def test_one_broken_event_is_named_to_organizers_once_and_all_others_are_kept(content):
    chat = chat_in(content)
    chat.make_organizer("tiina")
    before = titles(chat)
    append(content, BROKEN)
    told = texts(looks_again(chat), "tiina")
    again = looks_again(chat)
    next_day = looks_again(chat, after=DAY)

    assert titles(chat)[:5] == before[:5]
    assert len(told) == 1
    assert told[0].startswith("Kalenterissa schedule.yaml on korjattavaa:\nRivi ")
    assert "2026-13-01" in told[0]
    assert again == next_day == []


def test_a_problem_that_was_mended_and_comes_back_is_told_again(content):
    whole = (content / "schedule.yaml").read_text(encoding="utf-8")
    chat = chat_in(content)
    chat.make_organizer("tiina")
    told = []
    for text in (whole + BROKEN, whole, whole + BROKEN):
        (content / "schedule.yaml").write_text(text, encoding="utf-8")
        told.append(len(texts(looks_again(chat), "tiina")))

    assert told == [1, 0, 1]


def test_of_many_problems_three_are_named_and_the_others_counted(content):
    chat = chat_in(content)
    chat.make_organizer("tiina")
    append(
        content,
        "".join(BROKEN.replace("rikki", f"rikki{n}").replace("13-01", f"13-0{n}") for n in range(1, 6)),
    )
    (told,) = texts(looks_again(chat), "tiina")

    assert told.count("Rivi ") == 3
    assert told.endswith("\nJa muuta: 2")


def test_whoever_becomes_an_organizer_later_hears_of_a_problem_that_nobody_heard_of(content):
    append(content, BROKEN)
    chat = chat_in(content)
    chat.make_organizer("tiina")

    assert len(texts(looks_again(chat), "tiina")) == 1
    assert looks_again(chat) == []


def test_organizers_are_not_woken_for_it(content):
    chat = chat_in(content, now=datetime(2026, 11, 21, 19, tzinfo=UTC))
    chat.make_organizer("tiina")
    append(content, BROKEN)
    at_night = looks_again(chat)

    assert at_night == []
    assert len(texts(chat.ticks(to=datetime(2026, 11, 22, 7, tzinfo=UTC)), "tiina")) == 1


@pytest.mark.parametrize("text", ["", "series: [", "<html>Kirjaudu sisään</html>", "\x00\xff"])
def test_of_a_file_that_cannot_be_read_the_last_good_copy_stays(content, text):
    chat = chat_in(content)
    chat.make_organizer("tiina")
    before = titles(chat)
    (content / "schedule.yaml").write_text(text, encoding="latin-1")
    told = texts(looks_again(chat), "tiina")

    assert titles(chat) == before
    assert len(told) == 1


def test_a_file_that_is_not_there_is_told_and_nothing_is_lost(content):
    chat = chat_in(content)
    chat.make_organizer("tiina")
    before = titles(chat)
    (content / "schedule.yaml").unlink()
    (told,) = texts(looks_again(chat), "tiina")

    assert titles(chat) == before
    assert told.startswith("Kalenterissa schedule.yaml on korjattavaa:\nthe file is not there.")
    assert looks_again(chat) == []


def test_an_address_is_refused_with_a_clear_word_and_never_shown(content):
    chat = chat_in(content, "schedule.yaml", "https://pilvi.example/salainen-avain?export")
    chat.make_organizer("tiina")
    (told,) = texts(looks_again(chat), "tiina")

    assert titles(chat)[0] == "Yksinäisyysryhmä"
    assert told.startswith("Kalenterissa address 2 on korjattavaa:\naddresses are not read yet.")
    assert "salainen" not in told
    assert looks_again(chat) == []


def test_a_calendar_can_be_read_without_keeping_it(content):
    house = chat_in(content).house
    reading = read_file(content / "schedule.yaml", source="schedule.yaml", window=WINDOW, house=house)
    missing = read_file(content / "ei ole.ics", source="ei ole.ics", window=WINDOW, house=house)
    address = read_file(content, source="https://pilvi.example/x", window=WINDOW, house=house)

    assert reading.occurrences[0].title["fi"] == "Yksinäisyysryhmä"
    assert [str(each) for each in missing.problems] == [
        "the file is not there. Check its name in VERTTI_CALENDARS and who may read it."
    ]
    assert [each.what for each in address.problems] == ["addresses are not read yet"]
