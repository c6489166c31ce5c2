"""The chat page as a platform: what is said comes by HTTP (bot/web/chat.py), what is answered waits for open pages.

A message is kept in the store, sealed, until a page says that it was shown.  Pages that are open get it in memory
as well, each its own copy, so that several tabs of one person all show it; waiting costs nothing but a task.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.errors import Silent, StoreError, Unreachable
from bot.i18n import Reader, when
from bot.messages import Incoming, Outgoing, Pace, Place, When
from bot.store import Store
from bot.store.engine import Database
from bot.store.models import to_day
from bot.store.web_messages import Waiting, WebMessage
from bot.transports import Accept

PLATFORM = "web"
MOST_PAGES = 4  # open at once for one person: a browser has six connections to a server, some must stay free
MOST_HELD = 200  # messages in memory for a page that does not take them; it finds the rest in the store


class OpenPage:
    """What has arrived for one page since it was opened."""

    def __init__(self) -> None:
        self._arrived: deque[Waiting] = deque()
        self._news = asyncio.Event()
        self.closed = False
        self.crowded_out = False  # by newer pages of the same person: it asks now and then instead

    def put(self, message: Waiting) -> None:
        """Hand over a message; a page that has fallen far behind is closed, and comes again."""
        if len(self._arrived) == MOST_HELD:
            self.close()
            return
        self._arrived.append(message)
        self._news.set()

    def close(self) -> None:
        """Let whoever waits go."""
        self.closed = True
        self._news.set()

    async def next(self, patience: float) -> list[Waiting]:
        """Wait for messages, at most ``patience`` seconds; empty: none came."""
        try:
            async with asyncio.timeout(patience):
                await self._news.wait()
        except TimeoutError:
            return []
        self._news.clear()
        arrived = list(self._arrived)
        self._arrived.clear()
        return arrived


class Web:
    """The one account that the web page is."""

    platform = PLATFORM
    max_text = 4000
    waiting = None  # it is asked, and waits for nobody
    needs_store = True
    pace = Pace(per_second=2000, chat_gap=timedelta(0), chat_burst=1000)

    def __init__(
        self, database: Database, clock: Clock, *, zone: ZoneInfo, language: str, public_url: str = ""
    ) -> None:
        self._database = database
        self._clock = clock
        self._zone = zone
        self._language = language
        self._public_url = public_url
        self._accept: Accept | None = None
        self._pages: dict[str, list[OpenPage]] = {}
        self._closed = False

    # ---- what every transport does ------------------------------------------------------------------

    async def receive(self, accept: Accept) -> None:
        """Take what the pages say (`hear`) until cancelled."""
        self._accept = accept
        try:
            await asyncio.Event().wait()
        finally:
            self._accept = None

    async def send(self, message: Outgoing) -> str:
        """Keep a message for its reader's pages, and show it on those that are open."""
        try:
            waiting = await self._database.write(partial(self._keep, message))
        except StoreError as error:
            raise Unreachable(type(error).__name__) from error
        for page in self._pages.get(message.where.address, ()):
            page.put(waiting)
        return str(waiting.id)

    async def leave(self, where: Place) -> None:
        """Do nothing: there are no groups here."""

    def deep_link(self, payload: str) -> str | None:
        """Give the address of the page that offers to say ``/start PAYLOAD``."""
        return f"{self._public_url}/?start={payload}" if self._public_url else None

    async def close(self) -> None:
        """Let the open pages go, and those that come; they come again on their own."""
        self._closed = True
        for pages in self._pages.values():
            for page in pages:
                page.close()

    # ---- for the routes -----------------------------------------------------------------------------

    @property
    def receiving(self) -> bool:
        """Is there anybody to hear what pages say?"""
        return self._accept is not None

    async def hear(self, said: Sequence[Incoming]) -> None:
        """Hand over what a page said; return once it is kept.

        Raises:
            StoreError: it could not be kept, or nobody is receiving; the page says it again.
        """
        if self._accept is None:
            message = "nobody is receiving"
            raise StoreError(message)
        await self._accept(said)

    @contextmanager
    def page(self, address: str) -> Iterator[OpenPage]:
        """Open a page for somebody; of too many the oldest is closed."""
        page = OpenPage()
        if self._closed:
            page.close()
        pages = self._pages.setdefault(address, [])
        pages.append(page)
        if len(pages) > MOST_PAGES:
            oldest = pages.pop(0)
            oldest.crowded_out = True
            oldest.close()
        try:
            yield page
        finally:
            if page in pages:
                pages.remove(page)
            if not pages:
                self._pages.pop(address, None)

    def open_pages(self) -> int:
        """Count the pages that are open."""
        return sum(map(len, self._pages.values()))

    def _keep(self, message: Outgoing, store: Store) -> Waiting:
        reader = store.people.find(message.where)
        if reader is None:
            reason = "not_found"
            raise Silent(reason)
        now = self._clock()
        kept = WebMessage(
            message.text,
            when(When(now), Reader(reader.language or self._language, self._zone, now)),
            message.buttons,
            message.file,
            None if message.picture is None else (message.picture.name, message.picture.words),
            goodbye=reader.state == "leaving",
            language=reader.language or "",
        )
        return store.web.add(reader.id, message.key, kept, today=to_day(now))
