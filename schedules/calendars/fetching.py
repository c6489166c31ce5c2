"""Fetches one calendar from its address, however it is kept there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from bot.messages import Phrase
from schedules.calendars.addresses import Kind, read_address
from schedules.calendars.fetch_faults import COPY_ANEW, WAIT, FetchFault
from schedules.calendars.guarded_http import A_REQUEST, NOT_MODIFIED, Answer, Door, Guard, Seen
from schedules.calendars.linked_events_pages import fetch_pages
from schedules.calendars.reading import Window

__all__ = ["FetchFault", "Fetched", "NotModified", "Seen", "fetch"]

# All requests of one fetch together.
WITHIN: Final[Mapping[Kind, timedelta]] = {
    "feed": A_REQUEST,
    "caldav": timedelta(seconds=30),
    "linked_events": timedelta(seconds=30),
}
ACCEPT: Final = "text/calendar, application/yaml;q=0.9, */*;q=0.5"
EDGE: Final = 1024  # bytes in which a calendar begins, and in which it ends

_YAML = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A calendar as it came.

    ``kind`` says by what it is read.  ``seen`` is what it is known by: hand it in the next time.
    """

    data: bytes = field(repr=False)
    kind: Literal["ics", "yaml", "linked_events"]
    seen: Seen


@dataclass(frozen=True, slots=True)
class NotModified:
    """Nothing came: what came with what was seen still holds."""


def fetch(
    name: str, *, number: int, seen: Seen | None, now: datetime, window: Window, guard: Guard
) -> Fetched | NotModified:
    """Fetch a calendar.  It blocks, for half a minute at most: an errand's work.

    Args:
        name: an address as it stands in VERTTI_CALENDARS.
        number: which it is there, from 1.
        seen: what came with it the last time; None or empty: have it whatever happens.
        now: for hosts that say until when they want to be left alone.
        window: which days are wanted; who cannot tell days apart gives all.
        guard: what may be reached.

    Raises:
        FetchFault: it cannot be had, or what came is no calendar; nothing of it holds an address.
    """
    address = read_address(name, number)
    with Door(guard, address, now=now, within=WITHIN[address.kind]) as door:
        if address.kind == "linked_events":
            return Fetched(fetch_pages(door, window), "linked_events", {})
        if address.kind == "caldav":
            # Imported when first used: it brings 30 MiB along.
            from schedules.calendars.caldav_source import fetch_caldav  # noqa: PLC0415

            found = fetch_caldav(door, seen=seen or {}, window=window)
            return NotModified() if found is None else Fetched(found.data, "ics", found.seen)
        answer = door.get(address.url, accept=ACCEPT, seen=seen)
        return NotModified() if answer.status == NOT_MODIFIED else _calendar(answer, door)


def _calendar(answer: Answer, door: Door) -> Fetched:
    """Take what came for a calendar, if it is one and whole."""
    if b"BEGIN:VCALENDAR" not in answer.body[:EDGE].upper():
        path = answer.url.target.partition("?")[0].lower()
        if path.endswith(_YAML) or "yaml" in answer.headers.get("content-type", ""):
            return Fetched(answer.body, "yaml", answer.seen)
        raise door.fault(what=Phrase("problem.no_calendar"), mend=COPY_ANEW)
    if not answer.measured and b"END:VCALENDAR" not in answer.body[-EDGE:].upper():
        raise door.fault(what=Phrase("problem.broke_off"), mend=WAIT, retry=True)
    return Fetched(answer.body, "ics", answer.seen)
