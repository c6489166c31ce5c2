"""Reads the calendars again and again, makes the table say what they say, and tells organizers what is wrong."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson

from bot.actions.announce import tell
from bot.core.occurrences import Occurrence
from bot.core.reminders import Alarm, alarms_of
from bot.messages import Lines, Phrase, say
from bot.router import House, Router, Tick, Trip
from bot.store import Store
from bot.store.errands import Errand
from schedules.calendars import Problem, Reading, Window, read_calendar
from schedules.poll_rounds import plan_next

router = Router()

AHEAD: Final = timedelta(days=400)  # how far recurrences are expanded ...
BACK: Final = timedelta(days=60)  # ... and how long what is over stays
READ: Final = "calendar.read:{}"  # the bookmark with what was read last, as a hash
TOLD: Final = "calendar.told:{}"  # the bookmark with the problems that organizers know of
MOST_TOLD: Final = 3  # problems named in one message


@dataclass(frozen=True, slots=True)
class Fresh:
    """A calendar that says something new, the alarms that follow from it, and the hash by which it is known."""

    reading: Reading
    mark: str
    alarms: Mapping[tuple[str, str | None], Sequence[Alarm]] = field(default_factory=dict)

    def alarms_of(self, it: Occurrence) -> Sequence[Alarm]:
        """Give the alarms of one of its occurrences, worked out before the writer has to wait for it."""
        return self.alarms.get((it.uid, it.recurrence_id), ())


@router.at_start
@router.daily(minutes=15)
def ask_for_fresh(tick: Tick) -> None:
    """Have each calendar read."""
    files = [name for name in tick.house.calendars if not is_address(name)]
    tick.store.calendar.drop_sources(files, now=tick.now)
    for name in files:
        tick.store.errands.queue("refresh", f"refresh:{name}", now=tick.now, calendar=name)
    for number, name in enumerate(tick.house.calendars, start=1):
        if is_address(name):
            _tell_problems(tick, f"address {number}", [_no_addresses(number)])


def is_address(name: str) -> bool:
    """Tell an address from the name of a file."""
    return "://" in name


def read_file(path: Path, *, source: str, window: Window, house: House) -> Reading:
    """Read one calendar; that it is not there, or cannot be read, is a problem among others."""
    if is_address(source):
        return Reading((), (_no_addresses(None),))
    try:
        data = path.read_bytes()
    except OSError as error:
        return Reading((), (_unreadable(source, error),))
    return _read(data, source, window, house)


def _read(data: bytes, source: str, window: Window, house: House) -> Reading:
    fill = house.content.organization
    return read_calendar(
        data, source=source, zone=house.zone, window=window, language=house.language, fill=fill
    )


def _finish(tick: Tick, errand: Errand, fresh: Fresh | None) -> None:
    """Take what was read into the table; None: nothing has changed."""
    if fresh is None:
        return
    source, house, problems = str(errand.values["calendar"]), tick.house, fresh.reading.problems
    if fresh.reading.occurrences or not tick.store.calendar.has_future(source, tick.now):
        tick.store.calendar.refresh(source, fresh.reading.occurrences, fresh.alarms_of, now=tick.now)
        plan_next(tick.store, house, now=tick.now)
    else:  # emptied, or not to be read at all: the last good copy stays (T-25)
        problems = problems or (_emptied(source),)
    told = _tell_problems(tick, source, problems)
    # As long as there is nobody to tell, it is read again.
    tick.store.books.set_bookmark(READ.format(source), fresh.mark if told else "")


@router.errand("refresh", ending=_finish)
def refresh(trip: Trip) -> Fresh | None:
    """Read a calendar; None: it, the day and all that it is read by are as they were."""
    source = str(trip.errand.values["calendar"])
    house = trip.house
    try:
        data = (house.content_dir / source).read_bytes()
    except OSError as error:
        problem = _unreadable(source, error)
        return Fresh(Reading((), (problem,)), "")
    mark = _mark(data, house, trip.now)
    if trip.look(partial(_known_mark, source=source)) == mark:
        return None
    reading = _read(data, source, (trip.now - BACK, trip.now + AHEAD), house)
    return Fresh(
        reading, mark, {(it.uid, it.recurrence_id): _alarms_of(it, house) for it in reading.occurrences}
    )


def _alarms_of(it: Occurrence, house: House) -> Sequence[Alarm]:
    return alarms_of(it, default_leads=house.default_leads, hours=house.quiet_hours, zone=house.zone)


def _known_mark(store: Store, *, source: str) -> str | None:
    return store.books.bookmark(READ.format(source))


def _mark(data: bytes, house: House, now: datetime) -> str:
    """Sum up everything that the table depends on; a new day moves the window."""
    read_by: list[Any] = [
        now.astimezone(house.zone).date().isoformat(),
        sorted((name, str(value)) for name, value in house.content.organization.items()),
        house.zone.key,
        house.language,
        [each.total_seconds() for each in house.default_leads],
        str(house.quiet_hours),
    ]
    return hashlib.sha256(data + orjson.dumps(read_by)).hexdigest()


def _tell_problems(tick: Tick, source: str, problems: Sequence[Problem]) -> bool:
    """Tell organizers of each problem once, until it is mended and comes back; False: there is no organizer."""
    bookmark = TOLD.format(source)
    known = set(orjson.loads(tick.store.books.bookmark(bookmark) or "[]"))
    marks = {_mark_of(each): each for each in problems}
    new = [each for mark, each in marks.items() if mark not in known]
    organizers = tick.store.people.organizers()
    if new and not organizers:
        return False
    for organizer in organizers if new else ():
        tell(
            tick.store,
            tick.house,
            organizer.id,
            f"calendar:{source}:{tick.now.isoformat()}",
            say(
                "calendar.problems",
                kalenteri=source,
                viat=Lines(tuple(map(_worded, new[:MOST_TOLD]))),
                muut=Phrase("calendar.others", {"n": len(new) - MOST_TOLD}) if len(new) > MOST_TOLD else "",
            ),
            now=tick.now,
        )
    if new or known - marks.keys():
        tick.store.books.set_bookmark(bookmark, orjson.dumps(sorted(marks)).decode())
    return True


def _worded(problem: Problem) -> Phrase:
    what = {"vika": problem.what, "korjaus": problem.mend}
    if problem.line is None:
        return Phrase("calendar.problem", what)
    return Phrase("calendar.problem_on_line", {**what, "rivi": problem.line})


def _mark_of(problem: Problem) -> str:
    """Know a problem again, also when lines above it come and go."""
    return hashlib.sha256(f"{problem.what}\0{problem.mend}".encode()).hexdigest()[:16]


def _unreadable(source: str, error: OSError) -> Problem:
    missing = isinstance(error, FileNotFoundError)
    what = "the file is not there" if missing else "the file cannot be opened"
    return Problem(source, what, None, "Check its name in VERTTI_CALENDARS and who may read it.")


def _emptied(source: str) -> Problem:
    mend = "Put the events back, or take the calendar out of VERTTI_CALENDARS."
    return Problem(source, "it is empty; what stood there before is kept", None, mend)


def _no_addresses(number: int | None) -> Problem:
    where = "VERTTI_CALENDARS" if number is None else f"VERTTI_CALENDARS, number {number}"
    mend = "Save the calendar as a file in the content folder and name that file."
    return Problem(where, "addresses are not read yet", None, mend)
