"""Where a homeserver really is: at the address that is set, or where that one's .well-known points to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from bot.errors import Fault, TransportStopped, Unreachable

_WITHIN: Final = aiohttp.ClientTimeout(total=20, sock_connect=10)  # seconds
_FRESH: Final = {"Cache-Control": "no-cache"}  # Synapse lets proxies keep this answer for an hour
_OK: Final = 200
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500

NOT_MATRIX: Final = Fault(
    "VERTTI_MATRIX_HOMESERVER",
    "no Matrix homeserver answers at this address",
    "Give the address that clients use, for instance https://matrix.example.org; a browser shows"
    " /_matrix/client/versions under it",
)


@dataclass(frozen=True, slots=True)
class Homeserver:
    """A homeserver that answers.

    ``base`` is its address without a slash at the end, ``versions`` what it says that it speaks, ``time`` its own
    clock when it answered (ms since 1970; None: it does not say).
    """

    base: str
    versions: tuple[str, ...]
    time: int | None

    @property
    def too_old(self) -> bool:
        """Does it lack the API's version 3 paths, which came with v1.1 of the specification?"""
        return not any(version.startswith("v1.") and version != "v1.0" for version in self.versions)


async def find_homeserver(address: str) -> Homeserver:
    """Look for the homeserver of an address.

    Raises:
        Unreachable: nothing answers there now.
        TransportStopped: what answers there is no homeserver, and names none.
    """
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, timeout=_WITHIN
    ) as session:
        if (found := await _asked(session, address.rstrip("/"))) is not None:
            return found
        _, pointer = await _look(session, f"{address.rstrip('/')}/.well-known/matrix/client")
        base = _mapping(_mapping(pointer).get("m.homeserver")).get("base_url")
        if isinstance(base, str) and urlsplit(base).scheme in {"http", "https"} and urlsplit(base).netloc:
            found = await _asked(session, base.rstrip("/"))
    if found is None:
        raise TransportStopped(NOT_MATRIX)
    return found


async def _asked(session: aiohttp.ClientSession, base: str) -> Homeserver | None:
    """Ask for the versions; None: whoever answers knows nothing of Matrix."""
    headers, answer = await _look(session, f"{base}/_matrix/client/versions")
    versions = _mapping(answer).get("versions")
    if not isinstance(versions, list):
        return None
    return Homeserver(base, tuple(each for each in versions if isinstance(each, str)), _time(headers))


async def _look(session: aiohttp.ClientSession, url: str) -> tuple[Mapping[str, str], Any]:
    """Fetch JSON and the answer's headers; None: the answer is a refusal, or something else."""
    try:
        async with session.get(url, headers=_FRESH) as response:
            status, headers, payload = response.status, response.headers, await response.read()
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        raise Unreachable(type(error).__name__) from None
    if status == _TOO_MANY or status >= _SERVER_ERROR:
        raise Unreachable
    if status != _OK:
        return headers, None
    try:
        return headers, json.loads(payload)
    except (ValueError, RecursionError):
        return headers, None


def _time(headers: Mapping[str, str]) -> int | None:
    try:
        moment = parsedate_to_datetime(headers["Date"]).timestamp()
        return int((moment + float(headers.get("Age", 0))) * 1000)
    except (KeyError, ValueError, OverflowError):
        return None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
