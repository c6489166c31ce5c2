from datetime import UTC, datetime, timedelta

import pytest

from bot.actions.under_reminder import under_reminder
from bot.core.occurrences import Occurrence
from bot.messages import button
from bot.store.calendar import Kept
from tests.support import sample_house

HOUSE = sample_house().house
START = datetime(2026, 11, 26, 11, tzinfo=UTC)  # a Thursday, one o'clock in Helsinki
HOUR = timedelta(hours=1)


def kept(series="ryhma"):
    return Kept(7, Occurrence(uid="x", recurrence_id=None, start=START, end=START + HOUR, series=series))


def test_there_are_the_event_the_kind_way_out_and_the_ways_out_for_good():
    assert under_reminder(kept(), HOUSE, now=START - 2 * HOUR) == (
        button("button.show", "show", "7"),
        button("not_today.today", "not.today", "7"),
        button("button.stop", "stop", "ryhma"),
        button("button.pause", "pause"),
    )


@pytest.mark.parametrize(
    ("having", "label", "action"),
    [("place", "places.give_back", "sign.off"), ("turn", "turns.give_up", "turns.drop")],
)
def test_what_one_has_there_is_given_back_in_one_tap(having, label, action):
    buttons = under_reminder(kept(), HOUSE, now=START - 2 * HOUR, having=having)

    assert buttons[1] == button(label, action, "7")
    assert len(buttons) == 5


@pytest.mark.parametrize(
    ("before", "label"),
    [(2, "not_today.today"), (13, "not_today.today"), (14, "not_today.tomorrow"), (48, "not_today.then")],
)
def test_the_day_is_said_as_in_the_reminder(before, label):
    assert under_reminder(kept(), HOUSE, now=START - before * HOUR)[1].label.key == label


def test_what_belongs_to_no_series_ends_with_all_of_them():
    assert under_reminder(kept(series=None), HOUSE, now=START)[2] == button("button.stop", "stop")
