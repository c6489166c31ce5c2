from datetime import UTC, datetime, timedelta

import pytest

from bot.core.occurrences import Occurrence
from bot.core.schedule_diff import Stored
from bot.core.shrinking import Loss, loss

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def rows(*days, **values):
    """Rows that begin so many days from now, numbered from 1."""
    dates = [
        Occurrence(uid=str(day), recurrence_id=None, start=NOW + day * DAY, end=NOW + day * DAY, **values)
        for day in days
    ]
    return [Stored(number, it, it) for number, it in enumerate(dates, start=1)]


def lost(table, *gone, read_nothing=False):
    return loss(table, set(gone), read_nothing=read_nothing, now=NOW)


@pytest.mark.parametrize(
    ("gone", "found"),
    [(0, None), (1, None), (2, None), (3, None), (4, Loss(4, 10)), (10, Loss(10, 10))],
)
def test_more_than_three_of_ten_is_too_much(gone, found):
    assert lost(rows(*range(1, 11)), *range(1, gone + 1)) == found


def test_one_alone_is_no_loss():
    assert lost(rows(1, 2), 1) is None
    assert lost(rows(1, 2), 1, 2) == Loss(2, 2)


def test_what_is_further_than_30_days_is_not_watched():
    table = rows(1, 2, 3, 31, 32, 33, 34)

    assert lost(table, 4, 5, 6, 7) is None
    assert lost(table, 1, 2, 4) == Loss(2, 3)


def test_the_thirtieth_day_is_watched_and_what_has_begun_is_not():
    assert lost(rows(0, 30, 30, 31), 2, 3) == Loss(2, 2)


def test_what_was_cancelled_before_does_not_count():
    table = rows(1, 2, 3) + [Stored(9, row.it, row.it) for row in rows(4, status="cancelled")]

    assert lost(table, 1, 9) is None


def test_a_calendar_that_lists_nothing_any_more_has_lost_too_much_though_it_was_one():
    assert lost(rows(5), 1, read_nothing=True) == Loss(1, 1)
    assert lost(rows(99, 100), 1, 2, read_nothing=True) == Loss(2, 2)


def test_a_calendar_that_had_nothing_ahead_loses_nothing():
    assert lost([], read_nothing=True) is None
    assert lost(rows(-3), read_nothing=True) is None
