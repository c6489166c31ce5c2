"""The Starlette application around pages, chat and health."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.clock import Clock
from bot.i18n import Wording
from bot.router import House
from bot.store.engine import Database
from bot.web import health as health_page
from bot.web.chat import Chat, RefusedError
from bot.web.feed import Feeds
from bot.web.files import Files
from bot.web.health import Health
from bot.web.pages import Pages
from bot.web.pictures import Pictures
from bot.web.visitors import Cookies

if TYPE_CHECKING:
    from bot.transports.web import Web

HEADERS = {
    # Everything comes from here: no script, style, picture or frame from elsewhere, none inside the page.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}

NOTICES = {404: "web.trouble.not_found", 405: "web.trouble.not_found", 500: "web.trouble.ours"}


def create_app(
    *,
    transport: "Web",
    database: Database,
    wording: Wording,
    house: House,
    clock: Clock,
    health: Callable[[], Awaitable[Health]],
    extra_routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """Put the web together.  ``extra_routes`` are those that other transports bring, a webhook for instance."""
    cookies = Cookies(house.public_url)
    files = Files()
    pages = Pages(
        database=database,
        wording=wording,
        house=house,
        clock=clock,
        cookies=cookies,
        files=files.addresses(),
    )
    feeds = Feeds(database=database, house=house, clock=clock, pages=pages)
    chat = Chat(transport=transport, database=database, pages=pages, cookies=cookies)

    def notice(status: int, key: str) -> Callable[[Request, Exception], Awaitable[Response]]:
        async def handler(request: Request, _: Exception) -> Response:
            response = await pages.notice(request, key, status)
            response.headers.update(HEADERS)  # what answers a 500 stands outside the middleware
            return response

        return handler

    return Starlette(
        routes=[
            Route("/", pages.home),
            *chat.routes(),
            *feeds.routes(),
            *Pictures(house).routes(),
            Route("/health", health_page.route(health)),
            Route("/static/{name}", files.get),
            *extra_routes,
        ],
        middleware=[Middleware(WithHeaders)],
        exception_handlers={
            RefusedError: chat.refuse,
            **{status: notice(status, key) for status, key in NOTICES.items()},
        },
    )


class WithHeaders:
    """Adds to each answer what keeps a browser from doing more than the page needs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
