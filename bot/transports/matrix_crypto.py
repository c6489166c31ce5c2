"""What is encrypted and what is decrypted: nio's Olm machine, fed with no more than it needs.

nio sees memberships, whether a room is encrypted, messages from device to device and encrypted events, each parsed by
itself, so that a malformed one harms nobody but itself.  All of it runs in the transport's own thread.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from weakref import WeakValueDictionary

import structlog
from nio.client.async_client import AsyncClient, AsyncClientConfig
from nio.crypto.olm_machine import Olm
from nio.events import Event, MegolmEvent, ToDeviceEvent
from nio.events.misc import BadEvent, UnknownBadEvent
from nio.responses import (
    DeviceList,
    DeviceOneTimeKeyCount,
    ErrorResponse,
    RoomInfo,
    Rooms,
    SyncResponse,
    Timeline,
)
from nio.store.database import DefaultStore
from nio.store.file_trustdb import KeyStore as Trusted
from peewee import SqliteDatabase

from bot.errors import SendError, Throttled, TransportStopped, Unreachable
from bot.transports.matrix_http import TOKEN_REFUSED, UNLIMITED_WAIT, MatrixHttp, MatrixRefused
from bot.transports.matrix_keys import store_of

log = structlog.get_logger()

_NEEDED: Final = ("m.room.member", "m.room.encryption")
_CONNECT: Final = 10.0  # seconds


class KeyStore(DefaultStore):
    """nio's key store with a write-ahead log: one wait for the disk for each step instead of several."""

    def _create_database(self) -> SqliteDatabase:
        return SqliteDatabase(
            self.database_path,
            pragmas={
                "foreign_keys": 1,
                "secure_delete": 1,
                "journal_mode": "wal",
                "synchronous": "full",
            },
        )


