"""Places at an event with a limit: who has one, who waits for one, and how long a freed one is kept for the next."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from bot.core.quiet_hours import QuietHours, next_allowed

State = Literal["coming", "waiting", "offered"]

HELD: Final = timedelta(
    hours=24
)  # a freed place, for who is next; near the start for half of the time that is left ...
HELD_AT_LEAST: Final = timedelta(hours=1)  # ... but not less than this, while there is so much
LAST_CALL: Final = timedelta(
    hours=2
)  # before the start: from then on a free place is whose who takes it first
QUARTER: Final = timedelta(minutes=15)  # what people are told ends on the quarter hour

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody on the list of one event; a smaller number came earlier.

    ``who`` they are means nothing here.  ``until``: so long an offered place is theirs to take (UTC).  ``reachable``:
    can they be told that it is?
    """

    id: int
    who: int
    state: State
    until: datetime | None = None
    reachable: bool = True


@dataclass(frozen=True, slots=True)
class Settled:
    """What time, or somebody's going, makes of a list: numbers of its entries.

    ``gone`` leave it: they let an offer end, or it is their turn and they cannot be told.  ``back`` wait again where they stood, for
    the place that was offered to them is none any more.  ``next`` are those to whom a place is offered now.
    """

    gone: tuple[int, ...] = ()
    back: tuple[int, ...] = ()
    next: tuple[int, ...] = ()


def free(entries: Collection[Entry], limit: int | None) -> int | None:
    """Give how many places nobody has and none is kept for; None: there is no limit."""
    return None if limit is None else max(limit - len(_holding(entries)), 0)


def joins_as(entries: Collection[Entry], limit: int | None, *, queue: bool = True) -> State:
    """Say what becomes of somebody who signs up.

    ``queue``: do those who wait come first?  Shortly before the start they do not.
    """
    if free(entries, limit) == 0 or (queue and _waiting(entries)):
        return "waiting"
    return "coming"


def number_of(entries: Collection[Entry], which: int) -> int:
    """Give somebody's own number in the queue; the next one has 1."""
    return sum(each.id <= which for each in _waiting(entries))


def settle(
    entries: Collection[Entry], limit: int | None, *, now: datetime, start: datetime, offers: bool
) -> Settled:
    """Say what must change so that no place is kept in vain, none is given twice and the order holds.

    Who has a place keeps it, also where the limit was lowered below their number.

    Args:
        entries: the list.
        limit: how many places there are; None: as many as are wanted; 0: the event does not take place.
        now: the present, UTC.
        start: of the event, UTC.
        offers: may a place be offered now?
    """
    over = [each for each in entries if each.state == "offered" and _is_over(each, now, start)]
    staying = [each for each in entries if each not in over]
    offered = sorted((each for each in staying if each.state == "offered"), key=_by_number)
    too_many = 0 if limit is None else max(len(_holding(staying)) - limit, 0)
    back = offered[max(len(offered) - too_many, 0) :]
    room = free(staying, limit)
    unreachable, following = _in_turn(_waiting(staying), room) if offers else ((), ())
    return Settled(
        tuple(each.id for each in (*over, *unreachable)),
        tuple(each.id for each in back),
        tuple(each.id for each in following),
    )


def offer_until(
    now: datetime, *, start: datetime, hours: QuietHours | None, zone: ZoneInfo
) -> datetime | None:
    """Give until when a place that is offered now is kept (UTC); None: nobody is asked any more.

    It counts from when they can be told, and never ends in quiet hours, for then the next one could not be told either.

    Args:
        now: the present, UTC.
        start: of the event, UTC.
        hours: in which nothing is pushed.
        zone: whose wall clock the quiet hours go by.
    """
    latest = start - LAST_CALL
    told = next_allowed(now, hours, zone)
    left = latest - told
    if left < QUARTER:
        return None
    ends = told + min(HELD, max(HELD_AT_LEAST, left / 2))
    return min(next_allowed(_to_quarter(ends), hours, zone), latest)


def _in_turn(waiting: Sequence[Entry], room: int | None) -> tuple[Sequence[Entry], Sequence[Entry]]:
    """Give who cannot be told, of those whose turn it is, and who can; ``room`` None: for all."""
    unreachable: list[Entry] = []
    following: list[Entry] = []
    for each in waiting:
        if room is not None and len(following) >= room:
            break
        (following if each.reachable else unreachable).append(each)
    return unreachable, following


def _is_over(entry: Entry, now: datetime, start: datetime) -> bool:
    """Tell whether an offer ends; who cannot be told of it does not answer."""
    assert entry.until is not None
    return not entry.reachable or min(entry.until, start - LAST_CALL) <= now


def _holding(entries: Collection[Entry]) -> list[Entry]:
    return [each for each in entries if each.state != "waiting"]


def _waiting(entries: Collection[Entry]) -> list[Entry]:
    return sorted((each for each in entries if each.state == "waiting"), key=_by_number)


def _by_number(entry: Entry) -> int:
    return entry.id


def _to_quarter(moment: datetime) -> datetime:
    """Round up to the quarter hour."""
    return _EPOCH - (_EPOCH - moment) // QUARTER * QUARTER
