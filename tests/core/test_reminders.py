from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.occurrences import Occurrence
from bot.core.quiet_hours import QuietHours, is_quiet
from bot.core.recurrence import Weekly, instant, midnight
from bot.core.reminders import (
    BOTH,
    DAY_BEFORE,
    HOURS_BEFORE,
    Alarm,
    alarms_of,
    goes_at,
)

HELSINKI = ZoneInfo("Europe/Helsinki")
NIGHT = QuietHours(time(20), time(9))
DAY, HOUR, QUARTER, MINUTE = (
    timedelta(days=1),
    timedelta(hours=1),
    timedelta(minutes=15),
    timedelta(minutes=1),
)
LEADS = (DAY, 2 * HOUR)
SUNDAY = 6

MIDNIGHT = datetime(2027, 3, 27, tzinfo=UTC)
instants = st.integers(0, 200).map(lambda n: MIDNIGHT + n * QUARTER)  # coarse: ties must happen
meetings = st.lists(
    st.builds(
        lambda uid, start: Occurrence(
            uid=uid, recurrence_id=start.isoformat(), start=start, end=start + HOUR
        ),
        st.sampled_from("ab"),
        instants,
    ),
    max_size=8,
    unique_by=lambda meeting: (meeting.uid, meeting.recurrence_id),
)
leads = st.lists(st.integers(1, 120).map(lambda n: n * QUARTER), max_size=4)
hours = st.sampled_from([None, NIGHT, QuietHours(time(1), time(4))])


def helsinki(day, hour, minute=0, month=1):
    return datetime(2027, month, day, hour, minute, tzinfo=HELSINKI).astimezone(UTC)


def meeting(start, **changed):
    return Occurrence(
        **{"uid": "ryhma", "recurrence_id": None, "start": start, "end": start + 2 * HOUR} | changed
    )


def alarms(occurrence, quiet=NIGHT):
    return alarms_of(occurrence, default_leads=LEADS, hours=quiet, zone=HELSINKI)


def alarm(start, due, *leads, choices=BOTH, uid="ryhma"):
    return Alarm(uid=uid, recurrence_id=None, start=start, due=due, leads=leads, choices=choices)


def test_a_meeting_is_told_of_the_day_before_and_two_hours_before():
    start = helsinki(14, 13)

    assert alarms(meeting(start)) == (
        alarm(start, helsinki(13, 13), DAY, choices=DAY_BEFORE),
        alarm(start, helsinki(14, 11), 2 * HOUR, choices=HOURS_BEFORE),
    )


def test_a_lead_is_real_time_while_the_clocks_are_turned():
    start = helsinki(28, 4, 30, month=3)  # three and a half hours after midnight

    assert [each.due for each in alarms(meeting(start), quiet=None)] == [
        helsinki(27, 3, 30, month=3),
        helsinki(28, 1, 30, month=3),
    ]


def test_a_morning_meeting_is_told_of_before_the_night():
    start = helsinki(12, 9)

    assert [each.due for each in alarms(meeting(start))] == [helsinki(11, 9), helsinki(11, 19, 50)]


def test_an_event_s_own_leads_are_told_to_everybody_when_they_are_of_one_kind():
    start = helsinki(14, 13)

    assert alarms(meeting(start, leads=(2 * MINUTE,))) == (alarm(start, helsinki(14, 12, 58), 2 * MINUTE),)


def test_an_event_without_leads_is_not_told_of():
    assert alarms(meeting(helsinki(14, 13), leads=())) == ()


@pytest.mark.parametrize("changed", [{"status": "cancelled"}, {"status": "tentative"}, {"kind": "broadcast"}])
def test_what_is_cancelled_uncertain_or_a_broadcast_is_not_told_of(changed):
    assert alarms(meeting(helsinki(14, 13), **changed)) == ()


def test_leads_that_fall_together_count_as_one():
    start = helsinki(12, 9)

    assert alarms(meeting(start, leads=(13 * HOUR, 2 * HOUR))) == (
        alarm(start, helsinki(11, 19, 50), 13 * HOUR, 2 * HOUR),
    )


