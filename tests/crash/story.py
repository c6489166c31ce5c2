"""How stories are told: on a stage that is set up anew each time, in a world where the bot may die."""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import KEY_FILE
from bot.i18n import Reader
from bot.messages import Phrase, Place, Value
from bot.store import Store
from bot.store.engine import Database
from bot.store.vault import open_vault
from tests.crash.life import FAST, FURNISHED, settings_in
from tests.crash.lives import Ending
from tests.crash.world import Kept, Message, World, kept
from tests.doubles.bot_api import BotApi

BEGIN = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)  # 10.30 on a Thursday: the group meets at 13
SERIES = "ryhma"

Said = tuple[int, str, tuple[str, ...]]  # chat, text and buttons


def words(key: str, **values: Value) -> str:
    """Give a phrase as everybody in these stories reads it."""
    return FURNISHED.wording.say(Phrase(key, values), Reader("fi", FURNISHED.house.zone, BEGIN))


NAME = words(f"series.{SERIES}.name")
BAKING, WALK = (words(f"poll.toimintatoive.option.{option}") for option in ("leivonta", "kavely"))


@dataclass(frozen=True, slots=True)
class Stage:
    """A data folder as it stands before the story: copied for each telling."""

    folder: Path
    codes: tuple[str, ...]  # that make organizers

    def set_up(self, folder: Path) -> None:
        shutil.copytree(self.folder, folder)


async def build_stage(folder: Path, subscribers: Iterable[int]) -> Stage:
    """Let the house read its schedule and open its polls, give it subscribers and two codes for organizers."""
    async with BotApi(limits=None) as api:
        world = World(api=api, folder=folder)
        world.sets_clock(BEGIN - timedelta(hours=1))
        async with world.alive():
            await world.until(_has_read_the_schedule)
            await world.is_quiet()

    def work(store: Store) -> tuple[str, ...]:
        for number in subscribers:
            somebody = store.people.meet(Place("telegram", str(number)), language="fi", now=BEGIN)
            store.subscriptions.add(somebody.id, SERIES)
        return tuple(store.organizers.invite(now=BEGIN) for _ in range(2))

    database = Database(settings_in(folder).database, open_vault(folder / KEY_FILE))
    database.open()
    codes = await database.write(work)
    database.close()
    (folder / "gauges").unlink()
    return Stage(folder, codes)


def _has_read_the_schedule(database: sqlite3.Connection) -> bool:
    return bool(database.execute("SELECT count(*) FROM alarm").fetchone()[0])


Story = Callable[[World, Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Telling:
    """How a story ended.

    ``told``: who was told what, and how often; ``kept``: what stands in the store.  ``in_flight``: at each death,
    what the platform had accepted and the outbox did not know as sent; ``unmarked``: what it still does not know at
    the end, because the same was said again.  ``first_words``: the seconds from a birth to the first message.
    """

    told: Counter[Said]
    kept: Kept
    in_flight: list[set[Message]]
    unmarked: set[Message]
    boundaries: int
    first_words: list[float]


async def tell(
    story: Story,
    stage: Stage,
    folder: Path,
    *endings: Ending,
    leavers: frozenset[int] = frozenset(),
    rate: float = FAST,
    delay: tuple[float, float] | None = None,
) -> Telling:
    """Tell a story in a world where the bot's lives end so; Telegram says after such a ``delay`` what it took."""
    stage.set_up(folder)
    async with BotApi(limits=None) as api:
        world = World(api=api, folder=folder, endings=endings, leavers=leavers, rate=rate)
        world.sets_clock(BEGIN)
        if delay is not None:
            api.sets_fault("delay", when="after", method="sendMessage", seconds=delay, times=None)
        async with world.alive():
            await story(world, stage)
            await world.is_quiet()
            boundaries = world.gauges.boundaries
        told = Counter((each.chat_id, each.text, each.labels) for each in api.ledger.sent)
        return Telling(told, kept(folder), world.in_flight, world.unmarked(), boundaries, world.first_words())
