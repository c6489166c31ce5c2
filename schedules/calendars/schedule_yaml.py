"""The schedule as an organization writes it: content/schedule.yaml."""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

import yaml

from bot.content.fields import (
    MisreadError,
    as_choice,
    as_flag,
    as_list,
    as_named,
    as_number,
    as_text,
    as_time,
    line_of,
)
from bot.content.public_holidays import public_holidays
from bot.content.words import as_id
from bot.content.yaml_nodes import compose
from bot.core.alternation import AlternateBy
from bot.core.occurrences import Occurrence, Visibility, Words
from bot.core.plain_text import single_line
from bot.core.quiet_hours import QuietHours
from bot.core.recurrence import DAY, IfWeekend, Monthly, Rule, Weekly, Yearly
from bot.core.series import Series
from schedules.calendars.fields import EARLIEST, LATEST, Fields, as_date, as_duration, as_words
from schedules.calendars.plans import AllDay, Closures, Dated, Plan, Repeated, occurrences_of
from schedules.calendars.reading import Problem, Reading, Unfilled, Window, listed

Kind = Literal["event", "broadcast"]
Span = tuple[date, date]  # both included

TOP = ("timezone", "default_reminders", "quiet_hours", "holidays", "closures", "series")
SERIES = (
    "id",
    "source",  # where the rhythm comes from: for the reader of the file
    "name",
    "neutral_name",
    "rule",
    "dates",
    "time",
    "duration",
    "all_day",
    "alternate",
    "alternate_by",
    "variants",
    "skip_holidays",
    "place",
    "places_limit",
    "visibility",
    "kind",
    "signup",
    "reminders",
    "example",
)
RULES = {"weekly": ("weekday",), "monthly": ("weekday", "nth"), "yearly": ("month", "day", "if_weekend")}
RULE_ENDS = ("start", "until", "time", "duration")
RULE = ("freq", "weekday", "nth", "month", "day", "if_weekend", *RULE_ENDS)
NTHS = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "-1": -1}
LEAP_YEAR = 2000
WEEKDAYS = {"mo": 0, "tu": 1, "we": 2, "th": 3, "fr": 4, "sa": 5, "su": 6}
VISIBILITIES: Mapping[str, Visibility] = {"public": "public", "members": "members", "staff": "staff"}
KINDS: Mapping[str, Kind] = {"event": "event", "broadcast": "broadcast"}
TURNS: Mapping[str, AlternateBy] = {"meeting": "meeting", "week": "week"}
IF_WEEKEND: Mapping[str, IfWeekend] = {
    "keep": "keep",
    "previous_workday": "previous_workday",
    "next_workday": "next_workday",
}
SIGNUP = {"none": False, "required": True}

# What is sent has no length of its own; in a calendar it is shown as half an hour (schedule.ics does the same).
BROADCAST_LENGTH = timedelta(minutes=30)
WEEKEND_SHIFT = 14 * DAY  # further than any weekend with holidays around it moves a day

_ITEM_ID = re.compile(r"\bid: *[\"']?(\w{1,32})")
_NOTHING = yaml.MappingNode("", [], yaml.Mark("", 0, 0, 0, None, 0))  # what an empty file holds
_PLACEHOLDER = re.compile(r"\{\{ *(\w+) *\}\}")


Values = Mapping[str, str | Words]
"""What the organization has filled in: placeholder -> text, or language -> text."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What schedule.yaml says for all series; None: it says nothing of it."""

    timezone: str | None = None
    leads: tuple[timedelta, ...] | None = None
    quiet_hours: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """schedule.yaml as read."""

    defaults: Defaults
    plans: tuple[Plan, ...]
    holidays: Mapping[date, str]
    closures: Closures
    problems: tuple[Problem, ...]
    unfilled: tuple[Unfilled, ...]

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
    return Reading(schedule.occurrences(window, zone), schedule.problems, schedule.unfilled)


def read_schedule(text: str, *, source: str, language: str, fill: Values) -> Schedule:
    """Read a schedule in YAML without listing its occurrences; arguments as for `read_yaml`."""
    return _Reader(source, language, fill).read(text)


