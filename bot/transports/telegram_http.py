"""HTTP to the Bot API: one aiohttp session for what is sent often and for python-telegram-bot's Bot.

python-telegram-bot's own backend (httpx) costs 2 ms a call, this one 0.5 ms; building its parameters and parsing
its answers costs as much again, so the frequent calls (getUpdates, sendMessage, answerCallbackQuery) go as plain
JSON and the answer is read no further than needed.  Either way a refusal becomes one of our errors here, and
nowhere does an exception hold a text, an address or the token, which is part of every URL.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import aiohttp
import orjson
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.errors import Fault, Moved, Refused, Silent, Throttled, TransportStopped, Unreachable, VerttiError

_JSON: Final = {"Content-Type": "application/json"}
_CONNECT: Final = 10.0  # seconds
QUICKLY: Final = aiohttp.ClientTimeout(total=30, sock_connect=_CONNECT)
UPLOAD: Final = aiohttp.ClientTimeout(total=90, sock_connect=_CONNECT)  # less than the outbox's lease
LONG_POLL: Final = 50  # seconds; the server takes no more
PATIENTLY: Final = aiohttp.ClientTimeout(total=LONG_POLL + 15, sock_connect=_CONNECT)

_UNKNOWN_TOKEN: Final = Fault(
    "VERTTI_TELEGRAM_TOKEN",
    "Telegram does not know this token (any more)",
    "Ask @BotFather for the bot's token and put it there",
)
_OLD_SERVER: Final = Fault(
    "VERTTI_TELEGRAM_API",
    "this Bot API server lacks a method that is needed",
    "Use a newer server, or leave the setting empty for the public one",
)

# Parts of the descriptions, in lower case (https://core.telegram.org/bots/api#making-requests; the words are those
# of the server's source).  The order counts.
_SILENT: Final = (
    ("blocked by the user", "blocked"),
    ("user is deactivated", "deactivated"),
    ("was kicked", "kicked"),
    ("not a member", "left"),
    ("chat was deleted", "deleted"),
    ("can't initiate conversation", "never_started"),
    ("chat not found", "not_found"),
    ("peer_id_invalid", "not_found"),
)
_REFUSED: Final = (
    ("text is empty", "empty"),
    ("text must be non-empty", "empty"),
    ("too long", "too_long"),
    ("too_long", "too_long"),
    ("can't parse", "markup"),
    ("button_", "button"),
    ("rights", "no_rights"),
    ("chat_write_forbidden", "no_rights"),
)


class AnotherReader(Unreachable):
    """Somebody else reads this account's updates: a second process, or a webhook (HTTP 409)."""


