"""One Matrix account at work: its device, its rooms, its keys, and what it says.  Lives in the transport's own thread."""

import asyncio
import contextlib
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final
from weakref import WeakValueDictionary

import structlog

from bot.errors import Moved, Refused, SendError, Silent, Throttled, TransportStopped, Unreachable
from bot.messages import Outgoing, Place, ShownPicture
from bot.transports.matrix_content import PUSHED, buttons_of, contents, reactions_for
from bot.transports.matrix_courtesies import Courtesies, Redactions
from bot.transports.matrix_crypto import Crypto
from bot.transports.matrix_device import Device
from bot.transports.matrix_files import upload, upload_picture
from bot.transports.matrix_http import MatrixHttp, MatrixRefused
from bot.transports.matrix_invitations import Invitations
from bot.transports.matrix_limits import Sends
from bot.transports.matrix_rooms import PRESENT, STATE, Room, Rooms

log = structlog.get_logger()

PLATFORM: Final = "matrix"
SYNC: Final = 30.0  # seconds that the homeserver may keep us waiting
WHOLE_STATE: Final = 120.0  # seconds for the state of all rooms at once
LEFT: Final = "left"  # reasons of silence
NOBODY: Final = "not_found"
LOOKED_BACK: Final = 30  # events of a room, after a restart
REMEMBERED: Final = 1000  # messages of ours with buttons that are kept at hand
OPENED_WITHIN: Final = 20.0  # seconds until the homeserver has told us of a room that we made

_TIMELINE: Final = 100
_FIRST_TIMELINE: Final = 20  # without a place to go on from: only what came since we logged in counts


def _filter(timeline: int, without: str | None) -> dict[str, Any]:
    nothing: dict[str, Any] = {"types": []}
    senders = {} if without is None else {"not_senders": [without]}
    return {
        "presence": nothing,
        "account_data": nothing,
        "room": {
            "timeline": {"limit": timeline, **senders},
            "state": {"types": list(STATE)},
            "ephemeral": nothing,
            "account_data": nothing,
        },
    }