class _Reader:
    """One reading of one file; what is wrong gathers in it."""

    def __init__(self, source: str, language: str, fill: Values) -> None:
        self._source = source
        self._language = language
        self._words = as_words(language)
        self._fill = fill
        self._problems: list[Problem] = []
        self._unfilled: list[Unfilled] = []

    def read(self, text: str) -> Schedule:
        """Read the whole file."""
        composed = compose(text.removeprefix("\ufeff"), "series")
        for each in composed.unreadable:
            name = _id_above(text.split("\n")[: each.line])
            self._report(name, each.line, each.why, each.mend)
        faults: list[MisreadError] = []
        top = Fields(composed.top or _NOTHING, TOP, faults)
        defaults = Defaults(
            timezone=top.get("timezone", _zone_name, None),
            leads=top.get("default_reminders", as_list(as_duration, faults), None),
            quiet_hours=top.get("quiet_hours", lambda node: _quiet_hours(node, faults), None),
        )
        free_days = top.get("holidays", lambda node: _free_days(node, faults), _finnish())
        spans: tuple[Span | None, ...] = top.get(
            "closures", as_list(lambda node: _span(node, ("fi", "sv", "en"), faults), faults), ()
        )
        top.get("series", _listed, None)
        self._report_all(None, faults)
        plans: dict[str, Plan] = {}
        for number, node in enumerate(composed.items, start=1):
            plan = self._plan(node, number, taken=plans, skips_holidays=free_days.skip)
            if plan is not None:
                plans[plan.series.id] = plan
        return Schedule(
            defaults,
            tuple(plans.values()),
            free_days.days,
            Closures(tuple(span for span in spans if span)),
            tuple(sorted(self._problems, key=lambda problem: problem.line or 0)),
            tuple(self._unfilled),
        )

    def _plan(
        self, node: yaml.Node, number: int, *, taken: Mapping[str, Plan], skips_holidays: bool
    ) -> Plan | None:
        """Read one series; None, and all that is wrong with it is reported."""
        faults: list[MisreadError] = []
        fields = Fields(node, SERIES, faults)
        name = fields.need("id", as_id) or f"series {number}"
        if not isinstance(node, yaml.MappingNode):
            self._report_all(name, faults)
            return None
        if name in taken:
            fields.fault("id", "another series has this id", "Give each series its own.")
        unfilled: list[Unfilled] = []

        def filled(key: str, words: Words | None) -> Words:
            return self._filled(words or {}, f"{name}: {key}", fields.line(key), unfilled)

        kind: Kind = fields.get("kind", as_choice(KINDS), "event")
        timing = _timing(fields, BROADCAST_LENGTH if kind == "broadcast" else timedelta())
        variants: dict[str, Words] = fields.get("variants", as_named(as_id, self._words, faults), {})
        turns: tuple[str, ...] = fields.get("alternate", as_list(as_id, faults), ())
        for turn in turns:
            if turn not in variants:
                fields.fault("alternate", f"{turn!r} has no name", "Add it to variants.")
        series = Series(
            id=name,
            name=filled("name", fields.need("name", self._words)),
            neutral_name=filled("neutral_name", fields.get("neutral_name", self._words, None)),
            place=filled("place", fields.get("place", self._words, None)),
            variants=variants,
            visibility=fields.get("visibility", as_choice(VISIBILITIES), "public"),
            kind=kind,
            leads=fields.get("reminders", as_list(as_duration, faults), None),
            signup=fields.get("signup", as_choice(SIGNUP), default=False),
            places_limit=fields.get("places_limit", lambda node: self._limit(node, name, unfilled), None),
            example=fields.get("example", as_flag, default=False),
        )
        turns_by: AlternateBy = fields.get("alternate_by", as_choice(TURNS), "meeting")
        skips = fields.get("skip_holidays", as_flag, skips_holidays and isinstance(timing, Repeated))
        fields.get("source", as_text, "")
        if faults or timing is None:
            self._report_all(name, faults)
            return None
        self._unfilled += unfilled
        return Plan(series, timing, turns, turns_by, skips_holidays=skips)

    def _limit(self, node: yaml.Node, name: str, unfilled: list[Unfilled]) -> int | None:
        """Read a number that may stand behind a placeholder."""
        filled = self._filled({"": as_text(node)}, f"{name}: places_limit", line_of(node), unfilled)
        if not filled:
            return None
        return as_number(1, 100_000)(yaml.ScalarNode(node.tag, filled[""], node.start_mark, node.end_mark))

    def _filled(self, words: Words, where: str, line: int, unfilled: list[Unfilled]) -> Words:
        """Put in the organization's values; a text with an empty one is left out and noted.

        What is nothing but values ("{{paikka}}") is said in every language that they are known in.
        """
        filled = {}
        for language, text in self._in_all_languages(words).items():
            values = {name: self._value(name, language) for name in _PLACEHOLDER.findall(text)}
            empty = [name for name, value in values.items() if not value]
            if empty:
                unfilled += [Unfilled(self._source, where, line, name) for name in empty]
            else:
                filled[language] = _PLACEHOLDER.sub(lambda found: single_line(values[found[1]]), text)  # noqa: B023
        return filled

    def _in_all_languages(self, words: Words) -> Words:
        if len(words) != 1:
            return words
        ((language, text),) = words.items()
        values = [self._fill.get(name, "") for name in _PLACEHOLDER.findall(text)]
        if any(letter.isalpha() for letter in _PLACEHOLDER.sub("", text)):
            return words
        known = [frozenset(value) for value in values if not isinstance(value, str)]
        return dict.fromkeys([language, *sorted(frozenset().union(*known) - {language})], text)

    def _value(self, name: str, language: str) -> str:
        value = self._fill.get(name, "")
        return value if isinstance(value, str) else value.get(language) or value.get(self._language, "")

    def _report_all(self, name: str | None, faults: list[MisreadError]) -> None:
        for fault in faults:
            self._report(name, fault.line, fault.what, fault.mend)

    def _report(self, name: str | None, line: int | None, what: str, mend: str) -> None:
        self._problems.append(Problem(self._source, f"{name}: {what}" if name else what, line, mend))


