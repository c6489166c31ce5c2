"""The door that Telegram knocks at: who is let in, and with what (T-03)."""

import contextlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request

from bot.errors import Unreachable
from bot.transports.telegram_http import parsed

MOST_BODY: Final = 256 * 1024  # bytes; Telegram's own calls have a few thousand
SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """Where Telegram calls us, and the secret by which we know that it is Telegram (1-256 of A-Za-z0-9_-)."""

    url: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", self.secret):
            msg = "a webhook's secret has 1 to 256 of A-Z, a-z, 0-9, _ and -"
            raise ValueError(msg)

    @property
    def path(self) -> str:
        """Where the route stands."""
        return urlsplit(self.url).path or "/"


async def let_in(request: Request, secret: str) -> Mapping[str, Any] | int:
    """Give the update that Telegram brings, or the HTTP status with which somebody is turned away.

    Who does not know the secret learns no more than that, and nothing of the body is read.
    """
    given = request.headers.get(SECRET_HEADER, "")
    if not hmac.compare_digest(given.encode(), secret.encode()):
        return 401
    if request.headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
        return 404
    body = bytearray()
    with contextlib.suppress(ClientDisconnect):  # then it is no JSON either
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BODY:
                return 413
    try:
        return parsed(bytes(body))
    except Unreachable:
        return 400
