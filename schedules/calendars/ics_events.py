"""One event of an iCalendar file: read, checked, and mended where calendar programs are known to err."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from bot.core.occurrences import Status, Words
from bot.core.plain_text import single_line
from bot.core.recurrence import DAY, duration
from bot.messages import Phrase
from schedules.calendars.content_lines import Block, Line
from schedules.calendars.ics_rules import BrokenRuleError, Rule, read_rule
from schedules.calendars.ics_texts import categories_in, is_hidden, uid_of, words_in
from schedules.calendars.ics_times import Period, Spelling, Time, day_of, length_of, spelling, times
from schedules.calendars.ics_zones import Zones, is_utc
from schedules.calendars.reading import Window

# Outside these years zones are guesswork, and a rule would count from antiquity.
EARLIEST, LATEST = 1900, 2199
MOST_ALARMS = 10
NO_KNOWN_YEAR = 1604  # Apple and Google write birthdays of no known year into it
FAR = 3 * DAY  # further than any two clocks are apart

STATUSES: dict[str, Status] = {"CANCELLED": "cancelled", "CANCELED": "cancelled", "TENTATIVE": "tentative"}

_LASTS_ALL_DAY = ("X-MICROSOFT-CDO-ALLDAYEVENT", "X-MICROSOFT-MSNCALENDAR-ALLDAYEVENT")
_PLAINLY = re.compile(r":(\d{8})(?:T\d{6}Z?)?$")
_UNTIL = re.compile(r"UNTIL=(\d{8})")
_NO_LEAD = re.compile(r"\+?P[0-9WDTHMS]+|-P[0WDTHMS]+")  # an alarm at the start, or after it

Warn = Callable[[Line | None, Phrase, Phrase], None]  # line, what, mend


class BrokenEventError(Exception):
    """An event cannot be shown: from which line on, why, and how to mend it."""

    def __init__(self, line: int, what: Phrase, mend: Phrase) -> None:
        super().__init__(what.key)
        self.line = line
        self.what = what
        self.mend = mend


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One VEVENT: a master, or an override of one of its dates.

    ``start`` and ``end`` are both days, or both hours with their zone; ``end`` is exclusive.
    """

    uid: str
    line: int
    start: Time
    end: Time
    original: Time | None  # the start of the date it overrides, as it was; None: it is a master
    onwards: bool  # an override also of all that follow (RANGE=THISANDFUTURE)
    rules: tuple[Rule, ...]
    further: tuple[Time | Period, ...]  # RDATE
    skipped: tuple[Time, ...]  # EXDATE; a day among hours: all of that day
    sequence: int  # how often it was changed, as far as the file says
    stamp: str  # when it was last changed, as written; sorts by age
    status: Status
    private: bool
    title: Words
    place: Words
    categories: tuple[str, ...]
    leads: tuple[timedelta, ...] | None  # None: it has no alarm that says one

    @property
    def repeats(self) -> bool:
        """Does it have a rule, or further dates?"""
        return bool(self.rules or self.further)

    @property
    def length(self) -> timedelta:
        """How long it really lasts; all its dates do (RFC 5545, 3.8.5.3)."""
        return between(self.start, self.end)


def between(start: Time, end: Time) -> timedelta:
    """Give how long it really is from start to end, both days or both hours.

    What begins in the hour that summer time skips, and ends right after it, lasts as long as its hours say.
    """
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return day_of(end) - day_of(start)
    really = end.astimezone(UTC) - start.astimezone(UTC)
    return really if really > timedelta() else end.replace(tzinfo=None) - start.replace(tzinfo=None)


def day_meant(when: Time, zone: ZoneInfo) -> date:
    """Give the day that an hour stands for among days: it is a midnight mostly, there or here."""
    if isinstance(when, datetime) and when.time() != time():
        here = when.astimezone(zone)
        return here.date() if here.time() == time() else when.date()
    return day_of(when)


