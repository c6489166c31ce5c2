"""Takes batches from transports: each update has its effect once, and is acknowledged when that is committed.

While nothing can be written (a full disk, a locked database) nobody is left without an answer: what can be
answered by reading is answered, everybody else is told once that it takes longer, and the platform keeps what
was said until it is written.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.clock import Clock
from bot.errors import StoreError
from bot.logs import place_of
from bot.meaning import DeclinedError, Understanding, key_of
from bot.messages import Incoming, Place, say
from bot.store.engine import Database
from bot.store.outbox import Ready, reply_to
from bot.store.people import Conversation
from bot.turns import answer_instead, answer_reading, take

log = structlog.get_logger()

FLOOD = 20  # messages of one person ...
FLOOD_WINDOW = timedelta(seconds=10)  # ... in this time, and the person is asked to slow down (T-30)
PATIENCE = 2.0  # seconds that somebody waits for an answer before we say that it takes longer
IMPATIENCE = 0.2  # the same when it is known that nothing can be written
HELD = 3.0  # seconds more; then the platform keeps what was said, and can tell us of others


class Dispatch:
    """Takes batches from transports; returns when they are committed."""

    def __init__(
        self,
        database: Database,
        understanding: Understanding,
        clock: Clock,
        say_unstored: Callable[[Ready], object] = lambda _: None,
        *,
        held: float = HELD,
    ) -> None:
        """Take what it works with; ``say_unstored`` says something that cannot be written now.

        ``held`` is how many seconds a batch that cannot be written is kept before it is given back.
        """
        self._database = database
        self._understanding = understanding
        self._clock = clock
        self._say_unstored = say_unstored
        self._held_for = held
        self._flood = Flood()
        self._held: dict[str, asyncio.Task[None]] = {}  # updates that wait to be written
        self._told: set[Place] = set()  # who has heard that it takes longer

    async def accept(self, batch: Sequence[Incoming]) -> None:
        """Let each update have its effect, once; a failing one is apologized for and stops no other.

        Raises:
            StoreError: the batch could not be kept (yet); hand it over again.
        """
        now = self._clock()
        fresh = [incoming for incoming in batch if key_of(incoming) not in self._held]
        keeping = {self._held[key] for each in batch if (key := key_of(each)) in self._held}
        if fresh:
            task = asyncio.create_task(self._keep(fresh, now))
            keeping.add(task)
        if not keeping:
            return
        patience = PATIENCE if self._database.trouble is None else IMPATIENCE
        _, late = await asyncio.wait(keeping, timeout=patience)
        if late:
            if fresh and task in late:
                self._hold(fresh, task)
                await self._answer_meanwhile(fresh, now, task)
            _, late = await asyncio.wait(keeping, timeout=self._held_for)
        if late:
            message = "nothing can be written now"
            raise StoreError(message)
        for each in keeping:
            each.result()

    async def _keep(self, batch: Sequence[Incoming], now: datetime) -> None:
        """Have a batch written, and see to those whose handler failed."""
        outcomes = await self._database.queue(
            [partial(take, self._understanding, each, self._flood.verdict(each, now), now) for each in batch]
        )
        for incoming, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, StoreError):
                raise outcome
            if isinstance(outcome, Exception):
                await self._answer_instead(incoming, outcome, now)

    async def _answer_instead(self, incoming: Incoming, error: Exception, now: datetime) -> None:
        if not isinstance(error, DeclinedError):
            _log("handler.failed", incoming, error)
        try:
            await self._database.write(partial(answer_instead, incoming, error, now))
        except StoreError:
            raise
        except Exception as another:  # noqa: BLE001 - who cannot be answered stops no other
            _log("apology.failed", incoming, another)

    # ---- while nothing can be written ---------------------------------------------------------------

    def _hold(self, batch: Sequence[Incoming], task: "asyncio.Task[None]") -> None:
        """Remember what waits, so that it does not wait twice when it is handed over again."""
        keys = [key_of(incoming) for incoming in batch]
        self._held |= dict.fromkeys(keys, task)

        def let_go(done: "asyncio.Task[None]") -> None:
            for key in keys:
                self._held.pop(key, None)
            if not self._held:
                self._told.clear()
            if not done.cancelled():
                done.exception()  # who still waits hears of it; if nobody does, it comes again

        task.add_done_callback(let_go)

    async def _answer_meanwhile(
        self, batch: Sequence[Incoming], now: datetime, task: "asyncio.Task[None]"
    ) -> None:
        for incoming in batch:
            if incoming.where.kind != "private" or incoming.what not in {"text", "button"}:
                continue
            try:
                answers = await self._database.read(
                    partial(answer_reading, self._understanding, incoming, now)
                )
            except Exception:  # noqa: BLE001 - it wants to write, or nothing can be read either
                answers = await self._hold_on(incoming)
            if task.done():
                return
            for answer in answers:
                self._say_unstored(answer)

    async def _hold_on(self, incoming: Incoming) -> list[Ready]:
        """Say that it takes longer, once to everybody who waits."""
        where = incoming.where
        if where in self._told:
            return []
        self._told.add(where)
        try:
            known = await self._database.read(lambda store: store.people.find(where))
        except StoreError:
            known = None
        # Of somebody who is not known (yet) any number serves that is no other's.
        reader = known or Conversation(-1 - abs(hash(where)), where, incoming.language, named=False)
        return [reply_to(reader, f"{key_of(incoming)}:hold_on", say("trouble.hold_on"))]


class Flood:
    """Who says more than a person can mean (T-30): a handful of numbers a talker, in memory only."""

    def __init__(self) -> None:
        self._recent: OrderedDict[Place, deque[tuple[datetime, str]]] = (
            OrderedDict()
        )  # the longest silent first

    def verdict(self, incoming: Incoming, now: datetime) -> str:
        """Give "take", "warn" for the first message too many, then "drop" until it is quiet again.

        What is not said to us does not count, nor does the same update that comes again.
        """
        if incoming.what not in {"text", "button", "unreadable", "undecryptable"} or not incoming.addressed:
            return "take"
        who = incoming.sender or incoming.where
        self._forget_quiet(now)
        said = self._recent.setdefault(who, deque(maxlen=FLOOD + 1))
        self._recent.move_to_end(who)
        while said and abs(now - said[0][0]) >= FLOOD_WINDOW:  # a clock that was set back forgets, too
            said.popleft()
        if all(identity != incoming.id for _, identity in said):
            said.append((now, incoming.id))
        if len(said) < FLOOD:
            return "take"
        return "warn" if len(said) == FLOOD else "drop"

    def _forget_quiet(self, now: datetime) -> None:
        """Forget who has said nothing for the whole window: one may come with each call, so two must go."""
        for _ in range(min(2, len(self._recent))):
            quietest = next(iter(self._recent.values()))
            if quietest and abs(now - quietest[-1][0]) < FLOOD_WINDOW:
                return
            self._recent.popitem(last=False)


def _log(event: str, incoming: Incoming, error: Exception) -> None:
    log.error(event, platform=incoming.where.platform, error=type(error).__name__, where=place_of(error))
