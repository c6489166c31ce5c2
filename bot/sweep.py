"""Sleeps until something is due, then runs the due jobs, each in a transaction of its own."""

import asyncio
from datetime import UTC, datetime

import structlog

from bot.clock import Clock
from bot.errors import StoreError
from bot.router import DueJob, House, Tick
from bot.store import Store
from bot.store.engine import Database

log = structlog.get_logger()

LONGEST_SLEEP = 30.0  # seconds; what is due sooner wakes it sooner
SOON = 0.05
PREVIOUS = "sweep.previous"
STEPS = 200  # of one job in one sweep: then the others have their turn


class Sweep:
    """Time, as it comes in: the half-open window (previous, now], however long the process was away."""

    def __init__(self, database: Database, jobs: list[DueJob], house: House, clock: Clock) -> None:
        self._database = database
        self._jobs = jobs
        self._house = house
        self._clock = clock
        self._wake = asyncio.Event()
        self.last: datetime | None = None

    def wake(self) -> None:
        """Look again now: something was added that may be due."""
        self._wake.set()

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            self._wake.clear()
            try:
                pause = await self.once()
            except StoreError:
                pause = 1.0
            if pause > 0:
                try:
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
                except TimeoutError:
                    pass

    async def once(self) -> float:
        """Run what is due; give the seconds until the next thing is."""
        now = self._clock()
        previous = await self._database.write(_previous)
        for job in self._jobs:
            await self._run(job, previous or now, now)

        def finish(store: Store) -> list[datetime]:
            store.books.set_bookmark(PREVIOUS, now.isoformat())
            return [due for job in self._jobs if (due := job.next_due(store)) is not None]

        ahead = await self._database.write(finish)
        self.last = now
        if not ahead:
            return LONGEST_SLEEP
        seconds = (min(ahead) - self._clock()).total_seconds()
        # What is still due after its job ran has more to do, or failed: soon again, but never at full tilt.
        return min(seconds, LONGEST_SLEEP) if seconds > 0 else SOON

    async def _run(self, job: DueJob, previous: datetime, now: datetime) -> None:
        def step(store: Store) -> bool:
            due = job.next_due(store)
            if due is None or due > now:
                return False
            return job.run(Tick(store, now, previous, self._house))

        for _ in range(STEPS):
            try:
                if not await self._database.write(step):
                    return
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - one failing job never stops the others
                log.error("job.failed", job=job.name, error=type(error).__name__)  # noqa: TRY400
                return


def _previous(store: Store) -> datetime | None:
    text = store.books.bookmark(PREVIOUS)
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)
