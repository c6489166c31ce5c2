"""One event of an iCalendar file: read, checked, and mended where calendar programs are known to err."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Component, Event

from bot.core.occurrences import Words
from bot.core.plain_text import single_line
from bot.core.recurrence import DAY, duration
from schedules.calendars.content_lines import Block, Line
from schedules.calendars.ics_rules import wrong_with

# All that the library is known to raise over a file that is wrong.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, OSError)

# Outside these years zones are guesswork, and a rule would count from antiquity.
EARLIEST, LATEST = 1900, 2199

# Without these an event says the wrong time; of all others a broken one is left out.
ESSENTIAL = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")

_NO_LEAD = re.compile(r"\+?P[0-9WDTHMS]+|-P[0WDTHMS]+")  # an alarm at the start, or after it

Warn = Callable[[Line | None, str, str], None]  # line, what, mend


class BrokenEventError(Exception):
    """An event cannot be shown: from which line on, why, and how to mend it."""

    def __init__(self, line: int, what: str, mend: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Zones:
    """Which clock a time goes by that names none, or one that nobody knows."""

    default: ZoneInfo
    calendar: tzinfo | None  # X-WR-TIMEZONE, where it is known


@dataclass(frozen=True, slots=True)
class Entry:
    """One VEVENT: a master, or an override of one of its dates."""

    event: Component
    uid: str
    line: int
    leads: tuple[timedelta, ...] | None  # None: it has no alarm that says one
    stamp: str  # when it was last changed, as written; sorts by age

    @property
    def start(self) -> date | datetime:
        """When it begins: a datetime with its zone, or a day."""
        return time_of(self.event, "DTSTART")

    @property
    def overrides(self) -> date | datetime | None:
        """The original start of the date it overrides; None: it is a master."""
        return time_of(self.event, "RECURRENCE-ID") if "RECURRENCE-ID" in self.event else None

    @property
    def repeats(self) -> bool:
        """Does it have a rule, or further dates?"""
        return "RRULE" in self.event or "RDATE" in self.event

    @property
    def sequence(self) -> int:
        """How often it was changed, as far as the file says."""
        return int(self.event.get("SEQUENCE", -1))


def read_event(block: Block, zones: Zones, warn: Warn) -> Entry | None:
    """Read one event; None: it lies so far off that no window shows it.

    Raises:
        BrokenEventError: it cannot be shown.
        UNREADABLE: what the library raises where it does not say why.
    """
    event = Event.from_ical(block.text)
    _drop_broken(event, block, warn)
    if "DTSTART" not in event:
        raise BrokenEventError(block.line, "it has no start", "Give it a day and an hour.")
    _settle_zones(event, block, zones, warn)
    _settle_span(event, block, warn)
    _check_rules(event, block)
    start = time_of(event, "DTSTART")
    if not EARLIEST <= start.year <= LATEST:
        if "RRULE" not in event:
            return None
        line = block.find("DTSTART") or block.lines[0]
        raise BrokenEventError(line.number, f"it repeats from the year {start.year}", "Let it begin later.")
    if "RRULE" in event and _is_utc(start):
        warn(
            block.find("DTSTART"),
            "it repeats in UTC, so its hour shifts when the clocks are turned",
            "Give it the time zone of the place.",
        )
    uid = str(event.get("UID", "")).strip() or _made_up_id(block)
    event["UID"] = uid  # what lies together here shall lie together for the library
    return Entry(
        event=event,
        uid=uid,
        line=block.line,
        leads=_leads(block, warn),
        stamp=block.value("LAST-MODIFIED") or block.value("DTSTAMP"),
    )


def time_of(event: Component, name: str) -> date | datetime:
    """Give the time of a property that is there: a datetime with its zone, or a day."""
    prop: Any = event[name]
    time: date | datetime = prop.dt
    return time


def set_time(event: Component, name: str, time: date | datetime) -> None:
    """Give a property that is there another time."""
    prop: Any = event[name]
    prop.dt = time


def day_of(value: date) -> date:
    """Give the day of a time."""
    return value.date() if isinstance(value, datetime) else value


def moved_by(entry: Entry) -> timedelta:
    """Give how much later than its original start an override begins."""
    moved: timedelta = entry.start - entry.overrides  # type: ignore[operator]
    return moved


def words_of(event: Component, name: str, language: str) -> Words:
    """Give a text property in its languages; without any named, it is in this one."""
    words: dict[str, str] = {}
    for each in _all(event, name):
        spoken = str(getattr(each, "params", {}).get("LANGUAGE", "")) or language
        text = single_line(str(each))
        if text:
            words.setdefault(re.split("[-_]", spoken)[0].lower(), text)
    return words


def categories_of(event: Component) -> list[str]:
    """Give the categories in the order of the file."""
    return [
        text for each in _all(event, "CATEGORIES") for part in each.cats if (text := single_line(str(part)))
    ]


def is_hidden(said: str) -> bool:
    """Say whether a CLASS is for nobody else; one that nobody knows counts as private (RFC 5545, 3.8.1.3)."""
    return said.strip().upper() not in ("", "PUBLIC")


def _drop_broken(event: Component, block: Block, warn: Warn) -> None:
    """Leave out properties that could not be read, and all but the first of what stands once in an event."""
    for name, _ in event.errors:
        if name in ESSENTIAL:
            line = block.find(name) or block.lines[0]
            raise BrokenEventError(line.number, f"its {name} makes no sense", "Set it anew in the calendar.")
        if name is None:
            warn(
                None,
                "one of its lines makes no sense",
                "Write it anew in the calendar if something is missing.",
            )
        else:
            event.pop(name, None)
    if not any(_all(event, "RRULE")):
        event.pop("RRULE", None)  # some programs write it empty
    for name in ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "UID", "SEQUENCE", "STATUS", "CLASS"):
        if isinstance(event.get(name), list):
            event[name] = next(_all(event, name))


def _settle_zones(event: Component, block: Block, zones: Zones, warn: Warn) -> None:
    """Give each time that floats, or whose zone nobody knows, a zone: the start's own, or the calendar's."""
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"):
        own: tzinfo | None = getattr(time_of(event, "DTSTART"), "tzinfo", None)
        for prop in _all(event, name):
            unknown = prop.params.get("TZID")
            zone = zones.default if unknown else own or zones.calendar or zones.default
            floating = [each for each in getattr(prop, "dts", [prop]) if _floats(each.dt)]
            for each in floating:
                each.dt = _in_zone(each.dt, zone)
            if floating and name == "DTSTART" and (unknown or zones.calendar is None):
                what = f"its time zone {unknown!r} is unknown" if unknown else "its hour names no time zone"
                warn(block.find(name), what, f"Give it one; until then it is taken as {zones.default.key}.")


def _settle_span(event: Component, block: Block, warn: Warn) -> None:
    """Make start and end agree: both days or both hours, and the end not before the start."""
    start = time_of(event, "DTSTART")
    if "DTEND" not in event:
        if "DURATION" in event and block.value("DURATION").startswith("-"):
            warn(block.find("DURATION"), "it ends before it begins", "Correct its end.")
            del event["DURATION"]
        return
    end = time_of(event, "DTEND")
    if isinstance(start, datetime) != isinstance(end, datetime):
        warn(block.find("DTEND"), "only its start or its end has an hour", "Give both an hour, or neither.")
        start, end = day_of(start), day_of(end)
        set_time(event, "DTSTART", start)
    if end < start:
        warn(block.find("DTEND"), "it ends before it begins", "Correct its end.")
        end = start
    if end == start and not isinstance(start, datetime):
        end = start + DAY
    set_time(event, "DTEND", end)


def _check_rules(event: Component, block: Block) -> None:
    for rule in _all(event, "RRULE"):
        what = wrong_with(rule)
        if what:
            line = block.find("RRULE") or block.lines[0]
            raise BrokenEventError(
                line.number, what, "Let it repeat by the day, the week, the month or the year."
            )


def _leads(block: Block, warn: Warn) -> tuple[timedelta, ...] | None:
    """Read how long before the start its alarms go; None: no alarm says so."""
    leads = set()
    for trigger in block.triggers:
        parameters = trigger.text.upper().partition(":")[0]
        if "RELATED=END" in parameters or "DATE-TIME" in parameters or _NO_LEAD.fullmatch(trigger.value):
            continue
        try:
            leads.add(duration(trigger.value.removeprefix("-")))
        except ValueError:
            warn(trigger, "its alarm makes no sense", "Set the alarm anew.")
    return tuple(sorted(leads, reverse=True)) or None


def _made_up_id(block: Block) -> str:
    """Make an id that stays the same at each reading as long as the event does."""
    told = "\n".join(line.text for name in ("DTSTART", "RRULE", "SUMMARY") if (line := block.find(name)))
    return f"no-uid-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _all(event: Component, name: str) -> Iterator[Any]:
    found = event.get(name, [])
    yield from found if isinstance(found, list) else [found]


def _floats(value: object) -> bool:
    first = value[0] if isinstance(value, tuple) else value  # an RDATE may be a period
    return isinstance(first, datetime) and first.tzinfo is None


def _in_zone(value: Any, zone: tzinfo) -> Any:
    if isinstance(value, tuple):
        return tuple(_in_zone(part, zone) for part in value)
    return value.replace(tzinfo=zone) if isinstance(value, datetime) else value


def _is_utc(time: date | datetime) -> bool:
    return isinstance(time, datetime) and getattr(time.tzinfo, "key", "") in ("UTC", "Etc/UTC")