class BotApiHttp:
    """The way to one bot account.  Opened by the first call, closed by `close`."""

    def __init__(self, token: str, api_root: str) -> None:
        self._base = f"{api_root.rstrip('/')}/bot{token}/"
        self._urls: dict[str, URL] = {}
        self._session: aiohttp.ClientSession | None = None

    async def call(
        self, method: str, parameters: Mapping[str, Any], within: aiohttp.ClientTimeout = QUICKLY
    ) -> Any:
        """Call a method with plain JSON; return its result.

        Raises:
            SendError, TransportStopped: see `refusal`.
        """
        url = self._urls.get(method) or self._urls.setdefault(method, URL(self._base + method))
        payload = await self.exchange("POST", url, orjson.dumps(parameters), headers=_JSON, within=within)
        answer = parsed(payload)
        if not answer.get("ok"):
            raise refusal(int(answer.get("error_code", 500)), answer)
        return answer.get("result")

    async def exchange(
        self,
        verb: str,
        url: URL | str,
        data: Any,
        *,
        headers: Mapping[str, str] | None = None,
        within: aiohttp.ClientTimeout,
    ) -> bytes:
        """Make one request; return the body of an answer that is no refusal.

        Raises:
            SendError, TransportStopped: see `refusal`.
        """
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,  # a proxy of the shell's is not meant for us; nor is a .netrc
            )
        try:
            async with self._session.request(
                verb, url, data=data, headers=headers, timeout=within, allow_redirects=False
            ) as response:
                status, payload = response.status, await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreachable(type(error).__name__) from None
        if status == 200:  # noqa: PLR2004
            return payload
        try:
            answer = parsed(payload)
        except Unreachable:
            answer = {}
        raise refusal(status, answer)

    async def close(self) -> None:
        """Let go of the connections; the next call would open them again."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def parsed(payload: bytes) -> dict[str, Any]:
    """Read the answer's JSON.

    Raises:
        Unreachable: it is none, so who knows what became of the call.
    """
    try:
        answer = orjson.loads(payload)
    except ValueError:
        # orjson is strict where a batch must not be lost for one letter: half a surrogate pair, a NaN.
        try:
            answer = json.loads(payload.decode(errors="replace"))
        except ValueError:
            answer = None
    if not isinstance(answer, dict):
        raise Unreachable
    return answer


def refusal(status: int, answer: Mapping[str, Any]) -> VerttiError:  # noqa: PLR0911 - a table
    """Say what a refusal means for us; ``answer`` is empty when it was none of Telegram's.

    Nothing of the answer's own words goes on.
    """
    description = str(answer.get("description", "")).lower()
    parameters = answer.get("parameters") or {}
    match status:
        case 413:
            return Refused("too_long")
        case 429 if answer:
            return Throttled(float(parameters.get("retry_after", 1)))
        case 409 if answer:
            return AnotherReader("HTTP 409")
        case 401 | 404 if answer:
            return TransportStopped(_OLD_SERVER if "method not found" in description else _UNKNOWN_TOKEN)
        case 400 | 403 if "migrate_to_chat_id" in parameters:
            return Moved(str(parameters["migrate_to_chat_id"]))
        case 400 | 403 if answer:
            return _turned_down(description, forbidden=status == 403)  # noqa: PLR2004
        case _:
            return Unreachable(f"HTTP {status}")


def _turned_down(description: str, *, forbidden: bool) -> Silent | Refused:
    for part, reason in _SILENT:
        if part in description:
            return Silent(reason)
    if forbidden:
        return Silent("forbidden")
    return Refused(next((reason for part, reason in _REFUSED if part in description), "refused"))


class Carried(TelegramError):  # noqa: N818 - no error of its own
    """One of our errors on its way through the library, which lets its own kind pass."""

    def __init__(self, error: VerttiError) -> None:
        super().__init__(type(error).__name__)
        self.error = error


@contextmanager
def our_errors() -> Iterator[None]:
    """Give back our own errors from a call through the library's Bot.

    Raises:
        SendError, TransportStopped: see `refusal`; Unreachable too for an answer it can make nothing of.
    """
    try:
        yield
    except Carried as carried:
        raise carried.error from None
    except (TelegramError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise Unreachable(type(error).__name__) from None


class AiohttpRequest(BaseRequest):
    """The library's way to HTTP, over our session."""

    def __init__(self, http: BotApiHttp) -> None:
        self._http = http

    @property
    def read_timeout(self) -> float | None:
        """The seconds a call may take."""
        return QUICKLY.total

    async def initialize(self) -> None:
        """Do nothing: the session opens with the first call."""

    async def shutdown(self) -> None:
        """Do nothing: the session belongs to `BotApiHttp`."""

    async def do_request(  # noqa: PLR0917 - the library's signature
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = None,  # noqa: ARG002 - ours hold for the whole call
        write_timeout: Any = None,  # noqa: ARG002
        connect_timeout: Any = None,  # noqa: ARG002
        pool_timeout: Any = None,  # noqa: ARG002
    ) -> tuple[int, bytes]:
        """Make the request; files go as multipart, all else as a form."""
        data: aiohttp.FormData | dict[str, str] | None = None
        within = QUICKLY
        if request_data is not None:
            data = request_data.json_parameters
            if request_data.contains_files:
                data, within = _multipart(request_data), UPLOAD
        try:
            return 200, await self._http.exchange(method, url, data, within=within)
        except VerttiError as error:
            raise Carried(error) from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read the answer; the library's own reader logs what it cannot read."""
        try:
            return parsed(payload)
        except Unreachable as error:
            raise Carried(error) from None


def _multipart(request_data: RequestData) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, media_type) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=media_type)
    return form


class QuietBot(Bot):
    """The library's Bot over our session; its own representation would show the token."""

    def __init__(self, token: str, api_root: str, http: BotApiHttp) -> None:
        root, request = api_root.rstrip("/"), AiohttpRequest(http)
        super().__init__(
            token,
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            request=request,
            get_updates_request=request,
        )

    def __repr__(self) -> str:
        return "QuietBot()"


def quiet_the_libraries() -> None:
    """Silence loggers that write down what people say (telegram, at DEBUG and in errors) or each URL (httpx)."""
    logging.getLogger("telegram").setLevel(logging.CRITICAL + 1)
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
