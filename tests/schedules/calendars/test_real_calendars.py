"""Calendars as the programs of organizers write them; their dates stand beside them (README.md there says how)."""

import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from schedules.calendars import as_json, read_calendar
from tests.schedules.calendars.independent import HELSINKI, SERIES, WINDOW

CALENDARS = sorted((Path(__file__).parents[2] / "data/calendars").glob("*.ics"))
CLOCKS_TURN = datetime(2027, 3, 28, 1, tzinfo=UTC)

BOM = b"\xef\xbb\xbf"
MINUTE = 60

each_calendar = pytest.mark.parametrize("path", CALENDARS, ids=lambda path: path.stem)


def read(path, *, data=None, window=WINDOW):
    return read_calendar(
        data or path.read_bytes(), source=path.name, zone=HELSINKI, window=window, language="fi", fill={}
    )


read_once = cache(read)


def expected(path):
    return json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


def rows(reading):
    return [
        row | more(occurrence)
        for row, occurrence in zip(
            as_json(reading, HELSINKI)["occurrences"], reading.occurrences, strict=True
        )
    ]


def more(occurrence):
    """Tell what ``vertti schedule --json`` does not print, where it is not as usual."""
    told = {"uid": "no-uid"} if re.fullmatch("no-uid-[0-9a-f]{16}", occurrence.uid) else {}
    if occurrence.visibility != "public":
        told["visibility"] = occurrence.visibility
    if occurrence.kind != "event":
        told["kind"] = occurrence.kind
    if occurrence.leads is not None:
        told["leads_minutes"] = [lead.total_seconds() // MINUTE for lead in occurrence.leads]
    return told


def text_of(path):
    """Give a calendar's text with its folds undone."""
    return re.sub(rb"\r?\n[ \t]", b"", path.read_bytes()).decode("utf-8-sig")


def people_in(path):
    found = re.findall(r'(?:CN|EMAIL)="?([^";:]+)|mailto:([^\s"]+)', text_of(path), re.IGNORECASE)
    return {name for pair in found for name in pair if name}


def private_titles_in(path):
    events = [
        event for event in text_of(path).split("BEGIN:VEVENT")[1:] if re.search(r"\nCLASS:(?!PUBLIC)", event)
    ]
    return {re.search(r"\nSUMMARY[^:]*:([^\r\n]*)", event)[1] for event in events}


@each_calendar
def test_a_calendar_has_the_dates_that_are_written_beside_it(path):
    assert rows(read_once(path)) == expected(path)["occurrences"]


@each_calendar
def test_each_fault_of_a_calendar_is_named_with_its_line(path):
    faults = expected(path)["problems"]

    problems = read_once(path).problems

    assert [(each.source, each.line) for each in problems] == [
        (each["source"], each["line"]) for each in faults
    ]
    assert [
        each["about"]
        for each, told in zip(faults, problems, strict=True)
        if each["about"] not in told.fault().what
    ] == []


@pytest.mark.parametrize(
    ("calendar", "title"), [(name, title) for name, series in SERIES.items() for title in series]
)
def test_the_dates_that_are_written_down_are_those_that_are_counted_day_by_day(calendar, title):
    written = expected(CALENDARS[0].with_name(f"{calendar}.ics"))["occurrences"]
    uid = next(row["uid"] for row in written if row["title"] == title)
    series = sorted((row for row in written if row["uid"] == uid), key=lambda row: row["recurrence_id"])

    counted = dict(sorted(SERIES[calendar][title].times()))

    assert [row["recurrence_id"] for row in series] == list(counted)
    assert [row for row in series if row["start"] in counted and row["end"] != counted[row["start"]]] == []


@each_calendar
def test_where_the_window_is_cut_no_date_is_lost_and_none_is_new(path):
    first, end = WINDOW

    before, after = (
        read(path, window=window).occurrences for window in ((first, CLOCKS_TURN), (CLOCKS_TURN, end))
    )

    assert before + tuple(each for each in after if each not in before) == read_once(path).occurrences


@each_calendar
def test_line_ends_and_a_byte_order_mark_change_nothing(path):
    data = path.read_bytes().removeprefix(BOM).replace(b"\r\n", b"\n")

    assert [read(path, data=each) for each in (data, BOM + data, data.replace(b"\n", b"\r"))] == [
        read_once(path)
    ] * 3


@each_calendar
def test_nobody_s_name_or_address_is_read(path):
    reading = repr(read_once(path))

    assert [each for each in people_in(path) if each in reading] == []


@each_calendar
def test_a_private_title_is_told_to_nobody(path):
    reading = read_once(path)
    told = repr([each for each in reading.occurrences if each.visibility == "public"] + [*reading.problems])

    assert [each for each in private_titles_in(path) if each in told] == []


def test_the_calendars_hold_people_and_private_titles_to_be_kept_apart():
    assert len([path for path in CALENDARS if people_in(path)]) >= 10
    assert {title for path in CALENDARS for title in private_titles_in(path)} >= {
        "Terveydenhoitajan aika",
        "Lääkärin soitto",
    }


def test_no_calendar_changes_what_another_is_read_as():
    back = {path: read(path) for path in reversed(CALENDARS)}

    assert back == {path: read_once(path) for path in CALENDARS}


def test_a_title_is_in_each_language_that_it_was_given_in():
    reading = read(CALENDARS[0].with_name("two_languages.ics"))

    assert [(dict(each.title), dict(each.place)) for each in reading.occurrences[1:]] == [
        ({"fi": "Keskusteluryhmä", "sv": "Samtalsgrupp"}, {"fi": "Yhteisötalo", "sv": "Samlingshuset"}),
        ({"sv": "Allsång för alla"}, {"fi": "Yhteisötalo"}),
        ({"fi": "Yhteislaulu", "en": "Sing-along"}, {}),
    ]


def test_the_read_me_says_what_each_calendar_is_for():
    table = (CALENDARS[0].parent / "README.md").read_text(encoding="utf-8")

    assert len(CALENDARS) >= 30
    assert sorted(re.findall(r"^\| (\w+) \| ", table, re.MULTILINE)) == sorted(
        ["calendar", *(path.stem for path in CALENDARS)]
    )