def read_event(block: Block, zones: Zones, warn: Warn, *, language: str) -> Entry | None:
    """Read one event; None: it lies so far off that no window shows it.

    Args:
        block: its lines.
        zones: the clocks of its calendar.
        warn: takes what is odd about it.
        language: of texts that name none.

    Raises:
        BrokenEventError: it cannot be shown.
    """
    start = _start(block, zones, warn)
    own = start.tzinfo if isinstance(start, datetime) else None
    start, end = _settled(start, _end(block, start, zones), block, zones, warn)
    rules = tuple(_rules(block))
    is_birthday = start.year == NO_KNOWN_YEAR and all(rule.frequency == "YEARLY" for rule in rules)
    if not (start.year >= EARLIEST or is_birthday) or end.year > LATEST:
        if not rules:
            return None
        line = block.find("DTSTART") or block.lines["RRULE"][0]
        raise BrokenEventError(
            line.number,
            Phrase("problem.since_year", {"vuosi": start.year}),
            Phrase("problem.mend.begin_later"),
        )
    if rules and own and is_utc(own):
        what = Phrase("problem.utc_series")
        warn(block.find("DTSTART"), what, Phrase("problem.mend.zone_of_place"))
    if exception := block.find("EXRULE"):
        warn(exception, Phrase("problem.exrule"), Phrase("problem.mend.one_by_one"))
    original = _one(block, "RECURRENCE-ID", zones, own)
    return Entry(
        uid=uid_of(block),
        line=block.line,
        start=start,
        end=end,
        original=original,
        onwards=original is not None and _spelled(block.lines["RECURRENCE-ID"][0]).onwards,
        rules=rules,
        further=tuple(_further(each, start, zones) for each in _all(block, "RDATE", zones, own)),
        skipped=tuple(_skipped(block, start, zones)),
        sequence=_number(block.value("SEQUENCE")),
        stamp=block.value("LAST-MODIFIED") or block.value("DTSTAMP"),
        status=STATUSES.get(block.value("STATUS").upper(), "confirmed"),
        private=is_hidden(block),
        title=words_in(block.all("SUMMARY"), language),
        place=words_in(block.all("LOCATION"), language),
        categories=categories_in(block.all("CATEGORIES")),
        leads=_leads(block, warn),
    )


def is_far_off(block: Block, window: Window) -> bool:
    """Say whether an event, as far as one can see at a glance, has no date near the window.

    Most of what stands in an old calendar is over, and need not be read at all.
    """
    if any(block.find(name) for name in ("RECURRENCE-ID", "RDATE", "DURATION")):
        return False
    try:
        first, last = (
            _at_a_glance(block.find(name) or block.lines["DTSTART"][0]) for name in ("DTSTART", "DTEND")
        )
        if first > window[1].date() + FAR:
            return True
        if "RRULE" in block.lines:
            found = _UNTIL.search(block.lines["RRULE"][0].rest) if len(block.lines["RRULE"]) == 1 else None
            if not found:
                return False
            last += max(date.fromisoformat(found[1]) - first, timedelta())
        return max(first, last) < window[0].date() - FAR
    except (LookupError, ValueError, OverflowError):  # not plain enough
        return False


def _at_a_glance(line: Line) -> date:
    found = _PLAINLY.search(line.rest)
    if not found:
        raise LookupError
    return date.fromisoformat(found[1])


# ---- when it is ----------------------------------------------------------------------------------------------


def _start(block: Block, zones: Zones, warn: Warn) -> Time:
    """Give when it begins; an override that does not say it begins when it did."""
    line = block.find("DTSTART") or block.find("RECURRENCE-ID")
    if line is None:
        raise BrokenEventError(block.line, Phrase("problem.no_start"), Phrase("problem.mend.day_and_hour"))
    start = _one(block, line.name, zones, None)
    if start is None:
        raise _nonsense(line)
    if isinstance(start, datetime):
        _warn_of_zone(_spelled(line), line, zones, warn)
    return start


def _warn_of_zone(spelled: Spelling, line: Line, zones: Zones, warn: Warn) -> None:
    name = single_line(spelled.zone)
    taken_as = Phrase("problem.mend.give_zone", {"alue": zones.default.key})
    if spelled.zone and spelled.is_utc:
        as_utc = Phrase("problem.mend.give_zone", {"alue": "UTC"})
        warn(line, Phrase("problem.utc_and_zone", {"alue": name}), as_utc)
    elif spelled.zone and zones.named(spelled.zone) is None:
        warn(line, Phrase("problem.unknown_zone", {"alue": name}), taken_as)
    elif not _names_a_zone(spelled) and zones.calendar is None:
        warn(line, Phrase("problem.no_zone"), taken_as)


