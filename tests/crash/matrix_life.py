"""One life of the bot on Matrix, and the nursery where such lives are forked.

The nursery is a process of its own: what Telegram's lives are forked from shall know nothing of nio.
"""

import os
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from inspect import iscoroutinefunction
from pathlib import Path
from select import select
from threading import Thread, Timer
from typing import Any, Literal

from aiohttp import ClientSession
from peewee import OperationalError, SqliteDatabase

from bot.transports.matrix import Matrix
from bot.transports.matrix_device import Kept
from tests.crash.life import die, lead, settings_in
from tests.servers.synapse import Account


@dataclass(frozen=True, slots=True)
class Step:
    """Where a life ends: the ``at``-th time it takes a step whose name holds ``what``.  Or goes wrong: ``instead``.

    Steps are named ``PUT /_matrix/client/v3/…`` for requests to the homeserver (``after``: it has answered, and nobody
    here knows), ``INSERT INTO "olmsessions" …`` for what is written to the key store, ``keep device`` and ``keep place``.
    """

    when: Literal["before", "after", "instead"]
    what: str
    at: int = 1
    later: float = 0.0  # so many seconds after the step

    def __str__(self) -> str:
        return f"{self.when} {self.what} {self.at}"


@dataclass(frozen=True, slots=True)
class Given:
    """What a life is given on its way."""

    folder: Path
    homeserver: str
    account: Account = field(repr=False)
    rate: float  # messages a second
    end: Step | None = None


def nurse() -> None:
    """Bring a life into the world for each that is asked for, one at a time; tell its number, then how it ended."""
    while True:
        try:
            given: Given = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        born = os.fork()
        if not born:
            live(given)
            os._exit(0)
        _tell(born)
        _, status = os.waitpid(born, 0)
        _tell(os.waitstatus_to_exitcode(status))


def _tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def live(given: Given) -> None:
    """Live in a folder until death, or until SIGTERM."""
    Matrix.pace = replace(Matrix.pace, per_second=given.rate)
    Thread(target=_end_with_the_run, daemon=True).start()
    if given.end is not None:
        _Steps(given.end)
    settings = settings_in(
        given.folder,
        matrix_homeserver=given.homeserver,
        matrix_user=given.account.user_id,
        matrix_password=given.account.password,
    )
    lead(settings, None)


def _end_with_the_run() -> None:
    """Die once nobody is left who could ask the nursery for another life."""
    select([sys.stdin], [], [])
    die()


class _Steps:
    """Counts the steps of a life, up to the one that ends it."""

    def __init__(self, end: Step) -> None:
        self._end = end
        self._taken = 0
        self._watch(
            ClientSession, "_request", lambda _, verb, url: f"{verb.upper()} {url}"
        )  # nio's and our own
        self._watch(SqliteDatabase, "execute_sql", lambda _, sql, *__: sql)
        self._watch(Kept, "write", lambda *_: "keep device")
        self._watch(Matrix, "_keep_place", lambda *_: "keep place")

    def _watch(self, owner: Any, method: str, name_of: Callable[..., str]) -> None:
        """Make each call of a method a step with a name."""
        original = getattr(owner, method)

        def named(*arguments: Any, **more: Any) -> Any:
            with self._step(name_of(*arguments)):
                return original(*arguments, **more)

        async def named_too(*arguments: Any, **more: Any) -> Any:
            with self._step(name_of(*arguments)):
                return await original(*arguments, **more)

        setattr(owner, method, named_too if iscoroutinefunction(original) else named)

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        if self._is_end("before", name):
            self._die()
        if self._is_end("instead", name):
            raise OperationalError
        yield
        if self._is_end("after", name):
            self._die()

    def _is_end(self, when: str, name: str) -> bool:
        if when != self._end.when or self._end.what not in name:
            return False
        self._taken += 1
        return self._taken == self._end.at

    def _die(self) -> None:
        if self._end.later:
            Timer(self._end.later, die).start()
        else:
            die()
