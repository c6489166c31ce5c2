"""Who may have Vertti in their room: invitations are accepted as fast as the homeserver permits, or refused quietly."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Collection
from typing import Final

import structlog

from bot.errors import SendError, Throttled, TransportStopped
from bot.transports.matrix_http import MatrixHttp, MatrixRefused

log = structlog.get_logger()

MOST_EACH: Final = 50  # waiting invitations of one person
JOIN_WITHIN: Final = 60.0  # seconds: a room of another server takes its time
TRIES: Final = 8
FIRST_PAUSE: Final = 1.0  # seconds, then twice as long each time
LONGEST_PAUSE: Final = 30.0
AWAY: Final = 2.0  # seconds between two looks whether the homeserver is back


def server_of(user: str) -> str:
    """Give the server part of a user id, "" where there is none."""
    return user.partition(":")[2]


class Invitations:
    """Waiting invitations.  They are told once by the homeserver, so the reader keeps its place until none waits.

    Those who invite take turns, and a room that cannot be joined now is tried again beside the others.
    """

    def __init__(self, http: MatrixHttp, allowed: Collection[str]) -> None:
        """Take the servers and users whose invitations are accepted."""
        self._http = http
        self._allowed = frozenset(allowed)
        self._wanted: dict[str, str] = {}  # room -> who invited
        self._turns: OrderedDict[str, deque[str]] = (
            OrderedDict()
        )  # by who invited, the rooms whose turn may come
        self._unwanted: OrderedDict[str, None] = OrderedDict()
        self._tries: dict[str, int] = {}
        self._something = asyncio.Event()

    @property
    def waiting(self) -> bool:
        """Is there a room that we still want to join?"""
        return bool(self._wanted)

    def offered(self, room: str, inviter: str) -> None:
        """Take an invitation; the same one again changes nothing."""
        if room in self._wanted:
            return
        welcome = inviter in self._allowed or server_of(inviter) in self._allowed
        if welcome and sum(1 for each in self._wanted.values() if each == inviter) < MOST_EACH:
            self._unwanted.pop(room, None)
            self._wanted[room] = inviter
            self._line_up(room)
        else:
            self._unwanted[room] = None
        self._something.set()

    def withdrawn(self, room: str) -> None:
        """Forget an invitation that was taken back."""
        self._wanted.pop(room, None)
        self._unwanted.pop(room, None)
        self._tries.pop(room, None)

    async def run(self) -> None:
        """Join and refuse, one at a time, until cancelled."""
        while True:
            self._something.clear()
            room = self._next()
            try:
                if room is not None:
                    await self._join(room)
                elif self._unwanted:
                    await self._refuse(self._unwanted.popitem(last=False)[0])
                else:
                    await self._something.wait()
            except Throttled as error:
                await asyncio.sleep(error.seconds)
            except TransportStopped:
                raise
            except Exception as error:  # noqa: BLE001 - one room that nobody foresaw keeps us out of no other
                log.error("matrix.invitation_failed", platform="matrix", error=type(error).__name__)  # noqa: TRY400
                if room is not None:
                    self.withdrawn(room)

    def _line_up(self, room: str) -> None:
        if (inviter := self._wanted.get(room)) is not None:
            self._turns.setdefault(inviter, deque()).append(room)
            self._something.set()

    def _next(self) -> str | None:
        """Give the room to join next; None: none, or none yet."""
        while self._turns:
            inviter, rooms = self._turns.popitem(last=False)
            room = rooms.popleft()
            if rooms:
                self._turns[inviter] = rooms
            if room in self._wanted:
                return room
        return None

    async def _join(self, room: str) -> None:
        try:
            await self._http.call("POST", "join", room, body={}, within=JOIN_WITHIN)
        except Throttled:
            self._line_up(room)
            raise
        except MatrixRefused as error:
            log.info("matrix.not_joined", platform="matrix", code=error.code)
        except SendError:
            if await self._is_away():
                self._line_up(room)
                return
            tried = self._tries[room] = self._tries.get(room, 0) + 1
            if tried < TRIES:
                pause = min(FIRST_PAUSE * 2 ** (tried - 1), LONGEST_PAUSE)
                asyncio.get_running_loop().call_later(pause, self._line_up, room)
                return
            log.warning("matrix.not_joined", platform="matrix", code="")
        self.withdrawn(room)

    async def _refuse(self, room: str) -> None:
        try:
            await self._http.post("rooms", room, "leave")
            await self._http.post("rooms", room, "forget")
        except Throttled:
            self._unwanted[room] = None
            raise
        except MatrixRefused:
            pass
        except SendError:
            if await self._is_away():
                self._unwanted[room] = None

    async def _is_away(self) -> bool:
        """Tell whether the homeserver answers nothing at all: then it is no fault of a room, and we wait."""
        try:
            await self._http.get("account", "whoami")
        except MatrixRefused:
            return False
        except SendError as error:
            await asyncio.sleep(error.seconds if isinstance(error, Throttled) else AWAY)
            return True
        return False
