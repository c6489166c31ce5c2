"""Reads one calendar again, if it says anything else than the last time."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson

from bot.core.occurrences import Occurrence
from bot.messages import Phrase, Value
from bot.router import House
from schedules.calendars import read_calendar
from schedules.calendars.addresses import host_of, is_address, label, store_key
from schedules.calendars.apart import read_apart
from schedules.calendars.fetch_faults import FetchFault
from schedules.calendars.joining import DESCRIBED, join
from schedules.calendars.reading import Problem, Reading, Window


@dataclass(frozen=True, slots=True)
class Source:
    """One calendar of VERTTI_CALENDARS.

    ``name`` is as it stands there, which may be a secret; ``key`` is what it is known by in the store, ``called`` what
    it is called in problems, ``spoken`` what in a message, ``number`` which it is, from 1.  ``alone``: no other calendar
    is on its host.
    """

    name: str = field(repr=False)
    number: int
    alone: bool = True

    @property
    def key(self) -> str:
        """What it is known by in the store."""
        return store_key(self.name)

    @property
    def called(self) -> str:
        """What it is called in problems, which operators read."""
        return label(self.name, self.number)

    @property
    def spoken(self) -> Value:
        """What it is called where organizers read."""
        if not is_address(self.name):
            return self.name
        host = host_of(self.name)
        if not host:
            return Phrase("calendar.number", {"nro": self.number})
        return host if self.alone else Phrase("calendar.numbered", {"nro": self.number, "palvelin": host})


@dataclass(frozen=True, slots=True)
class Mark:
    """What a calendar was read by, and as what it came; who reads it again compares with it.

    ``rules`` sums up all but the calendar itself: the day, which moves the window, the organization's values, the
    series.  ``alarms`` sums up what alarms follow from, ``data`` the calendar; ``seen`` is what its host knows it by.
    """

    rules: str
    alarms: str
    data: str
    seen: Mapping[str, str] = field(default_factory=dict)

    def dumped(self) -> str:
        """Write it for the store."""
        return orjson.dumps([self.rules, self.alarms, self.data, dict(self.seen)]).decode()

    @classmethod
    def loaded(cls, text: str | None) -> "Mark":
        """Read it again; what is none, or was written by an earlier version, is that of nothing."""
        try:
            return cls(*orjson.loads(text or ""))
        except (orjson.JSONDecodeError, TypeError):
            return cls("", "", "")


def sources_of(house: House) -> list[Source]:
    """Give the calendars that are set, in their order."""
    hosts = Counter(host_of(name) for name in house.calendars)
    return [
        Source(name, number, alone=hosts[host_of(name)] == 1)
        for number, name in enumerate(house.calendars, start=1)
    ]


def read_again(
    source: Source,
    house: House,
    *,
    last: Mark,
    window: Window,
    now: datetime,
    known: Iterable[Occurrence] = (),
) -> tuple[Reading, Mark] | None:
    """Read a calendar; None: it, and all that it is read by, are as they were.

    It may take half a minute: an errand's work.

    Args:
        source: which.
        house: whose zone, language, series and values hold.
        last: what it was read by the last time.
        window: what is listed.
        now: the present.
        known: dates that have begun, as their calendars said them: the turns go on from them.

    Raises:
        OSError: the file cannot be read.
        FetchFault: the address gives no calendar.
    """
    rules, alarms = _rules(house, now), _alarm_rules(house)
    same_rules = (rules, alarms) == (last.rules, last.alarms)
    came = _data(source, house, seen=last.seen if same_rules else {}, window=window, now=now)
    if came is None:
        return None
    data, kind, seen = came
    mark = Mark(rules, alarms, hashlib.sha256(data).hexdigest(), seen)
    if (mark.rules, mark.alarms, mark.data) == (last.rules, last.alarms, last.data):
        return None
    reading = _read(source, data, kind, house, window)
    joined = join(
        reading,
        house.series.values(),
        calendars=house.calendars,
        number=source.number,
        source=source.called,
        zone=house.zone,
        known=known,
    )
    return replace(joined, unread=reading.unread), mark


def _data(
    source: Source, house: House, *, seen: Mapping[str, str], window: Window, now: datetime
) -> tuple[bytes, str, Mapping[str, str]] | None:
    """Give what the calendar is now, of which kind, and what it is seen by; None: it is as it was seen."""
    if not is_address(source.name):
        return (house.content_dir / source.name).read_bytes(), "file", {}
    # Imported when first used: a schedule in files needs none of it.
    from schedules.calendars.fetching import NotModified, fetch  # noqa: PLC0415
    from schedules.calendars.guarded_http import Guard  # noqa: PLC0415

    guard = Guard(house.calendar_hosts)
    found = fetch(source.name, number=source.number, seen=seen, now=now, window=window, guard=guard)
    return None if isinstance(found, NotModified) else (found.data, found.kind, found.seen)


def _read(source: Source, data: bytes, kind: str, house: House, window: Window) -> Reading:
    zone, language, fill = house.zone, house.language, house.content.organization
    if kind == "linked_events":
        from schedules.calendars.linked_events import read_linked_events  # noqa: PLC0415

        return read_linked_events(data, source=source.called, zone=zone, window=window, language=language)
    name = source.name if kind == "file" else f"calendar.{kind}"
    read = read_calendar if name.lower().endswith(DESCRIBED) else read_apart
    reading = read(data, source=name, zone=zone, window=window, language=language, fill=fill)
    return replace(reading, problems=tuple(replace(each, source=source.called) for each in reading.problems))


def _rules(house: House, now: datetime) -> str:
    """Sum up what a calendar is read by besides itself; a new day moves the window."""
    read_by: list[Any] = [
        now.astimezone(house.zone).date().isoformat(),
        sorted((name, str(value)) for name, value in house.content.organization.items()),
        sorted((name, repr(series)) for name, series in house.series.items()),
        house.zone.key,
        house.language,
    ]
    return hashlib.sha256(orjson.dumps(read_by)).hexdigest()


def _alarm_rules(house: House) -> str:
    return repr((house.quiet_hours, house.default_leads, house.zone.key))


__all__ = ["FetchFault", "Mark", "Problem", "Source", "read_again", "sources_of"]
