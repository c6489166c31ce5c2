"""A zone as iCalendar defines it (RFC 5545, 3.6.5): when its clocks change in the years that dates are of.

icalendar would make it too, but has clocks go forward an hour late: at 4, where TZOFFSETFROM says that it is 3 (7.3.0).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from icalendar import Timezone

DAY: Final = timedelta(days=1)
WEEK: Final = 7 * DAY
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MINUTE: Final = timedelta(minutes=1)  # no clock changes within one


@dataclass(frozen=True, slots=True)
class Clock:
    """How a zone counts for a while: so far from UTC, by this name, in summer time or not."""

    offset: timedelta
    name: str
    summer: bool


def clock_at(zone: ZoneInfo, instant: datetime) -> Clock:
    """Give how a zone counts at an instant."""
    local = instant.astimezone(zone)
    offset = local.utcoffset()
    assert offset is not None
    return Clock(offset, local.tzname() or zone.key, bool(local.dst()))


def clock_changes(
    zone: ZoneInfo, since: datetime, until: datetime
) -> Iterator[tuple[datetime, Clock, Clock]]:
    """Give the instants in [since, until), UTC, at which a zone counts otherwise, with how it did and how it does."""
    at, before = since, clock_at(zone, since)
    while at < until:
        at, earlier = min(at + DAY, until), at
        after = clock_at(zone, at)
        if after != before:
            yield _first(zone, earlier, at, after), before, after
            before = after


def zone_definition(zone: ZoneInfo, first: int, last: int) -> "Timezone":
    """Define a zone from the beginning of a year to the end of another."""
    from icalendar import Timezone, TimezoneDaylight, TimezoneStandard  # noqa: PLC0415

    defined = Timezone()
    defined.add("tzid", zone.key)
    for before, after, onsets in _observances(zone, first, last):
        observance = TimezoneDaylight() if after.summer else TimezoneStandard()
        observance.add("dtstart", onsets[0])
        # Open-ended: programs keep a zone by its name, longer than the years shown.
        if rule := _yearly(onsets):
            observance.add("rrule", rule)
        elif onsets[1:]:
            observance.add("rdate", list(onsets[1:]))
        observance.add("tzname", after.name)
        observance.add("tzoffsetfrom", before.offset)
        observance.add("tzoffsetto", after.offset)
        defined.add_component(observance)
    return defined


@lru_cache(maxsize=8)
def _observances(
    zone: ZoneInfo, first: int, last: int
) -> tuple[tuple[Clock, Clock, tuple[datetime, ...]], ...]:
    """Give each way of counting, from which one comes to it, and when: by the clock that is left, as the standard wants."""
    since, until = (datetime(year, 1, 1, tzinfo=zone).astimezone(UTC) for year in (first, last + 1))
    begins = clock_at(zone, since)
    found = {(begins, begins): [since]}
    for at, before, after in clock_changes(zone, since, until):
        found.setdefault((before, after), []).append(at)
    return tuple(
        (before, after, tuple((at + before.offset).replace(tzinfo=None) for at in onsets))
        for (before, after), onsets in found.items()
    )


def _yearly(onsets: Sequence[datetime]) -> dict[str, str | int] | None:
    """Give the rule by which clocks change on one Sunday (or so) each year; None: there is none, or one cannot tell."""
    days = {(each.month, each.weekday(), each.time()) for each in onsets}
    years = [each.year for each in onsets]
    if len(days) > 1 or years != list(range(years[0], years[0] + len(years))) or len(years) == 1:
        return None
    weekday = WEEKDAYS[onsets[0].weekday()]
    rule: dict[str, str | int] = {"FREQ": "YEARLY", "BYMONTH": onsets[0].month}
    if all((each + WEEK).month != each.month for each in onsets):
        return {**rule, "BYDAY": f"-1{weekday}"}
    nths = {(each.day - 1) // 7 + 1 for each in onsets}
    return {**rule, "BYDAY": f"{nths.pop()}{weekday}"} if len(nths) == 1 else None


def _first(zone: ZoneInfo, earlier: datetime, later: datetime, after: Clock) -> datetime:
    """Give the first minute at which a zone counts as it does ``later``."""
    while later - earlier > MINUTE:
        middle = earlier + (later - earlier) // MINUTE // 2 * MINUTE
        earlier, later = (earlier, middle) if clock_at(zone, middle) == after else (middle, later)
    return later
