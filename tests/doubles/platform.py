"""A platform in memory, as strict as any: it refuses what is too fast, too long or badly made, and remembers all.

It is what the courier's tests speak to; what a test does not order to fail is accepted.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from bot.errors import Fault, Moved, Refused, Silent, Throttled, TransportStopped, Unreachable
from bot.messages import File, Outgoing, Pace, Place
from bot.transports import Accept

BUTTON_BYTES = 64
LABEL = 64


@dataclass(frozen=True)
class Delivered:
    """One message that somebody has got."""

    at: float  # of the loop's clock
    address: str
    text: str
    key: str
    labels: tuple[str, ...] = ()
    file: File | None = None


class StrictPlatform:
    """One account.

    ``offences`` names every call that no platform would bear: too many in a second, in a chat or in a group, two at
    once in a chat, a call inside a pause that it was told to keep.
    """

    def __init__(
        self,
        platform: str = "telegram",
        *,
        per_second: float = 30.0,
        chat_gap: float = 1.0,
        burst: int = 3,
        group_most: int = 20,
        group_window: float = 60.0,
        latency: float = 0.05,
        max_text: int = 4096,
        in_flight: int = 32,
        needs_store: bool = False,
    ) -> None:
        self.platform = platform
        self.max_text = max_text
        self.needs_store = needs_store
        self.pace = Pace(
            per_second,
            timedelta(seconds=chat_gap),
            burst,
            group_most,
            timedelta(seconds=group_window),
            in_flight,
        )
        self.latency = latency
        self.delivered: list[Delivered] = []
        self.left: list[str] = []
        self.calls: list[tuple[float, str]] = []
        self.offences: list[str] = []
        # What a test orders:
        self.down = False  # nobody answers
        self.swallows = False  # what comes is delivered and the answer is lost
        self.stopped: Fault | None = None
        self.silent: dict[str, str] = {}  # address -> reason
        self.moved: dict[str, str] = {}  # address -> new address
        self.refused: set[str] = set()  # texts
        self.throttle: Callable[[Outgoing], float | None] = lambda _: None  # seconds of a 429
        self._all: deque[float] = deque()
        self._groups: dict[str, deque[float]] = defaultdict(deque)
        self._tokens: dict[str, tuple[float, float]] = {}  # address -> (how many more at once, since when)
        self._busy: set[str] = set()
        self._told_to_wait: dict[str, float] = {}  # address -> until when

    # ---- what a transport does --------------------------------------------------------------------------

    async def receive(self, accept: Accept) -> None:
        del accept
        await asyncio.Event().wait()

    async def send(self, message: Outgoing) -> str:
        self._check(message)
        address = message.where.address
        await self._answer(message.where, message)
        if message.text in self.refused:
            raise Refused
        self.delivered.append(
            Delivered(
                self._now(),
                address,
                message.text,
                message.key,
                tuple(button.label for button in message.buttons),
                message.file,
            )
        )
        if self.swallows:
            raise Unreachable
        return str(len(self.delivered))

    async def leave(self, where: Place) -> None:
        await self._answer(where, None)
        self.left.append(where.address)

    def deep_link(self, payload: str) -> str | None:
        return f"https://bot.example/{payload}"

    async def close(self) -> None:
        pass

    # ---- what it bears ----------------------------------------------------------------------------------

    async def _answer(self, where: Place, message: Outgoing | None) -> None:
        """Take a call, after a while; raise what the platform would."""
        now = self._now()
        address = where.address
        self.calls.append((now, address))
        if address in self._busy:
            self.offences.append("two at once in a chat")
        if now < self._told_to_wait.get(address, 0.0) - 1e-6:
            self.offences.append("called inside a pause")
        too_fast = self._too_fast(where, now)
        self._busy.add(address)
        try:
            await asyncio.sleep(self.latency)
        finally:
            self._busy.discard(address)
        if self.stopped is not None:
            raise TransportStopped(self.stopped)
        if self.down:
            raise Unreachable
        seconds = 1.0 if too_fast else None if message is None else self.throttle(message)
        if seconds is not None:
            self._told_to_wait[address] = self._now() + seconds
            raise Throttled(seconds)
        if address in self.silent:
            raise Silent(self.silent[address])
        if address in self.moved:
            raise Moved(self.moved[address])

    def _too_fast(self, where: Place, now: float) -> bool:
        most = ceil(self.pace.per_second)
        found = [
            *self._crowded(self._all, now, most / self.pace.per_second, most, "in a second"),
            *self._hasty(where.address, now),
        ]
        if where.kind != "private":
            window = self.pace.group_window.total_seconds()
            found += self._crowded(
                self._groups[where.address], now, window, self.pace.group_most, "in a group"
            )
        self.offences += found
        return bool(found)

    @staticmethod
    def _crowded(times: deque[float], now: float, window: float, most: float, what: str) -> list[str]:
        while times and now - times[0] >= window:
            times.popleft()
        times.append(now)
        return [f"{len(times)} {what}"] if len(times) > most else []

    def _hasty(self, address: str, now: float) -> list[str]:
        """A chat bears a few at once and then one each gap."""
        gap = self.pace.chat_gap.total_seconds()
        if not gap:
            return []
        tokens, since = self._tokens.get(address, (float(self.pace.chat_burst), now))
        tokens = min(float(self.pace.chat_burst), tokens + (now - since) / gap) - 1
        self._tokens[address] = (max(tokens, 0.0), now)
        return ["too many in a chat"] if tokens < 0 else []

    def _check(self, message: Outgoing) -> None:
        """See that a message is well made: what is not is our own fault."""
        assert 1 <= len(message.text.encode("utf-16-le")) // 2 <= self.max_text, "the length of a text"
        for button in message.buttons:
            assert 1 <= len(button.label) <= LABEL
            assert (1 <= len(button.data.encode()) <= BUTTON_BYTES) != bool(button.url or button.deep_link)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    # ---- what a test asks -------------------------------------------------------------------------------

    def texts(self, address: str | None = None) -> list[str]:
        """What was delivered, to one or to all, in order."""
        return [each.text for each in self.delivered if address in {None, each.address}]

    def times(self, address: str | None = None) -> list[float]:
        """When it was delivered."""
        return [each.at for each in self.delivered if address in {None, each.address}]
