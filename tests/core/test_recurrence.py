from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.recurrence import (
    DAY,
    Monthly,
    Weekly,
    Yearly,
    duration,
    instant,
    midnight,
    off_the_weekend,
)

HELSINKI = ZoneInfo("Europe/Helsinki")
TUESDAY, THURSDAY, FRIDAY, SUNDAY = 1, 3, 4, 6

days = st.integers(0, 800).map(lambda n: date(2026, 11, 1) + n * DAY)


def every_day(first, until):
    return [first + n * DAY for n in range((until - first).days + 1)]


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("P1D", timedelta(days=1)),
        ("PT2H", timedelta(hours=2)),
        ("PT1H30M", timedelta(minutes=90)),
        ("P2W", timedelta(weeks=2)),
        ("P1DT12H", timedelta(hours=36)),
        ("P0DT0H30M0S", timedelta(minutes=30)),
    ],
)
def test_a_duration_is_read_as_rfc_5545_writes_it(text, length):
    assert duration(text) == length


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "PT0S", "1D", "P1H", "PT1D", "-P1D", "P1.5D", "P99999999D", "p1d"]
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="not a duration"):
        duration(text)


def test_an_hour_stays_the_same_on_the_wall_when_the_clocks_are_turned():
    assert [instant(date(2027, 3, day), time(13), HELSINKI) for day in (27, 28)] == [
        datetime(2027, 3, 27, 11, tzinfo=UTC),
        datetime(2027, 3, 28, 10, tzinfo=UTC),
    ]


def test_an_hour_that_summer_time_skips_is_read_with_the_offset_before():
    assert instant(date(2027, 3, 28), time(3, 30), HELSINKI) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_its_first():
    assert instant(date(2027, 10, 31), time(3, 30), HELSINKI) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_a_day_begins_at_its_own_midnight():
    assert midnight(date(2027, 4, 19), HELSINKI) == datetime(2027, 4, 18, 21, tzinfo=UTC)


@given(days, days, st.none() | days, st.integers(0, 6))
def test_weekly_is_every_such_weekday_between_its_ends(first, until, last, weekday):
    expected = [
        day for day in every_day(first, until) if day.weekday() == weekday and (last is None or day <= last)
    ]

    assert list(Weekly(weekday, first, last).days(until)) == expected


@given(days, days, st.none() | days, st.integers(0, 6), st.sampled_from([1, 2, 3, 4, 5, -1, -2]))
def test_monthly_is_the_nth_weekday_counted_from_either_end(first, until, last, weekday, nth):
    def counts(day):
        from_start = (day.day - 1) // 7 + 1
        from_end = (
            -1 if (day + 7 * DAY).month != day.month else -2 if (day + 14 * DAY).month != day.month else 0
        )
        return day.weekday() == weekday and nth in (from_start, from_end)

    expected = [day for day in every_day(first, until) if counts(day) and (last is None or day <= last)]

    assert list(Monthly(weekday, nth, first, last).days(until)) == expected


@given(days, days, st.none() | days)
def test_yearly_is_one_day_a_year_between_its_ends(first, until, last):
    expected = [
        day
        for day in every_day(first, until)
        if (day.month, day.day) == (2, 14) and (last is None or day <= last)
    ]

    assert list(Yearly(2, 14, first, last).days(until)) == expected


def test_the_29th_of_february_comes_in_leap_years():
    assert list(Yearly(2, 29, date(2026, 1, 1)).days(date(2033, 1, 1))) == [
        date(2028, 2, 29),
        date(2032, 2, 29),
    ]


def test_a_day_on_a_weekend_moves_to_a_working_day():
    sunday = date(2027, 2, 14)

    assert (
        off_the_weekend(sunday, "keep", closed=()),
        off_the_weekend(sunday, "previous_workday", closed=()),
        off_the_weekend(sunday, "next_workday", closed=()),
    ) == (sunday, date(2027, 2, 12), date(2027, 2, 15))


def test_a_day_on_a_weekend_moves_past_a_holiday_too():
    midsummer, eve = date(2027, 6, 26), date(2027, 6, 25)

    assert off_the_weekend(midsummer, "previous_workday", closed={eve}) == date(2027, 6, 24)


def test_a_working_day_stays_even_when_it_is_a_holiday():
    ascension = date(2027, 5, 6)

    assert off_the_weekend(ascension, "previous_workday", closed={ascension}) == ascension
