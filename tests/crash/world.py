"""A bot that is brought back each time it dies, the people around it, and what it leaves behind."""

import asyncio
import contextlib
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from bot.app import KEY_FILE
from bot.store.outbox import CLAIMED, SENT, WAITING
from bot.store.vault import open_vault
from tests.crash.life import FAST, Death, Gauges
from tests.crash.nursery import Life, outbox, remains
from tests.doubles.bot_api import Accepted, BotApi, Group

PATIENCE = 30.0  # seconds: a story that stands still that long has lost something
LAST_CALLS = 0.02  # seconds in which the platform reads what the dead had sent off

Ending = Death | float  # where a life ends by itself, or after how many seconds it is killed
Message = tuple[int, int]  # chat and number
Kept = dict[str, Counter[tuple[Any, ...]]]  # table and row, how often


@dataclass
class World:
    """One data folder, one Bot API, one bot at a time.

    The first lives end as ``endings`` say, each is followed by another.  ``leavers`` have their data deleted, and
    with it what became of their messages.
    """

    api: BotApi
    folder: Path
    endings: Sequence[Ending] = ()
    leavers: frozenset[int] = frozenset()
    rate: float = FAST
    births: list[float] = field(default_factory=list)
    in_flight: list[set[Message]] = field(default_factory=list)  # at each death: accepted, not marked as sent

    def __post_init__(self) -> None:
        self.gauges = Gauges(self.folder)
        self._life: Life | None = None
        self._born = asyncio.Condition()

    # ---- lives ------------------------------------------------------------------------------------

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
            death = ending if isinstance(ending, Death) else None
            self._life = Life(self.folder, self.api.url, death, self.rate)
            async with self._born:
                self.births.append(time.monotonic())
                self._born.notify_all()
            try:
                async with asyncio.timeout(ending if isinstance(ending, float) else None):
                    await self._life.ends()
            except (TimeoutError, asyncio.CancelledError) as due:
                self._life.kill()
                await self._life.ends()
                if isinstance(due, asyncio.CancelledError):
                    raise
            await asyncio.sleep(LAST_CALLS)
            self.in_flight.append(self.unmarked() - set().union(*self.in_flight))

    async def reaches_life(self, number: int) -> None:
        """Wait for a life (0 is the first), or the last that is planned."""
        async with self._born:
            await self._born.wait_for(lambda: len(self.births) > min(number, len(self.endings)))

    def kill(self) -> None:
        """End the present life from outside."""
        assert self._life
        self._life.kill()

    def unmarked(self) -> set[Message]:
        """Give what the platform has accepted and the outbox does not know as sent."""
        with remains(self.folder) as database:
            marked = {row.message_id for row in outbox(database) if row.state == SENT}
        return {
            (each.chat_id, each.message_id)
            for each in self.api.ledger.sent
            if str(each.message_id) not in marked and each.chat_id not in self.leavers
        }

    def first_words(self) -> list[float]:
        """Give the seconds from each birth to the first message of that life; the mute are left out."""
        lives = zip(self.births, [*self.births[1:], float("inf")], strict=True)
        firsts = [
            (born, next((each.at for each in self.api.ledger.sent if born < each.at < gone), None))
            for born, gone in lives
        ]
        return [first - born for born, first in firsts if first is not None]

    # ---- time -------------------------------------------------------------------------------------

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

    async def is_quiet(self) -> None:
        """Wait until everything that was said is acknowledged and everything that shall be said is."""
        await self.until(lambda database: self.api.inbox.pending == 0 and not _at_work(database))


def _at_work(database: sqlite3.Connection) -> bool:
    waiting = "SELECT count(*) FROM outbox WHERE state IN (?, ?)"
    errands = "SELECT count(*) FROM errand WHERE attempts = 0"
    return any(
        database.execute(query, values).fetchone()[0]
        for query, values in ((waiting, (WAITING, CLAIMED)), (errands, ()))
    )


class Somebody:
    """A person in their private chat, or in a group, who waits for an answer before going on."""

    def __init__(self, api: BotApi, number: int, into: Group | None = None) -> None:
        self._api = api
        self._into = into
        self._known = 0
        self.person = api.person(number, started=True)
        self.chat = into or self.person

    def listens(self) -> None:
        """Forget what was heard so far."""
        self._known = len(self._api.ledger.sent_to(self.chat.id))

    def says(self, text: str) -> None:
        self.listens()
        self.person.says(text, into=self._into)

    def presses(self, label: str) -> None:
        """Press the newest button of these words."""
        sent = self._api.ledger.sent_to(self.chat.id)
        message = next(each for each in reversed(sent) if label in each.labels)
        self.listens()
        self.person.presses(message, label, into=self._into)

    async def hears(self, *fragments: str, label: str = "") -> Accepted:
        """Wait for an answer that holds all of this."""

        def fits(each: Accepted) -> bool:
            return all(part in each.text for part in fragments) and (not label or label in each.labels)

        def found() -> Accepted | None:
            return next(filter(fits, self._api.ledger.sent_to(self.chat.id)[self._known :]), None)

        await self._api.ledger.until(lambda: found() is not None, PATIENCE)
        answer = found()
        assert answer
        return answer


def kept(folder: Path) -> Kept:
    """Give what stands in the store of somebody dead, without what chance or time decides: keys, ids, instants.

    Conversations are given by their address.
    """
    vault = open_vault(folder / KEY_FILE)
    with remains(folder) as database:
        database.create_function("opened", 1, lambda sealed: vault.open(sealed).decode())
        return {name: Counter(database.execute(query)) for name, query in _KEPT.items()}


_KEPT = {
    "people": "SELECT opened(address), kind, language, named, role, state, reason FROM conversation",
    "subscriptions": (
        "SELECT opened(address), series, leads FROM subscription JOIN conversation ON id = conversation"
    ),
    "outbox": (
        "SELECT opened(address), lane, outbox.state, outbox.reason, what"
        " FROM outbox JOIN conversation ON conversation.id = conversation"
    ),
    "dialogues": "SELECT opened(address), question FROM dialogue JOIN conversation ON id = conversation",
    "ballots": "SELECT round, answer FROM ballot",
    "rounds": "SELECT id, poll, counts, voter_key IS NULL FROM poll_round",
    "news": "SELECT text, series, state, audience FROM broadcast",
    "audience": "SELECT broadcast FROM broadcast_audience",
    "acts": "SELECT act, audience FROM organizer_log",
    "codes": "SELECT role FROM invite_code",
    "updates": "SELECT platform FROM seen",
    "alarms": "SELECT lead, state FROM alarm",
    "counters": "SELECT name, number FROM counter",
    "errands": "SELECT kind FROM errand",
    "unscrubbed": "SELECT name FROM bookmark WHERE name = 'polls.scrub'",
}
