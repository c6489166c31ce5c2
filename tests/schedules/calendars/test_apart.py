import asyncio
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.occurrences import Occurrence
from bot.messages import Phrase
from schedules.calendars import Problem, Reading, Unfilled, apart, read_calendar
from schedules.calendars.apart import read_apart
from schedules.calendars.passing import CutOffError, packed, unpacked
from tests.schedules.calendars.test_ics import HELSINKI, ONCE, SAMPLE, WEEKLY, WINDOW, calendar
from tests.schedules.calendars.test_ics_traps import CUSTOM_ZONE, IN_CUSTOM_ZONE

ROOT = Path(__file__).parents[3]
FILL = {"paikka": {"fi": "Talo", "sv": "Huset"}, "puhelin": "014 000 0000"}
BY = {"source": "a.ics", "zone": HELSINKI, "window": WINDOW, "language": "fi", "fill": FILL}


def many(number):
    return calendar(
        *(WEEKLY.replace("UID:a", f"UID:{each}").replace("COUNT=4", "COUNT=8") for each in range(number))
    )


def children():
    """Give the processes that this one has started and that are still there, as zombies too."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            if int(stat.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.add(int(stat.parent.name))
    return found


def reader(before):
    """Wait for the process that reads a calendar; give its number."""
    while True:
        for child in children() - before:
            with suppress(OSError):
                if b"schedules.calendars" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return child
        time.sleep(0.01)


def told(reading):
    assert reading.occurrences == ()
    (problem,) = reading.problems
    assert (problem.source, problem.line) == ("a.ics", None)
    return problem.fault().what


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.ics", SAMPLE),
        ("a.ics", calendar(WEEKLY, ONCE, "UID:c", f"{ONCE}\nBEGIN:VALARM\nTRIGGER:-PT90M\nEND:VALARM")),
        ("a.ics", b"<!doctype html>"),
        ("schedule.yaml", (ROOT / "content/schedule.yaml").read_bytes()),
        ("schedule.yaml", b"series: 3"),
        ("a.csv", b"a;b"),
    ],
)
def test_what_is_read_apart_is_what_is_read_here(name, data):
    by = BY | {"source": name}

    assert read_apart(data, **by) == read_calendar(data, **by)


instants = st.integers(0, 10**10).map(
    lambda number: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
)
words = st.dictionaries(st.sampled_from(["fi", "sv", "en"]), st.text(max_size=3))
leads = st.lists(st.integers(1, 10**6).map(lambda each: timedelta(seconds=each)), max_size=3).map(tuple)
dates = st.builds(
    Occurrence,
    start=instants,
    end=st.just(datetime(2400, 1, 1, tzinfo=UTC)),
    title=words,
    place=words,
    leads=st.none() | leads,
)
series = st.tuples(dates, st.lists(instants, max_size=3)).map(
    lambda one: [replace(one[0], start=start, recurrence_id=start.isoformat()) for start in one[1]]
)
lines = st.integers(1, 10**6)
plain = st.builds(
    Phrase, st.text(max_size=3), st.dictionaries(st.text(max_size=3), st.text(max_size=3) | lines, max_size=2)
)
phrases = plain | st.builds(
    Phrase, st.text(max_size=3), st.dictionaries(st.text(max_size=3), plain | lines, max_size=2)
)
readings = st.builds(
    Reading,
    st.lists(dates.map(lambda one: [one]) | series, max_size=4).map(lambda parts: tuple(chain(*parts))),
    st.lists(st.builds(Problem, what=phrases, line=st.none() | lines, mend=phrases), max_size=2).map(tuple),
    st.lists(st.builds(Unfilled, line=lines), max_size=2).map(tuple),
    st.lists(st.text(), max_size=2).map(tuple),
)


@given(readings)
def test_a_reading_stays_the_same_on_its_way(reading):
    assert unpacked(packed(reading)) == reading


@given(readings, st.integers(0, 10**6))
def test_a_reading_that_is_cut_off_anywhere_is_known_to_be(reading, at):
    whole = b"".join(packed(reading))

    with pytest.raises(CutOffError):
        unpacked(whole[: at % (len(whole) - 1)].splitlines(keepends=True))


def test_a_reading_with_a_hole_in_it_is_known_to_be_cut_off():
    whole = list(packed(read_calendar(SAMPLE, **BY)))

    with pytest.raises(CutOffError):
        unpacked(line for line in whole if not line.startswith(b'{"dates"'))


@pytest.mark.parametrize("line", [b"null\n", b'{"dates":[[0,0,0,null]]}\n', b'{"problem":{}}\n', b"\xff\n"])
def test_what_is_no_reading_is_known_to_be_none(line):
    with pytest.raises(CutOffError):
        unpacked([line, *packed(Reading(()))])


def test_calendars_that_are_read_at_once_do_not_share_their_zones():
    calendars = [calendar(IN_CUSTOM_ZONE, top=CUSTOM_ZONE.format(f"+0{hours}00")) for hours in range(4)]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda data: read_apart(data, **BY).occurrences[0].start.hour, calendars))

    assert found == [13, 12, 11, 10]


def test_a_rule_by_the_second_is_refused_at_once():
    bomb = "UID:b\nDTSTART:19700101T000000Z\nRRULE:FREQ=SECONDLY"

    reading = read_apart(calendar(WEEKLY, bomb), **BY)

    assert len(reading.occurrences) == 4
    assert [each.fault().what for each in reading.problems] == ["b: it repeats SECONDLY"]


def test_a_calendar_that_takes_too_long_is_given_up():
    began = time.monotonic()

    what = told(read_apart(many(20_000), **BY, seconds=0.3))

    assert what == "it takes longer than 0.3 s to read"
    assert time.monotonic() - began < 5


def test_a_calendar_that_takes_too_much_memory_is_given_up():
    assert told(read_apart(many(5_000), **BY, memory=64 * 2**20)) == "it takes more than 64 MiB to read"


def test_a_calendar_that_is_too_large_is_not_even_begun():
    assert told(read_apart(b" " * (apart.MOST_BYTES + 1), **BY)) == "the calendar is larger than 10 MiB"


def test_a_calendar_with_too_much_to_tell_is_given_up(monkeypatch):
    monkeypatch.setattr(apart, "MOST_RESULT", 1000)

    assert told(read_apart(many(100), **BY)) == "there is too much to tell of it"


def test_where_no_process_can_be_started_it_is_said(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    assert told(read_apart(SAMPLE, **BY)) == "no process can be started to read it (FileNotFoundError)"


def test_the_limits_hold_also_when_nobody_waits():
    request = apart.Request("a.ics", HELSINKI, WINDOW, "fi", {}, seconds=1, memory=2**30)
    endless = WEEKLY.replace("WEEKLY;COUNT=4", "MONTHLY;BYDAY=5MO;BYMONTHDAY=1")  # no month has such a day
    data = calendar(*(endless.replace("UID:a", f"UID:{number}") for number in range(100)))

    done = subprocess.run(
        [sys.executable, "-m", "schedules.calendars"],
        cwd=ROOT,
        input=request.line() + data,
        capture_output=True,
        check=False,
    )

    assert done.returncode == -signal.SIGXCPU


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_process_that_is_killed_is_told_of_and_leaves_nothing_behind(number):
    before = children()
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read_apart, many(20_000), **BY)
        os.kill(reader(before), number)

    assert told(reading.result()) == f"reading it was cut off ({-number})"
    assert children() <= before


def test_no_secret_of_the_house_goes_with_it(monkeypatch):
    monkeypatch.setenv("VERTTI_TELEGRAM_TOKEN", "secret")
    before = children()
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read_apart, many(4_000), **BY)
        environment = Path(f"/proc/{reader(before)}/environ").read_bytes()
        reading.result()

    names = {each.partition(b"=")[0].decode() for each in environment.split(b"\0") if each}
    assert names <= {"SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONTZPATH"}


def test_a_fault_of_the_program_itself_is_told_and_nothing_is_printed(capfd):
    reading = read_apart(SAMPLE, **BY | {"source": None})

    assert [each.fault().what for each in reading.problems] == ["reading it was cut off (1)"]
    assert capfd.readouterr() == ("", "")


async def test_the_loop_goes_on_while_the_largest_calendar_is_read():
    data = many(20_000)
    late = []

    async def look():
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.002)
            late.append(time.perf_counter() - began - 0.002)

    looking = asyncio.create_task(look())
    reading = await asyncio.to_thread(read_apart, data, **BY)
    looking.cancel()

    assert len(reading.occurrences) == 160_000
    assert (
        median(late) < 0.015
    )  # how late at worst says more of what else the machine does; the benchmark of stalls has that
