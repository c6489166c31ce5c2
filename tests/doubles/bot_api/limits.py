"""Telegram's rates as sliding windows: strict, adjustable, and none when ``limits`` is None.

How Telegram counts bursts is not published.  Here a chat bears ``chat_burst`` messages at once and one
more for each ``chat_gap`` seconds after that; the account and the groups are true windows.
Edits count like new messages, and so does what is then refused with 403; what was refused with 429 does not.
"""

import math
from collections import deque
from dataclasses import dataclass

from .errors import refuse, too_many_requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds and numbers of messages."""

    per_second: int = 30
    chat_gap: float = 1.0
    chat_burst: int = 3
    group_most: int = 20
    group_window: float = 60.0
    paid_per_second: int = 1000
    paid: bool = False  # may the account use allow_paid_broadcast?
    retry_after: int | None = None  # said instead of the time that is really left: 10 072 was seen


STRICT = Limits()


class Window:
    """At most so many in any span of so many seconds."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def wait(self, now: float, most: int, span: float) -> float:
        """Return the seconds until one more is allowed, 0 when it is now."""
        while self._times and self._times[0] <= now - span:
            self._times.popleft()
        return 0.0 if len(self._times) < most else self._times[-most] + span - now

    def count(self, now: float) -> None:
        self._times.append(now)


class Gate:
    """Lets messages through, or says how long to wait; a wait once given holds for all that come in it."""

    def __init__(self, limits: Limits | None) -> None:
        self.limits = limits
        self.refused = 0
        self.refused_in_pause = 0
        self._account = Window()
        self._paid = Window()
        self._groups: dict[int, Window] = {}
        self._chats: dict[int, float] = {}  # when the chat will have worked off what it got
        self._pauses: dict[int | None, float] = {}  # None: the whole account

    def admit(self, chat_id: int, now: float, *, group: bool, paid: bool) -> None:
        """Count one message to this chat.

        Raises:
            ApiError: 429 with retry_after, or 400 when paid broadcasts are not the account's.
        """
        limits = self.limits
        if limits is None:
            return
        if paid and not limits.paid:
            refuse("FLOODSKIP_NOT_ALLOWED")
        if self._pauses:
            self._hold(chat_id, now)
        most = limits.paid_per_second if paid else limits.per_second
        account = self._paid if paid else self._account
        if wait := account.wait(now, most, 1.0):
            self._refuse(None, now, wait)
        done_at = max(self._chats.get(chat_id, now), now) + limits.chat_gap
        wait = done_at - now - limits.chat_burst * limits.chat_gap
        if group:
            window = self._groups.setdefault(chat_id, Window())
            wait = max(wait, window.wait(now, limits.group_most, limits.group_window))
        if wait > 1e-9:  # so much is noise of the subtraction
            self._refuse(chat_id, now, wait)
        account.count(now)
        self._chats[chat_id] = done_at
        if group:
            window.count(now)

    def _hold(self, chat_id: int, now: float) -> None:
        for scope in (None, chat_id):
            until = self._pauses.get(scope, now)
            if until > now:
                self.refused += 1
                self.refused_in_pause += 1
                raise too_many_requests(math.ceil(until - now))
            self._pauses.pop(scope, None)

    def _refuse(self, scope: int | None, now: float, wait: float) -> None:
        assert self.limits is not None
        seconds = self.limits.retry_after or max(1, math.ceil(wait))
        self._pauses[scope] = now + seconds
        self.refused += 1
        raise too_many_requests(seconds)
