"""The only place that reads the clock; everything else takes the time as an argument."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """Give the present instant in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Give seconds that never jump, for pacing."""
    return time.monotonic()
