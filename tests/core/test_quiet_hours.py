from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.quiet_hours import LEFT_AT_LEAST, QuietHours, adjusted, is_quiet, next_allowed

HELSINKI = ZoneInfo("Europe/Helsinki")
NIGHT = QuietHours(time(20), time(9))
MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)

DAY = 96  # quarters of an hour


def quarter(number):
    return time(number % DAY // 4, number % 4 * 15)


# Awake for more than an hour a day: where the clock skips the only one, nothing is left of it.
spans = st.builds(
    lambda start, quiet: QuietHours(quarter(start), quarter(start + quiet)),
    st.integers(0, DAY - 1),
    st.integers(1, DAY - 5),
)
# Two days around each turn of the clocks, and one of an ordinary week; coarse, so that borders are met.
starts = st.sampled_from(
    [datetime(2027, 3, 27, tzinfo=UTC), datetime(2027, 10, 30, tzinfo=UTC), datetime(2027, 1, 5, tzinfo=UTC)]
)
instants = st.builds(lambda start, n: start + n * QUARTER, starts, st.integers(0, 190))


def helsinki(day, hour, minute=0, month=1):
    return datetime(2027, month, day, hour, minute, tzinfo=HELSINKI).astimezone(UTC)


def on_the_wall(hours, instant):
    """Say it by the clock on the wall, as a person would."""
    now = instant.astimezone(HELSINKI).time()
    if hours.start < hours.end:
        return hours.start <= now < hours.end
    return now >= hours.start or now < hours.end


@pytest.mark.parametrize("text", ["20:00-09:00", " 20.00 – 9.00 ", "20:00 - 09:00"])
def test_quiet_hours_are_read_from_the_setting(text):
    assert QuietHours.parse(text) == NIGHT


def test_an_empty_setting_means_no_quiet_hours():
    assert QuietHours.parse("  ") is None


@pytest.mark.parametrize("text", ["20-09", "always", "25:00-09:00", "20:00-09:60", "20:00-20:00", "20:00"])
def test_what_is_no_span_of_hours_is_refused(text):
    with pytest.raises(ValueError):
        QuietHours.parse(text)


def test_quiet_hours_begin_with_their_start_and_end_before_their_end():
    quiet = [
        is_quiet(instant, NIGHT, HELSINKI)
        for instant in (helsinki(7, 19, 59), helsinki(7, 20), helsinki(8, 8, 59), helsinki(8, 9))
    ]

    assert quiet == [False, True, True, False]


def test_without_quiet_hours_nothing_is_ever_quiet():
    midnight = helsinki(7, 0)

    assert (
        is_quiet(midnight, None, HELSINKI),
        next_allowed(midnight, None, HELSINKI),
        adjusted(midnight, start=midnight, hours=None, zone=HELSINKI),
    ) == (False, midnight, midnight)


@given(spans, instants)
def test_quiet_is_what_the_wall_clock_says(hours, instant):
    # Borders in the hour that is skipped or comes twice are read as the longer night, on purpose.
    turned = {time(3), time(3, 15), time(3, 30), time(3, 45)}
    if not turned & {hours.start, hours.end}:
        assert is_quiet(instant, hours, HELSINKI) == on_the_wall(hours, instant)


@pytest.mark.parametrize("first", [date(2027, 3, 27), date(2027, 10, 30)])
def test_quiet_hours_are_right_each_minute_while_the_clocks_are_turned(first):
    begin = datetime.combine(first, time(12), UTC)
    minutes = [begin + n * MINUTE for n in range(36 * 60)]

    assert [is_quiet(each, NIGHT, HELSINKI) for each in minutes] == [
        on_the_wall(NIGHT, each) for each in minutes
    ]


def test_a_border_in_the_hour_that_is_skipped_makes_the_night_longer():
    hours = QuietHours(time(22), time(3, 30))  # on 28.3.2027 the clock goes from 3.00 to 4.00

    assert next_allowed(helsinki(28, 1, month=3), hours, HELSINKI) == helsinki(28, 4, 30, month=3)


def test_a_border_in_the_hour_that_comes_twice_makes_the_night_longer():
    hours = QuietHours(time(22), time(3, 30))
    second = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)  # 3.30 for the second time

    assert next_allowed(helsinki(31, 1, month=10), hours, HELSINKI) == second


def test_a_beginning_in_the_hour_that_comes_twice_is_its_first():
    hours = QuietHours(time(3, 30), time(9))
    three_again = datetime(2027, 10, 31, 1, tzinfo=UTC)  # half an hour after 3.30 came first

    assert is_quiet(three_again, hours, HELSINKI)


@given(spans, instants)
def test_what_waits_goes_at_the_first_instant_that_is_not_quiet(hours, instant):
    allowed = next_allowed(instant, hours, HELSINKI)

    waited = [instant + n * QUARTER for n in range((allowed - instant) // QUARTER)]
    assert not is_quiet(allowed, hours, HELSINKI)
    assert all(is_quiet(each, hours, HELSINKI) for each in waited)


def test_a_reminder_waits_for_the_morning_when_half_an_hour_then_remains():
    assert adjusted(helsinki(7, 7, 30), start=helsinki(7, 9, 30), hours=NIGHT, zone=HELSINKI) == helsinki(
        7, 9
    )


def test_a_reminder_goes_in_the_evening_before_when_less_remains():
    assert adjusted(helsinki(7, 7, 29), start=helsinki(7, 9, 29), hours=NIGHT, zone=HELSINKI) == helsinki(
        6, 19, 50
    )


def test_a_reminder_that_is_not_due_in_quiet_hours_stays():
    due = helsinki(7, 11)

    assert adjusted(due, start=helsinki(7, 13), hours=NIGHT, zone=HELSINKI) == due


@given(spans, instants, st.integers(0, 60))
def test_a_moved_reminder_is_never_quiet_and_never_less_than_half_an_hour_ahead(hours, due, quarters_left):
    start = due + quarters_left * QUARTER

    moved = adjusted(due, start=start, hours=hours, zone=HELSINKI)

    assert not is_quiet(moved, hours, HELSINKI)
    assert moved == due or moved < due or start - moved >= LEFT_AT_LEAST


def test_where_people_wake_for_minutes_only_it_goes_when_they_wake():
    hours = QuietHours(time(9, 5), time(9))  # awake from 9.00 to 9.05

    assert adjusted(helsinki(7, 12), start=helsinki(7, 13), hours=hours, zone=HELSINKI) == helsinki(7, 9)
