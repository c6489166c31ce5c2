"""An added date that ends after midnight."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.actions.add_date import plan_add
from bot.errors import UserError
from tests.handlers.attending import TRIP, WATERING, chat_with_series, presses_of
from tests.support import NOW

HELSINKI = ZoneInfo("Europe/Helsinki")


def planned(chat, start, end, *, series=None, day=(2026, 11, 24)):
    """What follows of hours as they are typed, both of one day."""
    with chat.transaction() as store:
        plan = plan_add(
            store,
            chat.house,
            series=series,
            title={"fi": "Yövuoro"},
            start=datetime(*day, *start, tzinfo=HELSINKI).astimezone(UTC),
            end=datetime(*day, *end, tzinfo=HELSINKI).astimezone(UTC),
            now=NOW,
        )
    (date,) = plan.affected
    return date.after


@pytest.mark.parametrize("series", [None, TRIP.id, WATERING.id])
def test_what_begins_before_midnight_may_end_after_it(series):
    it = planned(chat_with_series(TRIP, WATERING), (23, 0), (1, 0), series=series)

    assert it.start.astimezone(HELSINKI) == datetime(2026, 11, 24, 23, tzinfo=HELSINKI)
    assert it.end.astimezone(HELSINKI) == datetime(2026, 11, 25, 1, tzinfo=HELSINKI)


def test_over_the_night_in_which_clocks_go_forward_it_ends_when_it_says():
    it = planned(chat_with_series(TRIP), (22, 0), (6, 0), day=(2027, 3, 27))

    assert it.end.astimezone(HELSINKI) == datetime(2027, 3, 28, 6, tzinfo=HELSINKI)
    assert it.end - it.start == timedelta(hours=7)


def test_hours_in_the_wrong_order_are_no_night():
    with pytest.raises(UserError) as refused:
        planned(chat_with_series(TRIP), (15, 0), (13, 0))

    assert refused.value.phrase.key == "override.ends_first"


def test_a_turn_over_midnight_is_added_from_the_chat_and_can_be_taken():
    chat = chat_with_series(WATERING)
    chat.make_organizer("olga")
    chat.says("olga", "lisaa")
    presses_of(chat, "olga", "add.series", WATERING.id)
    chat.says("olga", "ti 24.11. klo 23-01")
    chat.presses("olga", "Ei paikkaa")
    chat.presses("olga", "Kyllä, tee näin")
    (listed,) = chat.says("anna", "vuorot")
    (taken,) = chat.presses("anna", "ti 24.11. klo 23")

    assert listed.text.splitlines()[2] == "ti 24.11. klo 23–1: vapaa"
    assert taken.text.startswith("Vuoro on nyt sinun.")
