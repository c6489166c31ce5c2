"""The only place that reads the clock, and knows its zones; everything else takes the time as an argument."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from zoneinfo import available_timezones

Clock = Callable[[], datetime]


def now() -> datetime:
    """Give the present instant in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Give seconds that never jump, for pacing."""
    return time.monotonic()


@cache
def zone_names() -> frozenset[str]:
    """Give the names of all time zones; it takes 7 ms, as every file of theirs is looked at."""
    return frozenset(available_timezones())
