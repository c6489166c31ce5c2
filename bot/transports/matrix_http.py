"""HTTP to a homeserver's client-server API: JSON in, JSON out, and every refusal one of our errors.

nio serves as the cryptography only (matrix_crypto.py): it sleeps through limits, retries by itself and returns its errors,
and it checks a sync's events against schemas, of which one malformed event is enough to make the whole answer unreadable.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import aiohttp
import orjson
from yarl import URL

from bot.errors import Fault, Refused, Throttled, TransportStopped, Unreachable

PREFIX: Final = "/_matrix/client/v3/"
_JSON: Final = {"Content-Type": "application/json"}
_CONNECT: Final = 10.0  # seconds
QUICKLY: Final = 30.0
UPLOAD: Final = 90.0  # less than the outbox's lease
UNLIMITED_WAIT: Final = 5.0  # when told to wait, but not how long

TOKEN_REFUSED: Final = Fault(
    "VERTTI_MATRIX_TOKEN",
    "the homeserver does not accept Vertti's access token (any more): the device was logged out",
    "Set VERTTI_MATRIX_PASSWORD, or a new VERTTI_MATRIX_TOKEN, and start Vertti again",
)
LOGGED_OUT: Final = Fault(  # the same, where it was Vertti that logged in
    "Matrix",
    "the homeserver does not accept Vertti's login any more: the device was logged out",
    "Start Vertti again: it logs in anew, with VERTTI_MATRIX_PASSWORD",
)
ACCOUNT_CLOSED: Final = Fault(
    "VERTTI_MATRIX_USER",
    "this account is deactivated, locked or suspended on the homeserver",
    "Ask the homeserver's keeper to open it again, or give another account; then start Vertti again",
)
_STOPS: Final = {
    **dict.fromkeys(("M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"), TOKEN_REFUSED),
    **dict.fromkeys(("M_USER_DEACTIVATED", "M_USER_LOCKED", "M_USER_SUSPENDED"), ACCOUNT_CLOSED),
}

_PASSING: Final = ("M_RESOURCE_LIMIT_EXCEEDED", "M_CONSENT_NOT_GIVEN")  # until its keeper has seen to it


class MatrixRefused(Refused):
    """The homeserver said no for good; ``code`` is its errcode, "M_FORBIDDEN"."""

    def __init__(self, status: int, code: str, body: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.body = body or {}


class MatrixHttp:
    """The way to one homeserver, for one device.  Opened by the first call, closed by `close`."""

    def __init__(self, homeserver: str, token: str = "") -> None:
        self.base = homeserver.rstrip("/")
        self.token = token
        self._session: aiohttp.ClientSession | None = None

    async def get(self, *path: str, query: Mapping[str, Any] | None = None, within: float = QUICKLY) -> Any:
        """Read something; ``path`` in parts, which are quoted here."""
        return await self.call("GET", *path, within=within, query=query)

    async def post(self, *path: str, body: Any = None, within: float = QUICKLY) -> Any:
        """Do something."""
        return await self.call("POST", *path, body={} if body is None else body, within=within)

    async def put(self, *path: str, body: Any, within: float = QUICKLY) -> Any:
        """Do something once, under the transaction id that ends the path."""
        return await self.call("PUT", *path, body=body, within=within)

    async def call(
        self,
        verb: str,
        *path: str,
        prefix: str = PREFIX,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        within: float = QUICKLY,
    ) -> Any:
        """Make one request; return its JSON.

        Args:
            verb: of HTTP.
            path: after the prefix, in parts.
            prefix: what every path of this API begins with.
            body: sent as JSON; None: none.
            query: the parameters.
            within: seconds after which it has failed.

        Raises:
            MatrixRefused: never, whoever asks again.
            Throttled, Unreachable: not now.
            TransportStopped: the account itself is refused.
        """
        data = None if body is None else orjson.dumps(body)
        where = "/".join(quote(part, safe="") for part in path)
        return await self.exchange(verb, prefix + where, data, headers=_JSON, query=query, within=within)

    async def exchange(
        self,
        verb: str,
        path: str,
        data: Any,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, Any] | None = None,
        within: float = QUICKLY,
    ) -> Any:
        """Make one request with any body; see `call`."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,  # a proxy of the shell's is not meant for us; nor is a .netrc
            )
        allowed = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        url = URL(self.base + path, encoded=True).with_query({
            name: orjson.dumps(value).decode() if isinstance(value, dict) else str(value)
            for name, value in (query or {}).items()
            if value is not None
        })  # fmt: skip
        timeout = aiohttp.ClientTimeout(total=within, sock_connect=_CONNECT)
        try:
            async with self._session.request(
                verb,
                url,
                data=data,
                headers={**headers, **allowed},
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                status, payload = response.status, await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreachable(type(error).__name__) from None
        try:
            answer = orjson.loads(payload)
        except orjson.JSONDecodeError:
            answer = None
        if status == 200 and isinstance(answer, dict):  # noqa: PLR2004
            return answer
        raise refusal(status, answer)

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()
            await asyncio.sleep(0)


def refusal(status: int, answer: Any) -> Exception:
    """Give the error that an answer means which is no success."""
    said = answer if isinstance(answer, dict) else {}
    code = said.get("errcode")
    if status == 429 or code == "M_LIMIT_EXCEEDED":  # noqa: PLR2004
        wait = said.get("retry_after_ms")
        return Throttled(wait / 1000 if isinstance(wait, int | float) and wait > 0 else UNLIMITED_WAIT)
    if code in _PASSING:
        return Unreachable(str(code))
    if code in _STOPS:
        return TransportStopped(_STOPS[code])
    # Without a code no homeserver has said this: a proxy before it, a log-in page, an answer cut short; only a 401
    # without one is its own, which asks for one more step.
    if (isinstance(code, str) and status < 500) or (status == 401 and said):  # noqa: PLR2004
        return MatrixRefused(status, str(code or ""), said)
    return Unreachable(f"HTTP {status}")