@pytest.mark.parametrize("quiet", [NIGHT, None])
def test_a_theme_week_is_told_of_once_on_the_morning_before(quiet):
    start = midnight(date(2027, 4, 19), HELSINKI)
    week = meeting(start, end=midnight(date(2027, 4, 24), HELSINKI), all_day=True)

    assert alarms(week, quiet) == (alarm(start, helsinki(18, 9, month=4), DAY, 2 * HOUR),)


def test_a_whole_day_s_long_lead_is_counted_in_days():
    start = midnight(date(2027, 4, 19), HELSINKI)
    day = meeting(start, all_day=True, leads=(7 * DAY,))

    assert [each.due for each in alarms(day)] == [helsinki(12, 9, month=4)]


@given(meetings, leads, hours)
def test_every_lead_is_served_once_and_never_in_quiet_hours(meetings, leads, hours):
    for meeting in meetings:
        found = alarms_of(meeting, default_leads=leads, hours=hours, zone=HELSINKI)

        assert sorted(lead for each in found for lead in each.leads) == sorted(set(leads))
        assert len({each.due for each in found}) == len(found)
        assert not any(is_quiet(each.due, hours, HELSINKI) for each in found)
        assert all(each.due < meeting.start for each in found)


@pytest.mark.parametrize("first", [date(2027, 3, 21), date(2027, 10, 24)])
def test_a_weekly_hour_stays_while_the_clocks_are_turned(first):
    """R-09: three Sundays, the clocks are turned on the second."""
    starts = [instant(day, time(13), HELSINKI) for day in Weekly(SUNDAY, first).days(first + 14 * DAY)]

    assert [start.astimezone(HELSINKI).time() for start in starts] == [time(13)] * 3


@pytest.mark.parametrize("hours", [None, NIGHT])
@pytest.mark.parametrize("first", [date(2027, 3, 21), date(2027, 10, 24)])
@pytest.mark.parametrize("at", [time(13), time(9), time(4, 30), time(3, 30), time(5)])
def test_each_minute_around_a_turn_of_the_clocks_every_reminder_comes_once(hours, first, at):
    """R-09: three Sundays, the clocks are turned on the second."""
    sundays = list(Weekly(SUNDAY, first).days(first + 14 * DAY))
    group = [meeting(instant(day, at, HELSINKI), recurrence_id=day.isoformat()) for day in sundays]
    every = [each for one in group for each in alarms(one, hours)]
    begin = instant(first, time(), HELSINKI) - 3 * DAY

    heard = []
    for minute in range(19 * 24 * 60):
        now = begin + minute * MINUTE
        heard += [(now, each) for each in every if now - MINUTE < each.due <= now]

    assert [each for _, each in heard] == sorted(every, key=lambda each: each.due)
    assert len(heard) == 6
    assert not any(is_quiet(now, hours, HELSINKI) for now, _ in heard)


# ---- when it really goes


@pytest.mark.parametrize(
    ("due", "now", "goes"),
    [
        (helsinki(20, 11), helsinki(19, 12), helsinki(20, 11)),  # on time
        (helsinki(20, 11), helsinki(20, 12, 59), helsinki(20, 12, 59)),  # late, and still of use
        (helsinki(20, 11), helsinki(20, 13), None),  # it has begun
        (helsinki(19, 13), helsinki(19, 22), helsinki(20, 9)),  # late, and it is night
    ],
)
def test_a_late_reminder_goes_as_soon_as_it_may_and_not_once_it_has_begun(due, now, goes):
    assert goes_at(due, now=now, start=helsinki(20, 13), hours=NIGHT, zone=HELSINKI) == goes


def test_what_begins_before_the_morning_is_not_told_of_at_night():
    late, early = helsinki(19, 21), helsinki(20, 8)

    assert goes_at(late, now=late, start=early, hours=NIGHT, zone=HELSINKI) is None
    assert goes_at(late, now=late, start=early, hours=None, zone=HELSINKI) == late
