"""The schedule as an organization writes it: content/schedule.yaml."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import yaml

from bot.clock import zone_names
from bot.content.fields import MisreadError, as_flag, as_list, as_text, as_time
from bot.content.public_holidays import public_holidays
from bot.content.words import as_id
from bot.content.yaml_nodes import compose
from bot.core.occurrences import Occurrence, Words
from bot.core.quiet_hours import QuietHours
from bot.core.recurrence import DAY
from bot.core.series import Series
from bot.messages import Phrase, Value
from schedules.calendars.fields import LATEST, Fields, as_duration, as_words
from schedules.calendars.filling import Filling, Values
from schedules.calendars.plans import Closures, Plan, occurrences_of
from schedules.calendars.reading import Problem, Reading, Unfilled, Window, listed
from schedules.calendars.series_yaml import SERIES, read_series
from schedules.calendars.timing import Span, read_span

TOP = ("timezone", "default_reminders", "quiet_hours", "holidays", "closures", "areas", "series")
WEEKEND_SHIFT = 14 * DAY  # further than any weekend with holidays around it moves a day

_ITEM_ID = re.compile(r"\bid: *[\"']?(\w{1,32})")
_NOTHING = yaml.MappingNode("", [], yaml.Mark("", 0, 0, 0, None, 0))  # what an empty file holds


@dataclass(frozen=True, slots=True)
class Defaults:
    """What schedule.yaml says for all series; None: it says nothing of it."""

    timezone: str | None = None
    leads: tuple[timedelta, ...] | None = None
    quiet_hours: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """schedule.yaml as read; ``source`` is what the file is called, ``areas`` are names by their ids."""

    source: str
    defaults: Defaults
    plans: tuple[Plan, ...]
    holidays: Mapping[date, str]
    closures: Closures
    problems: tuple[Problem, ...]
    unfilled: tuple[Unfilled, ...]
    areas: Mapping[str, Words]
    unread: tuple[str, ...] = ()  # the series that cannot be read, by their ids

    @property
    def series(self) -> tuple[Series, ...]:
        """The series in the order of the file."""
        return tuple(plan.series for plan in self.plans)

    def occurrences(self, window: Window, zone: ZoneInfo) -> tuple[Occurrence, ...]:
        """Give what is listed in the window."""
        until = min(window[1].astimezone(zone).date() + WEEKEND_SHIFT, LATEST)
        return listed(self._all(until, zone), window)

    def _all(self, until: date, zone: ZoneInfo) -> Iterator[Occurrence]:
        for plan in self.plans:
            yield from occurrences_of(
                plan, until=until, zone=zone, holidays=self.holidays, closures=self.closures
            )


def read_yaml(
    text: str, *, source: str, zone: ZoneInfo, window: Window, language: str, fill: Values
) -> Reading:
    """Read a schedule in YAML.

    Args:
        text: the file.
        source: what the file is called in problems.
        zone: whose wall clock the hours are of; it wins over the file's own.
        window: what is listed.
        language: of texts for which the file names none.
        fill: the organization's values behind ``{{name}}``; a field with an empty one is left out.
    """
    schedule = read_schedule(text, source=source, language=language, fill=fill)
    return Reading(schedule.occurrences(window, zone), schedule.problems, schedule.unfilled, schedule.unread)


def read_schedule(text: str, *, source: str, language: str, fill: Values) -> Schedule:
    """Read a schedule in YAML without listing its occurrences; arguments as for `read_yaml`."""
    return _Reader(source, language, fill).read(text)


class _Reader:
    """One reading of one file; what is wrong gathers in it."""

    def __init__(self, source: str, language: str, fill: Values) -> None:
        self._source = source
        self._language = language
        self._fill = fill
        self._problems: list[Problem] = []
        self._unfilled: list[Unfilled] = []
        self._unread: list[str] = []

    def read(self, text: str) -> Schedule:
        """Read the whole file."""
        composed = compose(text.removeprefix("\ufeff"), "series")
        for each in composed.unreadable:
            name = _id_above(text.split("\n")[: each.line])
            self._unread += [name] if name else []
            self._report(name, each.line, each.what, each.mend)
        faults: list[MisreadError] = []
        top = Fields(composed.top or _NOTHING, TOP, faults)
        defaults = Defaults(
            timezone=top.get("timezone", _zone_name, None),
            leads=top.get("default_reminders", as_list(as_duration, faults), None),
            quiet_hours=top.get("quiet_hours", lambda node: _quiet_hours(node, faults), None),
        )
        free_days = top.get("holidays", lambda node: _free_days(node, faults), _finnish())
        spans: tuple[Span | None, ...] = top.get(
            "closures", as_list(lambda node: read_span(node, ("fi", "sv", "en"), faults), faults), ()
        )
        areas: dict[str, Words] = top.get("areas", lambda node: self._areas(node, faults), {})
        top.get("series", _listed, None)
        self._report_all(None, faults)
        plans: dict[str, Plan] = {}
        for number, node in enumerate(composed.items, start=1):
            plan = self._plan(node, number, taken=plans, areas=areas, skips_holidays=free_days.skip)
            if plan is not None:
                plans[plan.series.id] = plan
        return Schedule(
            self._source,
            defaults,
            tuple(plans.values()),
            free_days.days,
            Closures(tuple(span for span in spans if span)),
            tuple(sorted(self._problems, key=lambda problem: problem.line or 0)),
            tuple(self._unfilled),
            areas,
            tuple(self._unread),
        )

    def _plan(
        self,
        node: yaml.Node,
        number: int,
        *,
        taken: Collection[str],
        areas: Collection[str],
        skips_holidays: bool,
    ) -> Plan | None:
        """Read one series; None, and all that is wrong with it is reported."""
        faults: list[MisreadError] = []
        fields = Fields(node, SERIES, faults)
        read_id = fields.need("id", as_id)
        name = read_id or f"series {number}"
        called = read_id or Phrase("problem.series_number", {"nro": number})
        if not isinstance(node, yaml.MappingNode):
            self._report_all(called, faults)
            self._unread.append(name)
            return None
        if name in taken:
            fields.fault("id", Phrase("problem.same_series"), Phrase("problem.mend.own_series_id"))
        filling = self._filling(name)
        plan = read_series(fields, filling, areas=areas, skips_holidays=skips_holidays)
        self._report_all(called, faults)
        if plan is None:
            self._unread.append(name)
        else:
            self._unfilled += filling.unfilled
        return plan

    def _areas(self, node: yaml.Node, faults: list[MisreadError]) -> dict[str, Words]:
        """Read the areas: id -> name; where that waits for its value, the id is all there is to show."""
        areas: dict[str, Words] = {}
        as_area = as_list(lambda item: Fields(item, ("id", "name"), faults), faults)
        for fields in as_area(node):
            area, name = fields.need("id", as_id), fields.need("name", as_words(self._language))
            if area in areas:
                fields.fault("id", Phrase("problem.same_area"), Phrase("problem.mend.own_area_id"))
            elif area and name:
                filling = self._filling("areas")
                areas[area] = filling.of(name, area, fields.line("name")) or {self._language: area}
                self._unfilled += filling.unfilled
        return areas

    def _filling(self, where: str) -> Filling:
        return Filling(self._source, where, self._language, self._fill)

    def _report_all(self, name: Value | None, faults: list[MisreadError]) -> None:
        for fault in faults:
            self._report(name, fault.line, fault.what, fault.mend)

    def _report(self, name: Value | None, line: int | None, what: Phrase, mend: Phrase) -> None:
        if name:
            what = Phrase("problem.of", {"mikä": name, "vika": what})
        self._problems.append(Problem(self._source, what, line, mend))


def _id_above(lines: list[str]) -> str | None:
    """Give the id of the series that these lines end in; None: they end in none."""
    for line in reversed(lines):
        if found := _ITEM_ID.search(line):
            return found[1]
        if line.lstrip().startswith("- "):
            return None
    return None


def _quiet_hours(node: yaml.Node, faults: list[MisreadError]) -> QuietHours | None:
    fields = Fields(node, ("from", "to"), faults)
    start, end = fields.need("from", as_time), fields.need("to", as_time)
    if start is None or end is None:
        return None
    if start == end:
        raise MisreadError(node, Phrase("problem.no_quiet"), Phrase("problem.mend.leave_quiet"))
    return QuietHours(start, end)


@dataclass(frozen=True, slots=True)
class _FreeDays:
    days: Mapping[date, str]
    skip: bool  # by all rules that do not say otherwise


def _finnish() -> _FreeDays:
    return _FreeDays(public_holidays("FI", "public"), skip=False)


def _free_days(node: yaml.Node, faults: list[MisreadError]) -> _FreeDays:
    fields = Fields(node, ("country", "category", "skip"), faults)
    country = fields.get("country", as_text, "FI")
    category = fields.get("category", as_text, "public")
    skip = fields.get("skip", as_flag, default=False)
    try:
        return _FreeDays(public_holidays(country, category), skip=skip)
    except LookupError:
        raise MisreadError(node, Phrase("problem.no_holidays"), Phrase("problem.mend.holidays")) from None


def _listed(node: yaml.Node) -> None:
    if not isinstance(node, yaml.SequenceNode):
        raise MisreadError(node, Phrase("problem.list_wanted"), Phrase("problem.mend.begin_series"))


def _zone_name(node: yaml.Node) -> str:
    name = as_text(node)
    if name not in zone_names():
        raise MisreadError(node, Phrase("problem.no_such_zone"), Phrase("problem.mend.zone_name"))
    return name
