"""A reading as lines of JSON, for the way from one process to another.

Plain values, and no pickle: what comes back from a process that has read a stranger's file is only data.  Each line
is short, so that nobody who shares the interpreter waits for one to be read.
"""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Any

import orjson

from bot.core.occurrences import Occurrence
from bot.messages import Phrase
from schedules.calendars.reading import Problem, Reading, Unfilled

ROWS = 500  # in one line

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
# What the dates of a series mostly have in common is written once.
_COMMON = tuple(
    each.name for each in fields(Occurrence) if each.name not in ("start", "end", "recurrence_id")
)

_common_of = attrgetter(*_COMMON)


class CutOffError(Exception):
    """These lines are no reading, or not the whole of it."""


def packed(reading: Reading) -> Iterator[bytes]:
    """Give a reading as lines, each with its line feed."""
    known: dict[tuple[Any, ...], int] = {}
    rows: list[list[Any]] = []
    for it in reading.occurrences:
        values = _common_of(it)
        key = tuple(id(value) if isinstance(value, dict) else value for value in values)
        if key not in known:
            known[key] = len(known)
            yield _line({"common": dict(zip(_COMMON, values, strict=True))})
        rows.append([known[key], _seconds(it.start), _seconds(it.end), it.recurrence_id])
        if len(rows) == ROWS:
            yield _line({"dates": rows})
            rows = []
    yield _line({"dates": rows})
    for problem in reading.problems:
        yield _line({"problem": problem})
    for unfilled in reading.unfilled:
        yield _line({"unfilled": unfilled})
    for uid in reading.unread:
        yield _line({"unread": uid})
    yield _line({"end": len(reading.occurrences)})


def unpacked(lines: Iterable[bytes]) -> Reading:
    """Make a reading of its lines.

    Raises:
        CutOffError: they are none, or not all.
    """
    try:
        return _unpacked(lines)
    except (ValueError, TypeError, LookupError) as error:  # half a line, say
        raise CutOffError from error


def _unpacked(lines: Iterable[bytes]) -> Reading:
    like: list[partial[Occurrence]] = []
    occurrences: list[Occurrence] = []
    problems: list[Problem] = []
    unfilled: list[Unfilled] = []
    unread: list[str] = []
    for line in lines:
        match orjson.loads(line):
            case {"common": common}:
                like.append(
                    partial(Occurrence, **{name: _value(name, value) for name, value in common.items()})
                )
            case {"dates": rows}:
                occurrences += [
                    like[which](start=_instant(start), end=_instant(end), recurrence_id=original)
                    for which, start, end, original in rows
                ]
            case {"problem": problem}:
                problems.append(_problem(**problem))
            case {"unfilled": value}:
                unfilled.append(Unfilled(**value))
            case {"unread": str(uid)}:
                unread.append(uid)
            case {"end": number} if number == len(occurrences):
                return Reading(tuple(occurrences), tuple(problems), tuple(unfilled), tuple(unread))
            case _:
                break
    raise CutOffError


def _problem(source: str, what: Any, line: int | None, mend: Any) -> Problem:
    return Problem(source, _phrase(**what), line, _phrase(**mend))


def _phrase(key: str, values: dict[str, Any]) -> Phrase:
    return Phrase(
        key, {name: _phrase(**value) if isinstance(value, dict) else value for name, value in values.items()}
    )


def _line(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, default=_seconds_of, option=orjson.OPT_APPEND_NEWLINE)


def _seconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _SECOND


def _seconds_of(value: object) -> float:
    if isinstance(value, timedelta):
        return value / _SECOND
    raise TypeError


def _instant(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


def _value(name: str, value: Any) -> Any:
    if name == "leads" and value is not None:
        return tuple(timedelta(seconds=each) for each in value)
    return tuple(value) if isinstance(value, list) else value