class Account:
    """What is shared by those who read and those who write."""

    def __init__(
        self, http: MatrixHttp, device: Device, crypto: Crypto, allowed: frozenset[str], sends: Sends
    ) -> None:
        self.http = http
        self.device = device
        self.me = device.user_id
        self.crypto = crypto
        self.rooms = Rooms(self.me)
        self.invitations = Invitations(http, allowed)
        self.courtesies = Courtesies(http, self.me)
        self.redactions = Redactions(http)
        self._sends = sends
        self.speaking = 0  # messages on their way
        self._at_hand: dict[str, Sequence[Mapping[str, Any]]] = {}  # by room: menus, the newest first
        self._menus: OrderedDict[str, Mapping[str, Any]] = OrderedDict()  # by event: with buttons
        self._changed = asyncio.Event()
        self._opening: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # by person
        self._beside: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin what runs beside reading and writing."""
        for work in (self.invitations.run(), self.courtesies.run(), self.redactions.run()):
            self.beside(work)

    def beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something run along; what becomes of it is no matter."""
        task = asyncio.create_task(_quietly(work))
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def close(self) -> None:
        """Let go of everything."""
        for task in tuple(self._beside):
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        await self.crypto.close()
        await self.http.close()

    # ---- in -----------------------------------------------------------------------------------------

    async def sync(
        self, since: str | None, *, whole: bool, wait: float, of_others: bool = False
    ) -> dict[str, Any]:
        """Ask what is new.

        ``whole`` brings the state of all rooms, ``wait`` is how long nothing may come (seconds), ``of_others`` leaves out
        what we did ourselves: our messages, but also our coming into a room and going.
        """
        answer = await self.http.get(
            "sync",
            query={
                "since": since,
                "full_state": "true" if whole else None,
                "timeout": 0 if whole else int(wait * 1000),
                "filter": _filter(
                    _FIRST_TIMELINE if since is None else _TIMELINE, self.me if of_others else None
                ),
                "set_presence": "offline",
            },
            within=WHOLE_STATE if whole else wait + 15,
        )
        if not isinstance(answer.get("next_batch"), str):
            raise Unreachable
        return answer  # type: ignore[no-any-return]

    async def take(self, sync: Mapping[str, Any]) -> None:
        """Let keys and members of a sync's answer be known."""
        with self.crypto.our_errors():
            await self.crypto.take(sync)
        with contextlib.suppress(
            SendError
        ):  # it is tried again with each sync, and nobody is unheard meanwhile
            await self.crypto.keep_up()

    def changed(self) -> None:
        """Note that rooms are as the homeserver has them."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def event(self, room: str, event: str) -> Mapping[str, Any] | None:
        """Fetch one event, decrypted; None: it is not there, or cannot be read."""
        try:
            found = await self.http.get("rooms", room, "event", event)
        except MatrixRefused:
            return None
        if found.get("type") == "m.room.encrypted":
            return self.crypto.decrypt(found, room)
        return found  # type: ignore[no-any-return]

    async def said(self, room: str, event: str) -> Mapping[str, Any] | None:
        """Give the content of a message of our own; None: it is not ours, or not there."""
        if (menu := self._menus.get(event)) is not None:
            return menu
        found = await self.event(room, event)
        if found is None or found.get("sender") != self.me or not isinstance(found.get("content"), dict):
            return None
        content: Mapping[str, Any] = found["content"]
        self._remember(event, content)
        return content

    async def menus_at_hand(self, room: str) -> Sequence[Mapping[str, Any]]:
        """Give the contents whose words can be said: of our last message, and of what we pushed last."""
        if room not in self._at_hand:
            self._at_hand[room] = await self._look_back(room)
        return self._at_hand[room]

    async def _look_back(self, room: str) -> Sequence[Mapping[str, Any]]:
        """Find them after a restart, the newest first."""
        found = await self.http.get("rooms", room, "messages", query={"dir": "b", "limit": LOOKED_BACK})
        contents = [
            content
            for event in found.get("chunk") or ()
            if isinstance(event, dict) and event.get("sender") == self.me
            if isinstance(content := self._meant(event, room).get("content"), dict) and "body" in content
        ]
        pushed = [each for each in contents[1:] if each.get(PUSHED)]
        return tuple(each for each in (*contents[:1], *pushed[:1]) if buttons_of(each))

    def _meant(self, event: Mapping[str, Any], room: str) -> Mapping[str, Any]:
        if event.get("type") != "m.room.encrypted":
            return event
        return self.crypto.decrypt(event, room) or {}

    def _remember(self, event: str, content: Mapping[str, Any]) -> None:
        self._menus[event] = content
        while len(self._menus) > REMEMBERED:
            self._menus.popitem(last=False)

    # ---- out ----------------------------------------------------------------------------------------

    async def send(self, message: Outgoing) -> str:
        """Say one message, with its poll, its file and its picture; give the event id of the text."""
        room = await self._room_of(message.where)
        self.speaking += 1
        try:
            return await self._say(room, message)
        finally:
            self.speaking -= 1

    async def _say(self, room: Room, message: Outgoing) -> str:
        first = ""
        private = room.kind(self.me) == "private"
        for part in contents(message, encrypted=self.encrypts(room), room_of_two=private):
            event = await self._put(room, part.type, part.content, message.key + part.suffix, private=private)
            if not first:
                first = event
                self._note(room, message, event, part.content)
        if message.file is not None:
            content = await upload(self.http, message.file, encrypted=self.encrypts(room))
            await self._put(room, "m.room.message", content, f"{message.key}:file", private=private)
        if message.picture is not None:
            await self._show(room, message.picture, f"{message.key}:picture", private=private)
        return first

    async def _show(self, room: Room, picture: ShownPicture, key: str, *, private: bool) -> None:
        """Show a picture under the text that went before; where it is not taken, the text is enough.

        A proxy that finds it too large sounds like a server that is away: nobody waits for that.
        """
        try:
            content = await upload_picture(self.http, picture, encrypted=self.encrypts(room))
        except (MatrixRefused, Unreachable):
            return
        if content is not None:
            await self._put(room, "m.room.message", content, key, private=private)

    def _note(self, room: Room, message: Outgoing, event: str, content: Mapping[str, Any]) -> None:
        """Remember what was shown, so that it can be chosen from."""
        offers = bool(buttons_of(content))
        if offers:
            self._remember(event, content)
        before = () if content.get(PUSHED) else self._at_hand.get(room.id)
        if before is not None:  # else it is looked up once somebody writes
            pushed = [each for each in before if each.get(PUSHED)]
            self._at_hand[room.id] = tuple(each for each in (content, *pushed) if buttons_of(each))
        self.courtesies.said(room.id, event, transaction(message.key), reactions_for(message))

    def encrypts(self, room: Room) -> bool:
        """Tell whether a room is encrypted; what was so once is so for ever, whatever the homeserver says later."""
        return room.encrypted or self.crypto.encrypts(room.id)

    async def _put(
        self, room: Room, kind: str, content: Mapping[str, Any], key: str, *, private: bool
    ) -> str:
        """Send an event; the homeserver takes the same key once.

        What is ``private`` is not sent where somebody else has come in by now; the next attempt finds another room.
        """

        def check() -> None:
            if private and room.kind(self.me) != "private":
                raise Unreachable

        try:
            check()
            if self.encrypts(room):
                kind, content = await self.crypto.seal(room.id, kind, content, check)
            sent = await self.http.put("rooms", room.id, "send", kind, transaction(key), body=content)
        except MatrixRefused as error:
            raise await self._why_not(room.id, error) from None
        except Throttled as error:
            await self._sends.held_up()
            raise Throttled(error.seconds, whose="account") from None
        await self._sends.went(asyncio.get_running_loop().time())
        return str(sent.get("event_id"))

    async def _why_not(self, room: str, error: MatrixRefused) -> SendError:
        """Find out what it means that a room does not take a message."""
        if error.code not in {"M_FORBIDDEN", "M_NOT_FOUND", "M_UNKNOWN"}:
            return Refused(error.code)
        successor = await self._state(room, "m.room.tombstone", "", "replacement_room")
        if successor is not None:
            return await self._moved(successor)
        membership = await self._state(room, "m.room.member", self.me, "membership")
        return Refused("no rights") if membership == "join" else Silent("kicked")

    async def _moved(self, successor: str) -> SendError:
        if successor in self.rooms:
            return Moved(successor)
        try:
            await self.http.post("join", successor)
        except MatrixRefused:
            return Unreachable("not invited to the new room")
        return Moved(successor)

    async def _state(self, room: str, kind: str, key: str, name: str) -> str | None:
        try:
            found = await self.http.get("rooms", room, "state", kind, key)
        except MatrixRefused:
            return None
        value = found.get(name)
        return value if isinstance(value, str) and value else None

    async def join(self, room: str) -> None:
        """Go into a room that goes on for another, if its keeper lets us."""
        try:
            await self.http.post("join", room)
        except MatrixRefused as error:
            log.info("matrix.not_joined", platform="matrix", code=error.code)

    async def leave(self, where: Place) -> None:
        """Leave a group; where we are no member any more there is nothing to do."""
        await self.leave_room(where.address)

    async def leave_room(self, room: str) -> None:
        """Leave a room and forget it."""
        try:
            await self.http.post("rooms", room, "leave")
            await self.http.post("rooms", room, "forget")
        except MatrixRefused:
            pass
        self.forget(room)

    def forget(self, room: str) -> Room | None:
        """Forget a room that we are not in any more; give what it was."""
        self.crypto.forget(room)
        self._at_hand.pop(room, None)
        return self.rooms.forget(room)

    # ---- rooms --------------------------------------------------------------------------------------

    async def _room_of(self, where: Place) -> Room:
        """Give the room in which a place is written to; a private one is opened where there is none."""
        if where.kind != "private":
            room = self.rooms.get(where.address)
            if room is not None and room.successor is not None:
                raise await self._moved(room.successor)
            if room is None:
                raise await self._why_not(where.address, MatrixRefused(403, "M_FORBIDDEN"))
            return room
        async with self._opening.setdefault(where.address, asyncio.Lock()):
            room = self.rooms.private_with(where.address) or await self._open_with(where.address)
        if room.members.get(where.address) not in PRESENT:
            raise Silent(LEFT)
        return room

    async def _open_with(self, person: str) -> Room:
        """Open an encrypted room of two and invite somebody; nothing is said before the homeserver tells us of it."""
        try:
            made = await self.http.post(
                "createRoom",
                body={
                    "preset": "private_chat",
                    "is_direct": True,
                    "invite": [person],
                    "initial_state": [
                        {
                            "type": "m.room.encryption",
                            "state_key": "",
                            "content": {"algorithm": "m.megolm.v1.aes-sha2"},
                        }
                    ],
                },
            )
        except MatrixRefused:
            raise Silent(NOBODY) from None
        except Throttled as error:  # for rooms and invitations there are limits of their own
            raise Throttled(error.seconds, whose="place") from None
        return await self._until(lambda: self._known(str(made.get("room_id")), person))

    def _known(self, room: str, person: str) -> Room | None:
        found = self.rooms.get(room)
        return found if found is not None and person in found.members else None

    async def _until(self, known: Callable[[], Room | None]) -> Room:
        try:
            async with asyncio.timeout(OPENED_WITHIN):
                while (room := known()) is None:
                    await self._changed.wait()
        except TimeoutError:
            raise Unreachable from None
        return room


def transaction(key: str) -> str:
    """Give the transaction id of a row: the same for the same key, and telling nothing."""
    return hashlib.blake2b(key.encode(), digest_size=18).hexdigest()


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except (SendError, TransportStopped, Throttled) as error:
        log.info("matrix.aside_ended", platform="matrix", error=type(error).__name__)
    except Exception as error:  # noqa: BLE001 - reading and writing go on
        log.error("matrix.aside_failed", platform="matrix", error=type(error).__name__)  # noqa: TRY400
