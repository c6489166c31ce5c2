import json
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core.alternation import Meeting, alternate, go_on, shifted
from bot.core.recurrence import WEEK

ORACLE = json.loads((Path(__file__).parents[1] / "data" / "expected_ryhma.json").read_text(encoding="utf-8"))
FIRST = date(2026, 11, 26)
TURNS = ("keskustelu", "toiminta")

skips = st.sets(st.integers(0, 12))


def weeks_without(skipped):
    return [FIRST + n * WEEK for n in range(13) if n not in skipped]


@pytest.mark.parametrize("by", ["meeting", "week"])
def test_the_weekly_group_takes_its_turns_as_the_oracle_says(by):
    expected = ORACLE[f"by_{by}"]
    held = [date.fromisoformat(day) for day, _ in expected]

    assert [[day.isoformat(), turn] for day, turn in alternate(held, TURNS, by=by, first=FIRST)] == expected


@given(skips)
def test_by_meeting_no_skipped_week_makes_two_of_a_kind_follow(skipped):
    turns = [turn for _, turn in alternate(weeks_without(skipped), TURNS, by="meeting", first=FIRST)]

    assert turns == [TURNS[number % 2] for number in range(len(turns))]


@given(skips)
def test_by_week_a_skipped_week_changes_no_other(skipped):
    whole = dict(alternate(weeks_without(()), TURNS, by="week", first=FIRST))

    held = dict(alternate(weeks_without(skipped), TURNS, by="week", first=FIRST))

    assert held == {day: turn for day, turn in whole.items() if day in held}


@given(skips, st.integers(-3, 3))
def test_by_week_a_meeting_on_another_day_of_the_week_keeps_its_turn(skipped, shift):
    held = weeks_without(skipped)
    moved = [day + timedelta(days=shift) for day in held]

    turns = [[turn for _, turn in alternate(days, TURNS, by="week", first=FIRST)] for days in (held, moved)]

    assert turns[0] == turns[1]


def test_three_may_take_turns():
    turns = [turn for _, turn in alternate(weeks_without(()), ("a", "b", "c"), by="week", first=FIRST)]

    assert turns[:4] == ["a", "b", "c", "a"]


def test_a_series_without_variants_has_none():
    assert list(alternate([FIRST], (), by="meeting", first=FIRST)) == [(FIRST, None)]


# ---- where the first meeting of all is not known -----------------------------------------------------------------


ways = st.sampled_from(["meeting", "week"])


@given(skips, ways, st.integers(0, 12), st.integers(0, 12), st.sampled_from([None, FIRST]))
def test_however_far_the_window_has_moved_the_turns_go_on_from_what_was_told(
    skipped, by, begins, now, anchor
):
    whole = [
        (day, turn)
        for day, turn in alternate(weeks_without(skipped), TURNS, by=by, first=FIRST)
        if day >= FIRST + begins * WEEK
    ]
    assume(whole and whole[0][0] <= FIRST + now * WEEK)
    window = [Meeting(day, told=turn if day <= FIRST + now * WEEK else None) for day, turn in whole]

    turns = go_on(window, TURNS, by=by, anchor=anchor)

    assert turns == [turn for _, turn in whole]


@given(skips, ways, st.integers(0, 12))
def test_from_the_anchor_on_the_turns_are_those_of_a_series_that_begins_there(skipped, by, weeks):
    anchor = FIRST + weeks * WEEK
    held = weeks_without(skipped)
    after = [day for day in held if day >= anchor]

    turns = go_on([Meeting(day, held=day in held) for day in weeks_without(())], TURNS, by=by, anchor=anchor)

    found = dict(zip(weeks_without(()), turns, strict=True))
    assert [(day, found[day]) for day in after] == list(alternate(after, TURNS, by=by, first=anchor))


@given(skips, ways)
def test_a_cancelled_meeting_has_its_turn_by_week_only(skipped, by):
    held = weeks_without(skipped)

    turns = go_on([Meeting(day, held=day in held) for day in weeks_without(())], TURNS, by=by, anchor=FIRST)

    without = [turn for day, turn in zip(weeks_without(()), turns, strict=True) if day not in held]
    assert (None in without) == (by == "meeting" and len(held) < 13)


@given(skips, st.integers(0, 12))
def test_before_an_anchor_that_lies_ahead_no_two_of_a_kind_follow(skipped, weeks):
    turns = go_on(
        list(map(Meeting, weeks_without(skipped))), TURNS, by="meeting", anchor=FIRST + weeks * WEEK
    )

    assert all(one != other for one, other in pairwise(turns))


