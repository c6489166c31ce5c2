"""One life of the bot after another, in one data folder: whenever it dies it is brought back."""

import asyncio
import contextlib
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from bot.store.outbox import CLAIMED, WAITING
from tests.crash.life import Gauges

PATIENCE = 30.0  # seconds: a story that stands still that long has lost something

Ending = Any  # how a life ends: after so many seconds it is killed, or by itself at what this names


class Life(Protocol):
    """A bot process."""

    def kill(self) -> None: ...

    def looks_at_the_clock(self) -> None:
        """Wake what sleeps until a time that has come now."""

    async def ends(self) -> None:
        """Wait for its death, which must have been by SIGKILL."""


@dataclass(kw_only=True)
class Lives(ABC):
    """One data folder, one bot at a time.

    The first lives end as ``endings`` say, each is followed by another.
    """

    folder: Path
    endings: Sequence[Ending] = ()
    births: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gauges = Gauges(self.folder)
        self._life: Life | None = None
        self._born = asyncio.Condition()

    @abstractmethod
    def bear(self, ending: Ending | None) -> Life:
        """Begin a life that ends by itself as is said, if anything is."""

    @abstractmethod
    async def mourn(self) -> None:
        """Look at what a life that has just ended left behind."""

    @contextlib.asynccontextmanager
    async def alive(self) -> AsyncIterator[None]:
        """Keep a bot alive during a block; it is killed at the end."""
        async with asyncio.TaskGroup() as group:
            keeping = group.create_task(self._keep_alive())
            yield
            keeping.cancel()

    async def _keep_alive(self) -> None:
        for number in count():
            ending = self.endings[number] if number < len(self.endings) else None
            timed = isinstance(ending, float)
            self._life = self.bear(None if timed else ending)
            async with self._born:
                self.births.append(time.monotonic())
                self._born.notify_all()
            try:
                async with asyncio.timeout(ending if timed else None):
                    await self._life.ends()
            except (TimeoutError, asyncio.CancelledError) as due:
                self._life.kill()
                await self._life.ends()
                if isinstance(due, asyncio.CancelledError):
                    raise
            await self.mourn()

    async def reaches_life(self, number: int) -> None:
        """Wait for a life (0 is the first), or the last that is planned."""
        async with self._born:
            await self._born.wait_for(lambda: len(self.births) > min(number, len(self.endings)))

    def kill(self) -> None:
        """End the present life from outside."""
        assert self._life
        self._life.kill()

    def sets_clock(self, moment: datetime) -> None:
        """Make it this moment, for the bot."""
        self.gauges.ahead += moment - self.gauges.now()
        if self._life is not None:
            self._life.looks_at_the_clock()

    async def until(self, holds: Callable[[sqlite3.Connection], bool]) -> None:
        """Wait until something holds of the database."""
        address = f"file:{self.folder / 'vertti.db'}?mode=ro"
        async with asyncio.timeout(PATIENCE):
            while True:
                with (
                    contextlib.suppress(sqlite3.OperationalError),  # not there yet
                    contextlib.closing(sqlite3.connect(address, uri=True)) as database,
                ):
                    if holds(database):
                        return
                await asyncio.sleep(0.02)


def is_at_work(database: sqlite3.Connection) -> bool:
    """Tell whether something is still to be said, or to be done."""
    waiting = "SELECT count(*) FROM outbox WHERE state IN (?, ?)"
    errands = "SELECT count(*) FROM errand WHERE attempts = 0"
    return any(
        database.execute(query, values).fetchone()[0]
        for query, values in ((waiting, (WAITING, CLAIMED)), (errands, ()))
    )
