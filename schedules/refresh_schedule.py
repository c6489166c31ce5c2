"""Reads the calendars again and again, and makes the table say what they say.

Where a calendar has changed, an errand compares it with the table and its ending writes what differs, piece by piece.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import orjson

from bot.actions import left_out_turns
from bot.actions.announce import tell
from bot.actions.describe import name_of, time_of
from bot.actions.held_calendar import Hold, hold, hold_of, release
from bot.core.left_out import LeftOut, left_out
from bot.core.occurrences import Occurrence
from bot.core.overrides import Overrides
from bot.core.reminders import Alarm, alarms_of
from bot.core.schedule_changes import known_of
from bot.core.schedule_diff import Difference, Outdated, Step, Stored, difference
from bot.core.shrinking import Loss, loss
from bot.messages import Phrase, Value, say
from bot.router import House, Router, Tick, Trip
from bot.store import Store
from bot.store.errands import Errand
from bot.store.refreshing import PAGE
from schedules.calendars import Problem, Reading
from schedules.calendars.again import FetchFault, Mark, Source, read_again, sources_of
from schedules.calendars.reading import unopened
from schedules.poll_rounds import plan_next
from schedules.tell_problems import tell_problems

router = Router()

AHEAD: Final = timedelta(days=400)  # how far recurrences are expanded ...
BACK: Final = timedelta(days=60)  # ... and how long what is over stays
READ: Final = "calendar.read:{}"  # the bookmark with what was read last, as a `Mark`
AWAY: Final = "calendar.away:{}"  # the bookmark with since when it cannot be had, and when to ask again
PIECE: Final = 300  # rows written in one transaction: some 20 ms of the writer's
PATIENCE: Final = timedelta(hours=1)  # what passes by itself within this is told to nobody


@dataclass(frozen=True, slots=True)
class Known:
    """What an errand knows of its calendar before it is read."""

    last: Mark
    hold: Hold | None


@dataclass(frozen=True, slots=True)
class Piece:
    """Steps that are written in one transaction, and the alarms of their dates, worked out before the writer waits."""

    steps: tuple[Step, ...]
    alarms: Mapping[tuple[str, str | None], Sequence[Alarm]]

    def alarms_of(self, it: Occurrence) -> Sequence[Alarm]:
        """Give the alarms of one of the dates."""
        return self.alarms.get((it.uid, it.recurrence_id), ())


@dataclass(frozen=True, slots=True)
class Fresh:
    """A calendar that says something new, and what that changes.

    ``found`` is without its steps.  These are ``left`` to be written, piece by piece, and each piece is let go when it is:
    to free all of a large calendar at once would hold everybody up (37 ms for 160 000 dates).
    ``version`` is that of the table with which it was compared.
    ``unread``: of some of it the last good copy holds.  ``lost``: it has lost so much that an organizer is asked first.
    ``left_out`` are dates after which organizers are asked whose turn it is; ``followed`` shifts of turns that the calendar
    now makes itself, or leaves without a reason.
    """

    source: Source
    mark: Mark
    problems: tuple[Problem, ...]
    found: Difference
    left: tuple[Piece, ...] = ()
    version: str = ""
    begun: bool = False
    unread: bool = False
    lost: Loss | None = None
    first_lost: Occurrence | None = None
    left_out: Sequence[LeftOut] = ()
    followed: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """A calendar that could not be had, or of which nothing can be read; what was read before holds.

    ``retry``: it may be over in a while.  ``after``: how long its host wants to be left alone.
    """

    source: Source
    problems: tuple[Problem, ...]
    mark: Mark | None = None
    retry: bool = False
    after: timedelta = timedelta()


@router.at_start
@router.daily(minutes=15)
def ask_for_fresh(tick: Tick) -> None:
    """Have each calendar read, but for those that want to be left alone."""
    sources = sources_of(tick.house)
    tick.store.refreshing.drop_sources([each.key for each in sources], now=tick.now)
    for each in sources:
        _, until = _away(tick.store, each.key)
        if until is None or until <= tick.now:
            tick.store.errands.queue("refresh", f"refresh:{each.key}", now=tick.now, calendar=each.key)


# ---- the errand ----------------------------------------------------------------------------------------


def _finish(tick: Tick, errand: Errand, result: Fresh | Unread | None) -> Fresh | None:
    """Take a piece of what is new into the table; give what is left, None: nothing."""
    if result is None:
        return None
    if isinstance(result, Unread):
        _stay(tick, result)
        return None
    if result.version != _version(tick.store, result.source.key):
        # An organizer has changed something meanwhile: it is compared anew, under a key that is not this errand's.
        again = f"refresh:{result.source.key}"
        key = f"{again}:again" if errand.key == again else again
        tick.store.errands.queue("refresh", key, now=tick.now, calendar=result.source.key)
        return None
    return _take(tick, result)


@router.errand("refresh", ending=_finish)
def refresh(trip: Trip) -> Fresh | Unread | None:
    """Read a calendar and compare it; None: it, the day and all that it is read by are as they were."""
    key = str(trip.errand.values["calendar"])
    source = next((each for each in sources_of(trip.house) if each.key == key), None)
    if source is None:
        return None  # it is set no longer
    known = trip.look(partial(_known, source=key))
    accepted = known.hold is not None and known.hold.answer == "yes"
    window = (trip.now - BACK, trip.now + AHEAD)
    try:
        read = read_again(
            source,
            trip.house,
            last=Mark("", "", "") if accepted else known.last,
            window=window,
            now=trip.now,
            known=_begun(trip),
        )
    except OSError as error:
        return Unread(source, (unopened(source.called, error),))
    except FetchFault as fault:
        return Unread(source, (fault.problem,), retry=fault.retry, after=fault.after or timedelta())
    if read is None:
        return None
    reading, mark = read
    if reading.problems and not reading.occurrences:
        return Unread(source, reading.problems, mark)
    return _compare(trip, source, known, reading, mark)


def _compare(
    trip: Trip,
    source: Source,
    known: Known,
    reading: Reading,
    mark: Mark,
) -> Fresh:
    """Find out what has changed, on rows that are read a page at a time so that nobody waits long for the reader."""
    house, key = trip.house, source.key
    version, overrides, concerned = trip.look(partial(_to_compare_with, source=key, house=house))
    stored: list[Stored] = []
    while page := trip.look(partial(_page, source=key, after=stored[-1].id if stored else 0)):
        stored += page
    compare = partial(
        difference,
        key,
        stored,
        reading.occurrences,
        now=trip.now,
        concerned=concerned,
        unreadable=frozenset(reading.unread),
        all_alarms=mark.alarms != known.last.alarms,
    )
    found = compare(overrides)
    lost = loss(stored, found.vanished, read_nothing=not reading.occurrences, now=trip.now)
    accepted = known.hold is not None and known.hold.answer == "yes" and known.hold.covers(found.vanished)
    turns = _turns(house)
    gaps, back = left_out(stored, found, turns, now=trip.now), _back(stored, found)
    followed = trip.look(partial(left_out_turns.superseded, gaps=gaps, back=back)) if gaps or back else []
    if followed:
        found = compare(
            trip.look(lambda store: store.overrides.in_force(turns, without=followed)),
        )
    fresh = Fresh(
        source,
        mark,
        reading.problems,
        replace(found, steps=()),
        version=version,
        unread=bool(reading.unread),
        left_out=() if lost is not None else gaps,
        followed=followed,
    )
    if lost is not None and not accepted:
        gone = [row.said for row in stored if row.id in found.vanished]
        return replace(fresh, lost=lost, first_lost=min(gone, key=lambda it: it.start))
    return replace(fresh, left=tuple(_pieces(found.steps, house, trip.now)))


def _pieces(steps: Sequence[Step], house: House, now: datetime) -> Iterator[Piece]:
    wanted = partial(alarms_of, default_leads=house.default_leads, hours=house.quiet_hours, zone=house.zone)
    in_order = sorted(steps, key=_urgency)
    for first in range(0, len(in_order), PIECE):
        piece = tuple(in_order[first : first + PIECE])
        ahead = [step.after for step in piece if step.after is not None and step.after.start > now]
        yield Piece(piece, {(it.uid, it.recurrence_id): wanted(it) for it in ahead})


def _known(store: Store, *, source: str) -> Known:
    return Known(Mark.loaded(store.books.bookmark(READ.format(source))), hold_of(store, source))


def _begun(trip: Trip) -> Iterator[Occurrence]:
    """Give what has begun, if any series needs it, and only when it is asked for: there may be thousands."""
    if any(each.origin for each in trip.house.series.values()):
        yield from trip.look(lambda store: store.refreshing.begun(trip.now))


def _to_compare_with(store: Store, *, source: str, house: House) -> tuple[str, Overrides, frozenset[int]]:
    return (
        _version(store, source),
        store.overrides.in_force(_turns(house)),
        store.refreshing.concerned(source),
    )


def _turns(house: House) -> dict[str, Sequence[str]]:
    return {each.id: each.turns for each in house.series.values() if each.turns}


def _back(stored: Sequence[Stored], found: Difference) -> list[Occurrence]:
    """Give the dates that an organizer had cancelled and the calendar brings back, as it said them before."""
    back = {
        each.row
        for each in found.outdated
        if each.override.kind == "cancel" and each.after.status != "cancelled"
    }
    return [row.said for row in stored if row.id in back]


def _page(store: Store, *, source: str, after: int) -> list[Stored]:
    return store.refreshing.stored(source, after=after, most=PAGE)


def _version(store: Store, source: str) -> str:
    """Name the state of a calendar's rows: what organizers and refreshes have made of them."""
    return f"{store.refreshing.version()}/{store.refreshing.version(source)}"


