"""The one page, drawn on the server: the public programme and the chat, readable without scripts."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.clock import Clock
from bot.core.series import turn_series
from bot.i18n import LANGUAGES, Reader, Wording, when
from bot.messages import Phrase, Value, When
from bot.router import House
from bot.store import Store
from bot.store.calendar import Kept
from bot.store.engine import Database
from bot.store.people import Conversation
from bot.store.web_messages import Waiting
from bot.web import showing
from bot.web.visitors import Cookies, Visitor

TEMPLATES = Path(__file__).parent / "templates"

MOST_TEXT = 4000  # characters of a message that fit: as many as are read (bot/turns.py)
EVENTS = 10  # of the programme; the chat tells of more
EVENTS_AT_ONCE = 2  # of them seen before one asks for the rest: the chat shall be near on a small screen
INVITATION = "jarjestaja-"  # the beginning of a start link that makes an organizer
DEEP_LINK = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the store gives for a page."""

    conversation: Conversation | None
    unread: list[Waiting]
    events: list[Kept]


class Pages:
    """Draws pages."""

    def __init__(
        self,
        *,
        database: Database,
        wording: Wording,
        house: House,
        clock: Clock,
        cookies: Cookies,
        files: Mapping[str, str],
    ) -> None:
        """Read the templates; ``files`` are the addresses of what they need."""
        self._database = database
        self._wording = wording
        self._house = house
        self._clock = clock
        self._cookies = cookies
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.filters["pieces"] = showing.pieces
        environment.globals["static"] = files
        environment.globals["languages"] = LANGUAGES
        # Templates and the names of weekdays are read now: the loop shall not wait for the disk.
        self._templates = {name: environment.get_template(name) for name in environment.list_templates()}
        for language in LANGUAGES:
            when(When(clock()), Reader(language, house.zone, clock()))

    async def home(self, request: Request) -> Response:
        """GET /: the programme, and what was answered since the page was last open."""
        return await self._home(request, self._cookies.visitor(request))

    async def again(self, request: Request, visitor: Visitor, typed: str) -> Response:
        """Show the page again with what was typed in its field, too long as it is, and how much fits."""
        return await self._home(request, visitor, typed=typed)

    async def _home(self, request: Request, visitor: Visitor | None, *, typed: str = "") -> Response:
        look = await self._database.read(lambda store: self._look(store, visitor))
        start = request.query_params.get("start", "")
        start = start if DEEP_LINK.fullmatch(start) else ""
        wish = _wish(request)
        if wish and look.conversation is not None and look.conversation.state != "leaving":
            # Who talks with Vertti has one language, on the page and in the chat.
            await self._speak(look.conversation, wish)
            return RedirectResponse(f"/?start={start}" if start else "/", 303)
        language = self.language(request, look.conversation)
        response = self.draw(
            "home.html",
            language,
            413 if typed else 200,
            typed=typed,
            events=self._events(look.events, language),
            at_once=EVENTS_AT_ONCE,
            messages=[showing.message(each) for each in look.unread],
            upto=look.unread[-1].id if look.unread else 0,
            start=f"/start {start}" if start else "",
            hello="web.chat.hello.organizer" if start.startswith(INVITATION) else "web.chat.hello",
            again=secrets.token_hex(16),
        )
        if visitor is not None and look.conversation is not None:
            if any(each.it.goodbye for each in look.unread):
                await self.say_goodbye(look.conversation, look.unread[-1].id)
                self._cookies.forget(request, response)
            else:
                self._cookies.remember(request, response, visitor)
        return response

    async def notice(self, request: Request, key: str, status: int) -> Response:
        """Say one thing on a page of its own, with the way back."""
        response = self.draw("notice.html", self.language(request, None), status=status, notice=key)
        if status == 503:  # noqa: PLR2004
            response.headers["Retry-After"] = "2"
        return response

    def draw(self, template: str, language: str, status: int = 200, **values: Any) -> Response:
        """Fill a template; ``say`` in it puts phrases into words."""
        reader = Reader(language, self._house.zone, self._clock())

        def say(key: str, **values: Value) -> str:
            return self._wording.say(Phrase(key, values), reader)

        page = self._templates[template].render(say=say, language=language, most=MOST_TEXT, **values)
        return HTMLResponse(page, status, {"Cache-Control": "no-store"})

    def language(self, request: Request, conversation: Conversation | None) -> str:
        """Choose the language: as wished in the address, else the chat's, else the browser's, else the house's."""
        known = None if conversation is None else conversation.language
        return _wish(request) or known or _accepted(request) or self._house.language

    async def say_goodbye(self, conversation: Conversation, upto: int) -> None:
        """Delete the goodbye that was shown to somebody erased, and the last trace with it."""
        await self._database.write(lambda store: store.web.shown(conversation.id, upto))

    async def _speak(self, conversation: Conversation, language: str) -> None:
        if conversation.language != language:
            await self._database.write(lambda store: store.people.set_language(conversation.id, language))

    def _look(self, store: Store, visitor: Visitor | None) -> Look:
        conversation = None if visitor is None else store.people.find(visitor.place)
        unread = [] if conversation is None else store.web.unread(conversation.id)
        return Look(
            conversation,
            unread,
            store.calendar.coming(
                self._clock(),
                most=EVENTS,
                visibility=("public",),
                without=turn_series(self._house.series.values()),
            ),
        )

    def _events(self, found: list[Kept], language: str) -> list[showing.Event]:
        reader = Reader(language, self._house.zone, self._clock())
        return [showing.event(each.it, self._wording, reader, self._house.language) for each in found]


def _wish(request: Request) -> str | None:
    wish = request.query_params.get("kieli")
    return wish if wish in LANGUAGES else None


def _accepted(request: Request) -> str | None:
    """Give the first of our languages in the browser's order; None: it names none."""
    wishes = []
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, quality = part.partition(";q=")
        try:
            wishes.append((float(quality or 1), tag.strip()[:2].lower()))
        except ValueError:
            continue
    wishes.sort(key=lambda wish: -wish[0])
    return next((tag for quality, tag in wishes if tag in LANGUAGES and quality > 0), None)
