"""Slow and remote work, outside the transaction: one worker that takes what is due from the queue.

An errand that fails comes again, later and later; one that was cut off by a kill runs again under the same key.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import structlog

from bot.clock import Clock
from bot.core.pacing import Backoff
from bot.errors import StoreError
from bot.router import ErrandRun, House, Tick, Trip
from bot.store import Store
from bot.store.engine import Database
from bot.store.errands import Errand

log = structlog.get_logger()

LOOK_EVERY = 30.0
AGAIN = Backoff(first=5.0, most=3600.0)
ATTEMPTS = 20


class Errands:
    """The worker."""

    def __init__(
        self, database: Database, kinds: Mapping[str, ErrandRun], house: House, clock: Clock
    ) -> None:
        self._database = database
        self._kinds = kinds
        self._house = house
        self._clock = clock
        self._wake = asyncio.Event()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="errand")

    def wake(self) -> None:
        """Look for errands now."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                self._wake.clear()
                if not await self.once():
                    await self._rest()
        finally:
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def once(self) -> bool:
        """Do the errands that are due; False: there were none."""
        now = self._clock()
        try:
            due = await self._database.write(lambda store: store.errands.due(now))
        except StoreError:
            return False
        for errand in due:
            await self._do(errand)
        return bool(due)

    async def _do(self, errand: Errand) -> None:
        kind = self._kinds.get(errand.kind)
        now = self._clock()
        if kind is None:  # left by another version
            log.warning("errand.unknown", kind=errand.kind)
            await self._database.write(lambda store: store.errands.done(errand.id))
            return
        trip = Trip(errand, now, self._house, self._look)
        try:
            result = await asyncio.get_running_loop().run_in_executor(self._threads, kind.run, trip)
            await self._database.write(lambda store: _end(store, kind, errand, result, self._tick(store)))
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - one failing errand never stops the others
            log.warning(
                "errand.failed", kind=errand.kind, error=type(error).__name__, attempts=errand.attempts + 1
            )
            later = now + timedelta(seconds=AGAIN.delay(errand.attempts + 1, jitter=0.5))
            given_up = errand.attempts + 1 >= ATTEMPTS
            await self._database.write(
                lambda store: (
                    store.errands.done(errand.id) if given_up else store.errands.again(errand.id, later)
                )
            )

    def _tick(self, store: Store) -> Tick:
        now = self._clock()
        return Tick(store, now, now, self._house)

    def _look(self, work: Callable[[Store], Any]) -> Any:
        """Read the store from an errand's own thread."""
        return self._database.read_here(work)

    async def _rest(self) -> None:
        now = self._clock()
        ahead = await self._database.write(lambda store: store.errands.next_due())
        pause = LOOK_EVERY if ahead is None else min(max((ahead - now).total_seconds(), 0.05), LOOK_EVERY)
        try:
            async with asyncio.timeout(pause):
                await self._wake.wait()
        except TimeoutError:
            pass


def _end(store: Store, kind: ErrandRun, errand: Errand, result: Any, tick: Tick) -> None:
    kind.ending(tick, errand, result)
    store.errands.done(errand.id)