@pytest.mark.parametrize(
    ("weeks", "turn"), [(-1, "toiminta"), (-2, "keskustelu"), (20, "keskustelu"), (21, "toiminta")]
)
def test_weeks_are_counted_to_an_anchor_outside_the_window(weeks, turn):
    turns = go_on([Meeting(FIRST)], TURNS, by="meeting", anchor=FIRST + weeks * WEEK)

    assert turns == [turn]


@pytest.mark.parametrize("by", ["meeting", "week"])
def test_without_an_anchor_and_without_a_past_the_first_meeting_begins(by):
    assert go_on([Meeting(FIRST), Meeting(FIRST + WEEK)], TURNS, by=by, anchor=None) == list(TURNS)


def test_an_anchor_corrects_what_was_told_on_its_day_and_since():
    told = ["keskustelu", "toiminta", "keskustelu", "toiminta", None, None]
    meetings = [Meeting(FIRST + n * WEEK, told=turn) for n, turn in enumerate(told)]

    turns = go_on(meetings, TURNS, by="meeting", anchor=FIRST + WEEK)

    assert turns == ["keskustelu", "keskustelu", "toiminta", "keskustelu", "toiminta", "keskustelu"]


def test_an_anchor_corrects_the_very_first_day_that_is_known_too():
    meetings = [Meeting(FIRST, told="toiminta"), Meeting(FIRST + WEEK)]

    assert go_on(meetings, TURNS, by="meeting", anchor=FIRST) == list(TURNS)


def test_three_take_turns_before_an_anchor_too():
    meetings = [Meeting(FIRST + n * WEEK) for n in range(5)]

    turns = go_on(meetings, ("a", "b", "c"), by="meeting", anchor=FIRST + 4 * WEEK)

    assert turns == ["c", "a", "b", "c", "a"]


def test_by_week_without_an_anchor_the_last_that_was_told_counts():
    told = ["keskustelu", "keskustelu", None]
    meetings = [Meeting(FIRST + n * WEEK, told=turn) for n, turn in enumerate(told)]

    assert go_on(meetings, TURNS, by="week", anchor=None)[-1] == "toiminta"


def test_an_anchor_that_was_told_so_changes_nothing_that_came_later():
    told = ["keskustelu", "toiminta", "toiminta", None]  # the calendar itself named the third
    meetings = [Meeting(FIRST + n * WEEK, told=turn) for n, turn in enumerate(told)]

    turns = go_on(meetings, TURNS, by="meeting", anchor=FIRST)

    assert turns == ["keskustelu", "toiminta", "toiminta", "keskustelu"]


@pytest.mark.parametrize(
    ("by", "turns"),
    [
        ("meeting", ["keskustelu", "keskustelu", "toiminta", "keskustelu"]),
        ("week", ["keskustelu", "keskustelu", "keskustelu", "toiminta"]),
    ],
)
def test_what_the_calendar_names_wins_on_its_day_and_by_meeting_for_those_that_follow(by, turns):
    named = [None, "keskustelu", None, None]
    meetings = [Meeting(FIRST + n * WEEK, named=turn) for n, turn in enumerate(named)]

    assert go_on(meetings, TURNS, by=by, anchor=FIRST) == turns


@pytest.mark.parametrize("by", ["meeting", "week"])
def test_a_variant_that_no_longer_takes_turns_is_as_good_as_none(by):
    meetings = [Meeting(FIRST, told="retki"), Meeting(FIRST + WEEK, named="retki")]

    assert go_on(meetings, TURNS, by=by, anchor=None) == list(TURNS)


@pytest.mark.parametrize("by", ["meeting", "week"])
def test_where_nothing_is_held_nobody_has_a_turn(by):
    assert go_on([], TURNS, by=by, anchor=FIRST) == []


# ---- when turns are shifted ---------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from([*TURNS, None, "retki"])), st.integers(-5, 5))
def test_a_shift_and_its_opposite_leave_everything_as_it_was(variants, by):
    there = [shifted(each, TURNS, by) for each in variants]

    assert [shifted(each, TURNS, -by) for each in there] == variants
    assert all(was in TURNS or now == was for was, now in zip(variants, there, strict=True))


@pytest.mark.parametrize(("by", "turn"), [(-1, "c"), (0, "a"), (1, "b"), (2, "c"), (3, "a"), (-4, "c")])
def test_a_turn_is_shifted_round_and_round(by, turn):
    assert shifted("a", ("a", "b", "c"), by) == turn