class Crypto:
    """One device's keys."""

    def __init__(self, http: MatrixHttp, user_id: str, device_id: str, folder: Path, secret: str) -> None:
        for library in ("nio", "peewee"):  # they name people, rooms and keys
            logging.getLogger(library).setLevel(logging.CRITICAL + 1)
        config = AsyncClientConfig(
            encryption_enabled=True,
            store=_open_store,  # type: ignore[arg-type]  # a class is asked for, and called
            store_name=store_of(folder, user_id, device_id).name,
            store_sync_tokens=False,
            pickle_key=secret,
            max_limit_exceeded=0,
            max_timeouts=0,
            request_timeout=30,
        )
        self._client = AsyncClient(http.base, user_id, store_path=str(folder), config=config)
        self._client.restore_login(user_id, device_id, http.token)
        self._token = http.token
        self._save_keys_before_they_are_uploaded()
        self._sharing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # by room

    @property
    def fingerprint(self) -> str:
        """Give the device's own ed25519 key, in base64."""
        keys: Any = self._olm.account.identity_keys
        return str(keys["ed25519"])

    def _save_keys_before_they_are_uploaded(self) -> None:
        """See that what the homeserver has of us is on the disk first.

        nio keeps new one-time keys once they are uploaded.  Killed in between, it would make others under the same names,
        and the homeserver would never take any again.  Nor are they ever uploaded twice: somebody may have got one
        meanwhile, and each can be used once.
        """
        olm = self._olm
        make = olm.share_keys

        def make_and_save() -> Any:
            keys = make()
            olm.mark_keys_as_published()
            olm.save_account()
            return keys

        olm.share_keys = make_and_save  # type: ignore[method-assign]

    def _start_over(self) -> None:
        """Forget what was read and could not be kept, on a full disk for one: else it could not be read again."""
        self._client.olm = Olm(self._client.user_id, self._olm.device_id, self._store)
        self._save_keys_before_they_are_uploaded()
        for room in self._client.rooms.values():
            if room.encrypted:
                self._olm.update_tracked_users(room)

    @property
    def _olm(self) -> Olm:
        assert self._client.olm is not None  # encryption is on, and the store is open
        return self._client.olm

    @property
    def _store(self) -> Any:
        assert self._client.store is not None
        return self._client.store

    # ---- in -----------------------------------------------------------------------------------------

    async def take(self, sync: Mapping[str, Any]) -> None:
        """Take what a sync's answer says of keys, devices and members.  Taken twice, it has its effect once."""
        joined = {
            room: RoomInfo(
                timeline=Timeline(_parsed(_events(part, "timeline")), limited=False, prev_batch=None),
                state=_parsed(_events(part, "state")),
                ephemeral=[],
                account_data=[],
            )
            for room, part in _parts(sync, "join")
        }
        devices = _mapping(sync.get("device_lists"))
        counts = _mapping(sync.get("device_one_time_keys_count"))
        answer = SyncResponse(
            next_batch=str(sync.get("next_batch")),
            rooms=Rooms({}, joined, {}),
            device_key_count=DeviceOneTimeKeyCount(None, counts.get("signed_curve25519")),
            device_list=DeviceList(_names(devices.get("changed")), _names(devices.get("left"))),
            to_device_events=list(_to_device(_mapping(sync.get("to_device")))),
            presence_events=[],
        )
        self._client.next_batch = ""  # else it does not look at an answer that it has seen
        # A message from device to device can be read once: its key is used up and what it brought is kept together, or
        # whoever is killed in between never reads what was said with it.  Nothing in there waits for anything.
        try:
            with self._store.database.atomic():
                await self._client.receive_response(answer)
        except Exception:
            self._start_over()
            raise
        for room in joined:
            # Members are never left out of the state that we ask for; else nio would ask for them before each first message.
            self._client.rooms[room].members_synced = True

    def encrypts(self, room: str) -> bool:
        """Tell whether a room was ever seen to be encrypted."""
        return room in self._client.encrypted_rooms

    def forget(self, room: str) -> None:
        """Forget a room that we are not in any more."""
        self._client.rooms.pop(room, None)

    @contextlib.contextmanager
    def our_errors(self) -> Iterator[None]:
        """Make one of our errors of whatever goes wrong in there.

        nio fails itself on some of the errors that a homeserver may give it, and takes others for the end of the login
        (a throttled message to devices, for one): who is logged in is ours to say.
        """
        self._client.access_token = self._token
        try:
            yield
        except (SendError, TransportStopped):
            raise
        except Exception as error:  # noqa: BLE001 - nothing has been said, and it can be tried again
            log.info("matrix.keys_failed", platform="matrix", error=type(error).__name__)
            raise Unreachable(type(error).__name__) from None

    async def keep_up(self) -> None:
        """Upload, query and claim the keys that are due, and send what waits for other devices.

        Raises:
            Throttled, Unreachable, TransportStopped: not now; the next call goes on where this one stopped.
        """
        with self.our_errors():
            if self._client.should_upload_keys:
                _taken(await self._client.keys_upload())
            if self._client.should_query_keys:
                _taken(await self._client.keys_query())
            if self._client.should_claim_keys:
                _taken(await self._client.keys_claim(self._client.get_users_for_key_claiming()))
            for answer in await self._client.send_to_device_messages():
                _taken(answer)

    def decrypt(self, event: Mapping[str, Any], room: str) -> dict[str, Any] | None:
        """Give an encrypted event as it was meant; None: it cannot be read (yet)."""
        try:
            sealed = Event.parse_encrypted_event(dict(event))
            if not isinstance(sealed, MegolmEvent):
                return None
            sealed.room_id = room
            opened = self._client.decrypt_event(sealed)
        except Exception as error:  # noqa: BLE001 - whatever was written there, it cannot be read
            log.info("matrix.undecryptable", platform="matrix", error=type(error).__name__)
            return None
        # What nio finds malformed was decrypted all the same; and only these two are its sender's to say.
        meant = opened.source
        return {**event, "room_id": room, "type": meant.get("type"), "content": meant.get("content")}

    async def ask_for_key(self, event: Mapping[str, Any], room: str) -> None:
        """Ask the sender's devices for the key of an event that could not be read; nothing is certain of it."""
        sealed = Event.parse_encrypted_event(dict(event))
        if not isinstance(sealed, MegolmEvent):
            return
        sealed.room_id = room
        with contextlib.suppress(SendError), self.our_errors():  # asked for already, most often
            _taken(await self._client.request_room_key(sealed))

    # ---- out ----------------------------------------------------------------------------------------

    async def seal(
        self, room: str, kind: str, content: Mapping[str, Any], check: Callable[[], None]
    ) -> tuple[str, Mapping[str, Any]]:
        """Encrypt for everybody in the room; give the type and the content to send.

        ``check`` raises what speaks against it, once everybody has got the key: that takes its time.

        Raises:
            MatrixRefused: we are not in the room.
            Throttled, Unreachable, TransportStopped: not everybody has got the key (yet); nothing was said.
        """
        async with self._sharing.setdefault(room, asyncio.Lock()):
            with self.our_errors():
                await self._share(room)
                if room not in self._client.rooms:  # thrown out in this moment
                    raise MatrixRefused(403, "M_FORBIDDEN")
                check()
                sealed: tuple[str, Mapping[str, Any]] = self._client.encrypt(room, kind, dict(content))
        return sealed

    async def _share(self, room: str) -> None:
        client, olm = self._client, self._olm
        if client.should_query_keys:
            _taken(await client.keys_query())
        if room not in client.rooms or not olm.should_share_group_session(room):
            return
        devices = self._devices_in(room)
        missing = client.get_missing_sessions(room)
        if missing:
            _taken(await client.keys_claim(missing))
        client.sharing_session.pop(
            room, None
        )  # left behind by nio when a call fails: we hold the room's lock
        await client.share_group_session(room, ignore_unverified_devices=True)
        # nio takes the session for shared with whoever it could not reach: they would read nothing.
        session = olm.outbound_group_sessions[room]
        known = session.users_shared_with | session.users_ignored
        if room not in client.rooms:
            return
        there = self._devices_in(room)
        if (
            there != devices
        ):  # somebody came, left, or logged in or out: nio forgets no session that is being shared
            olm.outbound_group_sessions.pop(room, None)
            raise Unreachable
        for user, keys in there.items():
            for device, key in keys.items():
                if (user, device) not in known and olm.session_store.get(key):
                    session.shared = False
                    raise Unreachable

    def _devices_in(self, room: str) -> dict[str, dict[str, str]]:
        """Give who is in a room, and the keys of their devices as far as we know them."""
        active = self._client.device_store.active_user_devices
        return {
            user: {device.id: device.curve25519 for device in active(user)}
            for user in self._client.rooms[room].users
        }

    async def close(self) -> None:
        """Let go of the connections and of the store."""
        await self._client.close()
        if self._client.store is not None:
            self._client.store.database.close()


