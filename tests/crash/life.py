"""One life of the bot: the real App, run as `vertti run` runs it, that can be told where to die.

Lives are forked from a nursery (the standard library's forkserver) that has imported this module and read
content/ already, so that one costs a fraction of a second.
"""

import asyncio
import mmap
import os
import signal
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal, NoReturn

import alembic.command  # noqa: F401 - imported here once, for all lives, as is what follows
import apscheduler.executors.asyncio  # noqa: F401
import telegram  # noqa: F401
import uvicorn.lifespan.off
import uvicorn.protocols.http.auto  # noqa: F401
import uvloop  # noqa: F401
from sqlalchemy import Connection, Engine, event

import bot.app
import bot.transports.telegram
import bot.transports.web
import bot.web.app
import schedules.broadcast
import schedules.remind
from bot import cli, logs
from bot.furnishing import furnish
from bot.i18n import LANGUAGES, Reader, when
from bot.messages import When
from bot.settings import Settings
from bot.store import Store
from tests.doubles.bot_api import TOKEN

CONTENT = Path(__file__).parents[2] / "content"
FAST = 10_000.0  # messages a second
PIECE = 5  # people told in one transaction: so few that a handful of subscribers are several pieces
GAUGES = struct.Struct("=dQ")

signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # until a life listens to it
logs.set_up(level="WARNING", strict=True)


def settings_in(folder: Path, **more: Any) -> Settings:
    """Settings of a life: nobody's environment, no .env, no quiet hours."""
    return Settings(_env_file=None, data_dir=folder, content_dir=CONTENT, quiet_hours="", web_port=0, **more)


FURNISHED = furnish(settings_in(Path("data")))
for language in LANGUAGES:  # the calendar's words are read once, too
    when(
        When(datetime(2026, 1, 1, tzinfo=UTC)),
        Reader(language, FURNISHED.house.zone, datetime(2026, 1, 1, tzinfo=UTC)),
    )


@dataclass(frozen=True, slots=True)
class Death:
    """Where a life ends: at its ``at``-th commit that changes anything.

    ``before``: all is done but the commit itself.  ``after``: it is durable and nobody knows.  ``told``: the
    answers are in the courier's hands, and those who waited for the commit have not heard of it.
    """

    when: Literal["before", "after", "told"]
    at: int


class Gauges:
    """What a story and its lives share: how far the clock is set, and how many commits changed something."""

    def __init__(self, folder: Path) -> None:
        path = folder / "gauges"
        if not path.exists():
            path.write_bytes(bytes(GAUGES.size))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), GAUGES.size)

    @property
    def ahead(self) -> timedelta:
        """How far the story's clock is ahead of this machine's."""
        return timedelta(seconds=GAUGES.unpack(self._shared)[0])

    @ahead.setter
    def ahead(self, ahead: timedelta) -> None:
        self._shared[:8] = struct.pack("=d", ahead.total_seconds())  # the other half is a life's to write

    @property
    def boundaries(self) -> int:
        """How many commits of all lives changed something."""
        return int(GAUGES.unpack(self._shared)[1])

    def count_boundary(self) -> None:
        self._shared[8:] = struct.pack("=Q", self.boundaries + 1)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def live(folder: Path, api: str, death: Death | None, rate: float) -> None:
    """Live in a folder until death, or until SIGTERM; SIGUSR1 says that the clock was set on."""
    # Nobody in these stories minds being written to often; else their every life would wait for the pace.
    bot.transports.telegram.Pace = partial(
        bot.transports.telegram.Pace, chat_gap=timedelta(milliseconds=1), group_most=1000
    )
    lead(settings_in(folder, telegram_token=TOKEN, telegram_api=api, telegram_rate=rate), death)


def lead(settings: Settings, death: Death | None) -> None:
    """Lead a life, on whatever platform it is."""
    log = os.open(settings.data_dir / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 2)
    gauges = Gauges(settings.data_dir)
    bot.app.now = gauges.now
    schedules.broadcast.PIECE = schedules.remind.PIECE = PIECE  # type: ignore[misc]
    _watch_commits(gauges, death)
    with cli.locked(settings):
        cli.serve(settings, FURNISHED, announce=lambda _: None, beside=_listen)


async def _listen(app: bot.app.App) -> None:
    def look() -> None:
        app.sweep.wake()
        app.courier.wake()
        app.errands.wake()

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, look)
    await asyncio.Event().wait()


def _watch_commits(gauges: Gauges, death: Death | None) -> None:
    """Count the commits that change something, and die at the one that is told."""
    changes: dict[int, int] = {}
    number = 0

    def dies(when: str) -> None:
        if death is not None and (death.when, death.at) == (when, number):
            die()

    @event.listens_for(Engine, "commit")
    def before(connection: Connection) -> None:
        nonlocal number
        driver: Any = connection.connection.driver_connection
        if driver.total_changes != changes.get(id(driver), 0):
            changes[id(driver)] = driver.total_changes
            number += 1
            gauges.count_boundary()
            dies("before")

    commit, committed = Store.commit, Store.committed

    def after(store: Store) -> None:
        commit(store)
        dies("after")

    def told(store: Store) -> None:
        committed(store)
        dies("told")

    Store.commit, Store.committed = after, told  # type: ignore[method-assign]


def die() -> NoReturn:
    """Die as under `kill -9`: nothing is tidied up, nobody is told."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError
