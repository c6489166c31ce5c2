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
from peewee import SqliteDatabase

from bot.transports.matrix import Matrix
from bot.transports.matrix_device import Kept
from tests.crash.life import die, lead, settings_in
from tests.servers.synapse import Account


@dataclass(frozen=True, slots=True)
class Step:
    """Where a life ends: the ``at``-th time it takes a step whose name holds ``what``.

    Steps are named ``PUT /_matrix/client/v3/…`` for requests to the homeserver (``after``: it has answered, and nobody
    here knows), ``INSERT INTO "olmsessions" …`` for what is written to the key store, ``keep device`` and ``keep place``.
    """

    when: Literal["before", "after"]
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
    death: Step | None = None


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
    if given.death is not None:
        _watch_steps(given.death)
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


def _watch_steps(death: Step) -> None:
    """Die at the step that is told."""
    taken = 0

    def dies(when: str, name: str) -> None:
        nonlocal taken
        if when == death.when and death.what in name:
            taken += 1
            if taken == death.at:
                Timer(death.later, die).start() if death.later else die()

    @contextmanager
    def step(name: str) -> Iterator[None]:
        dies("before", name)
        yield
        dies("after", name)

    def names(owner: Any, method: str, name_of: Callable[..., str]) -> None:
        """Make each call of a method a step with a name."""
        original = getattr(owner, method)

        def named(*arguments: Any, **more: Any) -> Any:
            with step(name_of(*arguments)):
                return original(*arguments, **more)

        async def named_too(*arguments: Any, **more: Any) -> Any:
            with step(name_of(*arguments)):
                return await original(*arguments, **more)

        setattr(owner, method, named_too if iscoroutinefunction(original) else named)

    names(ClientSession, "_request", lambda _, verb, url: f"{verb.upper()} {url}")  # nio's and our own
    names(SqliteDatabase, "execute_sql", lambda _, sql, *__: sql)
    names(Kept, "write", lambda *_: "keep device")
    names(Matrix, "_keep_place", lambda *_: "keep place")