def _id_above(lines: list[str]) -> str | None:
    """Give the id of the series that these lines end in; None: they end in none."""
    for line in reversed(lines):
        if found := _ITEM_ID.search(line):
            return found[1]
        if line.lstrip().startswith("- "):
            return None
    return None


def _timing(fields: Fields, default_length: timedelta) -> Repeated | Dated | AllDay | None:
    """Read when a series is held; None, and a fault is noted."""
    faults = fields.faults
    given = [key for key in ("rule", "dates", "all_day") if key in fields]
    if len(given) != 1:
        fields.fault("rule", "it does not say when it is held", "Give it one of rule, dates and all_day.")
        return None
    if "dates" not in fields:
        for key in ("time", "duration"):
            if key in fields:
                fields.fault(key, f"{key!r} belongs to dates", "In a rule it stands between the braces.")
    if "rule" in fields:
        return fields.get("rule", lambda node: _repeated(node, default_length, faults), None)
    if "all_day" in fields:
        span = fields.get("all_day", lambda node: _span(node, (), faults), None)
        return AllDay(*span) if span else None
    days = fields.need("dates", as_list(as_date, faults))
    at = fields.need("time", as_time)
    length = fields.get("duration", as_duration, default_length)
    return Dated(tuple(sorted(set(days))), at, length) if days and at is not None else None


def _repeated(node: yaml.Node, default_length: timedelta, faults: list[MisreadError]) -> Repeated | None:
    """Read a rule; which fields it has depends on how often it comes."""
    trial: list[MisreadError] = []
    freq = Fields(node, RULE, trial).need("freq", as_choice({each: each for each in RULES}))
    if freq is None:
        faults += trial
        return None
    fields = Fields(node, ("freq", *RULES[freq], *RULE_ENDS), faults)
    at = fields.need("time", as_time)
    length = fields.get("duration", as_duration, default_length)
    if_weekend: IfWeekend = fields.get("if_weekend", as_choice(IF_WEEKEND), "keep")
    rule = _rule(fields, freq)
    return None if rule is None or at is None else Repeated(rule, at, length, if_weekend)


def _rule(fields: Fields, freq: str) -> Rule | None:
    last = fields.get("until", as_date, None)
    if freq == "yearly":
        first: date | None = fields.get("start", as_date, EARLIEST)
        month, day = fields.need("month", as_number(1, 12)), fields.need("day", as_number(1, 31))
        if first is None or month is None or day is None:
            return None
        if day > monthrange(LEAP_YEAR, month)[1]:
            fields.fault("day", "this month has no such day", "Correct the day or the month.")
            return None
        rule: Rule = Yearly(month, day, first, last)
    else:
        first = fields.need("start", as_date)
        weekday = fields.need("weekday", as_choice(WEEKDAYS))
        nth = fields.need("nth", as_choice(NTHS)) if freq == "monthly" else 0
        if first is None or weekday is None or nth is None:
            return None
        rule = Monthly(weekday, nth, first, last) if freq == "monthly" else Weekly(weekday, first, last)
    if last is not None and last < first:
        fields.fault("until", "it ends before it begins", "Write a day after start.")
    return rule


def _span(node: yaml.Node, names: tuple[str, ...], faults: list[MisreadError]) -> Span | None:
    """Read from and to, both included."""
    fields = Fields(node, ("from", "to", *names), faults)
    first, last = fields.need("from", as_date), fields.need("to", as_date)
    if first is None or last is None:
        return None
    if last < first:
        fields.fault("to", "it ends before it begins", "Write a day that is not before from.")
        return None
    return first, last


def _quiet_hours(node: yaml.Node, faults: list[MisreadError]) -> QuietHours | None:
    fields = Fields(node, ("from", "to"), faults)
    start, end = fields.need("from", as_time), fields.need("to", as_time)
    if start is None or end is None:
        return None
    if start == end:
        raise MisreadError(
            node, "quiet hours end when they begin", "Leave quiet_hours out if there are none."
        )
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
        raise MisreadError(
            node, "no such holidays are known", "Write {country: FI, category: public}."
        ) from None


def _listed(node: yaml.Node) -> None:
    if not isinstance(node, yaml.SequenceNode):
        raise MisreadError(node, "a list is wanted here", "Begin each series with '- id: name'.")


def _zone_name(node: yaml.Node) -> str:
    name = as_text(node)
    if name not in available_timezones():
        raise MisreadError(node, "no such time zone is known", "Write a name such as Europe/Helsinki.")
    return name
