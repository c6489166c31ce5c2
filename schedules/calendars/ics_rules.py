"""Rules of repetition: read, and those that cannot be followed told before anybody tries (DOMAIN.md, I 2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from math import prod
from zoneinfo import ZoneInfo

from icalendar import vRecur

from bot.messages import Phrase
from schedules.calendars.ics_times import Time, day_of, time_of

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
RANGES = {"BYMONTH": 12, "BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53, "BYSETPOS": 366}
PARTS = {"FREQ", "INTERVAL", "COUNT", "WKST", "BYDAY", "BYHOUR", "BYMINUTE", "BYSECOND", *RANGES}
# What a rule of this frequency cannot hold (RFC 5545, 3.3.10), or what could keep it searching for seconds.
MISPLACED = {
    "DAILY": ("BYWEEKNO", "BYYEARDAY", "BYSETPOS"),
    "WEEKLY": ("BYWEEKNO", "BYYEARDAY", "BYMONTHDAY"),
    "MONTHLY": ("BYWEEKNO", "BYYEARDAY"),
}
LONGEST = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}  # days of a month; all others have 31
TIMES_A_DAY = 24  # more than that is no meeting
PLAIN = {"FREQ", "INTERVAL", "COUNT", "WKST", "BYDAY"}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_SAID_ANYWAY = {"RSCALE": "GREGORIAN", "SKIP": "OMIT"}  # RFC 7529: what holds without them too


@dataclass(frozen=True, slots=True)
class Rule:
    """One RRULE, without its UNTIL, which every program writes in another way."""

    parts: vRecur
    until: date | None  # a day or an hour, as it is written
    line: int

    @property
    def frequency(self) -> str:
        """DAILY, WEEKLY, MONTHLY or YEARLY."""
        return str(self.parts["FREQ"][0])

    @property
    def interval(self) -> int:
        """How many of its days, weeks, months or years it takes a step."""
        return int(self.parts.get("INTERVAL", [1])[0])

    @property
    def count(self) -> int | None:
        """How many dates it has in all; None: it does not say.  Some programs write -1 for that."""
        count = int(self.parts.get("COUNT", [-1])[0])
        return None if count < 0 else count

    @property
    def weekdays(self) -> list[int]:
        """The days of the week that it names, Monday is 0."""
        return [WEEKDAYS.index(day) for day in self.parts.get("BYDAY", [])]

    @property
    def week_start(self) -> int:
        """The day its weeks begin on, Monday is 0."""
        return WEEKDAYS.index(self.parts.get("WKST", ["MO"])[0])

    @property
    def is_plain(self) -> bool:
        """Does it name days by nothing but the day and the week?"""
        return (
            self.frequency in ("DAILY", "WEEKLY")
            and PLAIN.issuperset(self.parts)
            and all(day in WEEKDAYS for day in self.parts.get("BYDAY", []))
        )

    def ends(self, start: Time, zone: ZoneInfo) -> Time | None:
        """Give the last instant that a date may begin at, or the last day in a series of days; None: it goes on.

        A day counts as a whole.  An hour without a zone goes by the clock of the start.  Programs end a series of
        days at a midnight, theirs or that of UTC.
        """
        until = self.until
        if until is None:
            return None
        if not isinstance(start, datetime):
            local = isinstance(until, datetime) and until.tzinfo and until.time() != time()
            return day_of(until.astimezone(zone) if local and isinstance(until, datetime) else until)
        if not isinstance(until, datetime):
            until = datetime.combine(until, time.max)
        return (until if until.tzinfo else until.replace(tzinfo=start.tzinfo)).astimezone(UTC)

    def written(self, ends: Time | None) -> vRecur:
        """Give the rule as the library takes it, with the end that it means; it takes no COUNT beside it."""
        return vRecur({**self.parts, "UNTIL": [ends]}) if ends and self.count is None else self.parts


class BrokenRuleError(ValueError):
    """A rule cannot be followed; ``what`` says why."""

    def __init__(self, what: Phrase) -> None:
        super().__init__(what.key)
        self.what = what


def read_rule(text: str, line: int) -> Rule | None:
    """Read a rule; None: it is empty, as some programs write it.

    Raises:
        BrokenRuleError: it cannot be followed.
        ValueError: it makes no sense.
    """
    said = {}
    for each in "".join(text.split()).upper().split(";"):
        name, _, value = each.partition("=")
        if value.strip(",") and _SAID_ANYWAY.get(name) != value:
            said[name] = value.strip(",")
    until = said.pop("UNTIL", None)
    if not said:
        return None
    parts = vRecur.from_ical(";".join("=".join(each) for each in said.items()))
    fault = next(_faults(parts), None)
    if fault:
        raise BrokenRuleError(fault)
    return Rule(parts, time_of(until) if until else None, line)


def _faults(rule: vRecur) -> Iterator[Phrase]:
    for part in sorted(set(rule) - PARTS):
        yield Phrase("problem.rule_part", {"osa": part})
    freq = str(rule.get("FREQ", [""])[0])
    if freq not in FREQUENCIES:
        yield Phrase("problem.repeats", {"tiheys": freq}) if freq else Phrase("problem.no_frequency")
    if any(int(interval) < 1 for interval in rule.get("INTERVAL", [])):
        yield Phrase("problem.same_day")
    for part in MISPLACED.get(freq, ()):
        if part in rule:
            yield Phrase("problem.misplaced", {"tiheys": freq, "osa": part})
    for part, most in _ranges(rule, freq).items():
        if any(not 1 <= abs(int(number)) <= most for number in rule.get(part, [])):
            yield Phrase("problem.rule_number", {"osa": part})
    days = [abs(int(day)) for day in rule.get("BYMONTHDAY", [])]
    months = [int(month) for month in rule.get("BYMONTH", [])]
    if days and months and min(days) > max(LONGEST.get(month, 31) for month in months):
        yield Phrase("problem.no_such_month_day")
    if times_a_day(rule) > TIMES_A_DAY:
        yield Phrase("problem.too_often_a_day")


def times_a_day(rule: vRecur) -> int:
    """Give how many hours, minutes and seconds of a day it names."""
    return prod(len(rule.get(part, [0])) for part in ("BYHOUR", "BYMINUTE", "BYSECOND"))


def _ranges(rule: vRecur, freq: str) -> dict[str, int]:
    """Give how high the numbers of each part can be; BYSETPOS, not higher than there are days to choose from."""
    weekdays = [str(day) for day in rule.get("BYDAY", [])]
    days = RANGES["BYSETPOS"]
    if freq == "WEEKLY":
        days = max(len(weekdays), 1)
    elif freq == "MONTHLY" and weekdays:
        days = sum(5 if day in WEEKDAYS else 1 for day in weekdays)
    return {**RANGES, "BYSETPOS": days * times_a_day(rule)}
