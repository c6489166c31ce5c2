from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.alternation import alternate, shifted
from bot.core.left_out import ASKED_AHEAD, LeftOut, left_out
from bot.core.occurrences import Occurrence
from bot.core.overrides import Overrides
from bot.core.schedule_diff import Stored, difference

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
FIRST = NOW + DAY
TURNS = ("talk", "act")
SOURCE, NONE = "a.ics", Overrides((), {})


def meetings(*weeks, turns=TURNS, by="meeting", without=(), **values):
    """A weekly series, of which some weeks are held."""
    days = {(FIRST + week * WEEK).date(): FIRST + week * WEEK for week in weeks if week not in without}
    return [
        Occurrence(
            uid="ryhma",
            recurrence_id=day.isoformat(),
            start=days[day],
            end=days[day],
            series="ryhma",
            variant=turn,
            **values,
        )
        for day, turn in alternate(days, turns, by=by, first=FIRST.date())
    ]


def later(it, by):
    return replace(it, start=it.start + by, end=it.end + by, recurrence_id="later")


def stored(*dates):
    return [Stored(number, it, it) for number, it in enumerate(dates, start=1)]


def found(rows, read, *, turns=TURNS, now=NOW):
    changes = difference(SOURCE, rows, read, NONE, now=now)
    return left_out(rows, changes, {"ryhma": turns}, now=now)


SIX = range(6)


def test_by_meeting_the_later_turns_have_moved_and_are_offered_back():
    rows = stored(*meetings(*SIX))
    (gap,) = found(rows, meetings(*SIX, without=[2]))

    assert gap == LeftOut("ryhma", (rows[2],), moved=True)
    assert (gap.by, gap.since) == (1, rows[2].said.start + timedelta(milliseconds=1))


def test_by_week_nothing_has_moved_and_waiting_is_offered():
    rows = stored(*meetings(*SIX, by="week"))
    (gap,) = found(rows, meetings(*SIX, by="week", without=[2]))

    assert (gap.rows, gap.moved, gap.by) == ((rows[2],), False, -1)


def test_a_date_that_is_listed_as_cancelled_is_left_out_too():
    rows = stored(*meetings(*SIX, by="week"))
    read = [replace(row.said, status="cancelled") if row.id == 3 else row.said for row in rows]

    assert [gap.rows for gap in found(rows, read)] == [(rows[2],)]


def test_dates_apart_are_asked_of_one_by_one_and_dates_in_a_row_together():
    three = ("a", "b", "c")
    rows = stored(*meetings(*range(9), turns=three))
    gaps = found(rows, meetings(*range(9), turns=three, without=[1, 2, 5]), turns=three)

    assert [(gap.rows, gap.by) for gap in gaps] == [((rows[1], rows[2]), 2), ((rows[5],), 1)]


def test_of_more_than_three_dates_there_is_one_question():
    rows = stored(*meetings(*range(12)))
    (gap,) = found(rows, meetings(*range(12), without=[1, 3, 5, 6, 8]))

    assert (gap.rows, gap.by) == ((rows[1], rows[3], rows[5], rows[6], rows[8]), 5)


def test_the_end_of_a_series_and_what_is_far_belong_to_no_break():
    rows = stored(*meetings(*range(20)))
    (ended,) = found(rows, meetings(*range(16), without=[2]))
    (soon,) = found(rows, meetings(*range(20), without=[2, 12, 13, 14]))

    assert (ended.rows, soon.rows) == ((rows[2],), (rows[2],))


def test_nobody_is_asked_where_it_makes_no_difference():
    rows = stored(*meetings(*SIX))
    moved = later(rows[2].said, DAY)
    past = stored(*meetings(*SIX))

    assert found(rows, meetings(*SIX)) == []
    assert found(rows, meetings(*SIX, without=[2, 3])) == []  # as many as there are turns
    assert found(rows, meetings(*SIX, without=[4, 5])) == found(rows, meetings(*SIX, without=[5])) == []
    assert found(rows, [moved, *meetings(*SIX, without=[2])]) == []
    assert found(past, meetings(*SIX, without=[0]), now=NOW + 2 * DAY) == []
    assert left_out(rows, difference(SOURCE, rows, [], NONE, now=NOW), {}, now=NOW) == []


def test_nobody_is_asked_where_another_date_stands_in():
    rows = stored(*meetings(*SIX))
    extra = later(rows[2].said, 4 * DAY)

    assert found(rows, [*(row.said for row in rows if row.id != 3), extra]) == []


def test_nobody_is_asked_where_the_later_turns_are_others_for_another_reason():
    three = ("a", "b", "c")
    rows = stored(*meetings(*SIX, turns=three))
    corrected = [
        it if it.start < FIRST + 2 * WEEK else replace(it, variant=shifted(it.variant, three, 1))
        for it in meetings(*SIX, turns=three, by="week", without=[2])
    ]

    assert found(rows, corrected, turns=three) == []


def test_nobody_is_asked_of_what_is_sixty_days_ahead():
    soon, late = (week for week in range(20) if abs(FIRST + week * WEEK - NOW - ASKED_AHEAD) <= WEEK)
    rows = stored(*meetings(*range(20)))

    assert len(found(rows, meetings(*range(20), without=[soon]))) == 1
    assert found(rows, meetings(*range(20), without=[late])) == []


def test_what_was_left_out_before_is_no_news():
    rows = stored(*meetings(*SIX))
    gone = replace(
        rows[2], it=replace(rows[2].it, status="cancelled"), said=replace(rows[2].said, status="cancelled")
    )
    after = stored(*meetings(*SIX, without=[2]))
    table = [gone if row.id == 3 else row for row in rows[:2]] + [
        gone,
        *(replace(row, id=row.id + 9) for row in after[2:]),
    ]

    assert found(table, meetings(*SIX, without=[2])) == []


def test_what_an_organizer_had_cancelled_is_their_own():
    rows = stored(*meetings(*SIX))
    rows[2] = replace(rows[2], it=replace(rows[2].it, status="cancelled"), override=7)

    assert [gap.own for gap in found(rows, meetings(*SIX, without=[2]))] == [True]
    assert found(rows, meetings(*SIX, without=[2, 3, 4])) == []


def test_their_own_is_known_however_far_it_is():
    rows = stored(*meetings(*range(20)))
    rows[15] = replace(rows[15], it=replace(rows[15].it, status="cancelled"), override=7)

    assert [gap.own for gap in found(rows, meetings(*range(20), without=[15]))] == [True]


@given(
    st.sampled_from([("a", "b"), ("a", "b", "c")]),
    st.sampled_from(["meeting", "week"]),
    st.sets(st.integers(0, 8), max_size=3),
)
def test_what_is_offered_is_the_other_of_the_two_ways(turns, by, without):
    """By meeting the offers together give every later date the turn that it had; by week, the one it has if turns wait."""
    everything = range(10)
    before = meetings(*everything, turns=turns, by=by)
    after = meetings(*everything, turns=turns, by=by, without=without)
    gaps = found(stored(*before), after, turns=turns)
    shift = lambda it: sum(gap.by for gap in gaps if it.start >= gap.since)  # noqa: E731
    offered = [shifted(it.variant, turns, shift(it)) for it in after]
    waiting = meetings(*everything, turns=turns, without=without)
    by_start = {it.start: it.variant for it in before}

    if by == "meeting":
        assert offered == [by_start[it.start] for it in after]
    else:
        assert offered == [it.variant for it in waiting]
    assert all(gap.moved == (by == "meeting") for gap in gaps)
