from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.occurrences import Occurrence
from bot.core.quiet_hours import QuietHours, is_quiet, next_allowed
from bot.core.schedule_changes import (
    EARLY,
    NEAR,
    Known,
    Unheard,
    as_known,
    hearers,
    is_near,
    known_of,
    tell_at,
    useful_until,
    what_changed,
)

HELSINKI = ZoneInfo("Europe/Helsinki")
NIGHT = QuietHours(time(20), time(9))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def at(day, hour, minute=0):
    """An hour on the wall in November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=HELSINKI).astimezone(UTC)


MEETING = Known(at(26, 13), at(26, 15), all_day=False, cancelled=False, place={"fi": "Talo"})
CANCELLED = replace(MEETING, cancelled=True)
HOUR_LATER = replace(MEETING, start=at(26, 14), end=at(26, 16))
ELSEWHERE = replace(MEETING, place={"fi": "Puisto"})


def shifted(by, longer=timedelta()):
    return replace(MEETING, start=MEETING.start + by, end=MEETING.end + by + longer)


def test_what_is_known_of_a_date_is_when_and_where_and_whether_at_all():
    it = Occurrence(
        uid="x",
        recurrence_id=None,
        start=MEETING.start,
        end=MEETING.end,
        status="cancelled",
        place={"fi": "Talo"},
        title={"fi": "Nimi"},
    )

    assert known_of(it) == CANCELLED
    assert known_of(replace(it, status="tentative")) == MEETING


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        (MEETING, MEETING, None),
        (MEETING, CANCELLED, "cancelled"),
        (CANCELLED, MEETING, "on_again"),
        (CANCELLED, HOUR_LATER, "on_again"),
        (CANCELLED, replace(HOUR_LATER, cancelled=True), None),
        (MEETING, HOUR_LATER, "moved"),
        (MEETING, ELSEWHERE, "place"),
        (MEETING, replace(HOUR_LATER, place={"fi": "Puisto"}), "moved_place"),
        (MEETING, replace(HOUR_LATER, cancelled=True), "cancelled"),
        (None, MEETING, "new"),
        (None, CANCELLED, None),
    ],
)
def test_what_is_new_for_somebody(before, after, what):
    assert what_changed(before, after) == what


@pytest.mark.parametrize(
    ("after", "matters"),
    [
        (shifted(4 * MINUTE), False),
        (shifted(5 * MINUTE), True),
        (shifted(-5 * MINUTE), True),
        (shifted(timedelta(), 29 * MINUTE), False),
        (shifted(timedelta(), -30 * MINUTE), True),
        (replace(MEETING, all_day=True), True),
    ],
)
def test_a_few_minutes_do_not_matter(after, matters):
    assert (what_changed(MEETING, after) == "moved") == matters


@pytest.mark.parametrize(
    ("before", "after", "matters"),
    [
        ({"fi": "Talo"}, {"fi": "  talo "}, False),
        ({"fi": "Talo"}, {"fi": "Talo", "sv": "Huset"}, False),
        ({"fi": "Talo", "sv": "Huset"}, {"fi": "Talo", "sv": "Parken"}, True),
        ({"fi": "Talo"}, {"sv": "Parken"}, True),
        ({}, {"fi": "Talo"}, True),
        ({"fi": "Talo"}, {}, False),
    ],
)
def test_another_place_or_the_first_is_not_another_spelling_a_translation_or_none_any_more(
    before, after, matters
):
    changed = what_changed(replace(MEETING, place=before), replace(MEETING, place=after))

    assert (changed == "place") == matters


def test_near_is_what_begins_within_a_week_before_or_after_the_change():
    far = replace(MEETING, start=MEETING.start + 99 * DAY, end=MEETING.end + 99 * DAY)
    week_before = MEETING.start - NEAR

    assert is_near(MEETING, far, now=week_before)
    assert is_near(far, MEETING, now=week_before)
    assert is_near(None, MEETING, now=week_before)
    assert not is_near(MEETING, MEETING, now=week_before - MINUTE)
    assert not is_near(MEETING, far, now=MEETING.start)


def test_of_what_is_cancelled_one_is_told_until_it_would_have_begun():
    assert useful_until(MEETING, replace(HOUR_LATER, cancelled=True)) == MEETING.start
    assert useful_until(MEETING, HOUR_LATER) == HOUR_LATER.start
    assert useful_until(CANCELLED, MEETING) == MEETING.start
    assert useful_until(None, MEETING) == MEETING.start


# ---- when


def told_at(moment, before, after, hours=NIGHT):
    return tell_at(moment, before, after, hours=hours, zone=HELSINKI)


def morning(hour, minute=0, **changed):
    """A meeting on the 26th at this hour."""
    start = at(26, hour, minute)
    return replace(MEETING, **{"start": start, "end": start + HOUR, **changed})


@pytest.mark.parametrize(
    ("begins", "made", "told"),
    [
        (morning(10), at(26, 7, 30), at(26, 7, 30)),  # the same morning: at once
        (morning(10), at(26, 6, 30), at(26, 7)),  # nobody is woken for it ...
        (morning(10), at(25, 23), at(26, 7)),  # ... nor in the night before
        (morning(9, 15), at(25, 23), at(26, 6, 15)),
        (morning(8), at(26, 7, 59), at(26, 7, 59)),
        (morning(13), at(26, 7, 30), at(26, 9)),  # what begins later waits for the end of quiet hours
        (morning(13), at(25, 23), at(26, 9)),
        (morning(12), at(25, 23), at(26, 9)),
        (morning(11), at(25, 23), at(26, 8)),
        (morning(10), at(25, 19, 59), at(25, 19, 59)),  # not quiet: now
        (morning(10), at(26, 9), at(26, 9)),
    ],
)
def test_a_cancellation_goes_in_quiet_hours_only_if_it_is_of_the_same_morning(begins, made, told):
    assert told_at(made, begins, replace(begins, cancelled=True)) == told
    moved = replace(begins, start=begins.start + 5 * DAY, end=begins.end + 5 * DAY)
    assert told_at(made, begins, moved) == told


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (morning(10), morning(10, place={"fi": "Puisto"})),
        (morning(10, cancelled=True), morning(10)),
        (morning(10, cancelled=True), morning(11)),
        (None, morning(10)),
        (morning(10), morning(10, end=at(26, 19))),
    ],
    ids=["place", "on again", "on again later", "new", "longer"],
)
def test_what_lets_nobody_come_in_vain_waits_for_the_end_of_quiet_hours(before, after):
    assert told_at(at(26, 7, 30), before, after) == at(26, 9)


def test_what_could_not_wait_that_long_is_told_before():
    early = morning(9, 15)

    assert told_at(at(26, 7, 30), early, replace(early, place={"fi": "Puisto"})) == at(26, 7, 30)
    assert told_at(at(26, 5), early, replace(early, place={"fi": "Puisto"})) == at(26, 6, 15)


def test_what_was_moved_to_this_morning_counts_by_its_new_time():
    evening = replace(MEETING, start=at(26, 18), end=at(26, 19))

    assert told_at(at(26, 7, 30), evening, morning(10)) == at(26, 7, 30)


def test_without_quiet_hours_it_goes_now():
    assert told_at(at(26, 3), morning(13), replace(morning(13), cancelled=True), hours=None) == at(26, 3)


quarters = st.integers(0, 4 * 48).map(lambda n: at(25, 0) + n * 15 * MINUTE)
dates = st.builds(
    lambda start, cancelled: Known(start, start + HOUR, all_day=False, cancelled=cancelled, place={}),
    quarters,
    st.booleans(),
)


@given(quarters, st.none() | dates, dates)
def test_nobody_is_told_early_or_at_night_but_of_the_same_morning_and_the_earlier_known_the_earlier_told(
    moment, before, after
):
    told = told_at(moment, before, after)
    start = after.start if before is None else min(before.start, after.start)

    assert told >= moment
    assert told <= max(moment, next_allowed(moment, NIGHT, HELSINKI))
    if is_quiet(told, NIGHT, HELSINKI):
        assert told >= start - EARLY
    if moment <= start:
        assert told <= max(start, moment)
    assert told_at(moment + 15 * MINUTE, before, after) >= told


# ---- messages that not everybody got

states = st.sampled_from([MEETING, CANCELLED, HOUR_LATER, ELSEWHERE])
PEOPLE = range(3)


@given(st.lists(st.tuples(states, st.sets(st.sampled_from(PEOPLE))), max_size=5))
def test_whoever_missed_whatever_everybody_knows_what_the_last_message_to_them_said(history):
    """Each message is to those who know otherwise; some get it before the date changes again, and some do not."""
    told, unheard = MEETING, ()
    knows, got = dict.fromkeys(PEOPLE, MEETING), {who: set() for who in PEOPLE}
    for message, (after, reached) in enumerate(history):
        to = [who for who in PEOPLE if what_changed(as_known(told, unheard, got[who]), after)]
        for who in reached.intersection(to):
            got[who].add(message)
            knows[who] = after
        told, unheard = after, (*unheard, Unheard(message, told))
        for who in PEOPLE:
            assert what_changed(as_known(told, unheard, got[who]), knows[who]) is None


@given(st.integers(0, 4), st.sets(st.integers(0, 3)))
def test_each_person_is_of_one_kind_by_what_they_got(number, got):
    unheard = tuple(
        Unheard(message, replace(MEETING, place={"fi": str(message)})) for message in range(number)
    )
    kinds = [
        (last, missed)
        for last, missed in hearers(unheard)
        if (last is None or last in got) and got.isdisjoint(missed)
    ]

    assert len(kinds) == 1
    assert as_known(MEETING, unheard, got) == as_known(MEETING, unheard, {kinds[0][0]})
