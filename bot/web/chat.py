"""The chat's routes: what the page says comes in, what Vertti says goes out as it happens.

A page is believed to have shown a message when it says so (`seen`), or comes again with a later Last-Event-ID;
until then the message is kept and sent again.  What a page says carries an id of its own, so that it may be
said again until it was answered: it has its effect once.
"""

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.core.plain_text import clean
from bot.errors import StoreError
from bot.i18n import LANGUAGES
from bot.messages import Incoming
from bot.store import Store
from bot.store.engine import Database
from bot.store.people import Conversation
from bot.store.web_messages import Waiting
from bot.web import showing
from bot.web.pages import MOST_TEXT, Pages
from bot.web.visitors import Cookies, Visitor, new_visitor

if TYPE_CHECKING:
    from bot.transports.web import OpenPage, Web

HEARD = 2 * MOST_TEXT  # of what is too long so much is handed on: a cry for help may stand in it
LARGEST_JSON = 64 * 1024  # bytes
LARGEST_FORM = 128 * 1024  # what a hand has typed comes back into the field; more is refused whole
LONGEST_BUTTON = 1024
SAYING_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
NUMBER = re.compile(r"\d{1,15}")
KEEP_ALIVE = 20.0  # seconds: sooner than proxies lose patience
FIRST_ANSWER = 1.0  # seconds that a page without scripts waits for an answer ...
FURTHER_ANSWERS = 0.1  # ... and for one more after it

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


class RefusedError(Exception):
    """What was sent is not what our page sends; ``key`` says why on a page."""

    def __init__(self, status: int, key: str) -> None:
        super().__init__(key)
        self.status = status
        self.key = key


