"""The hours in which nothing is pushed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from bot.core.recurrence import DAY

LEFT_AT_LEAST = timedelta(minutes=30)  # a reminder that waits must leave this much time to come
AHEAD = timedelta(minutes=10)  # what goes before quiet hours is out on every phone when they begin

_HOURS = re.compile(r"(\d{1,2})[:.](\d{2})\s*[-–]\s*(\d{1,2})[:.](\d{2})")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``start`` until before ``end`` on the wall clock, over midnight where the end is the earlier.

    Raises:
        ValueError: both are the same, which could mean never or always.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start == self.end:
            message = "quiet hours begin and end at different times"
            raise ValueError(message)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read ``20:00-09:00``; empty is None: nothing is ever quiet.

        Raises:
            ValueError: it is neither.
        """
        if not text.strip():
            return None
        found = _HOURS.fullmatch(text.strip())
        if found is None:
            message = "quiet hours are written as 20:00-09:00"
            raise ValueError(message)
        hours = [int(part) for part in found.groups()]
        return cls(time(hours[0], hours[1]), time(hours[2], hours[3]))


def is_quiet(instant: datetime, hours: QuietHours | None, zone: ZoneInfo) -> bool:
    """Say whether nothing may be pushed at this instant (UTC); never, where there are no quiet hours."""
    return _night(instant, hours, zone) is not None


def next_allowed(now: datetime, hours: QuietHours | None, zone: ZoneInfo) -> datetime:
    """Give the first instant, now or later, at which something may be pushed (UTC)."""
    while night := _night(now, hours, zone):
        now = night[1]
    return now


def adjusted(due: datetime, *, start: datetime, hours: QuietHours | None, zone: ZoneInfo) -> datetime:
    """Move a reminder out of quiet hours: to their end if half an hour then remains, else before them.

    Args:
        due: when it would go, UTC.
        start: when that begins of which it reminds, UTC.
        hours: None leaves it where it is.
        zone: whose wall clock the quiet hours go by.
    """
    night = _night(due, hours, zone)
    if night is None:
        return due
    morning = next_allowed(due, hours, zone)
    if start - morning >= LEFT_AT_LEAST:
        return morning
    evening = night[0] - AHEAD
    # Where people leave less than that between two nights, the end of the night before is as early as may be.
    return next_allowed(evening, hours, zone)


def _night(instant: datetime, hours: QuietHours | None, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """Give the quiet hours, [beginning, end) in UTC, that this instant lies in."""
    if hours is None:
        return None
    return next((night for night in _nights(instant, hours, zone) if night[0] <= instant < night[1]), None)


def _nights(instant: datetime, hours: QuietHours, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Give the quiet hours that begin on the day before and on the day of an instant.

    Where the clock is turned, an hour may come twice or never: of its two readings the longer night holds.
    """
    for back in (1, 0):
        evening = instant.astimezone(zone).date() - back * DAY
        morning = evening if hours.start < hours.end else evening + DAY
        begins = min(
            datetime.combine(evening, hours.start.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1)
        )
        ends = max(
            datetime.combine(morning, hours.end.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1)
        )
        yield begins, ends
