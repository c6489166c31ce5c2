"""How fast one may speak: the slots of an account, the pauses of a chat, the delays between attempts.

All times are seconds of one monotonic clock, as floats.  A *slot* is the moment a message may be written to
the network.  Two limits hold at once, so a message goes when both the account and its chat are ready:

    at = max(account.earliest(now), chats.earliest(chat, now))   # wait until then, then choose who goes
    account.take(now); write the request; account.sent(now); chats.sent(chat, now)

The figures come from measurements with a strict window (PLATFORMS.md 1.5).
"""

import math
from collections import OrderedDict, deque
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

SHARE: Final = (
    0.98  # of the limit: at 1.0 one send in seven was refused; at 0.995 one in three broadcasts had a refusal
)
GUARD: Final = 0.015  # seconds on top of the account's window: so much later than another may one arrive
LATENESS: Final = 0.025  # seconds that a slot may be missed by before the slots after it move
SLOWER: Final = 0.97  # the rate after a refusal
RECOVERY: Final = 0.0001  # of the full rate won back each second: a refusal is forgotten in five minutes
SLOWEST: Final = 0.1  # of the full rate: however often refused, this much is tried

CHAT_MARGIN: Final = 0.05  # seconds on top of a chat's limits: networks bunch, and here it costs nothing


class AccountPacer:
    """Even slots for one bot account, just below ``per_second`` messages in any second.

    The limit is kept by the guard: there are as many permits as messages in the window, and a permit
    comes back only one window after its message was *really* written.  Whatever stalls or overtakes,
    no window can then hold more.  The even slots keep the guard from having to do anything.

    Every ``take`` is followed by one ``sent``, whatever became of the message: a permit that is not given
    back is lost.
    """

    __slots__ = ("_factor", "_next", "_per_second", "_permits", "_resumes", "_seen", "_window")

    def __init__(self, per_second: float) -> None:
        most = math.ceil(per_second)
        self._per_second = per_second
        self._window = most / per_second + GUARD
        self._permits = deque([-math.inf] * most)  # when each may be used again, the earliest first
        self._next = -math.inf
        self._resumes = -math.inf
        self._factor = 1.0
        self._seen = -math.inf  # when the factor was last brought up to date

    @property
    def rate(self) -> float:
        """Slots a second, as far as refusals have slowed it."""
        return self._per_second * SHARE * self._factor

    def earliest(self, now: float) -> float:
        """Give the next slot, ``now`` or later; infinite while every permit is out (wait for a ``sent``)."""
        if not self._permits:
            return math.inf
        return max(now, self._next, self._permits[0], self._resumes)

    def take(self, now: float) -> float:
        """Take the next slot and give it; write no earlier than that.

        A caller that wakes a little late keeps its place in the row, so lateness does not add up; after
        a longer silence the row begins anew, without a burst.

        Raises:
            IndexError: every permit is out.
        """
        slot = self.earliest(now)
        self._permits.popleft()
        self._recover(slot)
        place = self._next if slot - self._next <= LATENESS else slot
        self._next = place + 1 / self.rate
        return slot

    def sent(self, now: float) -> None:
        """Note that a message whose slot was taken was written just now, or never will be."""
        self._permits.append(now + self._window)

    def refused(self, now: float, retry_after: float) -> None:
        """Note a refusal (429): silence for ``retry_after`` seconds, and a slower pace from then on.

        Several messages in flight may be refused for one reason: during a pause only the first one counts.
        """
        if now >= self._resumes:
            self._recover(now)
            self._factor = max(SLOWEST, self._factor * SLOWER)
        self.pause(now, retry_after)

    def pause(self, now: float, seconds: float) -> None:
        """Give no slot for so long; a pause that lasts longer already stands."""
        self._resumes = max(self._resumes, now + seconds)

    def _recover(self, now: float) -> None:
        if self._factor < 1.0:
            self._factor = min(1.0, self._factor + RECOVERY * (now - self._seen))
        self._seen = now


