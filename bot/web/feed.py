"""Calendar feeds over HTTP: the public programme, and everyone's own by a secret address."""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.actions.calendar_file import Style, calendar_file
from bot.clock import Clock
from bot.core.series import turn_series
from bot.i18n import LANGUAGES
from bot.router import House
from bot.store import Store
from bot.store.engine import Database
from bot.store.feeds import Dated, Feed, Window
from bot.web.pages import Pages

BACK: Final = timedelta(days=30)  # so long a date that is over stays in the feed ...
AHEAD: Final = timedelta(days=400)  # ... and so far ahead they go
FRESH: Final = "max-age=900"  # seconds: as often as the schedule is read
CALENDAR: Final = "text/calendar; charset=utf-8"


class Feeds:
    """The routes of the feeds.  An address that leads nowhere says no more than that."""

    def __init__(self, *, database: Database, house: House, clock: Clock, pages: Pages) -> None:
        self._database = database
        self._house = house
        self._clock = clock
        self._pages = pages
        self._turns = turn_series(house.series.values())
        self._writing = asyncio.Lock()  # a millisecond a date, and anybody may ask: one at a time
        self._programmes: dict[str, tuple[list[Dated], bytes]] = {}  # by language, as it was last written

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route("/calendar.ics", self.programme),
            Route("/calendar/{token}.ics", self.own),
            Route("/calendar/{token}", self.guide),
        ]

    async def programme(self, request: Request) -> Response:
        """GET /calendar.ics: all that anybody may come to; ``kieli`` chooses the language."""
        wish = request.query_params.get("kieli", "")
        style = Style(wish if wish in LANGUAGES else self._house.language, named=True, choices={})
        dates = await self._read(lambda store, window: store.feeds.programme(window, turns=self._turns))
        async with self._writing:
            known, body = self._programmes.get(style.language, (None, b""))
            if known != dates:
                body = await self._written(dates, style)
                self._programmes[style.language] = dates, body
        return _calendar(request, body, cache=f"public, {FRESH}")

    async def own(self, request: Request) -> Response:
        """GET /calendar/{token}.ics: what one person hears of, in their words and with their alarms."""
        feed = await self._feed(request)
        person = await self._database.read(lambda store: store.people.get(feed.conversation))
        choices = await self._database.read(lambda store: store.subscriptions.of(feed.conversation))
        dates = await self._read(
            lambda store, window: store.feeds.own(feed.conversation, window, turns=self._turns)
        )
        language = self._house.language if person is None else person.language or self._house.language
        style = Style(language if language in LANGUAGES else self._house.language, feed.named, choices)
        async with self._writing:
            body = await self._written(dates, style)
        return _calendar(request, body, cache=f"private, {FRESH}")

    async def guide(self, request: Request) -> Response:
        """GET /calendar/{token}: how to bring it into one's phone."""
        feed = await self._feed(request)
        person = await self._database.read(lambda store: store.people.get(feed.conversation))
        address = f"{self._house.public_url}/calendar/{request.path_params['token']}.ics"
        page = self._pages.draw(
            "feed.html",
            self._pages.language(request, person),
            address=address,
            subscribe="webcal" + address[address.index(":") :],
        )
        page.headers["X-Robots-Tag"] = "noindex"
        return page

    async def _feed(self, request: Request) -> Feed:
        token = request.path_params["token"]
        feed = await self._database.read(lambda store: store.feeds.find(token))
        if feed is None:
            raise HTTPException(404)
        return feed

    async def _read(self, dates: Callable[[Store, Window], list[Dated]]) -> list[Dated]:
        today = _midnight(self._clock())
        window = today - BACK, today + AHEAD
        return await self._database.read(lambda store: dates(store, window))

    async def _written(self, dates: list[Dated], style: Style) -> bytes:
        return await asyncio.to_thread(calendar_file, dates, self._house, style, now=self._clock())


def _calendar(request: Request, body: bytes, *, cache: str) -> Response:
    """Give a calendar, or that it is as it was."""
    headers = {
        "Cache-Control": cache,
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "X-Robots-Tag": "noindex",
    }
    # Who packs it on the way makes the mark a weak one (RFC 9110, 13.1.2).
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    if headers["ETag"] in known or known == ["*"]:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=CALENDAR)


def _midnight(now: datetime) -> datetime:
    """Give the beginning of the day (UTC), so that a feed stays the same all day."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
