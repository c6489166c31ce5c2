"""A bot's home, and its town: people in encrypted rooms who subscribe, an organizer, a group that follows.

Every telling goes on where the last one ended: two copies of a Matrix device must never run, and what the homeserver
knows of its keys cannot be put back.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from bot.cli import once
from bot.messages import Place
from bot.store import Store
from tests.crash.life import settings_in
from tests.crash.lives import Ending
from tests.crash.matrix_people import MESSAGE, POLL_START, RIDDLE, Somebody
from tests.crash.matrix_world import FAST, MatrixWorld, Nursery
from tests.crash.story import NAME, SERIES, words
from tests.servers.synapse import Account, Synapse

BEGIN = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # 10 on a Tuesday
REMINDER = datetime(2026, 11, 25, 11, 0, 1, tzinfo=UTC)  # a day before the group meets, and a second
HELD = timedelta(minutes=1, seconds=1)  # that news may still be stopped
ENDED = timedelta(seconds=10)  # that pass before news that has arrived is reported


@dataclass(kw_only=True)
class Home:
    """A data folder, and an account on a homeserver, where lives follow one another."""

    synapse: Synapse
    nursery: Nursery
    folder: Path
    account: Account
    clock: datetime = BEGIN

    @asynccontextmanager
    async def telling(self, *endings: Ending, rate: float = FAST) -> AsyncIterator[MatrixWorld]:
        """Let the bot live until all is said; its first lives end as ``endings`` say."""
        world = MatrixWorld(
            folder=self.folder,
            endings=endings,
            nursery=self.nursery,
            homeserver=self.synapse.url,
            account=self.account,
            rate=rate,
        )
        world.sets_clock(self.clock)
        async with world.alive():
            yield world
            await world.is_quiet()
        self.clock = world.gauges.now()

    async def settles(self, people: Iterable[Somebody]) -> None:
        """See that all have read what was said to them, that it was due, and once, and that nobody else could read it."""
        for each in people:
            await each.has_heard(self.sealed_for(each))

            left = [(heard.type, heard.body) for heard in each.unasked()]
            assert left == [], left

    def sealed_for(self, somebody: Somebody) -> set[str]:
        """Give the ids of what the homeserver has of the bot in somebody's room; it must not have it in the clear."""
        which = quote(json.dumps({"senders": [self.account.user_id]}))
        history = self.synapse.call(
            "GET",
            f"/_matrix/client/v3/rooms/{quote(somebody.room)}/messages?dir=b&limit=1000&filter={which}",
            token=somebody.user.account.token,
        )
        said = [(event["event_id"], event["type"]) for event in history["chunk"]]

        assert {MESSAGE, POLL_START}.isdisjoint(kind for _, kind in said)

        return {event for event, kind in said if kind == RIDDLE}


@dataclass(kw_only=True)
class Town(Home):
    """A home that many people know."""

    people: Sequence[Somebody]  # who subscribe
    chief: Somebody
    group: list[Somebody] = field(default_factory=list)  # its members, in its room

    @property
    def everybody(self) -> list[Somebody]:
        return [*self.people, self.chief, *self.group]

    async def found(self) -> None:
        """Let people meet the bot, subscribe, and open a group that follows."""
        async with self.telling():
            await asyncio.gather(*(each.opens_private_room() for each in (*self.people, self.chief)))
            code = await asyncio.to_thread(once, settings_in(self.folder), self._subscribe)
            await self.chief.asks(f"jarjestaja {code}")
            await self._open_group()
        for each in self.everybody:
            await each.has_heard(self.sealed_for(each))
            each.forgets()

    def _subscribe(self, store: Store) -> str:
        for each in self.people:
            known = store.people.find(Place("matrix", each.user.user_id))
            assert known
            store.subscriptions.add(known.id, SERIES)
        return store.organizers.invite(now=self.clock)

    async def _open_group(self) -> None:
        chief, others = self.chief.user, [each.user for each in self.people[:2]]
        invited = [each.user_id for each in others]
        room = await chief.creates_room(invited, encrypted=True, name="Ryhmä", awaited=False)
        for each in others:
            await each.joins_when_invited(chief.user_id)
        await chief.invites(room, self.account.user_id)
        self.group = [Somebody(each, self.account.user_id, room) for each in (chief, *others)]
        speaker = self.group[0]
        await speaker.hears(NAME)
        await speaker.chooses(NAME)

    # ---- news -------------------------------------------------------------------------------------

    async def news_is_confirmed(self, text: str) -> None:
        """Let the organizer confirm it; it goes out when it was held for a while."""
        await self.chief.asks(f"tiedota {text}", text)
        await self.chief.hears(words("news.button.send"))
        await self.chief.chooses(words("news.button.send"), words("news.button.stop"))

    async def news_arrives(self, world: MatrixWorld, text: str) -> None:
        """Wait until everybody has it, then let the time for the report come."""
        for each in (*self.people, *self.group):
            await each.hears(text)
        await world.is_quiet()
        world.sets_clock(world.gauges.now() + ENDED)
        await self.chief.hears(words("news.report_all", n=len(self.people) + 1))
