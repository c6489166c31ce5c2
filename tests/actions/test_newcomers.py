from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.actions.newcomers import due_for
from bot.core.occurrences import Occurrence
from tests.handlers.attending import GROUP, SOON, chat_with_series, dates, presses_of
from tests.support import sample_house

HOUSE = sample_house().house
DAY = timedelta(days=1)
MORNING = (SOON - timedelta(hours=3)).replace(minute=0)  # nine o'clock of that day


def at(hour, *, house=HOUSE, all_day=False):
    """When organizers are told of what begins at an hour of a Thursday, as day and hour in Helsinki."""
    start = datetime(2026, 11, 26, hour, tzinfo=HOUSE.zone).astimezone(UTC)
    it = Occurrence(uid="x", recurrence_id=None, start=start, end=start, all_day=all_day)
    due = due_for(it, house).astimezone(HOUSE.zone)
    return due.day, due.hour, due.minute


@pytest.mark.parametrize(
    ("hour", "due"),
    [(13, (26, 9, 0)), (22, (26, 9, 0)), (10, (26, 9, 0)), (9, (25, 19, 50)), (0, (25, 19, 50))],
)
def test_organizers_are_told_on_the_morning_of_the_day_or_the_evening_before(hour, due):
    assert at(hour) == due


def test_where_nothing_is_quiet_the_morning_is_early():
    free = replace(HOUSE, quiet_hours=None)

    assert at(13, house=free) == (26, 7, 0)
    assert at(6, house=free) == (26, 5, 30)


def test_each_organizer_hears_the_number_and_nothing_else():
    chat = chat_with_series(GROUP)
    chat.make_organizer("olli")
    chat.make_organizer("outi")
    (here,) = dates(chat, GROUP, SOON)
    presses_of(chat, "anna", "first.come", here)
    told = chat.ticks(to=MORNING)

    assert sorted((each.who, each.text) for each in told) == [
        ("olli", "Tulossa on 1 uusi.\nTapaaminen\nti 24.11. klo 12–13"),
        ("outi", "Tulossa on 1 uusi.\nTapaaminen\nti 24.11. klo 12–13"),
    ]


def test_where_the_group_may_be_named_it_is():
    chat = chat_with_series(GROUP)
    chat.make_organizer("olli")
    presses_of(chat, "olli", "name", "1")
    (here,) = dates(chat, GROUP, SOON)
    presses_of(chat, "anna", "first.come", here)
    (told,) = chat.ticks(to=MORNING)

    assert told.text.splitlines()[1] == "Kahviryhmä"
