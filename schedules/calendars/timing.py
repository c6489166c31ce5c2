"""When a series is held, as schedule.yaml says it: by a rule, on named dates, or for whole days."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta

import yaml

from bot.content.fields import MisreadError, as_choice, as_list, as_number, as_time
from bot.core.recurrence import IfWeekend, Monthly, Rule, Weekly, Yearly
from bot.messages import Phrase
from schedules.calendars.fields import EARLIEST, Fields, as_date, as_duration
from schedules.calendars.plans import AllDay, Dated, Repeated, Timing

Span = tuple[date, date]  # both included

RULES = {"weekly": ("weekday",), "monthly": ("weekday", "nth"), "yearly": ("month", "day", "if_weekend")}
RULE_ENDS = ("start", "until", "time", "duration")
RULE = ("freq", "weekday", "nth", "month", "day", "if_weekend", *RULE_ENDS)
NTHS = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "-1": -1}
WEEKDAYS = {"mo": 0, "tu": 1, "we": 2, "th": 3, "fr": 4, "sa": 5, "su": 6}
IF_WEEKEND: Mapping[str, IfWeekend] = {
    "keep": "keep",
    "previous_workday": "previous_workday",
    "next_workday": "next_workday",
}
LEAP_YEAR = 2000


def read_timing(fields: Fields, default_length: timedelta) -> Timing | None:
    """Read when a series is held; None: its dates come from elsewhere, or a fault is noted."""
    faults = fields.faults
    given = [key for key in ("rule", "dates", "all_day", "from") if key in fields]
    if len(given) != 1:
        mend = Phrase("problem.mend.one_timing")
        fields.fault("rule", Phrase("problem.no_timing"), mend)
        return None
    if "dates" not in fields:
        for key in ("time", "duration"):
            if key in fields:
                fields.fault(key, Phrase("problem.of_dates", {"kenttä": key}), Phrase("problem.mend.in_rule"))
    if "rule" in fields:
        return fields.get("rule", lambda node: _repeated(node, default_length, faults), None)
    if "all_day" in fields:
        span = fields.get("all_day", lambda node: read_span(node, (), faults), None)
        return AllDay(*span) if span else None
    if "from" in fields:
        return None
    days = fields.need("dates", as_list(as_date, faults))
    at = fields.need("time", as_time)
    length = fields.get("duration", as_duration, default_length)
    return None if days is None or at is None else Dated(tuple(sorted(set(days))), at, length)


def read_span(node: yaml.Node, names: tuple[str, ...], faults: list[MisreadError]) -> Span | None:
    """Read from and to, both included; ``names`` may stand beside them."""
    fields = Fields(node, ("from", "to", *names), faults)
    first, last = fields.need("from", as_date), fields.need("to", as_date)
    if first is None or last is None:
        return None
    if last < first:
        fields.fault("to", Phrase("problem.backwards"), Phrase("problem.mend.not_before_from"))
        return None
    return first, last


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
            fields.fault("day", Phrase("problem.no_month_day"), Phrase("problem.mend.correct_day"))
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
        fields.fault("until", Phrase("problem.backwards"), Phrase("problem.mend.after_start"))
    return rule
