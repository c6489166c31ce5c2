"""Slow and remote work, outside the transaction: two workers that take what is due from the queue.

An errand that fails comes again, later and later; one that was cut off by a kill runs again under the same key.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from bot.clock import Clock
from bot.core.pacing import Backoff
from bot.errors import StoreError
from bot.logs import place_of
from bot.router import ErrandRun, House, Tick, Trip
from bot.store import Store
from bot.store.engine import Database
from bot.store.errands import Errand

log = structlog.get_logger()

LOOK_EVERY = 30.0
SOON = 0.05
WORKERS = 2
AGAIN = Backoff(first=5.0, most=3600.0)
ATTEMPTS = 20


class Errands:
    """The workers."""

    def __init__(
        self, database: Database, kinds: Mapping[str, ErrandRun], house: House, clock: Clock
    ) -> None:
        self._database = database
        self._kinds = kinds
        self._house = house
        self._clock = clock
        self._wake = asyncio.Event()
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="errand")

    def wake(self) -> None:
        """Look for errands now."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                self._wake.clear()
                try:
                    pause = 0.0 if await self.once() else await self._pause()
                except StoreError:  # nothing was lost: what is still queued runs again
                    pause = 1.0
                await self._rest(pause)
        finally:
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def once(self) -> bool:
        """Do the errands that are due; False: there were none.

        Raises:
            StoreError: the database did not take it; what was due still is.
        """
        now = self._clock()
        due = await self._database.write(lambda store: store.errands.due(now))
        failed = await asyncio.gather(*(self._do(errand) for errand in due), return_exceptions=True)
        for error in failed:
            if error is not None:
                raise error
        return bool(due)

    async def _do(self, errand: Errand) -> None:
        kind = self._kinds.get(errand.kind)
        if kind is None:  # left by another version
            log.warning("errand.unknown", kind=errand.kind)
            await self._database.write(lambda store: store.errands.done(errand.id))
            return
        trip = Trip(errand, self._clock(), self._house, self._database.read_here)
        try:
            left = await asyncio.get_running_loop().run_in_executor(self._threads, kind.run, trip)
        except Exception as error:  # noqa: BLE001 - one failing errand never stops the others
            await self._failed(errand, error)
            return
        try:
            left = await self._database.write(partial(self._end, kind, errand, left))
            while left is not None:  # and of what is done nothing is held any more
                left = await self._database.write(partial(self._end, kind, errand, left))
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001
            await self._failed(errand, error)

    def _end(self, kind: ErrandRun, errand: Errand, result: Any, store: Store) -> Any:
        """Take a result, or a piece of it, into the store; give what is left."""
        now = self._clock()
        left = kind.ending(Tick(store, now, self._house), errand, result)
        if left is None:
            store.errands.done(errand.id)
        return left

    async def _failed(self, errand: Errand, error: Exception) -> None:
        attempts = errand.attempts + 1
        name, where = type(error).__name__, place_of(error)
        log.warning("errand.failed", kind=errand.kind, error=name, where=where, attempts=attempts)
        if attempts >= ATTEMPTS:
            await self._database.write(lambda store: store.errands.done(errand.id))
            return
        later = self._clock() + timedelta(seconds=AGAIN.delay(attempts, jitter=0.5))
        await self._database.write(lambda store: store.errands.again(errand.id, later))

    async def _pause(self) -> float:
        """Give the seconds until the next errand is due."""
        ahead: datetime | None = await self._database.write(lambda store: store.errands.next_due())
        if ahead is None:
            return LOOK_EVERY
        return min(max((ahead - self._clock()).total_seconds(), SOON), LOOK_EVERY)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass
