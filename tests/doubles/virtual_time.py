"""Time that passes only while everybody sleeps: hours of pauses in a moment of a test.

The loop's clock jumps to the next timer when nothing is ready, and stands still while the database's writer, which
lives in a thread of its own and in real time, has work.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from bot.store.engine import Database, Work

T = TypeVar("T")

START = datetime(2026, 11, 21, 10, tzinfo=UTC)
MOMENT = 0.05  # of real time, until one looks whether the writer is done


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is virtual.  ``busy`` tells whether somebody works in real time."""

    def __init__(self, busy: Callable[[], bool]) -> None:
        self._at = 0.0
        super().__init__(_Selector(self, busy))

    def time(self) -> float:
        return self._at

    def pass_by(self, seconds: float) -> None:
        self._at += seconds


class _Selector(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop, busy: Callable[[], bool]) -> None:
        super().__init__()
        self._loop = loop
        self._busy = busy

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None or self._busy():
            return super().select(MOMENT)
        self._loop.pass_by(timeout)
        return super().select(0)


class WatchedDatabase(Database):
    """The database, and how much it was asked for and still has to do."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.orders = 0
        self.pending = 0

    def queue(self, works: Sequence[Work[Any]]) -> "asyncio.Future[list[Any]]":
        waiting = super().queue(works)
        self.orders += 1
        self.pending += 1
        waiting.add_done_callback(self._done)
        return waiting

    def _done(self, _: object) -> None:
        self.pending -= 1


def run(database: WatchedDatabase, story: Coroutine[Any, Any, T]) -> T:
    """Run a story in virtual time over a database."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(lambda: database.pending > 0)) as runner:
        return runner.run(story)


def monotonic() -> float:
    """The virtual seconds of the loop that runs."""
    return asyncio.get_running_loop().time()


def now() -> datetime:
    """The virtual instant of the loop that runs."""
    return START + timedelta(seconds=monotonic())