class ChatPacer:
    """The pauses of one chat, in which one message is on its way at a time.

    A few at once (``burst``), then one each ``gap`` seconds; in a group besides no more than ``most`` in
    any ``window`` seconds.  Both count from the moment of writing.
    """

    __slots__ = ("_gap", "_recovered", "_resumes", "_slack", "_window", "_written")

    def __init__(self, *, gap: float, burst: int, most: int | None = None, window: float = 0.0) -> None:
        self._gap = gap + CHAT_MARGIN
        self._slack = (burst - 1) * self._gap
        self._window = window + CHAT_MARGIN
        self._written: deque[float] | None = None if most is None else deque(maxlen=most)
        self._recovered = -math.inf  # when the whole burst is there again
        self._resumes = -math.inf

    def earliest(self, now: float) -> float:
        """Give the next moment, ``now`` or later, at which this chat bears a message."""
        at = max(now, self._recovered - self._slack, self._resumes)
        if self._written is not None and len(self._written) == self._written.maxlen:
            return max(at, self._written[0] + self._window)
        return at

    def sent(self, now: float) -> None:
        """Note that a message was written to this chat just now."""
        self._recovered = max(self._recovered, now) + self._gap
        if self._written is not None:
            self._written.append(now)

    def refused(self, now: float, retry_after: float) -> None:
        """Note a refusal (429): silence in this chat for ``retry_after`` seconds."""
        self._resumes = max(self._resumes, now + retry_after)

    def idle(self, now: float) -> bool:
        """Tell whether nothing holds this chat back any longer, as if it had never spoken."""
        last = self._written[-1] + self._window if self._written else -math.inf
        return max(self._recovered, self._resumes, last) <= now


class ChatPaces:
    """The pacers of all chats that have spoken lately; those that are idle are forgotten again."""

    __slots__ = ("_burst", "_gap", "_group_most", "_group_window", "_pacers")

    def __init__(
        self, *, gap: float = 1.0, burst: int = 3, group_most: int = 20, group_window: float = 60.0
    ) -> None:
        self._gap = gap
        self._burst = burst
        self._group_most = group_most
        self._group_window = group_window
        self._pacers: OrderedDict[Hashable, ChatPacer] = OrderedDict()  # the longest unchecked first

    def __len__(self) -> int:
        """Count the chats that are remembered."""
        return len(self._pacers)

    def earliest(self, chat: Hashable, now: float) -> float:
        """Give the next moment, ``now`` or later, at which ``chat`` bears a message."""
        pacer = self._pacers.get(chat)
        return now if pacer is None else pacer.earliest(now)

    def sent(self, chat: Hashable, now: float, *, group: bool = False) -> None:
        """Note that a message was written to ``chat`` just now."""
        self._pacer(chat, now, group=group).sent(now)

    def refused(self, chat: Hashable, now: float, retry_after: float, *, group: bool = False) -> None:
        """Note that ``chat`` refused a message (429): silence there, and nowhere else."""
        self._pacer(chat, now, group=group).refused(now, retry_after)

    def _pacer(self, chat: Hashable, now: float, *, group: bool) -> ChatPacer:
        self._forget_idle(now)
        pacer = self._pacers.get(chat)
        if pacer is None:
            pacer = self._pacers[chat] = (
                ChatPacer(gap=self._gap, burst=self._burst, most=self._group_most, window=self._group_window)
                if group
                else ChatPacer(gap=self._gap, burst=self._burst)
            )
        return pacer

    def _forget_idle(self, now: float) -> None:
        """Look at the two that were not looked at for longest: one may come with each call, so two must go."""
        for _ in range(min(2, len(self._pacers))):
            chat, pacer = self._pacers.popitem(last=False)
            if not pacer.idle(now):
                self._pacers[chat] = pacer


@dataclass(frozen=True, slots=True)
class Backoff:
    """Delays between attempts: twice as long each time, from ``first`` to ``most`` seconds."""

    first: float = 1.0
    most: float = 300.0

    def delay(self, attempts: int, *, jitter: float) -> float:
        """Give the seconds to wait after ``attempts`` failures, one or more.

        ``jitter``, from 0 to 1, spreads what failed together over the upper half of the delay.
        """
        doublings = min(attempts - 1, 64)  # beyond, any cap is reached
        return min(self.most, self.first * 2.0**doublings) * (1 + jitter) / 2
