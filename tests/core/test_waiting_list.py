from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.quiet_hours import QuietHours, is_quiet, next_allowed
from bot.core.waiting_list import (
    HELD,
    HELD_AT_LEAST,
    LAST_CALL,
    QUARTER,
    Entry,
    Settled,
    free,
    joins_as,
    number_of,
    offer_until,
    settle,
)

HELSINKI = ZoneInfo("Europe/Helsinki")
NIGHT = QuietHours(time(20), time(9))
NOON = datetime(2026, 11, 21, 10, tzinfo=UTC)  # noon in Helsinki
HOUR = timedelta(hours=1)
START = NOON + 48 * HOUR

moments = st.integers(0, 16).map(lambda n: NOON + n * 3 * HOUR)
untils = moments.map(lambda moment: moment + HOUR)
limits = st.none() | st.integers(0, 4)
states = st.sampled_from(["coming", "waiting", "offered"])


@st.composite
def lists(draw):
    """Up to seven people, in any state, each in the order of their numbers."""
    found = []
    for number in range(draw(st.integers(0, 7))):
        state = draw(states)
        until = draw(untils) if state == "offered" else None
        found.append(Entry(number, 100 + number, state, until, draw(st.booleans())))
    return found


def entries(*states):
    return [
        Entry(number, 100 + number, state, START if state == "offered" else None)
        for number, state in enumerate(states)
    ]


def applied(entries, settled, until=None):
    """The list as it is after the changes."""
    after = {each.id: each for each in entries if each.id not in settled.gone}
    for number in settled.back:
        after[number] = replace(after[number], state="waiting", until=None)
    for number in settled.next:
        after[number] = replace(after[number], state="offered", until=until)
    return [after[number] for number in sorted(after)]


def holding(entries):
    return sum(each.state != "waiting" for each in entries)


# ---- places ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "limit", "left"),
    [
        ((), 2, 2),
        (("coming", "waiting"), 2, 1),
        (("coming", "offered"), 2, 0),  # a place that is kept for somebody is not free
        (("coming", "coming", "coming"), 2, 0),  # the limit was lowered
        (("coming",), None, None),
    ],
)
def test_a_place_is_free_that_nobody_has_and_none_is_kept_for(states, limit, left):
    assert free(entries(*states), limit) == left


def test_who_comes_takes_a_free_place_unless_others_wait_for_one():
    assert joins_as(entries("coming"), 2) == "coming"
    assert joins_as(entries("coming", "coming"), 2) == "waiting"
    assert joins_as(entries("coming", "waiting"), 3) == "waiting"
    assert joins_as(entries("coming", "waiting"), 3, queue=False) == "coming"
    assert joins_as(entries("coming", "offered"), 2, queue=False) == "waiting"
    assert joins_as(entries("coming"), None) == "coming"


def test_the_numbers_in_the_queue_count_those_who_wait():
    queue = entries("coming", "waiting", "offered", "waiting", "waiting")

    assert [number_of(queue, each) for each in (1, 3, 4)] == [1, 2, 3]


# ---- settling --------------------------------------------------------------------------------------------


def test_a_free_place_is_offered_to_who_has_waited_longest():
    queue = entries("coming", "waiting", "waiting")

    assert settle(queue, 2, now=NOON, start=START, offers=True) == Settled(next=(1,))
    assert settle(queue, 2, now=NOON, start=START, offers=False) == Settled()


def test_who_cannot_be_told_loses_their_turn_but_not_before_it():
    blocked = [replace(each, reachable=False) for each in entries("waiting", "waiting")]
    queue = [*blocked[:1], *entries("coming", "waiting", "waiting")[2:]]

    assert settle(queue, 1, now=NOON, start=START, offers=True) == Settled(gone=(0,), next=(2,))
    assert settle(blocked, 0, now=NOON, start=START, offers=True) == Settled()


def test_an_offer_that_is_over_goes_to_the_next():
    over = replace(entries("offered")[0], until=NOON)
    queue = [over, *entries("coming", "waiting")[1:]]

    assert settle(queue, 1, now=NOON, start=START, offers=True) == Settled(gone=(0,), next=(1,))
    assert settle(queue, 1, now=NOON - QUARTER, start=START, offers=True) == Settled()


def test_an_offer_ends_before_the_start_also_where_that_was_brought_forward():
    queue = entries("offered")

    assert settle(queue, 1, now=START - LAST_CALL, start=START, offers=True) == Settled(gone=(0,))


