"""Tests of bot/core/opening_hours.py."""

from datetime import date, datetime, time

import pytest

from bot.core.opening_hours import OpeningHours, is_open

HOURS = (
    OpeningHours(frozenset({0, 1}), time(9), time(12)),
    OpeningHours(frozenset({1}), time(13), time(15, 30)),
)


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
    assert is_open(HOURS, datetime(2026, 11, day, hour, minute)) == open_  # noqa: DTZ001 - wall clock


def test_nobody_answers_on_a_closed_day():
    assert not is_open(HOURS, datetime(2026, 11, 23, 10), closed={date(2026, 11, 23)})  # noqa: DTZ001
