"""Times of an iCalendar file, in whatever way programs spell them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from icalendar import vDuration

from bot.core.recurrence import DAY
from schedules.calendars.content_lines import Line, parameters_in
from schedules.calendars.ics_zones import LONGEST_NAME, Zones

Time = date | datetime  # a day, or an hour with its zone
Period = tuple[datetime, datetime]  # from, until

# 20270310T130000, as RFC 5545 has it; also without seconds, with the marks of ISO 8601, with an offset.
_TIME = re.compile(
    r"(\d{4})(-?)(\d\d)\2(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d)(?:\.\d+)?)?\s?(Z|[+-]\d\d:?\d\d)?)?",
    re.IGNORECASE,
)
_FIXED = re.compile(r"[T ].*(?:Z|[+-]\d\d:?\d\d)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Spelling:
    """The times of one line as they are written, and what its parameters say of them."""

    texts: tuple[str, ...]
    zone: str = ""
    is_date: bool = False
    onwards: bool = False  # RANGE=THISANDFUTURE

    @property
    def is_utc(self) -> bool:
        """Does it name UTC?"""
        return any(text[-1] in "Zz" for text in self.texts)

    @property
    def is_fixed(self) -> bool:
        """Does it name UTC, or what it is ahead of it?"""
        return any(_FIXED.search(text) for text in self.texts)


def spelling(line: Line) -> Spelling:
    """Read a line of times.

    A zone's name may hold a colon, with quotes or without, and some versions of Exchange put the closing quote
    after the value; what stands after the last colon is then a time, and all before it parameters.

    Raises:
        ValueError: there is no time in it.
    """
    last = line.rest.rpartition(":")
    for parameters, value in (line.parts, (last[0], last[2])):
        texts = tuple(text for each in re.split("[,;]", value) if (text := each.strip().strip('"').strip()))
        if all(_TIME.fullmatch(text.partition("/")[0]) for text in texts):
            said = parameters_in(parameters)
            return Spelling(
                texts,
                zone=said.get("TZID", "").partition(";")[0][:LONGEST_NAME],
                is_date=said.get("VALUE", "").upper() == "DATE",
                onwards=said.get("RANGE", "").upper() == "THISANDFUTURE",
            )
    message = "no times"
    raise ValueError(message)


def times(spelled: Spelling, zones: Zones, own: tzinfo | None) -> Iterator[Time | Period]:
    """Give the times of a line.

    Args:
        spelled: the line.
        zones: the clocks of the calendar.
        own: that of the event's start; hours that name no zone go by it, or else by the calendar's.

    Raises:
        ValueError: one of them cannot be.
    """
    if spelled.zone:
        floating = zones.named(spelled.zone) or zones.default
    else:
        floating = own or zones.calendar or zones.default
    for text in spelled.texts:
        first, _, second = text.partition("/")
        begins = time_of(first, floating, is_date=spelled.is_date)
        yield (
            (begins, _until(begins, second, floating)) if second and isinstance(begins, datetime) else begins
        )


def time_of(text: str, floating: tzinfo | None = None, *, is_date: bool = False) -> Time:
    """Read one time; an hour that names no zone goes by ``floating``.

    Raises:
        ValueError: it is none.
    """
    found = _TIME.fullmatch(text)
    if not found:
        message = "not a time"
        raise ValueError(message)
    year, _, month, day, hour, minute, second, offset = found.groups()
    if hour is None or is_date:
        return date(int(year), int(month), int(day))
    last_second = min(int(second or 0), 59)  # a leap second is none here
    late = int(hour) == 24  # noqa: PLR2004 - the midnight after it
    zone = _fixed(offset) if offset else floating
    time = datetime(
        int(year), int(month), int(day), 0 if late else int(hour), int(minute), last_second, tzinfo=zone
    )
    return time + DAY if late else time


def length_of(text: str) -> timedelta:
    """Read a DURATION.

    Raises:
        ValueError: it is none.
    """
    return vDuration(text).dt


def day_of(time: Time) -> date:
    """Give the day of a time."""
    return time.date() if isinstance(time, datetime) else time


def _fixed(offset: str) -> tzinfo:
    if offset in "Zz":
        return UTC
    ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
    return timezone(-ahead if offset[0] == "-" else ahead)


def _until(begins: datetime, text: str, floating: tzinfo) -> datetime:
    """Give the end of a period, which is written as an hour or as a length."""
    if text[:1] in "Pp":
        return (begins.astimezone(UTC) + length_of(text.upper())).astimezone(begins.tzinfo)
    ends = time_of(text, floating, is_date=False)
    if not isinstance(ends, datetime):
        message = "a period ends at an hour"
        raise ValueError(message)  # noqa: TRY004 - it is the file that is wrong
    return ends
