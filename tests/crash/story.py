"""A small story with everything in it, and who must have heard what at its end."""

import asyncio
import contextlib
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import KEY_FILE
from bot.i18n import Reader
from bot.messages import Phrase, Place
from bot.store import Store
from bot.store.engine import Database
from bot.store.vault import open_vault
from tests.crash.life import FURNISHED, settings_in
from tests.crash.world import Somebody, World
from tests.doubles.bot_api import BotApi

BEGIN = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)  # 10.30 on a Thursday: the group meets at 13
SERIES = "ryhma"
POLL = "toimintatoive"
GROUP = -300


def words(key: str) -> str:
    """Give a phrase without values, as everybody in these stories reads it."""
    house = FURNISHED.house
    return FURNISHED.wording.say(Phrase(key), Reader("fi", house.zone, BEGIN))


@dataclass(frozen=True, slots=True)
class Stage:
    """A data folder as it stands before the story: copied for each telling."""

    folder: Path
    codes: tuple[str, ...]  # that make organizers
    round: int

    def set_up(self, folder: Path) -> Path:
        shutil.copytree(self.folder, folder)
        return folder


async def build_stage(folder: Path, subscribers: Iterable[int]) -> Stage:
    """Let the house read its schedule, give it subscribers, two codes for organizers and an open poll."""
    folder.mkdir()
    async with BotApi(limits=None) as api:
        world = World(api, folder)
        world.sets_clock(BEGIN - timedelta(hours=1))
        async with world.alive():
            await world.until(lambda database: _has_read_the_schedule(database))
            await world.is_quiet()

    def work(store: Store) -> tuple[tuple[str, ...], int]:
        for number in subscribers:
            somebody = store.people.meet(Place("telegram", str(number)), language="fi", now=BEGIN)
            store.subscriptions.add(somebody.id, SERIES)
        asked = store.polls.open(POLL, "story", now=BEGIN, closes=BEGIN + timedelta(hours=3))
        assert asked is not None
        store.polls.invited(asked.id, None)
        return tuple(store.organizers.invite(now=BEGIN) for _ in range(2)), asked.id

    database = Database(settings_in(folder, "").database, open_vault(folder / KEY_FILE))
    database.open()
    codes, asked = await database.write(work)
    database.close()
    (folder / "gauges").unlink()
    return Stage(folder, codes, asked)


def _has_read_the_schedule(database: sqlite3.Connection) -> bool:
    with contextlib.suppress(sqlite3.OperationalError):  # no tables yet
        return bool(database.execute("SELECT count(*) FROM alarm").fetchone()[0])
    return False
