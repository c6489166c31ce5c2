"""Names of time zones, as calendar programs write them, to the clocks they mean.

The library keeps the zones of all calendars in one place, where the first definition of a name wins (DOMAIN.md,
I 1).  Here each calendar has its own.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from bot.core.recurrence import DAY
from schedules.calendars.content_lines import ZoneBlock

# All that the libraries are known to raise over a file that is wrong.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, OSError)

LONGEST_NAME = 100  # zoneinfo falls into each folder that a name names

_OF_THE_HOST = ("localtime", "posixrules", "Factory")  # names of zones on some machines, another on each
_UTC = ("Z", "UTC", "GMT", "TZONE://MICROSOFT/UTC", "COORDINATED UNIVERSAL TIME")
_OFFSET = re.compile(r"\(?(?:UTC|GMT)?([+-])(\d{1,2})(?:[:.]?(\d\d))?\)?", re.IGNORECASE)
_SHOWN = re.compile(r"\((?:UTC|GMT)[^)]*\)\s*(.*)", re.IGNORECASE)  # (UTC+02:00) Helsinki, Kyiv, Riga
_AREAS = ("Europe", "America", "Asia", "Africa", "Australia", "Atlantic", "Pacific")


class Zones:
    """Which clocks a calendar goes by."""

    def __init__(self, default: ZoneInfo, defined: Mapping[str, tzinfo], calendar_name: str) -> None:
        """Take the group's own zone, those that the calendar defines itself, and its X-WR-TIMEZONE."""
        self.default = default
        self._defined = defined
        self._found: dict[str, tzinfo | None] = {}
        self.calendar = self.named(calendar_name) if calendar_name else None

    def named(self, name: str) -> tzinfo | None:
        """Give the zone of this name; None: nobody knows it.

        A well-known name means what everybody means by it, whatever the calendar says.
        """
        if name not in self._found:
            known = well_known(name)
            self._found[name] = known or self._defined.get(_cleaned(name)) or _guessed(_cleaned(name))
        return self._found[name]


def well_known(name: str) -> tzinfo | None:
    """Give a zone by its name in the tz database or in Windows."""
    cleaned = _cleaned(name).strip("/")
    return _in_database(cleaned) or _in_database(WINDOWS_TO_OLSON.get(cleaned, ""))


def is_utc(zone: tzinfo) -> bool:
    """Say whether it is UTC, or always as far from it: its clocks are never turned."""
    return isinstance(zone, timezone) or getattr(zone, "key", "").removeprefix("Etc/") in (
        "UTC",
        "GMT",
        "Zulu",
    )


def defined(blocks: list[ZoneBlock]) -> tuple[dict[str, tzinfo], list[tuple[ZoneBlock, Exception]]]:
    """Read the definitions that are needed; those that cannot be read come back with what is wrong."""
    zones: dict[str, tzinfo] = {}
    broken: list[tuple[ZoneBlock, Exception]] = []
    for block in blocks:
        if well_known(block.name) is None:
            try:
                zone = Timezone.from_ical(block.text)
                assert isinstance(zone, Timezone)
                zones[_cleaned(block.name)] = Defined(zone.to_tz(lookup_tzid=False))
            except UNREADABLE as error:
                broken.append((block, error))
    return zones, broken


class Defined(tzinfo):
    """A zone by a calendar's own definition, which remembers what it answered.

    The library counts through all changes since 1601 at each question.  Clocks are not turned twice in a day, so
    what holds at both ends of a day holds throughout.
    """

    def __init__(self, zone: tzinfo) -> None:
        """Take the zone as the library reads it."""
        self._zone = zone
        self._midnights: dict[int, timedelta | None] = {}

    def utcoffset(self, when: datetime | None) -> timedelta | None:
        """Give what it is ahead of UTC at an hour on its wall clock."""
        if when is None:
            return None
        day = when.toordinal()
        morning = self._at_midnight(day)
        if morning == self._at_midnight(day + 1):
            return morning
        return when.replace(tzinfo=self._zone).utcoffset()

    def _at_midnight(self, day: int) -> timedelta | None:
        if day not in self._midnights:
            self._midnights[day] = datetime.combine(date.fromordinal(day), time(), self._zone).utcoffset()
        return self._midnights[day]

    def fromutc(self, when: datetime) -> datetime:
        """Give the hour on its wall clock."""
        return self._zone.fromutc(when.replace(tzinfo=self._zone)).replace(tzinfo=self)

    def dst(self, when: datetime | None) -> timedelta | None:
        """Count no part of the offset as summer time: nobody asks."""
        return None if when is None else timedelta(0)

    def tzname(self, when: datetime | None) -> str | None:
        """Have no name: it is this calendar's own."""
        return None if when is None else "defined"


def _cleaned(name: str) -> str:
    return name.strip().strip("\"'").strip()[:LONGEST_NAME]


def _in_database(key: str) -> ZoneInfo | None:
    if not key or key in _OF_THE_HOST:
        return None
    try:
        return ZoneInfo(key)
    except (LookupError, ValueError, OSError):  # unknown; no name at all; the name of a folder
        return None


def _guessed(name: str) -> tzinfo | None:
    """Read what is written round about a well-known name, or in place of one."""
    if name.upper().removeprefix("(UTC) ") in _UTC:
        return UTC
    if found := _OFFSET.fullmatch(name):
        sign, hours, minutes = found.groups()
        ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-ahead if sign == "-" else ahead) if ahead < DAY else None
    if found := _SHOWN.fullmatch(name):
        cities = [city.strip().replace(" ", "_") for city in found[1].split(",")]
        return next(
            (zone for city in cities for area in _AREAS if city and (zone := _in_database(f"{area}/{city}"))),
            None,
        )
    if name.startswith("/"):  # /vendor/20210210_1/Europe/Helsinki
        parts = name.strip("/").split("/")
        return next(
            (zone for at in range(1, len(parts)) if (zone := _in_database("/".join(parts[at:])))), None
        )
    return None