def _open_store(user_id: str, device_id: str, folder: str, secret: str, name: str) -> KeyStore:
    """Open nio's key store.  What nio keeps beside it is named by the file, too: an account's name may have a slash."""
    store = KeyStore(user_id, device_id, folder, secret, name)
    path = Path(folder, name)
    store.trust_db = Trusted(str(path.with_suffix(".trusted_devices")))
    store.blacklist_db = Trusted(str(path.with_suffix(".blacklisted_devices")))
    store.ignore_db = Trusted(str(path.with_suffix(".ignored_devices")))
    return store


def _taken(answer: Any) -> Any:
    """Raise what nio returns."""
    if not isinstance(answer, ErrorResponse):
        return answer
    if answer.status_code == "M_LIMIT_EXCEEDED":
        raise Throttled((answer.retry_after_ms or UNLIMITED_WAIT * 1000) / 1000)
    if answer.status_code in {"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"}:
        raise TransportStopped(TOKEN_REFUSED)
    raise Unreachable(answer.status_code or "no answer of a homeserver")


def _events(part: Any, where: str) -> list[Any]:
    found = _mapping(_mapping(part).get(where)).get("events")
    return found if isinstance(found, list) else []


def _parts(sync: Mapping[str, Any], which: str) -> Iterator[tuple[str, Any]]:
    yield from _mapping(_mapping(sync.get("rooms")).get(which)).items()


def _parsed(events: list[Any]) -> list[Any]:
    """Parse what nio needs to know of a room."""
    found = []
    for event in events:
        if isinstance(event, dict) and event.get("type") in _NEEDED:
            with contextlib.suppress(Exception):  # one malformed event never stops the others
                parsed = Event.parse_event(event)
                if not isinstance(parsed, BadEvent | UnknownBadEvent):
                    found.append(parsed)
    return found


def _to_device(part: Mapping[str, Any]) -> Iterator[Any]:
    events = part.get("events")
    for event in events if isinstance(events, list) else ():
        with contextlib.suppress(Exception):
            parsed = ToDeviceEvent.parse_event(event)
            if parsed is not None and not isinstance(parsed, BadEvent | UnknownBadEvent):
                yield parsed


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _names(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
