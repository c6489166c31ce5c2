"""Plans: a series with the rule or the dates it goes by, and the occurrences that follow from it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.alternation import AlternateBy, alternate
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


@dataclass(frozen=True, slots=True)
class Plan:
    """A series, when it is held, and whose turn it is."""

    series: Series
    timing: Repeated | Dated | AllDay
    turns: tuple[str, ...] = ()
    turns_by: AlternateBy = "meeting"
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
    timing = plan.timing
    if isinstance(timing, AllDay):
        yield _occurrence(plan, timing, timing.first, zone)
        return
    if isinstance(timing, Dated):
        days = [day for day in timing.days if day <= until]
        held = [day for day in days if not (plan.skips_holidays and day in holidays)]
    else:
        days = [off_the_weekend(day, timing.if_weekend, closed=holidays) for day in timing.rule.days(until)]
        held = [day for day in days if day not in closures and not (plan.skips_holidays and day in holidays)]
    for day, turn in alternate(held, plan.turns, by=plan.turns_by, first=days[0] if days else until):
        yield _occurrence(plan, timing, day, zone, turn)


def _occurrence(
    plan: Plan, timing: Repeated | Dated | AllDay, day: date, zone: ZoneInfo, turn: str | None = None
) -> Occurrence:
    if isinstance(timing, AllDay):
        recurrence_id = None
        start, end = midnight(timing.first, zone), midnight(timing.last + DAY, zone)
    else:
        start = instant(day, timing.at, zone)
        recurrence_id = start.astimezone(zone).isoformat()
        end = start + timing.length
    return Occurrence(
        uid=plan.series.id,
        recurrence_id=recurrence_id,
        start=start,
        end=end,
        all_day=isinstance(timing, AllDay),
        series=plan.series.id,
        variant=turn,
        title=plan.series.name,
        place=plan.series.place,
        visibility=plan.series.visibility,
        kind=plan.series.kind,
        signup=plan.series.signup,
        leads=plan.series.leads,
    )
