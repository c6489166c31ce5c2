"""What somebody's client shows them: events, kept by room and in order until they are asked for."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

PATIENCE = 15.0  # seconds until a wait fails the test
QUIET = 0.5  # seconds in which nothing comes, where nothing should
MESSAGES = ("m.room.message", "m.room.encrypted")

POLL_START = "org.matrix.msc3381.poll.start"
EXTENSIBLE_TEXT = "org.matrix.msc1767.text"


Found = TypeVar("Found")


class WaitedInVainError(TimeoutError):
    """What was waited for did not come; ``unasked`` are the types of events that came and nobody asked for."""

    def __init__(self, what: str, within: float, unasked: Iterable[str]) -> None:
        super().__init__(f"Waited {within} s {what}; unasked: {', '.join(sorted(unasked)) or 'nothing'}")


@dataclass(frozen=True, slots=True)
class Heard:
    """An event, decrypted; ``type`` is ``m.room.encrypted`` only if it could not be."""

    room: str
    event_id: str
    sender: str
    type: str
    content: Mapping[str, Any]
    encrypted: bool = False  # it travelled encrypted
    signed: bool | None = field(
        default=None, compare=False
    )  # its device is signed by its owner; None: unknown

    @property
    def body(self) -> str:
        return str(self.content.get("body", ""))

    @property
    def formatted_body(self) -> str | None:
        return self.content.get("formatted_body")

    @property
    def msgtype(self) -> str:
        return str(self.content.get("msgtype", ""))

    @property
    def relation(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.content.get("m.relates_to") or {}
        return found

    @property
    def edits(self) -> str:
        """The id of the event that this one replaces, or nothing."""
        return self.relation["event_id"] if self.relation.get("rel_type") == "m.replace" else ""

    @property
    def replies_to(self) -> str:
        """The id of the event that this one answers, or nothing."""
        return str(self.relation.get("m.in_reply_to", {}).get("event_id", ""))

    @property
    def answers(self) -> dict[str, str]:
        """The answers of a poll: label -> id, in their order."""
        found = self.content.get(POLL_START, {}).get("answers", [])
        return {each[EXTENSIBLE_TEXT]: each["id"] for each in found}


class Ears:
    """Where a client puts what it hears, and where tests wait for it."""

    def __init__(self) -> None:
        self._heard: dict[str, list[Heard]] = defaultdict(list)
        self._failure: BaseException | None = None
        self._stir = asyncio.Event()

    def take(self, heard: Heard) -> None:
        self._heard[heard.room].append(heard)
        self.stir()

    def stir(self) -> None:
        """Let all who wait look again."""
        self._stir.set()
        self._stir = asyncio.Event()

    def end(self, listening: asyncio.Task[Any]) -> None:
        """Let all waiting end with the error that ended the listening: nothing more will be heard."""
        if not listening.cancelled():
            self._failure = listening.exception()
            self.stir()

    async def until(self, found: Callable[[], Found | None], what: str, *, within: float = PATIENCE) -> Found:
        """Look whenever something stirs, until ``found`` gives what is true, and give that."""
        deadline = time.monotonic() + within
        while not (it := found()):
            if self._failure:
                raise self._failure
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    await self._stir.wait()
            except TimeoutError:
                unasked = {event.type for events in self._heard.values() for event in events}
                raise WaitedInVainError(what, within, unasked) from None
        return it

    async def hears(self, room: str, *kinds: str, within: float = PATIENCE) -> Heard:
        """Give the next event of others in a room that nobody has asked for yet.

        ``kinds`` are event types; without any, what is shown as a message: edits are, and so is what could
        not be decrypted.
        """
        wanted = kinds or MESSAGES

        def next_one() -> Heard | None:
            there = self._heard[room]
            for position, event in enumerate(there):
                if event.type in wanted:
                    return there.pop(position)
            return None

        return await self.until(next_one, f"to hear {' or '.join(wanted)}", within=within)

    async def hears_nothing(self, room: str, *kinds: str, during: float = QUIET) -> None:
        """Fail when something comes."""
        try:
            heard = await self.hears(room, *kinds, within=during)
        except WaitedInVainError:
            return
        assert not heard, f"Heard {heard.type}: {heard.body!r}"