class Chat:
    """The routes of the chat."""

    def __init__(self, *, transport: "Web", database: Database, pages: Pages, cookies: Cookies) -> None:
        self._transport = transport
        self._database = database
        self._pages = pages
        self._cookies = cookies

    def routes(self) -> list[Route]:
        """Give the routes, to be mounted at the root."""
        return [
            Route("/chat", self.post, methods=["POST"]),
            Route("/chat/begin", self.begin, methods=["POST"]),
            Route("/chat/say", self.say, methods=["POST"]),
            Route("/chat/seen", self.seen, methods=["POST"]),
            Route("/chat/messages", self.messages),
            Route("/chat/stream", self.stream),
        ]

    # ---- what the page says ---------------------------------------------------------------------------

    async def begin(self, request: Request) -> Response:
        """POST /chat/begin {}: give a cookie to who has none, before the first words.

        Were it given with them and the answer lost on its way, they would be said again by somebody new.
        """
        await self._json(request)
        response = Response(status_code=204)
        self._cookies.remember(request, response, self._cookies.visitor(request) or new_visitor())
        return response

    async def say(self, request: Request) -> Response:
        """POST /chat/say {id, text} or {id, button}: 200 once it is kept; on 503 say it again, on 413 say it shorter."""
        said = await self._json(request)
        visitor = self._cookies.visitor(request)
        if visitor is None:
            raise RefusedError(401, "web.trouble.unclear")
        incoming = _incoming(said, visitor)
        if not await self._heard(incoming):
            return JSONResponse({"said": False}, 503, {"Retry-After": "1"})
        if _too_long(incoming):
            raise RefusedError(413, "web.trouble.too_long")
        return JSONResponse({"said": True})

    async def post(self, request: Request) -> Response:
        """POST /chat: the form of the page without scripts.  Waits a moment for the answer, then shows the page.

        What is too long comes back in its field.
        """
        fields = await self._form(request)
        if not (fields["text"].strip() or fields.get("button")):
            return RedirectResponse("/#chat-end", 303)
        visitor = self._cookies.visitor(request) or new_visitor()
        incoming = _incoming(fields, visitor)
        with self._transport.page(visitor.place.address) as page:
            if not await self._heard(incoming):
                return await self._pages.notice(request, "web.trouble.wait", 503)
            patience = FIRST_ANSWER
            while await page.next(patience):
                patience = FURTHER_ANSWERS
        await self._shown(visitor, _number(fields.get("seen")))
        if _too_long(incoming):
            return await self._pages.again(request, visitor, fields["text"])
        response = RedirectResponse("/#chat-end", 303)
        self._cookies.remember(request, response, visitor)
        return response

    async def seen(self, request: Request) -> Response:
        """POST /chat/seen {upto}: the page has shown these; they are deleted."""
        upto = _number((await self._json(request)).get("upto"))
        visitor = self._cookies.visitor(request)
        response = Response(status_code=204)
        if visitor is not None and await self._shown(visitor, upto):
            self._cookies.forget(request, response)
        return response

    async def refuse(self, request: Request, error: Exception) -> Response:
        """Answer what was refused: in words to a form, else for the page's script."""
        assert isinstance(error, RefusedError)
        if request.url.path == "/chat":
            return await self._pages.notice(request, error.key, error.status)
        return JSONResponse({"refused": error.key}, error.status)

    async def _heard(self, incoming: Incoming) -> bool:
        try:
            await self._transport.hear([incoming])
        except StoreError:
            return False
        return True

    # ---- what the page is told ------------------------------------------------------------------------

    async def messages(self, request: Request) -> Response:
        """GET /chat/messages?after=ID: for pages whose stream does not come through; 204: nobody is known."""
        conversation = await self._conversation(self._cookies.visitor(request))
        if conversation is None:
            return Response(status_code=204)
        waiting = await self._unread(conversation, _number(request.query_params.get("after")))
        return JSONResponse(
            [showing.message(each) for each in waiting], headers={"Cache-Control": "no-store"}
        )

    async def stream(self, request: Request) -> Response:
        """GET /chat/stream: server-sent events, a message each; 204, which ends it: nobody is known."""
        visitor = self._cookies.visitor(request)
        if visitor is not None:
            await self._shown(visitor, _number(request.headers.get("last-event-id")))
        conversation = await self._conversation(visitor)
        if visitor is None or conversation is None:
            return Response(status_code=204)
        return StreamingResponse(
            self._events(visitor, conversation),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _events(self, visitor: Visitor, conversation: Conversation) -> AsyncIterator[bytes]:
        with self._transport.page(visitor.place.address) as page:
            yield b"retry: 2000\nevent: alive\ndata:\n\n"
            last = 0
            known: set[int] = set()
            while waiting := await self._unread(conversation, last):
                for each in waiting:
                    yield _event(each)
                    known.add(each.id)
                last = waiting[-1].id
            async for event in _arriving(page, known):
                yield event
            if page.crowded_out:
                yield b"event: rest\ndata:\n\n"

    async def _unread(self, conversation: Conversation, after: int) -> list[Waiting]:
        return await self._database.read(lambda store: store.web.unread(conversation.id, after=after))

    async def _conversation(self, visitor: Visitor | None) -> Conversation | None:
        if visitor is None:
            return None
        return await self._database.read(lambda store: store.people.find(visitor.place))

    async def _shown(self, visitor: Visitor, upto: int) -> bool:
        """Delete what was shown; True: it was the goodbye to somebody erased, of whom nothing else is left."""

        def work(store: Store) -> bool:
            conversation = store.people.find(visitor.place)
            if conversation is None:
                return False
            return store.web.shown(conversation.id, upto) and conversation.state == "leaving"

        return upto > 0 and await self._database.write(work)

    # ---- reading what is sent -------------------------------------------------------------------------

    async def _json(self, request: Request) -> dict[str, Any]:
        body = await self._body(request, JSON, LARGEST_JSON)
        try:
            read = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise RefusedError(400, "web.trouble.unclear") from error
        if not isinstance(read, dict):
            raise RefusedError(400, "web.trouble.unclear")
        return read

    async def _form(self, request: Request) -> dict[str, str]:
        body = await self._body(request, FORM, LARGEST_FORM)
        fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        if "button" in fields:
            return {**fields, "text": ""}
        return {**fields, "text": fields.get("say") or fields.get("text", "").replace("\r\n", "\n")}

    async def _body(self, request: Request, media_type: str, most: int) -> bytes:
        if not self._cookies.from_own_page(request):
            raise RefusedError(403, "web.trouble.elsewhere")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != media_type:
            raise RefusedError(415, "web.trouble.unclear")
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > most:
                raise RefusedError(413, "web.trouble.too_long")
        return bytes(body)


async def _arriving(page: "OpenPage", known: set[int]) -> AsyncIterator[bytes]:
    """Give what arrives while the page is open, and a sign of life when nothing does."""
    while not page.closed:
        arrived = await page.next(KEEP_ALIVE)
        for each in arrived:
            if each.id not in known:
                yield _event(each)
        if not arrived and not page.closed:
            yield b"event: alive\ndata:\n\n"


def _event(waiting: Waiting) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (waiting.id, orjson.dumps(showing.message(waiting)))


def _incoming(said: dict[str, Any], visitor: Visitor) -> Incoming:
    """Make what a page said into what dispatch understands.

    The id in it is a hash of who said it and the page's own id, so that ids of two people never meet, and the
    table of what was seen leads back to nobody.
    """
    identity, text, button, language = (said.get(name) or "" for name in ("id", "text", "button", "kieli"))
    strings = all(isinstance(each, str) for each in (identity, text, button, language))
    if not strings or not SAYING_ID.fullmatch(identity) or not (text.strip() or button):
        raise RefusedError(400, "web.trouble.unclear")
    if len(button) > LONGEST_BUTTON:
        raise RefusedError(400, "web.trouble.unclear")
    where = visitor.place
    digest = hashlib.sha256(f"{where.address}\0{identity}".encode()).digest()[:18]
    return Incoming(
        id=base64.urlsafe_b64encode(digest).decode(),
        where=where,
        sender=where,
        what="button" if button else "text",
        text="" if button else text[:HEARD],
        button=button,
        language=language if language in LANGUAGES else None,
    )


def _too_long(incoming: Incoming) -> bool:
    return len(clean(incoming.text)) > MOST_TEXT


def _number(value: Any) -> int:
    """Read a message's number; 0 for whatever is none."""
    return int(value) if NUMBER.fullmatch(str(value)) else 0
