"""What comes of reading a calendar: its occurrences, and what is wrong with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NotRequired, TypedDict
from zoneinfo import ZoneInfo

from bot.core.occurrences import Occurrence, Words
from bot.errors import Fault
from bot.messages import Phrase

Window = tuple[datetime, datetime]  # from the first instant until before the second, UTC


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a calendar: where, what, and how to mend it, in words where it is told.

    ``line`` counts from 1; None: it is about the whole file.
    """

    source: str
    what: Phrase
    line: int | None
    mend: Phrase

    def __str__(self) -> str:
        where = "" if self.line is None else f"line {self.line}: "
        fault = self.fault()
        return f"{where}{fault.what}. {fault.mend}"

    def fault(self) -> Fault:
        """Say it as one of the faults of the set-up, in English."""
        # Imported when first used: the process that reads a calendar needs no catalogues.
        from bot.i18n import in_english  # noqa: PLC0415

        where = self.source if self.line is None else f"{self.source}, line {self.line}"
        return Fault(where, in_english(self.what), in_english(self.mend))


def unopened(called: str, error: OSError) -> Problem:
    """Say why a file cannot be read."""
    missing = isinstance(error, FileNotFoundError)
    what = Phrase("problem.file_missing") if missing else Phrase("problem.file_closed")
    return Problem(called, what, None, Phrase("problem.mend.check_file"))


def not_utf8(called: str, error: UnicodeDecodeError) -> Problem:
    """Say on which line of a file the first letter stands that cannot be read."""
    line = error.object.count(b"\n", 0, error.start) + 1
    return Problem(called, Phrase("problem.letter_not_utf8"), line, Phrase("problem.mend.save_utf8"))


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A field that is left out because the organization has not filled in the value ``name`` behind it."""

    source: str
    where: str
    line: int
    name: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A calendar as read: what is listed in the window, by its start, and everything that is wrong.

    ``unread`` are the UIDs of events that stand in it and cannot be read: their dates are not known to be gone.
    ``changed`` are the dates that an organizer has changed or added from the chat, by their UIDs and recurrence ids.
    """

    occurrences: tuple[Occurrence, ...]
    problems: tuple[Problem, ...] = ()
    unfilled: tuple[Unfilled, ...] = ()
    unread: tuple[str, ...] = ()
    changed: frozenset[tuple[str, str | None]] = frozenset()

    def is_changed(self, it: Occurrence) -> bool:
        """Say whether a date is not, or not so, in its calendar."""
        return (it.uid, it.recurrence_id) in self.changed


class OccurrenceJson(TypedDict):
    """One occurrence; ``start`` and ``end`` are ISO 8601 with offset, dates when it lasts all day.

    ``changed_in_chat`` stands only where it is true: what its calendar says has the other fields alone.
    """

    uid: str
    recurrence_id: str | None
    series: str | None
    title: str | None
    start: str
    end: str
    all_day: bool
    status: str
    variant: str | None
    place: str | None
    changed_in_chat: NotRequired[bool]


class ProblemJson(TypedDict):
    """One problem, with its line and its mend, in English."""

    source: str
    what: str


class ReadingJson(TypedDict):
    """What ``vertti schedule --json`` prints."""

    occurrences: list[OccurrenceJson]
    problems: list[ProblemJson]


def listed(occurrences: Iterable[Occurrence], window: Window) -> tuple[Occurrence, ...]:
    """Give the occurrences of which any part lies inside the window, in order."""
    first, end = window
    return tuple(
        sorted(
            (
                each
                for each in occurrences
                if each.start < end and (first < each.end or first == each.start == each.end)
            ),
            key=by_start,
        )
    )


def by_start(occurrence: Occurrence) -> tuple[datetime, str, str]:
    """Order by start; what starts at one instant, by its identity."""
    return occurrence.start, occurrence.uid, occurrence.recurrence_id or ""


def as_json(reading: Reading, zone: ZoneInfo, language: str = "fi") -> ReadingJson:
    """Give a reading as ``vertti schedule --json`` prints it, in the zone's local time.

    Titles and places are in this language, or in whichever there is.
    """
    return {
        "occurrences": [
            _occurrence(each, zone, language, changed=reading.is_changed(each))
            for each in sorted(reading.occurrences, key=by_start)
        ],
        "problems": [{"source": each.source, "what": str(each)} for each in reading.problems],
    }


def _occurrence(it: Occurrence, zone: ZoneInfo, language: str, *, changed: bool) -> OccurrenceJson:
    written: OccurrenceJson = {
        "uid": it.uid,
        "recurrence_id": it.recurrence_id,
        "series": it.series,
        "title": _in(language, it.title),
        "start": _written(it.start, it, zone),
        "end": _written(it.end, it, zone),
        "all_day": it.all_day,
        "status": it.status,
        "variant": it.variant,
        "place": _in(language, it.place),
    }
    if changed:
        written["changed_in_chat"] = True
    return written


def _written(instant: datetime, occurrence: Occurrence, zone: ZoneInfo) -> str:
    local = instant.astimezone(zone)
    return local.date().isoformat() if occurrence.all_day else local.isoformat()


def _in(language: str, words: Words) -> str | None:
    return words.get(language) or next(iter(words.values()), None)
