"""Who may have Vertti in their room: invitations are accepted as fast as the homeserver permits, or refused quietly."""

import asyncio
from collections import OrderedDict
from collections.abc import Collection
from typing import Final

import structlog

from bot.errors import SendError, Throttled
from bot.transports.matrix_http import MatrixHttp, MatrixRefused

log = structlog.get_logger()

MOST_EACH: Final = 3  # waiting invitations of one person; nobody fills the queue alone
JOIN_WITHIN: Final = 60.0  # seconds: a room of another server takes its time
TRIES: Final = 8
FIRST_PAUSE: Final = 1.0  # seconds, then twice as long each time


def server_of(user: str) -> str:
    """Give the server part of a user id, "" where there is none."""
    return user.partition(":")[2]


class Invitations:
    """Waiting invitations.  They are told once by the homeserver, so the reader keeps its place until none waits."""

    def __init__(self, http: MatrixHttp, allowed: Collection[str]) -> None:
        """Take the servers and users whose invitations are accepted."""
        self._http = http
        self._allowed = frozenset(allowed)
        self._wanted: OrderedDict[str, str] = OrderedDict()  # room -> who invited
        self._unwanted: OrderedDict[str, None] = OrderedDict()
        self._tries: dict[str, int] = {}
        self._something = asyncio.Event()

    @property
    def waiting(self) -> bool:
        """Is there a room that we still want to join?"""
        return bool(self._wanted)

    def offered(self, room: str, inviter: str) -> None:
        """Take an invitation; the same one again changes nothing."""
        welcome = inviter in self._allowed or server_of(inviter) in self._allowed
        if welcome and room not in self._wanted and self._of(inviter) < MOST_EACH:
            self._wanted[room] = inviter
        elif room not in self._wanted:
            self._unwanted[room] = None
        self._something.set()

    def withdrawn(self, room: str) -> None:
        """Forget an invitation that was taken back."""
        self._wanted.pop(room, None)
        self._unwanted.pop(room, None)

    async def run(self) -> None:
        """Join and refuse, one at a time, until cancelled."""
        while True:
            self._something.clear()
            if self._wanted:
                await self._join(next(iter(self._wanted)))
            elif self._unwanted:
                await self._refuse(next(iter(self._unwanted)))
            else:
                await self._something.wait()

    async def _join(self, room: str) -> None:
        try:
            await self._http.call("POST", "join", room, body={}, within=JOIN_WITHIN)
        except MatrixRefused as error:
            log.info("matrix.not_joined", platform="matrix", code=error.code)
        except SendError as error:
            if await self._again(room, error):
                return
        self.withdrawn(room)
        self._tries.pop(room, None)

    async def _refuse(self, room: str) -> None:
        try:
            await self._http.post("rooms", room, "leave")
            await self._http.post("rooms", room, "forget")
        except MatrixRefused:
            pass
        except SendError as error:
            if await self._again(room, error):
                return
        self._unwanted.pop(room, None)
        self._tries.pop(room, None)

    async def _again(self, room: str, error: SendError) -> bool:
        """Wait; False: it was tried often enough.  Too fast is no failure."""
        if isinstance(error, Throttled):
            await asyncio.sleep(error.seconds)
            return True
        tried = self._tries[room] = self._tries.get(room, 0) + 1
        await asyncio.sleep(FIRST_PAUSE * 2 ** min(tried - 1, 5))
        return tried < TRIES

    def _of(self, inviter: str) -> int:
        return sum(1 for each in self._wanted.values() if each == inviter)
