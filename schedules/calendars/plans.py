"""Plans: a series with the rule or the dates it goes by, and the occurrences that follow from it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.alternation import alternate
from bot.core.occurrences import Occurrence
from bot.core.recurrence import DAY, IfWeekend, Rule, instant, midnight, off_the_weekend
from bot.core.series import Series


@dataclass(frozen=True, slots=True)
class Repeated:
    """By a rule on the wall clock."""

    rule: Rule
    at: time
    length: timedelta
    if_weekend: IfWeekend = "keep"


@dataclass(frozen=True, slots=True)
class Dated:
    """On days that were named one by one, in order."""

    days: tuple[date, ...]
    at: time
    length: timedelta


@dataclass(frozen=True, slots=True)
class AllDay:
    """Once, from the first day to the last, both included."""

    first: date
    last: date


Timing = Repeated | Dated | AllDay


@dataclass(frozen=True, slots=True)
class Plan:
    """A series and when it is held; None: the calendar that it comes from says so (``series.origin``)."""

    series: Series
    timing: Timing | None
    skips_holidays: bool = False


@dataclass(frozen=True, slots=True)
class Closures:
    """When the house is closed: spans of days, both ends included."""

    spans: tuple[tuple[date, date], ...] = ()

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and any(first <= day <= last for first, last in self.spans)


def occurrences_of(
    plan: Plan, *, until: date, zone: ZoneInfo, holidays: Mapping[date, str], closures: Closures
) -> Iterator[Occurrence]:
    """Give the occurrences of a plan in order, from its first day to ``until``.

    A rule knows nothing of closures, so it skips them; a day that was named is meant.
    """
    timing, series = plan.timing, plan.series
    if timing is None:
        return
    if isinstance(timing, AllDay):
        yield _occurrence(series, timing, timing.first, zone)
        return
    if isinstance(timing, Dated):
        days = [day for day in timing.days if day <= until]
        held = [day for day in days if not (plan.skips_holidays and day in holidays)]
    else:
        days = [off_the_weekend(day, timing.if_weekend, closed=holidays) for day in timing.rule.days(until)]
        held = [day for day in days if day not in closures and not (plan.skips_holidays and day in holidays)]
    for day, turn in alternate(held, series.turns, by=series.turns_by, first=days[0] if days else until):
        yield _occurrence(series, timing, day, zone, turn)


def _occurrence(
    series: Series, timing: Timing, day: date, zone: ZoneInfo, turn: str | None = None
) -> Occurrence:
    if isinstance(timing, AllDay):
        recurrence_id = None
        start, end = midnight(timing.first, zone), midnight(timing.last + DAY, zone)
    else:
        start = instant(day, timing.at, zone)
        recurrence_id = start.astimezone(zone).isoformat()
        end = start + timing.length
    return Occurrence(
        uid=series.id,
        recurrence_id=recurrence_id,
        start=start,
        end=end,
        all_day=isinstance(timing, AllDay),
        series=series.id,
        variant=turn,
        title=series.name,
        place=series.place,
        visibility=series.visibility,
        kind=series.kind,
        signup=series.signup,
        leads=series.leads,
        area=series.area,
    )
