"""Rules on the wall clock: which days, and which instant a day's hour is."""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
SATURDAY = 5  # as date.weekday() counts

_DURATION = re.compile(
    r"P(?:(\d{1,3})W)?(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?"
)

IfWeekend = Literal["keep", "previous_workday", "next_workday"]


def duration(text: str) -> timedelta:
    """Read a duration as RFC 5545 writes it: ``P1D``, ``PT2H``, ``PT1H30M``, ``P2W``.

    Raises:
        ValueError: it is none, or it is nothing at all (``PT0S``).
    """
    found = _DURATION.fullmatch(text)
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0,) * 5
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not length:
        message = "not a duration such as P1D or PT2H"
        raise ValueError(message)
    return length


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Give the instant, in UTC, of an hour on the wall clock.

    An hour that summer time skips is read with the offset before it, one that comes twice is its first
    (RFC 5545, 3.3.5).
    """
    return datetime.combine(day, at, zone).astimezone(UTC)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Give the instant, in UTC, at which a day begins."""
    return instant(day, time(), zone)


@dataclass(frozen=True, slots=True)
class Weekly:
    """Each week on one weekday (Monday is 0), from ``first`` to ``last``, both included."""

    weekday: int
    first: date
    last: date | None = None

    def days(self, until: date) -> Iterator[date]:
        """Give the days in order, up to and including ``until``."""
        day = self.first + (self.weekday - self.first.weekday()) % 7 * DAY
        end = _earlier(until, self.last)
        while day <= end:
            yield day
            day += WEEK


@dataclass(frozen=True, slots=True)
class Monthly:
    """Each month on its ``nth`` weekday: 1 to 5 (months without a fifth are skipped), -1 is the last."""

    weekday: int
    nth: int
    first: date
    last: date | None = None

    def days(self, until: date) -> Iterator[date]:
        """Give the days in order, up to and including ``until``."""
        end = _earlier(until, self.last)
        month = self.first.replace(day=1)
        while month <= end:
            following = (month + 31 * DAY).replace(day=1)
            if self.nth > 0:
                day = month + (self.weekday - month.weekday()) % 7 * DAY + (self.nth - 1) * WEEK
            else:
                last_day = following - DAY
                day = last_day - (last_day.weekday() - self.weekday) % 7 * DAY + (self.nth + 1) * WEEK
            if self.first <= day <= end and month <= day < following:
                yield day
            month = following


@dataclass(frozen=True, slots=True)
class Yearly:
    """Each year on one day; 29 February in leap years only."""

    month: int
    day: int
    first: date
    last: date | None = None

    def days(self, until: date) -> Iterator[date]:
        """Give the days in order, up to and including ``until``."""
        end = _earlier(until, self.last)
        for year in range(self.first.year, end.year + 1):
            try:
                day = date(year, self.month, self.day)
            except ValueError:
                continue
            if self.first <= day <= end:
                yield day


Rule = Weekly | Monthly | Yearly


def off_the_weekend(day: date, rule: IfWeekend, *, closed: Container[date]) -> date:
    """Move a day that falls on a weekend to a working day, past what is closed; leave any other."""
    if rule == "keep" or day.weekday() < SATURDAY:
        return day
    step = -DAY if rule == "previous_workday" else DAY
    while day.weekday() >= SATURDAY or day in closed:
        day += step
    return day


def _earlier(until: date, last: date | None) -> date:
    return until if last is None else min(until, last)
