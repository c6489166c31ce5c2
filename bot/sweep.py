"""Sleeps until something is due, then runs the due jobs, each under a savepoint of its own."""

import asyncio
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.clock import Clock
from bot.core.pacing import Backoff
from bot.errors import StoreError
from bot.logs import place_of
from bot.router import DueJob, House, Tick
from bot.store import Store
from bot.store.engine import Database

log = structlog.get_logger()

LAST = "sweep.last"
LONGEST_SLEEP = 30.0  # seconds; what is due sooner wakes it sooner
SOON = 0.05  # seconds until a job that has more to do goes on ...
STUCK = 1.0  # ... and until one looks again that says it has no more to do and is due all the same
STEPS = 200  # of one job in one sweep: then the others have their turn
AGAIN = Backoff(first=1.0, most=300.0)  # after a job failed

Step = tuple[bool, datetime | None]  # has the job more to do at once, and when is it due next?


class Sweep:
    """Time, as it comes in: all that has become due, however long the process was away."""

    def __init__(self, database: Database, jobs: list[DueJob], house: House, clock: Clock) -> None:
        self._database = database
        self._jobs = jobs
        self._house = house
        self._clock = clock
        self._wake = asyncio.Event()
        self._failures: dict[str, int] = {}  # of a job, in a row
        self._retry: dict[str, datetime] = {}  # a job that failed, and when it may try again
        self._signed: datetime | None = None
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
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def once(self) -> float:
        """Run what is due; give the seconds until the next thing is.

        Raises:
            StoreError: the database did not take it; what was due still is.
        """
        now = self._clock()
        resting = {name: retry for name, retry in self._retry.items() if retry > now}
        jobs = [job for job in self._jobs if job.name not in resting]
        # All look, and begin, in one transaction: what is due at this moment waits for no second one.
        steps = await self._database.write_all([partial(self._step, job, now) for job in jobs])
        ahead = [await self._see_to(job, step, now) for job, step in zip(jobs, steps, strict=True)]
        ahead += resting.values()
        await self._sign(now)
        self.last = now
        due = min((each for each in ahead if each is not None), default=None)
        if due is None:
            return LONGEST_SLEEP
        # What is still due after its job ran has more to do: soon again, but never at full tilt.
        return max(SOON if due <= now else 0.0, min((due - self._clock()).total_seconds(), LONGEST_SLEEP))

    async def _see_to(self, job: DueJob, step: Step | Exception, now: datetime) -> datetime | None:
        """Let a job go on from its first step; give when it is due next.  One failing job never stops the others."""
        try:
            following = await self._go_on(job, _made(step), now)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001
            return self._failed(job, error, now)
        self._failures.pop(job.name, None)
        self._retry.pop(job.name, None)
        return following

    async def _go_on(self, job: DueJob, step: Step, now: datetime) -> datetime | None:
        more, due = step
        steps = STEPS - 1
        while more and steps and due is not None and due <= now:
            more, due = await self._database.write(partial(self._step, job, now))
            steps -= 1
        if due is not None and due <= now and not more:
            return now + timedelta(seconds=STUCK)
        return due

    def _step(self, job: DueJob, now: datetime, store: Store) -> Step:
        """Run a job once if it is due."""
        due = job.next_due(store)
        if due is None or due > now:
            return False, due
        more = job.run(Tick(store, now, self._house))
        return more, job.next_due(store)

    async def _sign(self, now: datetime) -> None:
        """Write down that we were here, now and then: so a full disk is known before somebody says something."""
        if self._signed is None or abs(now - self._signed) >= timedelta(seconds=LONGEST_SLEEP):
            await self._database.write(lambda store: store.books.set_bookmark(LAST, now.isoformat()))
            self._signed = now

    def _failed(self, job: DueJob, error: Exception, now: datetime) -> datetime:
        failures = self._failures[job.name] = self._failures.get(job.name, 0) + 1
        log.error("job.failed", job=job.name, error=type(error).__name__, where=place_of(error))
        retry = self._retry[job.name] = now + timedelta(seconds=AGAIN.delay(failures, jitter=1.0))
        return retry


def _made(step: Step | Exception) -> Step:
    if isinstance(step, Exception):
        raise step
    return step
