from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.occurrences import Occurrence

NOON = datetime(2027, 1, 14, 12, tzinfo=UTC)


@pytest.mark.parametrize("zone", [None, ZoneInfo("Europe/Helsinki"), ZoneInfo("UTC")])
def test_an_instant_that_is_not_in_utc_is_refused(zone):
    with pytest.raises(ValueError, match="in UTC"):
        Occurrence(uid="a", recurrence_id=None, start=NOON.replace(tzinfo=zone), end=NOON)


def test_an_end_before_the_start_is_refused():
    with pytest.raises(ValueError, match="no earlier"):
        Occurrence(uid="a", recurrence_id=None, start=NOON, end=NOON - timedelta(minutes=1))


def test_an_occurrence_may_be_a_moment():
    assert Occurrence(uid="a", recurrence_id=None, start=NOON, end=NOON).end == NOON
