"""Every calendar that an installed package brings along: none hangs, none raises, no event passes in silence."""

import re
import sysconfig
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from time import process_time

import pytest

from schedules.calendars import read_calendar
from tests.schedules.calendars.independent import HELSINKI

PACKAGES = Path(sysconfig.get_path("purelib"))
CALENDARS = sorted(PACKAGES.rglob("*.ics"))
YEARS = range(1900, 2200)  # what lies outside is so far off that nobody is told of it
LONGEST = 10  # seconds of work for one calendar

# Events that have no date at all: the end of one is before its start, and each date of the others is taken away.
NEVER_HELD = {
    "issue_117_until_before_dtstart": {""},
    "issue_173_only_modifications_error": {
        "4bpovm9kuobbeu3nk5f7u6fsnv_R20240610T110000@google.com",
        "4bpovm9kuobbeu3nk5f7u6fsnv_R20240812T110000@google.com",
        "4bpovm9kuobbeu3nk5f7u6fsnv_R20241014T110000@google.com",
        "5fka040k5vf2jfn5sgle115496_R20240730T080000@google.com",
        "2uehf184etp8kcp1jua3lga37g_R20230117T080000@google.com",
        "2uehf184etp8kcp1jua3lga37g_R20230606T070000@google.com",
    },
}


def events_of(data):
    """Give the first and the last line and the text of each event."""
    lines = [line.decode("utf-8", "replace") for line in data.splitlines()]
    begins = [number for number, line in enumerate(lines, 1) if is_line(line, "BEGIN:VEVENT")]
    ends = [number for number, line in enumerate(lines, 1) if is_line(line, "END:VEVENT")]
    for begin in begins:
        end = min((each for each in ends if each > begin), default=len(lines))
        yield begin, end, re.sub(r"\n+[ \t]", "", "\n".join(lines[begin - 1 : end]))


def is_line(line, wanted):
    return line.strip("\ufeff \t").upper() == wanted


def uid_of(event):
    found = re.search(r"^UID[^:\n]*:(.*)$", event, re.MULTILINE | re.IGNORECASE)
    return found[1].strip() if found else ""


def decades_of(data):
    starts = "|".join(text for _, _, text in events_of(data))
    years = {int(year) for year in re.findall(r"\nDTSTART.*?:(\d{4})\d{4}", starts, re.IGNORECASE)}
    return sorted({year // 10 * 10 for year in years.intersection(YEARS)}) or [2020]


def read_all(path, data=None):
    """Read a calendar once for each decade in which one of its events begins."""
    data = data or path.read_bytes()
    return [
        read_calendar(
            data,
            source=path.name,
            zone=HELSINKI,
            window=(datetime(decade - 1, 12, 30, tzinfo=UTC), datetime(decade + 10, 1, 3, tzinfo=UTC)),
            language="fi",
            fill={},
        )
        for decade in decades_of(data)
    ]


read_once = cache(read_all)


@pytest.mark.parametrize("path", CALENDARS, ids=lambda path: path.relative_to(PACKAGES).as_posix())
def test_each_event_is_shown_or_named_in_good_time(path):
    began = process_time()
    readings = read_once(path)
    spent = process_time() - began

    shown = {occurrence.uid for reading in readings for occurrence in reading.occurrences}
    named = [problem.line for reading in readings for problem in reading.problems]
    unheard_of = {
        uid_of(text)
        for begin, end, text in events_of(path.read_bytes())
        if not any(line is None or begin <= line <= end for line in named)
        and not any(uid == uid_of(text) or (not uid_of(text) and uid.startswith("no-uid-")) for uid in shown)
    }
    assert spent < LONGEST
    assert unheard_of == NEVER_HELD.get(path.stem, set())


def test_no_calendar_changes_what_another_is_read_as():
    back = {path: read_all(path) for path in reversed(CALENDARS)}

    assert back == {path: read_once(path) for path in CALENDARS}


def test_the_packages_that_read_calendars_bring_theirs():
    found = [path.relative_to(PACKAGES).parts[0] for path in CALENDARS]

    assert found.count("icalendar") > 100
    assert found.count("recurring_ical_events") > 50
