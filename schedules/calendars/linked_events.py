"""Reads events as a Linked Events API lists them (City of Helsinki's, used by several Finnish cities).

Its times are UTC, or bare days; the last day of a bare end belongs to it.  Descriptions, which may hold HTML, and all
that concerns persons are never read.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from bot.core.occurrences import Occurrence, Status, Words
from bot.core.plain_text import single_line
from bot.core.recurrence import DAY, midnight
from bot.messages import Phrase, Value
from schedules.calendars.reading import Problem, Reading, Window, listed

STATUSES: Final[Mapping[str, Status]] = {
    "EventScheduled": "confirmed",
    "EventRescheduled": "confirmed",  # its new time is the one that stands here
    "EventPostponed": "tentative",
    "EventCancelled": "cancelled",
}
PARENTS: Final = ("recurring", "umbrella")  # their dates are events of their own

NO_LIST: Final = Phrase("problem.no_list")
ANEW: Final = Phrase("problem.mend.ask_anew")

_LANGUAGE = re.compile(r"[a-z]{2}")


class _BrokenError(Exception):
    """An event that cannot be listed; ``what`` says why."""

    def __init__(self, what: Phrase) -> None:
        super().__init__(what.key)
        self.what = what


def read_linked_events(data: bytes, *, source: str, zone: ZoneInfo, window: Window, language: str) -> Reading:
    """Read the pages of a list of events.

    A broken event is named in the problems, and all others are kept.  An event that is listed twice, because the list
    changed while its pages were fetched, counts once.

    Args:
        data: a page as the API answers, or a JSON list of pages.
        source: what it is called in problems.
        zone: of bare days.
        window: what is listed.
        language: of texts that name none.
    """
    try:
        events = list(_events(orjson.loads(data)))
    except (orjson.JSONDecodeError, _BrokenError):
        return Reading((), (Problem(source, NO_LIST, None, Phrase("problem.mend.events_path")),))
    occurrences: dict[str, Occurrence] = {}
    problems: list[Problem] = []
    for event in events:
        try:
            odd = _read(event, zone, language, into=occurrences)
        except _BrokenError as error:
            odd = error.what
        if odd:
            problems.append(
                Problem(
                    source, Phrase("problem.of", {"mikä": _label(event, language), "vika": odd}), None, ANEW
                )
            )
    return Reading(listed(occurrences.values(), window), tuple(problems))


def _events(found: Any) -> Iterator[Any]:
    """Give the events of all pages, whatever each may turn out to be."""
    for page in found if isinstance(found, list) else [found]:
        if not isinstance(page, dict) or not isinstance(page.get("data"), list):
            raise _BrokenError(NO_LIST)
        yield from page["data"]


def _read(event: Any, zone: ZoneInfo, language: str, *, into: dict[str, Occurrence]) -> Phrase | None:
    """Read one event into the others; say what is odd about it though it is kept; None: nothing is.

    Raises:
        _BrokenError: it cannot be listed.
    """
    if not isinstance(event, dict):
        raise _BrokenError(Phrase("problem.not_event"))
    if event.get("super_event_type") in PARENTS or event.get("deleted") is True:
        return None
    uid = _text(event.get("id"))
    if not uid:
        raise _BrokenError(Phrase("problem.has_no_id"))
    said = event.get("event_status")
    known = STATUSES.get(said) if isinstance(said, str) else None
    if event.get("start_time") is None and known in ("tentative", "cancelled"):
        return None  # put off or called off, and nobody knows any more until when
    start, end, all_day, backwards = _span(event, zone)
    into[uid] = Occurrence(
        uid=uid,
        recurrence_id=None,
        start=start,
        end=end,
        all_day=all_day,
        status=known or "confirmed",
        title=_words(event.get("name"), language),
        place=_place(event, language),
    )
    if backwards:
        return Phrase("problem.backwards")
    return None if known or said is None else Phrase("problem.unknown_status")


def _span(event: Mapping[str, Any], zone: ZoneInfo) -> tuple[datetime, datetime, bool, bool]:
    """Give start and end in UTC, whether it lasts all day, and whether it says that it ends before it begins.

    Then, and without an end, it ends as it starts.
    """
    start = _time(event.get("start_time"))
    end = start if event.get("end_time") is None else _time(event["end_time"])
    try:
        if isinstance(start, datetime) and isinstance(end, datetime):
            begins, ends = start.astimezone(UTC), end.astimezone(UTC)
            return begins, max(begins, ends), False, ends < begins
        first, last = _day(start, zone), _day(end, zone)
        return midnight(first, zone), midnight(max(first, last) + DAY, zone), True, last < first
    except OverflowError:
        raise _BrokenError(Phrase("problem.beyond")) from None


def _time(written: Any) -> date | datetime:
    text = _text(written)
    try:
        if len(text) == len("2027-09-15"):
            return date.fromisoformat(text)
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise _BrokenError(
            Phrase("problem.time_unreadable") if text else Phrase("problem.has_no_time")
        ) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _day(when: date, zone: ZoneInfo) -> date:
    return when.astimezone(zone).date() if isinstance(when, datetime) else when


def _place(event: Mapping[str, Any], language: str) -> Words:
    """Join the place's name and where in it, in each language that has one of them."""
    location = event.get("location")
    names = _words(location.get("name") if isinstance(location, dict) else None, language)
    corners = _words(event.get("location_extra_info"), language)
    some_name = next(iter(names.values()), "")
    return {
        each: ", ".join(filter(None, (names.get(each, some_name), corners.get(each, ""))))
        for each in dict.fromkeys((*names, *corners))
    }


def _words(value: Any, language: str) -> Words:
    """Give a text in its languages; without any named, it is in this one."""
    if not isinstance(value, dict):
        value = {language: value}
    found = {name: _text(text) for name, text in value.items() if _LANGUAGE.fullmatch(name)}
    return {name: text for name, text in found.items() if text}


def _text(value: Any) -> str:
    return single_line(value) if isinstance(value, str) else ""


def _label(event: Any, language: str) -> Value:
    """Name an event in a problem: by its title and its id, as far as it has them."""
    if not isinstance(event, dict):
        return Phrase("problem.some_event")
    title = next(iter(_words(event.get("name"), language).values()), "")
    uid: Value = _text(event.get("id")) or Phrase("problem.no_id")
    return Phrase("problem.titled", {"nimi": title, "tunnus": uid}) if title else uid
