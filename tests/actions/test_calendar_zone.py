"""A zone's definition, as another program counts by it."""

from datetime import UTC, datetime, timedelta
from functools import cache
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from hypothesis import given
from hypothesis import strategies as st

from bot.actions.calendar_zone import zone_definition

ZONES = [
    "Europe/Helsinki",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "UTC",
]
BEGIN = datetime(2026, 1, 2, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


def defined(name):
    return zone_definition(ZoneInfo(name), 2026, 2028).to_ical().decode()


@cache
def theirs(name):
    return tzical(StringIO(defined(name))).get()


def test_clocks_change_by_the_clock_that_is_left():
    lines = defined("Europe/Helsinki").splitlines()

    assert [line for line in lines if line.startswith(("DTSTART", "RDATE", "RRULE", "BEGIN", "TZOFF"))] == [
        "BEGIN:VTIMEZONE",
        "BEGIN:STANDARD",
        "DTSTART:20260101T000000",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0200",
        "BEGIN:DAYLIGHT",
        "DTSTART:20260329T030000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0300",
        "BEGIN:STANDARD",
        "DTSTART:20261025T040000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "TZOFFSETFROM:+0300",
        "TZOFFSETTO:+0200",
    ]


@pytest.mark.parametrize("name", ZONES)
def test_each_change_is_where_the_zone_has_it(name):
    """Half an hour before and after each change, and at it, the definition and the zone agree."""
    zone = ZoneInfo(name)
    hours = [BEGIN + n * timedelta(hours=1) for n in range(3 * 365 * 24 - 48)]
    changes = [
        at
        for at in hours
        if at.astimezone(zone).utcoffset() != (at - 2 * HALF_HOUR).astimezone(zone).utcoffset()
    ]

    assert len(changes) == (0 if name in {"Asia/Kolkata", "UTC"} else 6)
    for at in changes:
        for near in (at - 3 * HALF_HOUR, at + 2 * HALF_HOUR, at + 4 * HALF_HOUR):
            local = near.astimezone(zone)
            assert local.replace(tzinfo=theirs(name), fold=0).utcoffset() == local.utcoffset()


@given(st.sampled_from(ZONES), st.integers(0, 3 * 365 * 2 - 8).map(lambda n: BEGIN + n * timedelta(hours=12)))
def test_on_every_day_of_three_years_they_agree(name, instant):
    local = instant.astimezone(ZoneInfo(name))

    assert local.replace(tzinfo=theirs(name)).utcoffset() == local.utcoffset()
