"""A bot that is brought back each time it dies, the people around it, and the account of who was told what."""

import asyncio
import contextlib
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, repeat
from pathlib import Path

from bot.store.outbox import CLAIMED, SENT, WAITING
from tests.crash.life import Death, Gauges
from tests.crash.nursery import Life, outbox, remains
from tests.doubles.bot_api import Accepted, BotApi, Group

MOST_IN_FLIGHT = 32  # what Telegram's transport has under way at the same time (bot.messages.Pace)
LAST_CALLS = 0.02  # seconds in which the platform reads what the dead had sent off
PATIENCE = 20.0  # seconds: a story that stands still that long has lost something

Message = tuple[int, int]  # chat and number
Said = tuple[int, str, tuple[str, ...]]  # chat, text and buttons


@dataclass
class World:
    """One data folder, one Bot API, one bot at a time."""

    api: BotApi
    folder: Path
    in_flight: list[set[Message]] = field(default_factory=list)  # at each death: accepted, and not marked as sent
    rests: list[float] = field(default_factory=list)  # seconds from each restart to the first message after it
    life: Life | None = None

    def __post_init__(self) -> None:
        self.gauges = Gauges(self.folder)
        self._stands = 0  # how much was accepted before the present life

    # ---- lives ------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def alive(self, *deaths: Death) -> AsyncIterator[None]:
        """Keep a bot alive during a block: the first lives die as told, each death is followed by a new life."""
        keeping = asyncio.create_task(self._keep_alive(chain(deaths, repeat(None))))
        try:
            yield
        finally:
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping

    async def _keep_alive(self, deaths: Iterator[Death | None]) -> None:
        for death in deaths:
            self.life = Life(self.folder, self.api.url, death)
            try:
                await self.life.ends()
            except asyncio.CancelledError:
                self.life.kill()
                await self.life.ends()
                raise
            await asyncio.sleep(LAST_CALLS)
            self.in_flight.append(self.unmarked() - set().union(*self.in_flight))

    def kill(self) -> None:
        """End the present life from outside."""
        assert self.life
        self.life.kill()

    def unmarked(self) -> set[Message]:
        """Give what the platform has accepted and the outbox does not know as sent."""
        with remains(self.folder) as database:
            marked = {row.message_id for row in outbox(database) if row.state == SENT}
        return {
            (each.chat_id, each.message_id)
            for each in self.api.ledger.sent
            if str(each.message_id) not in marked
        }

    # ---- time -------------------------------------------------------------------------------------

    def sets_clock(self, moment: datetime) -> None:
        """Make it this moment, for the bot."""
        self.gauges.ahead += moment - self.gauges.now()
        if self.life is not None:
            self.life.looks_at_the_clock()

    async def until(self, holds: Callable[[sqlite3.Connection], bool]) -> None:
        """Wait until something holds of the database."""
        address = f"file:{self.folder / 'vertti.db'}?mode=ro"
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.closing(sqlite3.connect(address, uri=True)) as database:
                    if holds(database):
                        return
                await asyncio.sleep(0.02)

    async def is_quiet(self) -> None:
        """Wait until everything that was said is acknowledged and everything that shall be said is."""
        await self.until(lambda database: self.api.inbox.pending == 0 and not _open(database))


def _open(database: sqlite3.Connection) -> bool:
    (number,) = database.execute(
        "SELECT (SELECT count(*) FROM outbox WHERE state IN (?, ?)) + (SELECT count(*) FROM broadcast_audience)"
        " + (SELECT count(*) FROM errand WHERE not_before < 0)",
        (WAITING, CLAIMED),
    ).fetchone()
    return bool(number)


class Somebody:
    """A person in their private chat, or in a group, who waits for an answer before going on."""

    def __init__(self, api: BotApi, number: int, into: Group | None = None) -> None:
        self._api = api
        self._into = into
        self._known = 0
        self.number = number
        self.person = api.person(number)
        self.chat = into or self.person

    def says(self, text: str) -> None:
        self._known = len(self._api.ledger.sent_to(self.chat.id))
        self.person.says(text, into=self._into)

    def presses(self, label: str) -> None:
        """Press the newest button of these words."""
        sent = self._api.ledger.sent_to(self.chat.id)
        message = next(each for each in reversed(sent) if label in each.labels)
        self._known = len(sent)
        self.person.presses(message, label, into=self._into)

    async def hears(self, *fragments: str, label: str = "") -> Accepted:
        """Wait for an answer that holds all of this."""

        def found() -> Accepted | None:
            sent = self._api.ledger.sent_to(self.chat.id)[self._known :]
            return next(
                (
                    each
                    for each in sent
                    if all(part in each.text for part in fragments) and (not label or label in each.labels)
                ),
                None,
            )

        await self._api.ledger.until(lambda: found() is not None, PATIENCE)
        answer = found()
        assert answer
        return answer


def told(api: BotApi) -> Counter[Said]:
    """Count who was told what, and how often."""
    return Counter((each.chat_id, each.text, each.labels) for each in api.ledger.sent)
