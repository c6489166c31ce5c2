"""Who is at the other end: a random token in a cookie, and nothing else."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from bot.messages import Place

PLATFORM = "web"
TOKEN_BYTES = 32
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes in base64url
LASTS = 365 * 24 * 3600  # seconds; begun anew at each visit


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who has said something; ``token`` is all that proves it, so it is never kept or logged."""

    token: str = field(repr=False)

    @property
    def place(self) -> Place:
        """The private chat.  Its address is a hash: who reads the database cannot come back as this visitor."""
        digest = hashlib.sha256(b"vertti web\0" + self.token.encode()).digest()
        return Place(PLATFORM, base64.urlsafe_b64encode(digest).rstrip(b"=").decode())


def new_visitor() -> Visitor:
    """Make up a token."""
    return Visitor(secrets.token_urlsafe(TOKEN_BYTES))


class Cookies:
    """Reads and writes the one cookie."""

    def __init__(self, public_url: str) -> None:
        self._public = urlsplit(public_url)

    def visitor(self, request: Request) -> Visitor | None:
        """Give who asks; None: nobody known, or a cookie that is none of ours."""
        token = request.cookies.get(self._name(request), "")
        return Visitor(token) if TOKEN.fullmatch(token) else None

    def remember(self, request: Request, response: Response, visitor: Visitor) -> None:
        """Let the browser keep who it is.  Scripts cannot read it, other sites cannot use it."""
        response.set_cookie(
            self._name(request), visitor.token, LASTS, path="/", secure=self._secure(request), httponly=True,
            samesite="strict",
        )  # fmt: skip

    def forget(self, request: Request, response: Response) -> None:
        """Let the browser forget who it is."""
        response.delete_cookie(
            self._name(request), path="/", secure=self._secure(request), httponly=True, samesite="strict"
        )

    def from_own_page(self, request: Request) -> bool:
        """Tell whether a page of ours asks, and not another site in its visitor's name.

        Browsers say so in Sec-Fetch-Site; older ones name the origin.  Behind a proxy both names of the host count.
        """
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        origin = urlsplit(request.headers.get("origin", "")).netloc
        return bool(origin) and origin in (request.headers.get("host"), self._public.netloc)

    def _secure(self, request: Request) -> bool:
        return request.url.scheme == "https" or self._public.scheme == "https"

    def _name(self, request: Request) -> str:
        # "__Host-": no neighbour under the same domain can put a cookie of its own in this place.
        return "__Host-vertti" if self._secure(request) else "vertti"
