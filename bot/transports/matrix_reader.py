"""From what a sync brings to what it means: a batch of Incoming, and the place from which to read on.

The place (`next_batch`) is kept only after the batch is committed, and only when nothing of it still waits: an
invitation is told once, and the key of an unreadable message may come a moment later.  After a crash some of it is read
again, and the ids of the events tell what had its effect.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeVar

import structlog

from bot.errors import SendError, Unreachable
from bot.messages import Incoming, Place
from bot.transports.matrix_account import PLATFORM, SYNC, Account
from bot.transports.matrix_comings import Comings, is_own_join
from bot.transports.matrix_events import Malformed
from bot.transports.matrix_http import MatrixRefused
from bot.transports.matrix_meanings import Meanings
from bot.transports.matrix_rooms import STATE

log = structlog.get_logger()
T = TypeVar("T")

KEY_WITHIN: Final = 5.0  # seconds in which the key of an unreadable message may still come
MOST_MISSED: Final = 5000  # events of one room that are fetched after we were away
PIECE: Final = 100
HISTORY: Final = {
    "types": [
        "m.room.message", "m.room.encrypted", "m.reaction", "m.room.redaction", "m.sticker",
        "m.poll.response", "org.matrix.msc3381.poll.response", "org.matrix.msc3381.v2.poll.response",
        "m.poll.start", "org.matrix.msc3381.poll.start", "m.room.member", "m.room.tombstone",
    ]
}  # fmt: skip
FEW: Final = 4  # times that one thing is asked for in vain while all else is answered: some four seconds
MANY: Final = 30  # the same for what people said while we were away: some two minutes
CROWD: Final = 3  # messages of ours on their way: from then on only what others say is asked for ...
HOLD_ON: Final = 0.5  # ... and each so many seconds, not with each message that comes back to us


@dataclass(frozen=True, slots=True)
class Sealed:
    """An event that could not be read yet, and until when its key may come."""

    room: str = field(repr=False)
    event: Mapping[str, Any] = field(repr=False)
    until: float


@dataclass(slots=True)
class Reader:
    """Reads on from ``since``; None: from now on."""

    account: Account
    since: str | None
    names: tuple[str, ...] = ()
    set_aside: int = 0  # malformed events that were passed over
    _whole: Mapping[str, Any] | None = (
        None  # the first answer, with the state of all rooms, until it is accepted
    )
    _known: set[str] = field(default_factory=set)  # rooms of which the timeline was read to its end before
    _sealed: dict[str, Sealed] = field(default_factory=dict)
    _settled: list[str] = field(default_factory=list)  # of those, what the batch in hand tells of
    _failures: int = 0  # to understand, in a row
    _echo: bool = False  # nobody but us had said anything
    _once_kept: list[Callable[[], None]] = field(
        default_factory=list
    )  # what to do when the batch is committed
    _comings: Comings = field(init=False)
    _meanings: Meanings = field(init=False)

    def __post_init__(self) -> None:
        """Put together who reads what."""
        self._comings = Comings(self.account, self._once_kept.append)
        self._meanings = Meanings(self.account, self.names, self._looked_up, self._once_kept.append)

    @property
    def pending(self) -> bool:
        """Does something that was told once still wait?  Then the place is not to be kept."""
        return bool(self._sealed) or self.account.invitations.waiting

    async def prepare(self) -> None:
        """Learn of all rooms, so that something can be said; what is new is read by `sync` and `understand`."""
        try:
            self._whole = await self.account.sync(self.since, whole=True, wait=0)
        except MatrixRefused:
            if self.since is None:
                raise
            log.warning("matrix.place_unknown", platform=PLATFORM)  # a homeserver that was set up anew
            self.since = None
            self._whole = await self.account.sync(None, whole=True, wait=0)
        await self.account.take(self._whole)
        for room, part in _rooms(self._whole, "join"):
            for event in (*_events(part, "state"), *_events(part, "timeline")):
                if event.get("type") in STATE:
                    self.account.rooms.take(room, event)
            self.account.rooms.opened(room)
            self._known.add(room)

    async def sync(self) -> Mapping[str, Any]:
        """Ask what is new, from the place that was accepted last."""
        if self._whole is not None:
            return self._whole
        if self._echo and self.account.speaking >= CROWD:
            await asyncio.sleep(HOLD_ON)
            others = await self.account.sync(self.since, whole=False, wait=0, of_others=True)
            if self._is_all(others):
                return others
        now = asyncio.get_running_loop().time()
        wait = min((each.until - now for each in self._sealed.values()), default=SYNC)
        wait = max(0.2, min(wait, SYNC))
        return await self.account.sync(self.since, whole=False, wait=wait)

    def _is_all(self, others: Mapping[str, Any]) -> bool:
        """Tell whether what others did is all that matters; where we came in, our coming tells what is old."""
        return all(
            room in self._known and not _mapping(part.get("timeline")).get("limited")
            for room, part in _rooms(others, "join")
        )

    async def understand(self, sync: Mapping[str, Any]) -> list[Incoming]:
        """Give what it means; the same answer may be understood again.

        Raises:
            Throttled, Unreachable: the homeserver could not be asked for what else is needed.
        """
        try:
            batch = await self._understood(sync)
        except SendError:
            self._failures += 1
            self._whole = None  # it is asked again, so that only what fails alone is passed over in the end
            raise
        self._failures = 0
        return batch

    async def _looked_up(self, answer: Awaitable[T], *, patience: int = FEW) -> T | None:
        """Give what else the homeserver was asked for; None: it refuses, or has failed at this alone for too long.

        One room that is broken there must not keep all others from being heard.
        """
        try:
            return await answer
        except MatrixRefused:
            return None
        except Unreachable:
            if self._failures < patience:
                raise
            log.error("matrix.passed_over", platform=PLATFORM)  # noqa: TRY400 - whatever it was, it was not ours
            return None

    async def _understood(self, sync: Mapping[str, Any]) -> list[Incoming]:
        account = self.account
        self._once_kept.clear()
        self._settled.clear()
        await account.take(sync)
        batch: list[Incoming] = []
        for room, event in _ends(sync):  # whichever of two rooms stands first, both ends of a move are known
            if room in account.rooms:
                account.rooms.take(room, event)
        for room, part in _rooms(sync, "join"):
            missed = await self._missed(room, part) if room in self._known and self.since is not None else []
            for event in _events(part, "state"):
                account.rooms.take(room, event)
            account.rooms.opened(room)
            batch += await self._read(room, [*missed, *_events(part, "timeline")])
            self._known.add(room)
        for room, part in _rooms(sync, "leave"):
            self._known.discard(room)
            batch += self._comings.left(room, [*_events(part, "state"), *_events(part, "timeline")])
        for room, part in _rooms(sync, "invite"):
            self._comings.invited(room, _events(part, "invite_state"))
        batch += await self._unsealed()
        account.changed()
        self._echo = not batch
        return batch

    def accepted(self, sync: Mapping[str, Any]) -> None:
        """Read on from here."""
        self.since = sync["next_batch"]
        self._whole = None
        for identity in self._settled:
            self._sealed.pop(identity, None)
        for act in self._once_kept:
            act()
        self._once_kept.clear()

    # ---- what came in the rooms ---------------------------------------------------------------------

    async def _missed(self, room: str, part: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Fetch what lies between the place we were at and a timeline that begins later; oldest first."""
        timeline = _mapping(part.get("timeline"))
        start = timeline.get("prev_batch")
        if not timeline.get("limited") or not isinstance(start, str):
            return []
        found: list[Mapping[str, Any]] = []
        while start and len(found) < MOST_MISSED:
            query = {"dir": "b", "from": start, "to": self.since, "limit": PIECE, "filter": HISTORY}
            asked = self.account.http.get("rooms", room, "messages", query=query)
            page = await self._looked_up(asked, patience=MANY) or {}
            chunk = [each for each in page.get("chunk") or () if isinstance(each, dict)]
            found += chunk
            start = page.get("end") if chunk else None
        return found[::-1]

    async def _read(self, room: str, events: Sequence[Mapping[str, Any]]) -> list[Incoming]:
        """Read a room's events in order; what was said before we came in is not ours."""
        joined = max((n for n, event in enumerate(events) if is_own_join(event, self.account.me)), default=-1)
        batch: list[Incoming] = []
        last: str | None = None
        for number, event in enumerate(events):
            try:
                incoming = await self._one(room, event, ours=number >= joined)
            except (Malformed, ValueError, TypeError, KeyError, AttributeError) as error:
                self.set_aside += 1
                log.warning("matrix.event_set_aside", platform=PLATFORM, error=type(error).__name__)
                continue
            if incoming is not None:
                batch.append(incoming)
                if (
                    incoming.what in {"text", "button", "unreadable"}
                    and incoming.addressed
                    and number > joined
                ):
                    last = incoming.id
        if last is not None:
            where = self.account.rooms.get(room)
            private = where is not None and where.kind(self.account.me) == "private"
            self._once_kept.append(partial(self.account.courtesies.heard, room, last, answered=private))
        return batch

    async def _one(self, room: str, event: Mapping[str, Any], *, ours: bool) -> Incoming | None:
        """Read one event; ``ours``: it came when we were in the room."""
        ours = ours and self._is_new(event)
        if event.get("type") in STATE and "state_key" in event:
            changed = self._comings.changed(room, event)
            return changed if ours else None
        if not ours or event.get("sender") == self.account.me:
            return None
        if event.get("type") == "m.room.encrypted":
            meant = self.account.crypto.decrypt(event, room)
            if meant is None:
                self._wait_for_key(room, event)
                return None
            event = {**event, **meant}
        return await self._meanings.read(room, event)

    def _is_new(self, event: Mapping[str, Any]) -> bool:
        """Without a place to go on from the homeserver shows what is old, too."""
        return self.since is not None or int(event.get("origin_server_ts") or 0) >= self.account.device.since

    # ---- what could not be read ---------------------------------------------------------------------

    def _wait_for_key(self, room: str, event: Mapping[str, Any]) -> None:
        identity = str(event["event_id"])
        if identity not in self._sealed:
            until = asyncio.get_running_loop().time() + KEY_WITHIN
            self._sealed[identity] = Sealed(room, event, until)
            self.account.beside(self.account.crypto.ask_for_key(event, room))

    async def _unsealed(self) -> list[Incoming]:
        """Give what can be read by now, and what has waited long enough as unreadable."""
        batch: list[Incoming] = []
        now = asyncio.get_running_loop().time()
        for identity, sealed in tuple(self._sealed.items()):
            found = self.account.rooms.get(sealed.room)
            meant = self.account.crypto.decrypt(sealed.event, sealed.room)
            if found is None:
                self._settled.append(identity)
            elif meant is not None:
                batch += await self._read(sealed.room, [{**sealed.event, **meant}])
                self._settled.append(identity)
            elif sealed.until <= now:
                private = found.kind(self.account.me) == "private"
                sender = Place(PLATFORM, str(sealed.event.get("sender")))
                if private:
                    batch.append(Incoming(id=identity, where=sender, sender=sender, what="undecryptable"))
                self._settled.append(identity)
        return batch


def _rooms(sync: Mapping[str, Any], which: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for room, part in _mapping(_mapping(sync.get("rooms")).get(which)).items():
        yield room, _mapping(part)


def _ends(sync: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for room, part in _rooms(sync, "join"):
        for event in (*_events(part, "state"), *_events(part, "timeline")):
            if event.get("type") == "m.room.tombstone":
                yield room, event


def _events(part: Mapping[str, Any], where: str) -> list[Mapping[str, Any]]:
    found = _mapping(part.get(where)).get("events")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