def _urgency(step: Step) -> datetime:
    """What begins first is written first."""
    it = step.after or step.before
    assert it is not None
    return it.start


# ---- its ending ----------------------------------------------------------------------------------------


def _take(tick: Tick, fresh: Fresh) -> Fresh | None:
    """Write a piece; or hold it, and ask."""
    store, source = tick.store, fresh.source
    if fresh.lost is not None:
        _hold(tick, fresh)
        return None
    if not fresh.begun:
        release(store, source.key)
        store.overrides.follow(fresh.found)
        for each in fresh.found.outdated:
            _tell_outdated(tick, each)
        for override in fresh.followed:
            store.overrides.end(override, "superseded")
        left_out_turns.note(store, tick.house, source.key, fresh.left_out)
        store.refreshing.count_up(source.key)
        fresh = replace(fresh, begun=True, version=_version(store, source.key))
    for piece in fresh.left[:1]:
        store.refreshing.apply(source.key, piece.steps, piece.alarms_of, now=tick.now, settle=tick.house.undo)
    if left := fresh.left[1:]:
        return replace(fresh, left=left)
    plan_next(store, tick.house, now=tick.now)
    left_out_turns.ask(store, tick.house, source.key, now=tick.now)
    _is_read(tick, source, fresh.problems, fresh.mark, whole=fresh.unread)
    return None


