"""The only one who speaks: takes rows from the outbox and has them said, once, in order, at a bearable pace.

One counter for each platform's account.  A reply is handed over in memory right after its commit; everything
else is claimed from the outbox a little at a time, and what is revoked meanwhile is given back unsaid.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot.clock import Clock
from bot.counter import Counter
from bot.ledger import Ledger
from bot.store import Store
from bot.store.engine import Database
from bot.store.outbox import Ready
from bot.translator import Translator
from bot.transports import Transport


class Courier:
    """Counters for all accounts."""

    def __init__(
        self,
        database: Database,
        transports: Mapping[str, Transport],
        translator: Translator,
        clock: Clock,
        monotonic: Callable[[], float],
        *,
        allowed_from: Callable[[datetime], datetime] = lambda now: now,
    ) -> None:
        """Take what it works with; ``allowed_from`` gives the first instant, now or later, outside quiet hours."""
        self._database = database
        self._ledger = Ledger(database, clock, self.wake, allowed_from=allowed_from)
        self.counters = {
            name: Counter(transport, self._ledger, translator, clock, monotonic)
            for name, transport in transports.items()
        }
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> None:
        """Serve until cancelled; then let what is on its way arrive and write down what became of it."""
        self._loop = asyncio.get_running_loop()
        await self._database.write(self._take_over)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._ledger.run())
                for counter in self.counters.values():
                    group.create_task(counter.run())
        finally:
            await asyncio.gather(*(counter.settle() for counter in self.counters.values()))
            await self._ledger.write()

    def wake(self) -> None:
        """Look for due rows now."""
        for counter in self.counters.values():
            counter.look()

    def say_unstored(self, ready: Ready) -> None:
        """Say something now that is not in the outbox, as when nothing can be written.

        It is said once at most, and is not said again when a reply with its key is stored later.  A platform that
        keeps its messages in the store itself says nothing.
        """
        counter = self.counters.get(ready.place.platform)
        if counter is not None and not counter.transport.needs_store:
            counter.say_unstored(ready)

    def _take_over(self, store: Store) -> None:
        """Give back what a predecessor had in hand, and have replies handed over from now on."""
        store.delivery.release_expired(None)
        store.outbox.on_ready = self._from_writer
        store.outbox.on_revoked = self._revoked_by_writer

    def _from_writer(self, rows: list[Ready]) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._hand, rows)

    def _revoked_by_writer(self, keys: Sequence[str]) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._ledger.revoke, keys)

    def _hand(self, rows: list[Ready]) -> None:
        for row in rows:
            counter = self.counters.get(row.place.platform)
            if counter is not None:
                counter.hand(row)
