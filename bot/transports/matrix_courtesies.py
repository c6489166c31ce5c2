"""What is polite and never in the way: read receipts, the typing sign, reactions to tap under a menu.

Nothing here is kept and nothing is repeated; where the homeserver asks for slowness, all of it rests for a while.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import structlog

from bot.errors import SendError, Throttled, TransportStopped
from bot.transports.matrix_http import MatrixHttp, MatrixRefused

log = structlog.get_logger()
Act = Callable[[], Awaitable[Any]]

MOST_WAITING: Final = 200
MOST_REDACTIONS: Final = 10_000
REDACT_AGAIN: Final = 5.0  # seconds
REST: Final = 300.0  # seconds without courtesies after the homeserver asked for slowness
THINKING: Final = 1.0  # seconds after which somebody who waits sees that we are at it
TYPING: Final = 15_000  # milliseconds that the sign stays at most
GLANCE: Final = (
    0.5  # seconds: the answer goes first, and who knows what they want has answered a menu by then
)


class Courtesies:
    """One polite act at a time, each only as long as it makes sense."""

    def __init__(self, http: MatrixHttp, me: str) -> None:
        self._http = http
        self._me = me
        self._waiting: OrderedDict[tuple[str, str], Act] = OrderedDict()
        self._timers: dict[tuple[str, str], asyncio.TimerHandle] = {}
        self._typing: set[str] = set()
        self._resting_until = 0.0
        self._something = asyncio.Event()

    def heard(self, room: str, event: str, *, answered: bool) -> None:
        """Show that a message was read, and that we think about it where an answer takes its time."""
        self._drop(room, "reactions")  # whoever writes has no need of them any more
        self._later(
            room, "receipt", GLANCE, lambda: self._http.post("rooms", room, "receipt", "m.read", event)
        )
        if answered:
            self._later(room, "typing", THINKING, lambda: self._type(room, on=True))

    def said(self, room: str, event: str, key: str, reactions: Sequence[str]) -> None:
        """Put reactions to tap under a menu, and take the typing sign away."""
        self._drop(room, "typing")
        if room in self._typing:
            self._put(room, "typing", lambda: self._type(room, on=False))
        if reactions:
            self._later(room, "reactions", GLANCE, lambda: self._react(room, event, key, reactions))

    async def run(self) -> None:
        """Do what is waiting, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            self._something.clear()
            if not self._waiting:
                await self._something.wait()
                continue
            _, act = self._waiting.popitem(last=False)
            if loop.time() < self._resting_until:
                continue
            try:
                await act()
            except Throttled as error:
                self._resting_until = loop.time() + max(REST, error.seconds)
            except (SendError, TransportStopped):
                pass  # whatever comes of it is no matter
            except Exception as error:  # noqa: BLE001 - nor is this, but it should be known
                log.error("matrix.courtesy_failed", platform="matrix", error=type(error).__name__)  # noqa: TRY400

    def _put(self, room: str, what: str, act: Act) -> None:
        self._timers.pop((room, what), None)
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popitem(last=False)
        self._waiting[room, what] = act
        self._something.set()

    def _later(self, room: str, what: str, seconds: float, act: Act) -> None:
        self._drop(room, what)
        loop = asyncio.get_running_loop()
        self._timers[room, what] = loop.call_later(seconds, self._put, room, what, act)

    def _drop(self, room: str, what: str) -> None:
        if (timer := self._timers.pop((room, what), None)) is not None:
            timer.cancel()
        self._waiting.pop((room, what), None)

    async def _type(self, room: str, *, on: bool) -> None:
        (self._typing.add if on else self._typing.discard)(room)
        body = {"typing": True, "timeout": TYPING} if on else {"typing": False}
        await self._http.put("rooms", room, "typing", self._me, body=body)

    async def _react(self, room: str, event: str, key: str, reactions: Sequence[str]) -> None:
        """Put one reaction, and the others behind what waits meanwhile."""
        first, rest = reactions[0], reactions[1:]
        relation = {"rel_type": "m.annotation", "event_id": event, "key": first}
        await self._http.put(
            "rooms", room, "send", "m.reaction", f"{key}.{len(rest)}", body={"m.relates_to": relation}
        )
        shown_since = (room, "reactions") in self._waiting or (room, "reactions") in self._timers
        if rest and not shown_since:
            self._put(room, "reactions", lambda: self._react(room, event, key, rest))


class Redactions:
    """Takes votes off the homeserver once they are kept, where the room lets us; one at a time, until it is done."""

    def __init__(self, http: MatrixHttp) -> None:
        self._http = http
        self._waiting: deque[tuple[str, str]] = deque(maxlen=MOST_REDACTIONS)
        self._something = asyncio.Event()

    def add(self, room: str, event: str) -> None:
        """Take back what somebody said."""
        self._waiting.append((room, event))
        self._something.set()

    async def run(self) -> None:
        """Do so until cancelled."""
        while True:
            self._something.clear()
            while self._waiting:
                room, event = self._waiting[0]
                try:
                    await self._http.put("rooms", room, "redact", event, event, body={})
                except MatrixRefused:
                    pass
                except Throttled as error:
                    await asyncio.sleep(error.seconds)
                    continue
                except SendError:
                    await asyncio.sleep(REDACT_AGAIN)
                    continue
                self._waiting.popleft()
            await self._something.wait()