def test_when_the_limit_is_lowered_the_latest_offers_are_none_any_more_and_who_has_a_place_keeps_it():
    queue = entries("coming", "offered", "offered", "coming", "waiting")

    assert settle(queue, 3, now=NOON, start=START, offers=True) == Settled(back=(2,))
    assert settle(queue, 1, now=NOON, start=START, offers=True) == Settled(back=(1, 2))


def test_when_it_does_not_take_place_nothing_is_offered():
    queue = entries("coming", "offered", "waiting")

    assert settle(queue, 0, now=NOON, start=START, offers=True) == Settled(back=(1,))


def test_without_a_limit_everybody_who_waited_is_asked():
    assert settle(
        entries("waiting", "coming", "waiting"), None, now=NOON, start=START, offers=True
    ) == Settled(next=(0, 2))


@given(lists(), limits, moments, st.booleans())
def test_no_place_is_given_twice_none_is_kept_in_vain_and_the_order_holds(queue, limit, now, offers):
    settled = settle(queue, limit, now=now, start=START, offers=offers)
    after = applied(queue, settled, until=START)
    coming = [each.id for each in queue if each.state == "coming"]
    waiting = [each for each in after if each.state == "waiting"]

    assert [each.id for each in after if each.state == "coming"] == coming
    if limit is not None:
        assert holding(after) <= max(limit, len(coming))
    assert all(
        min(each.until, START - LAST_CALL) > now
        for each in after
        if each.state == "offered" and each.id not in settled.next
    )
    if offers and free(after, limit) != 0:
        assert waiting == []
    if settled.next:
        assert all(each.id > max(settled.next) for each in waiting)


@given(lists(), limits, moments, st.booleans())
def test_what_is_settled_stays_so_as_long_as_nothing_happens(queue, limit, now, offers):
    after = applied(queue, settle(queue, limit, now=now, start=START, offers=offers), until=START)
    if now < START - LAST_CALL:
        assert settle(after, limit, now=now, start=START, offers=offers) == Settled()


# ---- how long a place is kept ----------------------------------------------------------------------------


def test_long_before_the_start_a_place_is_kept_for_a_day():
    assert offer_until(NOON, start=NOON + 99 * HOUR, hours=NIGHT, zone=HELSINKI) == NOON + HELD


@pytest.mark.parametrize(
    ("hours_left", "kept"),
    [
        (8, 3 * HOUR),  # half of the six hours that are left
        (5, 1.5 * HOUR),
        (3.5, HOUR),  # an hour at least ...
        (2.5, 0.5 * HOUR),  # ... while there is one
        (2.25, 0.25 * HOUR),
    ],
)
def test_near_the_start_it_is_kept_for_half_of_the_time_that_is_left(hours_left, kept):
    assert offer_until(NOON, start=NOON + hours_left * HOUR, hours=NIGHT, zone=HELSINKI) == NOON + kept


def test_shortly_before_the_start_nobody_is_asked():
    assert offer_until(NOON, start=NOON + LAST_CALL, hours=NIGHT, zone=HELSINKI) is None
    assert offer_until(NOON, start=NOON - HOUR, hours=None, zone=HELSINKI) is None


def test_at_night_it_counts_from_the_morning_and_an_evening_lasts_until_then():
    late = NOON + 11 * HOUR  # 23 o'clock
    morning = NOON + 21 * HOUR
    afternoon = NOON + 4 * HOUR

    assert offer_until(late, start=NOON + 99 * HOUR, hours=NIGHT, zone=HELSINKI) == morning + 24 * HOUR
    assert offer_until(afternoon, start=NOON + 24 * HOUR, hours=NIGHT, zone=HELSINKI) == morning


@given(moments, st.integers(0, 300).map(lambda n: n * QUARTER), st.sampled_from([NIGHT, None]))
def test_an_offer_can_always_be_answered_and_never_ends_at_night_or_too_late(now, ahead, hours):
    start = now + ahead
    until = offer_until(now, start=start, hours=hours, zone=HELSINKI)
    told = next_allowed(now, hours, HELSINKI)
    latest = start - LAST_CALL

    if until is None:
        assert latest - told < QUARTER
        return
    assert told < until <= latest
    assert until == latest or not is_quiet(until, hours, HELSINKI)
    assert until - told >= min(HELD_AT_LEAST, latest - told)
    assert hours is not None or until - told <= HELD + QUARTER