def _end(block: Block, start: Time, zones: Zones) -> Time:
    """Give when it ends as it is written, even if that is before it begins."""
    own = start.tzinfo if isinstance(start, datetime) else None
    end = _one(block, "DTEND", zones, own)
    if end is not None:
        return end
    line = block.find("DURATION")
    if line is None or not line.value:
        return start
    try:
        length = length_of(line.value.upper())
    except ValueError as error:
        raise _nonsense(line) from error
    if isinstance(start, datetime):
        return (start.astimezone(UTC) + length).astimezone(start.tzinfo)
    return start - (-length // DAY) * DAY  # a part of a day is a day


def _settled(start: Time, end: Time, block: Block, zones: Zones, warn: Warn) -> tuple[Time, Time]:
    """Make start and end agree: both days or both hours, and the end not before the start."""
    line = block.find("DTEND") or block.find("DURATION")
    if isinstance(start, datetime) != isinstance(end, datetime):
        warn(line, Phrase("problem.half_hour"), Phrase("problem.mend.both_or_neither"))
        start, end = _day_here(start, zones), _day_here(end, zones)
    elif any(block.value(name).upper() == "TRUE" for name in _LASTS_ALL_DAY):
        days = day_meant(start, zones.default), day_meant(end, zones.default)
        if all(_is_midnight(each, zones) for each in (start, end)):
            start, end = days
    if end < start:
        warn(line, Phrase("problem.backwards"), Phrase("problem.mend.correct_end"))
        end = start
    if end == start and not isinstance(start, datetime):
        end = start + DAY
    return start, end


def _day_here(when: Time, zones: Zones) -> date:
    return day_of(
        when.astimezone(zones.default) if isinstance(when, datetime) and when.tzinfo is UTC else when
    )


def _is_midnight(when: Time, zones: Zones) -> bool:
    return not isinstance(when, datetime) or time() in (when.time(), when.astimezone(zones.default).time())


def _further(each: Time | Period, start: Time, zones: Zones) -> Time | Period:
    """Let a further date be what the start is: a day, or an hour; without an hour it begins at the same."""
    if not isinstance(start, datetime):
        return day_meant(each[0] if isinstance(each, tuple) else each, zones.default)
    if isinstance(each, (tuple, datetime)):
        return each
    return datetime.combine(each, start.timetz())


def _skipped(block: Block, start: Time, zones: Zones) -> Iterator[Time]:
    """Give the dates that are left out: days, or hours and days among hours.

    Where the start floats, programs that put a Z to its exceptions mean the hour on its clock.
    """
    own = start.tzinfo if isinstance(start, datetime) else None
    floats = "DTSTART" in block.lines and not _names_a_zone(_spelled(block.lines["DTSTART"][0]))
    for each in _all(block, "EXDATE", zones, own):
        first = each[0] if isinstance(each, tuple) else each
        yield first if own else day_meant(first, zones.default)
        if own and floats and isinstance(first, datetime):
            yield first.replace(tzinfo=own)


def _names_a_zone(spelled: Spelling) -> bool:
    return bool(spelled.zone) or spelled.is_fixed


# ---- what it is made of --------------------------------------------------------------------------------------


def _one(block: Block, name: str, zones: Zones, own: tzinfo | None) -> Time | None:
    """Give the first time of a property; None: it has none."""
    line = block.find(name)
    if line is None:
        return None
    found = next(_times(line, zones, own), None)
    return found[0] if isinstance(found, tuple) else found


def _all(block: Block, name: str, zones: Zones, own: tzinfo | None) -> Iterator[Time | Period]:
    for line in block.all(name):
        yield from _times(line, zones, own)


def _times(line: Line, zones: Zones, own: tzinfo | None) -> Iterator[Time | Period]:
    try:
        yield from times(_spelled(line), zones, own)
    except (ValueError, OverflowError) as error:
        raise _nonsense(line) from error


def _spelled(line: Line) -> Spelling:
    try:
        return spelling(line)
    except ValueError as error:
        raise _nonsense(line) from error


def _rules(block: Block) -> Iterator[Rule]:
    for line in block.all("RRULE"):
        try:
            rule = read_rule(line.value, line.number)
        except BrokenRuleError as error:
            mend = Phrase("problem.mend.repeat_by")
            raise BrokenEventError(line.number, error.what, mend) from error
        except ValueError as error:
            raise _nonsense(line) from error
        if rule:
            yield rule


def _leads(block: Block, warn: Warn) -> tuple[timedelta, ...] | None:
    """Read how long before the start its alarms go; None: no alarm says so."""
    leads = set()
    for trigger in block.triggers[:MOST_ALARMS]:
        at_the_end = trigger.parameter("RELATED").upper() == "END"
        at_an_hour = trigger.parameter("VALUE").upper() == "DATE-TIME"
        if at_the_end or at_an_hour or _NO_LEAD.fullmatch(trigger.value):
            continue
        try:
            leads.add(duration(trigger.value.removeprefix("-")))
        except ValueError:
            warn(trigger, Phrase("problem.alarm"), Phrase("problem.mend.alarm_anew"))
    return tuple(sorted(leads, reverse=True)) or None


def _number(text: str) -> int:
    found = re.match(r"\d{1,9}", text)
    return int(found[0]) if found else -1


def _nonsense(line: Line) -> BrokenEventError:
    return BrokenEventError(
        line.number,
        Phrase("problem.nonsense", {"kenttä": _called(line.name)}),
        Phrase("problem.mend.set_anew"),
    )


def _called(name: str) -> Phrase:
    """Name a property as it is called where people keep calendars."""
    match name:
        case "DTSTART":
            return Phrase("problem.field.start")
        case "DTEND" | "DURATION":
            return Phrase("problem.field.end", {"kenttä": name})
        case "RRULE":
            return Phrase("problem.field.repeats")
        case _:
            return Phrase("problem.field.other", {"kenttä": name})
