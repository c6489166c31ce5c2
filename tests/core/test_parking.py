from datetime import UTC, datetime, timedelta

import pytest

from bot.core.parking import MOMENT, Parking

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_conversation_rests_until_its_time_and_no_other_does():
    parking = Parking()
    until = parking.park(1, 10.0, now=NOW)

    assert until == NOW + 10 * SECOND + MOMENT
    assert parking.until(1, now=until - MOMENT) == until
    assert parking.until(1, now=until) is None
    assert parking.until(2, now=NOW) is None


@pytest.mark.parametrize("seconds", [10.0, 10.0001, 10.000999, 10.9, 9.0])
def test_what_is_parked_a_little_later_gets_the_same_instant(seconds):
    parking = Parking()
    until = parking.park(1, 10.0, now=NOW)

    assert parking.park(1, seconds, now=NOW) == until


def test_a_longer_rest_replaces_a_shorter_one():
    parking = Parking()
    parking.park(1, 10.0, now=NOW)
    until = parking.park(1, 11.0, now=NOW)

    assert until == NOW + 11 * SECOND + MOMENT
    assert parking.until(1, now=NOW) == until


def test_a_rest_that_is_over_counts_no_more():
    parking = Parking()
    parking.park(1, 10.0, now=NOW)
    later = NOW + 60 * SECOND

    assert parking.park(2, 5.0, now=later) == later + 5 * SECOND + MOMENT
    assert parking.park(1, 0.5, now=later) == later + 0.5 * SECOND + MOMENT


def test_an_instant_is_one_that_the_table_keeps_and_never_too_early():
    until = Parking().park(1, 1.000_4, now=NOW)

    assert until.microsecond % 1000 == 0
    assert timedelta() < until - (NOW + timedelta(seconds=1.000_4)) <= MOMENT
