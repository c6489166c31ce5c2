import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.alternation import alternate
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
