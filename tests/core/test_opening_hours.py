"""Tests of bot/core/opening_hours.py."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.opening_hours import OpeningHours, is_off_for_a_holiday, is_open, next_opening

HOURS = (
    OpeningHours(frozenset({0, 1}), time(9), time(12)),
    OpeningHours(frozenset({1}), time(13), time(15, 30)),
)
ON_CALL = OpeningHours(frozenset({0}), time(18), time(20), on_holidays=True)
MONDAY = date(2026, 11, 23)
HELSINKI = ZoneInfo("Europe/Helsinki")
MONDAY_TEN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
WORKDAYS = OpeningHours(frozenset(range(5)), time(9), time(15))


# ---- now


@pytest.mark.parametrize(
    ("day", "hour", "minute", "open_"),
    [
        (23, 8, 59, False),  # Monday
        (23, 9, 0, True),
        (23, 11, 59, True),
        (23, 12, 0, False),
        (23, 13, 0, False),
        (24, 13, 0, True),  # Tuesday, after lunch
        (24, 15, 30, False),
        (25, 10, 0, False),  # Wednesday
    ],
)
def test_somebody_answers_from_the_opening_until_before_the_close(day, hour, minute, open_):
    local = datetime(2026, 11, day, hour, minute)  # noqa: DTZ001 - wall clock

    assert is_open(HOURS, local, holidays=()) == open_


@pytest.mark.parametrize(("hour", "open_"), [(10, False), (19, True)])
def test_on_a_holiday_only_those_answer_who_say_so(hour, open_):
    local = datetime(2026, 11, 23, hour)  # noqa: DTZ001 - wall clock

    assert is_open((*HOURS, ON_CALL), local, holidays={MONDAY}) == open_


@pytest.mark.parametrize(
    ("hours", "day", "holidays", "off"),
    [
        (HOURS, MONDAY, {MONDAY}, True),
        (HOURS, MONDAY, (), False),
        (
            HOURS,
            MONDAY - timedelta(days=1),
            {MONDAY - timedelta(days=1)},
            False,
        ),  # a Sunday is one all the same
        ((*HOURS, ON_CALL), MONDAY, {MONDAY}, False),
        ((), MONDAY, {MONDAY}, False),
    ],
)
def test_a_day_is_off_for_a_holiday_only_where_somebody_would_answer_else(hours, day, holidays, off):
    assert is_off_for_a_holiday(hours, day, holidays=holidays) == off


# ---- and when next


@pytest.mark.parametrize(
    ("now", "hours", "holidays", "opens"),
    [
        # Later today, before the doors open; tomorrow, at the very minute of opening.
        (datetime(2026, 11, 23, 6, 59, tzinfo=UTC), WORKDAYS, (), datetime(2026, 11, 23, 7, tzinfo=UTC)),
        (datetime(2026, 11, 23, 7, 0, tzinfo=UTC), WORKDAYS, (), datetime(2026, 11, 24, 7, tzinfo=UTC)),
        # Hours of one day a week come again in a week, or in two where that day is a holiday.
        (MONDAY_TEN, HOURS[0], (), datetime(2026, 11, 24, 7, tzinfo=UTC)),
        (MONDAY_TEN, OpeningHours(frozenset([0]), time(9), time(15)), (), datetime(2026, 11, 30, 7, tzinfo=UTC)),
        (
            MONDAY_TEN,
            OpeningHours(frozenset([0]), time(9), time(15)),
            {date(2026, 11, 30)},
            datetime(2026, 12, 7, 7, tzinfo=UTC),
        ),
        # By the clock on the wall, also when it is turned: the Friday before summer time.
        (datetime(2027, 3, 26, 14, tzinfo=UTC), WORKDAYS, (), datetime(2027, 3, 29, 6, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_the_next_opening_is_the_first_that_is_still_to_come(now, hours, holidays, opens):
    assert next_opening([hours], now, HELSINKI, holidays=holidays) == opens


def test_of_two_openings_on_one_day_the_earlier_comes_first():
    evening_first = (OpeningHours(frozenset([0]), time(18), time(20)), WORKDAYS)

    assert next_opening(evening_first, MONDAY_TEN - timedelta(hours=3), HELSINKI, holidays=()) == datetime(
        2026, 11, 23, 7, tzinfo=UTC
    )


def test_without_hours_there_is_no_next_opening():
    assert next_opening([], MONDAY_TEN, HELSINKI, holidays=()) is None


@given(
    st.frozensets(st.integers(0, 6), min_size=1),
    st.booleans(),
    st.integers(0, 48).map(lambda n: MONDAY_TEN + n * timedelta(hours=6)),
    st.frozensets(st.integers(0, 20).map(lambda n: MONDAY + timedelta(days=n))),
)
def test_at_the_next_opening_somebody_answers_and_until_then_none_begins_to(days, on_holidays, now, holidays):
    hours = [OpeningHours(days, time(9), time(15), on_holidays)]
    opens = next_opening(hours, now, HELSINKI, holidays=holidays)
    quarters = (now + n * timedelta(minutes=15) for n in range(1, 35 * 24 * 4))
    first = next(
        at
        for at in quarters
        if is_open(hours, at.astimezone(HELSINKI), holidays=holidays)
        and not is_open(hours, (at - timedelta(minutes=15)).astimezone(HELSINKI), holidays=holidays)
    )

    assert opens == first
