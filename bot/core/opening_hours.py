"""When a person answers."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.recurrence import DAY, instant

FARTHEST: Final = (
    35  # days ahead that are looked through: hours of one day a week outlast a month of holidays
)


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """From when to when, on which weekdays (0 is Monday), by the clock on the wall; ``closes`` is exclusive.

    ``on_holidays``: also on days on which others do not work.
    """

    days: frozenset[int]
    opens: time
    closes: time
    on_holidays: bool = False

    def hold_on(self, day: date, holidays: Container[date]) -> bool:
        """Tell whether somebody answers on a day at all."""
        return day.weekday() in self.days and (self.on_holidays or day not in holidays)


def is_open(hours: Iterable[OpeningHours], local: datetime, *, holidays: Container[date]) -> bool:
    """Tell whether somebody answers at a moment.

    Args:
        hours: of the week.
        local: the moment by the clock of the group's zone.
        holidays: days on which nobody answers unless the hours say so.
    """
    return any(
        each.opens <= local.time() < each.closes for each in hours if each.hold_on(local.date(), holidays)
    )


def is_off_for_a_holiday(hours: Iterable[OpeningHours], day: date, *, holidays: Container[date]) -> bool:
    """Tell whether nobody answers on a day because it is a holiday; on another such day somebody would."""
    todays = [each for each in hours if day.weekday() in each.days]
    return bool(todays) and not any(each.hold_on(day, holidays) for each in todays)


def next_opening(
    hours: Iterable[OpeningHours], now: datetime, zone: ZoneInfo, *, holidays: Container[date]
) -> datetime | None:
    """Give the next instant, later than ``now``, from which somebody will answer (UTC); None: no hours are known."""
    week = tuple(hours)
    today = now.astimezone(zone).date()
    days = (today + ahead * DAY for ahead in range(FARTHEST + 1))
    openings = (
        opening
        for day in days
        for opening in sorted(instant(day, each.opens, zone) for each in week if each.hold_on(day, holidays))
        if opening > now
    )
    return next(openings, None)
