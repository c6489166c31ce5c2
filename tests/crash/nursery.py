"""Where lives are forked from, and what a dead one left behind."""

import asyncio
import contextlib
import multiprocessing
import os
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.crash.life import Death, live


@cache
def nursery() -> multiprocessing.context.ForkServerContext:
    """Give the process that has imported everything and has one thread only: it alone may fork."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pytest", "tests.crash.life"])
    return context


class TelegramLife:
    """A bot process."""

    def __init__(self, folder: Path, api: str, death: Death | None, rate: float) -> None:
        self._log = folder / "log"
        arguments = (folder, api, death, rate)
        self._process: BaseProcess = nursery().Process(target=live, args=arguments, daemon=True)
        self._process.start()

    def kill(self) -> None:
        self._process.kill()

    def looks_at_the_clock(self) -> None:
        assert self._process.pid
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGUSR1)

    async def ends(self) -> None:
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        loop.add_reader(self._process.sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()

        assert self._process.exitcode == -signal.SIGKILL, self._log.read_text()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the outbox, as far as one may ask what became of it."""

    key: str
    state: int
    message_id: str | None


@contextlib.contextmanager
def remains(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy of what stands in a folder's database; the original is as the dead left it."""
    with tempfile.TemporaryDirectory() as copy:
        for name in ("vertti.db", "vertti.db-wal"):
            if (folder / name).exists():
                shutil.copy(folder / name, copy)
        connection = sqlite3.connect(Path(copy) / "vertti.db")
        try:
            yield connection
        finally:
            connection.close()


def outbox(connection: sqlite3.Connection) -> list[Row]:
    return [Row(*row) for row in connection.execute("SELECT key, state, message_id FROM outbox ORDER BY id")]
