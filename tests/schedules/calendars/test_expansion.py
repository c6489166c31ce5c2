"""Dates counted here are those that recurring-ical-events finds, and the oddities are its own."""

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from icalendar.timezone import tzp
from recurring_ical_events import CalendarQuery

from bot.messages import Phrase
from schedules.calendars.expansion import Series, by_the_library, counted, dates_of, days_of, series_of
from schedules.calendars.ics import read_ics
from schedules.calendars.ics_events import BrokenEventError, Entry
from schedules.calendars.ics_rules import read_rule
from tests.schedules.calendars.test_ics import HELSINKI

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# A week before the clocks are turned.
SPRING, AUTUMN = date(2027, 3, 20), date(2027, 10, 23)
WINDOWS = [
    (datetime(2027, 3, 24, tzinfo=UTC), datetime(2027, 4, 20, tzinfo=UTC)),
    (datetime(2027, 10, 27, tzinfo=UTC), datetime(2027, 11, 24, tzinfo=UTC)),
]

near = st.integers(0, 28).map(lambda number: number * DAY)
days = st.builds(lambda first, later: first + later, st.sampled_from([SPRING, AUTUMN]), near)
# In the hour that summer time skips, at noon, and on either side of midnight.
hours = st.sampled_from([time(3, 30), time(13), time(0, 30), time(23, 30)])
zones = st.sampled_from([HELSINKI, UTC, ZoneInfo("America/New_York")])
lengths = st.sampled_from([timedelta(), HOUR, DAY, 3 * DAY])


def entry(start, length=HOUR, **more):
    nothing = {
        "uid": "a",
        "line": 1,
        "original": None,
        "onwards": False,
        "rules": (),
        "further": (),
        "skipped": (),
        "sequence": -1,
        "stamp": "",
        "status": "confirmed",
        "private": False,
        "title": {},
        "place": {},
        "categories": (),
        "leads": None,
    }
    return Entry(**nothing | {"start": start, "end": start + length} | more)


@st.composite
def rules(draw, until):
    weekdays = draw(st.sets(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), max_size=3))
    parts = [
        f"FREQ={draw(st.sampled_from(['DAILY', 'WEEKLY']))}",
        f"INTERVAL={draw(st.integers(1, 3))}",
        *([f"BYDAY={','.join(weekdays)}"] if weekdays else []),
        *([f"WKST={draw(st.sampled_from(['MO', 'SU', 'TH']))}"] if draw(st.booleans()) else []),
        *draw(st.sampled_from([[], ["COUNT=1"], ["COUNT=4"], ["COUNT=9"], [f"UNTIL={until}"]])),
    ]
    return read_rule(";".join(parts), 1)


@st.composite
def plain_series(draw):
    """Give a series by the day or the week, with dates left out and dates moved."""
    first = draw(st.sampled_from([SPRING, AUTUMN]))
    days = near.map(lambda later: first + later)
    day, at, zone = draw(days), draw(hours), draw(zones)
    all_day = draw(st.booleans())

    def when(which, hour=at):
        return which if all_day else datetime.combine(which, hour, zone)

    length = draw(lengths)
    until = draw(
        st.one_of(
            days.map(lambda last: f"{last:%Y%m%d}"),
            st.builds(datetime.combine, days, hours).map(lambda last: f"{last:%Y%m%dT%H%M%SZ}"),
        )
    )
    master = entry(
        when(day),
        max(length, DAY) if all_day else length,
        rules=draw(st.sampled_from([(), (draw(rules(until)),)])),
        skipped=tuple(draw(st.lists(days.map(when) | days, max_size=3))),
    )
    overrides = [
        entry(when(draw(days), draw(hours)), DAY if all_day else HOUR, original=when(original), line=number)
        for number, original in enumerate(draw(st.lists(days, max_size=3, unique=True)), start=2)
    ]
    return series_of([master, *overrides], HELSINKI)


def rows(dates, window):
    first, end = window
    return sorted(
        (each.start, each.end, str(each.original), each.entry.line)
        for each in dates
        if each.start < end and (first < each.end or first == each.start == each.end)
    )


@given(plain_series(), st.sampled_from(WINDOWS))
def test_what_is_counted_here_is_what_the_library_finds(series, window):
    here, there = (rows(way(series, window, HELSINKI), window) for way in (counted, by_the_library))

    assert series.is_plain
    assert here == there


