"""The Bot API double: a strict stand-in for Telegram behind one base address."""

import asyncio
import itertools
import operator
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Self
from urllib.parse import unquote

import orjson
from aiohttp import web

from . import chat_methods, control, message_methods, poll_methods, profile_methods  # noqa: F401  (they fill METHODS)
from .chats import Chat, Group, Message, Person, Press, quoted
from .clock import Clock
from .errors import METHOD_NOT_FOUND, NOT_FOUND, UNAUTHORIZED, ApiError, refuse
from .faults import Fault, Faults
from .formatting import COMMAND, commands_in
from .inbox import Inbox
from .ledger import Accepted, File, Ledger, Question, Refused
from .limits import STRICT, Gate, Limits
from .methods import METHODS
from .parameters import Parameters, read_parameters

TOKEN = "700000001:AA-only-for-tests-0123456789abcdefghi"
TOKEN_FORM = re.compile(r"\d+:[A-Za-z0-9_-]+")
HTML = "<html><body><h1>Bad Gateway</h1></body></html>"


class BotApi:
    """Telegram for one bot account: ``async with BotApi() as api`` serves at ``api.url``.

    Args:
        limits: the rates, None for none at all.
        privacy: whether the bot has group privacy mode on, as bots have.
        query_life: seconds in which a pressed button must be answered (Telegram publishes no figure).
        webhook_first_delay: seconds before the second repeat of a failed delivery; they double.
        port: 0 for any free one.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = "vertti_test_bot",
        limits: Limits | None = STRICT,
        privacy: bool = True,
        query_life: float = 30.0,
        webhook_first_delay: float = 2.0,
        port: int = 0,
        seed: int = 1,
    ) -> None:
        self.token = token
        self.username = username
        self.privacy = privacy
        self.query_life = query_life
        self.clock = Clock()
        self.ledger = Ledger()
        self.faults = Faults(seed)
        self.gate = Gate(limits)
        self.inbox = Inbox(self.clock, first_delay=webhook_first_delay)
        self.chats: dict[int, Chat] = {}
        self.presses: dict[str, Press] = {}
        self.votes: defaultdict[str, dict[int, tuple[int, ...]]] = defaultdict(dict)  # by poll and person
        self.files: dict[str, File] = {}
        self.profile: dict[str, Any] = {
            "commands": {},
            "name": {},
            "description": {},
            "short_description": {},
        }
        self.pinned: dict[int, list[int]] = defaultdict(list)
        self.webhook_set_at = float("-inf")
        self.url = ""
        self.user = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Vertti",
            "username": username,
        }
        self._port = port
        self._queries = itertools.count(1)
        self._closed: asyncio.Event | None = None
        self._runner: web.ServerRunner | None = None
        self._message_ids = itertools.count(1)  # one row for private chats and groups ...
        self._own_ids: dict[int, itertools.count[int]] = {}  # ... a row of its own for each supergroup

    async def __aenter__(self) -> Self:
        self._closed = asyncio.Event()
        server = web.Server(self._handle, access_log=None)
        self._runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner
        assert self._closed
        self._closed.set()
        await self.inbox.close()
        await self._runner.cleanup()

    # People and chats.

    def person(self, id: int, *, started: bool = False, **user: Any) -> Person:  # noqa: A002
        """Return the person with this id; ``user`` (first_name, language_code …) counts the first time.

        ``started``: they have written to the bot at some time before.
        """
        known = self.chats.get(id)
        if known is None:
            user = {"first_name": "Aino", "language_code": "fi"} | user
            known = self.chats[id] = Person(self, id, user, started=started)
        assert isinstance(known, Person)
        known.started = known.started or started
        return known

    def group(self, id: int, title: str = "Ryhmä", *, kind: str = "group", **details: Any) -> Group:  # noqa: A002
        """Return the group, supergroup or channel with this id, without the bot in it at first."""
        known = self.chats.get(id)
        if known is None:
            assert id < 0, "ids of groups are negative"
            known = self.chats[id] = Group(self, id, kind, title, **details)
        assert isinstance(known, Group)
        return known

    def channel(self, id: int, title: str = "Tiedotteet") -> Group:  # noqa: A002
        return self.group(id, title, kind="channel")

    def crowd_says(self, text: str, ids: Iterable[int]) -> None:
        """Let many people say the same at once, each in private."""
        for id_ in ids:
            self.person(id_).says(text)

    def feeds(self, update: dict[str, Any]) -> int:
        """Feed an update as it is, malformed if one likes; return its id."""
        return self.inbox.put_raw(update)

    def feeds_malformed(self) -> int:
        """Feed a message without chat and date, over which client libraries stumble."""
        return self.feeds({"message": {"message_id": 1, "text": "?"}})

    async def sent_to(self, chat: Chat | int, count: int = 1, timeout: float = 5.0) -> list[Accepted]:  # noqa: ASYNC109
        """Wait until so many messages in all were sent to the chat, and return all of them."""
        id_ = operator.index(chat)
        await self.ledger.until(lambda: len(self.ledger.sent_to(id_)) >= count, timeout)
        return self.ledger.sent_to(id_)

    async def sent(self, count: int, timeout: float = 5.0) -> list[Accepted]:  # noqa: ASYNC109
        """Wait until so many messages in all were sent, and return all of them."""
        await self.ledger.until(lambda: self.ledger.sent_count >= count, timeout)
        return self.ledger.sent

    async def answered(self, press: Press | str, timeout: float = 5.0) -> str:  # noqa: ASYNC109
        """Wait until a pressed button (or its id) is answered; return the words of the answer."""
        pressed = self.presses[press if isinstance(press, str) else press.id]
        await self.ledger.until(lambda: pressed.answer is not None, timeout)
        return pressed.answer or ""

    def commands(self, language: str = "", scope: str = "default") -> list[dict[str, str]]:
        """Return the commands that were set for this language and type of scope."""
        where = (orjson.dumps({"type": scope}).decode(), language)
        commands: list[dict[str, str]] = self.profile["commands"].get(where, [])
        return commands

    # Switches.

    @property
    def limits(self) -> Limits | None:
        return self.gate.limits

    def sets_limits(self, limits: Limits | None) -> None:
        """Change the rates, and forget what was counted under the old ones."""
        self.gate = Gate(limits)

    def sets_fault(self, does: str, **details: Any) -> None:
        """Set a trouble; the arguments are those of ``Fault``."""
        self.faults.add(Fault(does=does, **details))  # type: ignore[arg-type]

    def clears_faults(self) -> None:
        self.faults.clear()

    def lets_time_pass(self, seconds: float) -> None:
        """Move the double's clock on: messages and updates grow old, queries expire, windows empty."""
        self.clock.moves_on(seconds)

    # What the chats and the methods need.

    def next_message_id(self, chat: Chat) -> int:
        if chat.kind in {"supergroup", "channel"}:
            return next(self._own_ids.setdefault(chat.id, itertools.count(1)))
        return next(self._message_ids)

    def next_query_id(self) -> str:
        return str(4_000_000_000_000 + next(self._queries))

    def membership(
        self, chat: Chat, by: dict[str, Any], old: str, new: str, whose: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Describe a change of standing, the bot's own unless ``whose`` says otherwise."""
        rights = chat.rights if isinstance(chat, Group) else {}
        states = [chat_methods.membership(whose or self.user, status, rights) for status in (old, new)]
        changed = {"chat": chat.described(), "from": by, "date": self.clock.date()}
        return {**changed, "old_chat_member": states[0], "new_chat_member": states[1]}

    def ask(self, chat: Chat) -> Question:
        return self.ledger.ask(chat.id, self.clock.now())

    def say(self, chat: Chat, content: dict[str, Any], reply_to: Any) -> Message:
        """Keep what a person wrote, and give it to the bot if the bot sees it."""
        text = content.get("text", "")
        if text.startswith("/") or " /" in text:
            marked = commands_in(text)
            content = {**content, "entities": marked} if marked else content
        if reply_to is not None:
            content = {**content, "reply_to_message": quoted(chat.message(reply_to))}
        message = chat.keep(content)
        self.deliver(chat, "channel_post" if chat.kind == "channel" else "message", message)
        return message

    def deliver(self, chat: Chat, kind: str, message: Message) -> None:
        if isinstance(chat, Group) and not self._sees(chat, message):
            return
        self.inbox.put(kind, message, self.ask(chat) if kind == "message" else None)

    def _sees(self, group: Group, message: Message) -> bool:
        """Tell whether the bot gets a group's message: in privacy mode only what is meant for it."""
        if group.status in {"left", "kicked"}:
            return False
        if not self.privacy or group.status == "administrator" or group.kind == "channel":
            return True
        if message.get("reply_to_message", {}).get("message_id") in group.mine:
            return True
        command = COMMAND.match(message.get("text", ""))
        if command and command["bot"]:
            return command["bot"].lower() == self.username.lower()
        return command is not None and group.bot_wrote_last

    # HTTP.

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        path = unquote(path)
        if path.startswith("/control/"):
            return await control.handle(self, path.removeprefix("/control/"), request)
        token, _, name = path.removeprefix("/bot").partition("/")
        parameters = Parameters()
        try:
            parameters = await read_parameters(request, query)
            return await self._call(request, token, name, parameters)
        except ApiError as error:
            self._refused(name, parameters, error)
            headers = {"Retry-After": str(error.parameters["retry_after"])} if error.code == 429 else None
            return answer(error.answer(), status=error.code, headers=headers)

    async def _call(
        self, request: web.BaseRequest, token: str, name: str, parameters: Parameters
    ) -> web.StreamResponse:
        if not request.raw_path.startswith("/bot") or not TOKEN_FORM.fullmatch(token):
            raise ApiError(404, NOT_FOUND)
        if token != self.token:
            raise ApiError(401, UNAUTHORIZED)
        method = METHODS.get(name.lower())
        if method is None:
            raise ApiError(404, METHOD_NOT_FOUND)
        self.ledger.calls[method.name] += 1
        struck = self.faults.strike(method.name, parameters.chat_id()) if self.faults else []
        for fault in struck:
            if fault.when == "before" and (spoilt := await self._strike(request, fault)):
                return spoilt
        unknown = parameters.keys() - method.parameters
        if unknown and (unknown := unknown - parameters.attached()):
            # Telegram would not mind, but a misspelt name is a fault of ours.
            refuse(f"{method.name} knows no parameter {min(unknown)!r}")
        result = method.function(self, parameters)
        if asyncio.iscoroutine(result):
            result = await result
        for fault in struck:
            if fault.when == "after" and (spoilt := await self._strike(request, fault)):
                return spoilt
        return answer({"ok": True, "result": result})

    async def _strike(self, request: web.BaseRequest, fault: Fault) -> web.StreamResponse | None:
        """Let a trouble happen; return the spoilt answer, None when the call goes on."""
        assert self._closed
        if fault.does == "delay":
            await asyncio.sleep(self.faults.pause(fault))
            return None
        if fault.does == "throttle":
            seconds = int(self.faults.pause(fault))
            raise ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        if fault.does == "silence":
            await self._closed.wait()
        if fault.does in {"silence", "cut"}:
            assert request.transport
            request.transport.abort()
        status = fault.status if fault.does == "status" else 200
        return web.Response(text=HTML, content_type="text/html", status=status)

    def _refused(self, name: str, parameters: Parameters, error: ApiError) -> None:
        chat_id = parameters.chat_id()
        self.ledger.refuse(Refused(self.clock.now(), name, chat_id, error.code, error.description))


def answer(body: dict[str, Any], **more: Any) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json", **more)
