"""A courier against a strict platform, in virtual time, over a real database."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.courier import Courier
from bot.errors import Fault
from bot.i18n import Wording
from bot.messages import Lane, Phrase, Place, Say
from bot.store import models
from bot.store.outbox import reply_to
from bot.store.people import Conversation
from bot.store.vault import Vault
from bot.translator import Translator
from tests.doubles.platform import StrictPlatform
from tests.doubles.virtual_time import START, WatchedDatabase, monotonic, now, run

ROWS = models.outbox
VAULT = Vault(bytes(range(32)))
WORDS = {"say": ("{{words}}",), "home": ("Alkuun",), "discreet": ("Sinulle on viesti.",)}
FAULT = Fault("VERTTI_TELEGRAM_TOKEN", "Telegram does not know this bot", "Make a new token")


def words(text, *buttons, discreet=None, file=None):
    return Say(Phrase("say", {"words": text}), buttons, discreet, file)


@dataclass
class World:
    """A courier, its database and its platforms."""

    database: WatchedDatabase
    platform: StrictPlatform = field(default_factory=StrictPlatform)
    others: tuple[StrictPlatform, ...] = ()

    def courier(self, **quiet):
        wording = Wording({"fi": WORDS}, {}, lambda _: {}, "fi")
        translator = Translator(wording, VAULT, "fi", ZoneInfo("Europe/Helsinki"))
        platforms = {each.platform: each for each in (self.platform, *self.others)}
        self.it = Courier(self.database, platforms, translator, now, monotonic, **quiet)
        return self.it

    @contextlib.asynccontextmanager
    async def serving(self, **quiet):
        """Let a courier serve; then stop it as a graceful end of the process does."""
        courier = self.courier(**quiet)
        loop = asyncio.get_running_loop()
        await self.database.write(
            lambda store: setattr(store, "on_work", lambda: loop.call_soon_threadsafe(courier.wake))
        )
        task = asyncio.create_task(courier.run())
        await self.settled()
        try:
            yield courier
        finally:
            assert not task.done(), task
            task.cancel()
            await asyncio.wait([task])

    async def settled(self):
        """Let everything happen that happens at this instant."""
        for _ in range(20):
            await asyncio.sleep(0)
            while self.database.pending:
                await asyncio.sleep(0.0001)

    # ---- what is to be said -----------------------------------------------------------------------------

    async def push(self, *rows, platform="telegram", lane=Lane.BROADCAST, after=0.0, until=None):
        """Queue (address, text) pairs."""
        at = now()

        def work(store):
            for number, (address, text) in enumerate(rows):
                store.outbox.push(
                    meet(store, address, platform), f"{platform}:{lane}:{text}:{address}:{number}", words(text), now=at, lane=lane,
                    not_before=at + timedelta(seconds=after),
                    useful_until=None if until is None else at + timedelta(seconds=until),
                )  # fmt: skip

        await self.database.write(work)

    async def reply(self, address, said, key=None):
        message = words(said) if isinstance(said, str) else said
        at = now()
        await self.database.write(
            lambda store: store.outbox.reply(meet(store, address), key or f"reply:{said}", message, now=at)
        )

    # ---- what became of it ------------------------------------------------------------------------------

    async def rows(self):
        """State and reason of every row, by how many there are."""
        found = await self.database.write(lambda store: store.run(select(ROWS.c.state, ROWS.c.reason)).all())
        counts = {}
        for row in found:
            counts[tuple(row)] = counts.get(tuple(row), 0) + 1
        return counts

    async def conversation(self, address, platform="telegram"):
        return await self.database.write(lambda store: store.people.find(place(address, platform)))

    async def until_sent(self, number, seconds=10_000):
        pause = 0.01
        async with asyncio.timeout(seconds):
            while len(self.platform.delivered) < number:
                await asyncio.sleep(pause)
                pause = min(pause * 1.05, 1.0)
            await self.settled()


def place(address, platform="telegram"):
    return Place(platform, address, "group" if address.startswith("group") else "private")


def meet(store, address, platform="telegram"):
    where = place(address, platform)
    return store.people.find(where) or store.people.meet(where, language=None, now=START)


def play(world, story):
    return run(world.database, story())


def throttled_once(addresses, seconds):
    """A 429 for the first message to each of these."""
    left = set(addresses)

    def throttle(message):
        address = message.where.address
        if address not in left:
            return None
        left.discard(address)
        return seconds

    return throttle


def ready(address, key, text):
    anna = Conversation(7, place(address), "fi", named=False)
    return reply_to(anna, key, words(text))