@given(rules("20270401"), days, st.integers(0, 20))
def test_days_are_the_same_wherever_counting_begins(rule, start, later):
    last = start + 40 * DAY

    whole = [day for day in days_of(rule, start, first=start, last=last) if day >= start + later * DAY]

    assert list(days_of(rule, start, first=start + later * DAY, last=last)) == whole


@given(rules("20270401"), days)
def test_days_are_those_of_the_rule(rule, start):
    at_midnight = datetime.combine(start, time())

    found = rrulestr(rule.parts.to_ical().decode(), dtstart=at_midnight).between(
        at_midnight, at_midnight + 40 * DAY, inc=True
    )

    assert list(days_of(rule, start, first=start, last=start + 40 * DAY)) == [each.date() for each in found]


def test_the_age_of_a_series_costs_nothing():
    rule = read_rule("FREQ=DAILY;INTERVAL=2", 1)
    master = entry(datetime(1901, 1, 1, 12, tzinfo=UTC), rules=(rule,))

    walked = list(days_of(rule, date(1901, 1, 1), first=date(2027, 3, 1), last=date(2027, 3, 5)))

    assert walked == [date(2027, 3, 1), date(2027, 3, 3), date(2027, 3, 5)]
    assert len(list(dates_of(Series(master, ()), WINDOWS[0], HELSINKI))) < 20


def test_what_repeats_often_and_since_long_is_refused():
    rule = read_rule("FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11", 1)
    series = Series(entry(datetime(1970, 1, 1, tzinfo=UTC), rules=(rule,)), ())

    with pytest.raises(BrokenEventError) as found:
        list(dates_of(series, WINDOWS[0], HELSINKI))

    assert found.value.what == Phrase("problem.too_often_since", {"vuosi": 1970})


# ---- against the calendars that the libraries bring along ------------------------------------------------------

# Where we differ, and why.
OTHERWISE = {
    "event_with_recurrence": "a start that floats is not in UTC because its exceptions are",
    "issue_1633_rdate_with_dates": "a day among hours begins at the hour of the start",
    "issue_1633_rdate_with_dates_and_tzid": "a day among hours begins at the hour of the start",
    "issue_201_test_matrix": "a day and an hour together are days",
    "end_before_start_event": "an end before the start is no earlier start",
    "issue_132_swapped_start_and_end": "an end before the start is no earlier start",
    "issue_201_mixed_datetime_and_date": "a day and an hour together are days",
    "issue_28_rrule_with_UTC_endinginZ": "UNTIL at the midnight of a last day holds that day",
    "issue_75_range_parameter": "UNTIL with a day holds that day",
    "issue_86_x_wr_timezone_without_time_zone_in_dt": "hours go by X-WR-TIMEZONE",
}
INSTALLED = sorted(
    path
    for library in (icalendar, recurring_ical_events)
    for path in Path(library.__file__).parent.rglob("*.ics")
    if path.stem not in OTHERWISE
)


def instant(when):
    if not isinstance(when, datetime):
        when = datetime.combine(when, time())
    return (when if when.tzinfo else when.replace(tzinfo=HELSINKI)).astimezone(UTC)


def span(start, end):
    if isinstance(start, datetime):
        return instant(start), instant(end)
    return instant(start), instant(max(end, start + DAY))  # a whole day is one day at least


def found_by_the_library(data, window):
    tzp.use_default()
    found = CalendarQuery(Calendar.from_ical(data)).between(window[0] - DAY, window[1] + DAY)
    spans = {span(each["DTSTART"].dt, each["DTEND"].dt) for each in found}
    first, end = window
    return {(a, b) for a, b in spans if a < end and (first < b or first == a == b)}


@pytest.mark.filterwarnings("ignore::icalendar.error.GloballyUniqueTZIDGuessed")
@pytest.mark.parametrize("path", INSTALLED, ids=lambda path: "/".join(path.parts[-3:]))
def test_calendars_that_the_library_can_read_have_the_dates_that_it_finds(path):
    data = path.read_bytes()
    years = sorted({int(year) for year in re.findall(rb"DTSTART[^\n]*:((?:19|20)\d\d)\d{4}", data)})[-2:]
    for year in years:
        window = (datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 3, 1, tzinfo=UTC))
        try:
            expected = found_by_the_library(data, window)
        except (ValueError, TypeError, LookupError, AttributeError):
            return  # it cannot

        reading = read_ics(data, source="a.ics", zone=HELSINKI, window=window, language="fi")

        assert {(each.start, each.end) for each in reading.occurrences} == expected
