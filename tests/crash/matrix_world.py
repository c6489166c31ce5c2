"""A bot on Matrix that is brought back each time it dies."""

import asyncio
import contextlib
import os
import pickle
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from bot.store.outbox import CLAIMED
from tests.crash.lives import Lives, is_at_work
from tests.crash.matrix_life import Given, Step
from tests.crash.nursery import outbox, remains
from tests.servers.synapse import Account

FAST = 1000.0  # messages a second


class Nursery:
    """The process that has imported everything and has one thread only: it alone may fork."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from tests.crash.matrix_life import nurse; nurse()"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,  # nothing is read before it is asked for
        )
        assert self._process.stdin
        assert self._process.stdout
        self._asks, self._tells = self._process.stdin, self._process.stdout

    def bear(self, given: Given) -> "MatrixLife":
        """Begin a life; the one before must have ended."""
        pickle.dump(given, self._asks)
        self._asks.flush()
        return MatrixLife(self, int(self._tells.readline()), given.folder / "log")

    async def hears_of_the_end(self) -> int:
        """Wait until the life ends; give its exit code."""
        loop = asyncio.get_running_loop()
        told = asyncio.Event()
        loop.add_reader(self._tells, told.set)
        try:
            await told.wait()
        finally:
            loop.remove_reader(self._tells)
        return int(self._tells.readline())

    def close(self) -> None:
        self._asks.close()
        self._process.wait()
        self._tells.close()


@dataclass(frozen=True, slots=True)
class MatrixLife:
    """A bot process."""

    nursery: Nursery
    pid: int
    log: Path

    def kill(self) -> None:
        self._signals(signal.SIGKILL)

    def looks_at_the_clock(self) -> None:
        self._signals(signal.SIGUSR1)

    def _signals(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):  # it has died by itself
            os.kill(self.pid, number)

    async def ends(self) -> None:
        code = await self.nursery.hears_of_the_end()

        assert code == -signal.SIGKILL, self.log.read_text()


@dataclass(kw_only=True)
class MatrixWorld(Lives):
    """One account on a homeserver.  Its lives end after so many seconds, or at a Step."""

    nursery: Nursery
    homeserver: str
    account: Account
    rate: float = FAST
    in_hand: list[int] = field(default_factory=list)  # at each death: so many messages were on their way

    def bear(self, ending: Step | None) -> MatrixLife:
        return self.nursery.bear(Given(self.folder, self.homeserver, self.account, self.rate, ending))

    async def mourn(self) -> None:
        with remains(self.folder) as database:
            self.in_hand.append(sum(row.state == CLAIMED for row in outbox(database)))

    async def is_quiet(self) -> None:
        """Wait until everything that shall be said is said."""
        await self.until(lambda database: not is_at_work(database))
