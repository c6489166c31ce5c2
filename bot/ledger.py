"""The outbox as the counters see it: what may be said now, and what became of it.

Outcomes are written down as they gather: whatever has while the last commit was under way.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

import structlog

from bot.clock import Clock
from bot.errors import StoreError
from bot.logs import place_of
from bot.messages import Lane
from bot.store import Store
from bot.store.delivery import AT_NIGHT, Finished
from bot.store.engine import Database
from bot.store.outbox import WAITING, Ready

log = structlog.get_logger()

MOST_REVOKED = 10_000  # more than can be in hand at once
LOOK_EVERY = 30.0  # seconds: at least so often one looks for due rows
SOON = 0.05  # seconds: when there is more to claim than room
AGAIN = 1.0  # seconds until the next try when the database did not answer

Effect = Callable[[Store], object]


class Ledger:
    """The one book of all counters."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        given_back: Callable[[], object],
        *,
        allowed_from: Callable[[datetime], datetime] = lambda now: now,
    ) -> None:
        """Take what it works with.

        ``given_back`` is called when rows wait in the table again; ``allowed_from`` gives the first instant, now or
        later, outside quiet hours.
        """
        self._database = database
        self._clock = clock
        self._given_back = given_back
        self._allowed_from = allowed_from
        self._finished: list[Finished] = []
        self._effects: list[Effect] = []
        self._revoked: OrderedDict[str, None] = OrderedDict()  # in hand, and not to be said any more
        self._wake = asyncio.Event()
        self._later: asyncio.TimerHandle | None = None  # when what has gathered is written at the latest

    # ---- what may be said -----------------------------------------------------------------------------

    async def claim(self, platform: str, most: int) -> tuple[list[Ready], float]:
        """Take some due rows of a platform; give them, and the seconds until one should look again."""
        now = self._clock()
        try:
            rows, due = await self._database.write(partial(self._claim, platform, most, now))
        except StoreError:
            return [], AGAIN
        except Exception as error:  # noqa: BLE001 - whatever it was, one looks again
            log.error("claim.failed", platform=platform, error=type(error).__name__, where=place_of(error))  # noqa: TRY400
            return [], AGAIN
        if due is None:
            return rows, LOOK_EVERY
        soonest = SOON if due <= now else 0.0
        return rows, max(soonest, min((due - self._clock()).total_seconds(), LOOK_EVERY))

    def _claim(
        self, platform: str, most: int, now: datetime, store: Store
    ) -> tuple[list[Ready], datetime | None]:
        allowed = self._allowed_from(now)
        quiet_until = allowed if allowed > now else None
        rows = store.delivery.claim(platform, now=now, most=most, quiet_until=quiet_until)
        return rows, store.delivery.next_due(platform, quiet_until=quiet_until)

    def revoke(self, keys: Iterable[str]) -> None:
        """Note rows that are in hand and shall be given back instead of being said.

        What was said a moment ago, and is only not written down yet, may be among them; it is forgotten in time.
        """
        self._revoked.update(dict.fromkeys(keys))
        while len(self._revoked) > MOST_REVOKED:
            self._revoked.popitem(last=False)

    def may_go(self, ready: Ready, now: datetime) -> bool:
        """Look again at a row whose turn has come: it may be revoked since it was claimed, or night have fallen.

        Answers always go, and what is half said is said to its end.
        """
        if ready.parts or ready.lane is Lane.REPLY:
            return True
        if ready.key in self._revoked:
            return False
        return ready.lane in AT_NIGHT or self._allowed_from(now) <= now

    # ---- what became of it ----------------------------------------------------------------------------

    def note(self, finished: Finished, effect: Effect | None = None, *, within: float = 0.0) -> None:
        """Note an outcome, and what follows from it for the conversation; it may wait for others so many seconds."""
        self._revoked.pop(finished.key, None)
        self._finished.append(finished)
        if effect is not None:
            self._effects.append(effect)
        if not within:
            self._wake.set()
        elif self._later is None:
            self._later = asyncio.get_running_loop().call_later(within, self._wake.set)

    def follow(self, effect: Effect) -> None:
        """Note what follows from an attempt whose outcome is still open."""
        self._effects.append(effect)
        self._wake.set()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._wake.wait()
            if not await self.write():
                await asyncio.sleep(AGAIN)

    async def write(self) -> bool:
        """Write what has gathered; False: the database did not take it, and it is kept for the next time."""
        self._wake.clear()
        if self._later is not None:
            self._later.cancel()
            self._later = None
        finished, self._finished = self._finished, []
        effects, self._effects = self._effects, []
        if not (finished or effects):
            return True
        now = self._clock()
        pieces = [*effects, lambda store: store.delivery.finish(finished, now=now)]
        try:
            outcomes = await asyncio.shield(self._database.queue(pieces))
        except StoreError:
            outcomes = [StoreError()]
        for outcome in outcomes:
            if isinstance(outcome, Exception) and not isinstance(outcome, StoreError):
                log.error("ledger.failed", error=type(outcome).__name__, where=place_of(outcome))
        if any(isinstance(outcome, StoreError) for outcome in outcomes):
            self._finished[:0] = finished
            self._effects[:0] = effects
            self._wake.set()
            return False
        if any(each.state == WAITING for each in finished):
            self._given_back()
        return True
