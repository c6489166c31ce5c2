"""Writes down what became of rows: whatever has gathered while the last commit was under way."""

import asyncio
from collections.abc import Callable

import structlog

from bot.clock import Clock
from bot.errors import StoreError
from bot.logs import place_of
from bot.store import Store
from bot.store.delivery import Finished
from bot.store.engine import Database
from bot.store.outbox import WAITING

log = structlog.get_logger()

AGAIN = 1.0  # seconds until the next try when the database did not take it

Effect = Callable[[Store], object]


class Ledger:
    """The one book of all counters; ``given_back`` is called when rows wait in the table again."""

    def __init__(self, database: Database, clock: Clock, given_back: Callable[[], object]) -> None:
        self._database = database
        self._clock = clock
        self._given_back = given_back
        self._finished: list[Finished] = []
        self._effects: list[Effect] = []
        self._wake = asyncio.Event()

    def note(self, finished: Finished, effect: Effect | None = None) -> None:
        """Note an outcome, and what follows from it for the conversation."""
        self._finished.append(finished)
        if effect is not None:
            self._effects.append(effect)
        self._wake.set()

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