def _hold(tick: Tick, fresh: Fresh) -> None:
    """Let the last good copy hold, and ask organizers what has become of the dates that are gone."""
    source, vanished = fresh.source, fresh.found.vanished
    asked = hold_of(tick.store, source.key)
    if asked is None or not asked.covers(vanished):
        assert fresh.lost is not None
        assert fresh.first_lost is not None
        if not hold(
            tick.store,
            tick.house,
            source.key,
            called=source.spoken,
            vanished=vanished,
            lost=fresh.lost,
            first=fresh.first_lost,
            now=tick.now,
        ):
            return  # as long as there is nobody to ask, it is read again
    _is_read(tick, source, fresh.problems, fresh.mark)


def _is_read(
    tick: Tick, source: Source, problems: Sequence[Problem], mark: Mark, *, whole: bool = False
) -> None:
    """Note as what it was read; as long as there is nobody to tell of its problems, it is read again."""
    tick.store.books.set_bookmark(AWAY.format(source.key), "")
    told = tell_problems(tick, source.key, source.spoken, problems, whole=whole)
    tick.store.books.set_bookmark(READ.format(source.key), mark.dumped() if told else "")


def _stay(tick: Tick, unread: Unread) -> None:
    """Keep the last good copy; tell organizers why, once it has lasted."""
    key = unread.source.key
    since, _ = _away(tick.store, key)
    since = since or tick.now
    until = tick.now + unread.after
    away = orjson.dumps([since.isoformat(), until.isoformat()]).decode()
    if unread.mark is not None:
        _is_read(tick, unread.source, unread.problems, unread.mark, whole=True)
        return
    tick.store.books.set_bookmark(AWAY.format(key), away)
    if not unread.retry or tick.now - since >= PATIENCE:
        tell_problems(tick, key, unread.source.spoken, unread.problems, whole=True)
        # Once it is there again it is read, though it may say what it said, and organizers hear that it is mended.
        tick.store.books.set_bookmark(READ.format(key), "")


def _away(store: Store, source: str) -> tuple[datetime | None, datetime | None]:
    """Give since when a calendar cannot be had, and until when its host wants to be left alone; None: it is there."""
    text = store.books.bookmark(AWAY.format(source))
    if not text:
        return None, None
    since, until = (datetime.fromisoformat(each) for each in orjson.loads(text))
    return since, until


def _tell_outdated(tick: Tick, outdated: Outdated) -> None:
    """Tell who is an organizer still that the calendar has changed what they had changed, unless both say the same."""
    after, by = outdated.after, tick.store.people.get(outdated.override.organizer)
    if by is None or by.role != "organizer" or known_of(outdated.before) == known_of(after):
        return
    now: Value = time_of(after) if after.status != "cancelled" else Phrase("override.now_cancelled")
    message = say("override.outdated", nimi=name_of(after, tick.house), nyt=now)
    tell(tick.store, tick.house, by.id, f"outdated:{outdated.override.id}", message, now=tick.now)
