from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.core.calm_timing import MOST_A_WEEK, next_calm
from bot.core.quiet_hours import QuietHours, is_quiet

HELSINKI = ZoneInfo("Europe/Helsinki")
NIGHT = QuietHours(time(20), time(9))
WEEK = timedelta(days=7)
NOON = datetime(2026, 11, 23, 10, tzinfo=UTC)  # a Monday, in Helsinki
DAY = timedelta(days=1)

# Coarse, and around the turn of the clocks: days, weeks and quiet hours begin and end on these.
instants = st.builds(
    lambda start, n: start + n * timedelta(hours=3),
    st.sampled_from([datetime(2027, 3, 22, tzinfo=UTC), datetime(2027, 10, 25, tzinfo=UTC)]),
    st.integers(0, 100),
)
hours = st.sampled_from([NIGHT, None])


def calm(now, *told, hours=NIGHT):
    return next_calm(now, told, hours=hours, zone=HELSINKI)


def test_who_was_told_nothing_is_told_now():
    assert calm(NOON) == NOON


def test_who_was_told_something_today_is_told_tomorrow():
    assert calm(NOON, NOON - timedelta(hours=2)) == NOON + DAY


def test_what_waits_for_later_today_counts_too():
    assert calm(NOON, NOON + timedelta(hours=2)) == NOON + DAY


def test_who_was_told_four_times_in_a_week_waits_until_the_first_is_a_week_old():
    told = [NOON - n * DAY for n in (1, 2, 4, 6)]

    assert calm(NOON, *told) == NOON + DAY


def test_nobody_is_told_at_night():
    assert calm(NOON + timedelta(hours=9)) == datetime(2026, 11, 24, 7, tzinfo=UTC)


def test_without_quiet_hours_tomorrow_is_the_same_hour():
    late = datetime(2026, 11, 23, 21, tzinfo=UTC)

    assert calm(late, late, hours=None) == late + DAY


@given(instants, st.lists(instants, max_size=12), hours)
def test_one_more_is_never_too_much_and_never_early(now, told, hours):
    at = next_calm(now, told, hours=hours, zone=HELSINKI)
    days = [each.astimezone(HELSINKI).date() for each in told]

    assert at >= now
    assert not is_quiet(at, hours, HELSINKI)
    assert at.astimezone(HELSINKI).date() not in days
    assert sum(at - WEEK < each <= at for each in told) < MOST_A_WEEK


@given(instants, st.lists(instants, max_size=3, unique_by=lambda each: each.astimezone(HELSINKI).date()))
def test_with_room_in_the_week_nobody_waits_longer_than_to_the_first_free_day(now, told):
    at = next_calm(now, told, hours=None, zone=HELSINKI)

    assert at - now <= (len(told) + 1) * DAY
