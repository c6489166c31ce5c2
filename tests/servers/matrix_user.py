"""Somebody on Matrix with a client of their own (nio, with encryption), which shares nothing with the bot.

    async with User.of(synapse, "anna") as anna:
        room = await anna.opens_private_room(bot_id)          # encrypted; returns when the bot has joined
        await anna.says(room, "!seuraava")
        answer = await anna.hears(room)

It syncs by itself in the test's own loop, outlives a restart of its server, and keeps every event of others, by
room and in order, until it is asked for.  Every wait has an end.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from itertools import count
from typing import Any, Self
from urllib.parse import quote

import aiohttp
from nio import (
    AsyncClient,
    AsyncClientConfig,
    InviteInfo,
    InviteMemberEvent,
    MegolmEvent,
    ReceiptEvent,
    RoomInfo,
    RoomMessagesResponse,
    RoomSendResponse,
    SyncError,
    TypingNoticeEvent,
)
from nio.crypto import decrypt_attachment, encrypt_attachment
from nio.store import SqliteMemoryStore

from tests.servers.heard import EXTENSIBLE_TEXT, PATIENCE, POLL_START, QUIET, Ears, Heard
from tests.servers.synapse import Account, RefusedError, Synapse

AT_ONCE = 20  # events of a room that one sync carries; the others are asked for
FILTER = {"presence": {"types": []}, "room": {"timeline": {"limit": AT_ONCE}}}


class User:
    """One person on one device."""

    def __init__(self, url: str, account: Account) -> None:
        self.url = url
        self.account = account
        self.user_id = account.user_id
        self.invitations: dict[str, str] = {}  # room -> who invited
        self.ears = Ears()
        self._known: set[str] = set()  # ids of events, for a gap may overlap with what came
        self._rooms: set[str] = set()  # those of earlier syncs: what came before is history
        self._transactions = count()
        self._speaking = asyncio.Lock()
        config = AsyncClientConfig(
            store=SqliteMemoryStore,
            store_sync_tokens=False,
            encryption_enabled=True,
            max_timeout_retry_wait_time=0.3,
        )
        self.client = AsyncClient(url, account.user_id, config=config)
        self.client.restore_login(account.user_id, account.device_id, account.token)

    @classmethod
    def of(cls, synapse: Synapse, name: str) -> Self:
        """Make a new account, named after ``name``, and someone who uses it."""
        return cls(synapse.url, synapse.newcomer(name))

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {self.account.token}"},
            connector=aiohttp.TCPConnector(force_close=True),  # none is found dead after the server's restart
        )
        try:
            async with asyncio.timeout(PATIENCE):
                await self.client.keys_upload()
                since = await self._sync(None)
        except BaseException:
            await self._hang_up()
            raise
        self._syncing = asyncio.create_task(self._sync_forever(since))
        self._syncing.add_done_callback(self.ears.end)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._syncing.cancel()
        await asyncio.wait([self._syncing])
        await self._hang_up()

    async def _hang_up(self) -> None:
        await self.client.close()
        await self._session.close()

    # Rooms

    async def opens_private_room(
        self, other: str, *, encrypted: bool = True, room_version: str | None = None, awaited: bool = True
    ) -> str:
        """Open a room of two as Element does; wait for the other one to join, unless not ``awaited``.

        Both have all the power in it, and in version 12 even for good: neither can throw the other out.
        """
        return await self.creates_room(
            [other],
            encrypted=encrypted,
            room_version=room_version,
            awaited=awaited,
            is_direct=True,
            preset="trusted_private_chat",
        )

    async def creates_room(
        self,
        invite: Sequence[str] = (),
        *,
        encrypted: bool = False,
        announcement: bool = False,
        powers: Mapping[str, int] | None = None,
        room_version: str | None = None,
        awaited: bool = True,
        **more: Any,
    ) -> str:
        """Open a room; wait for all whom it invites, unless not ``awaited``.

        In an ``announcement`` room only the creator and who has ``powers`` of 50 or more can write.
        """
        levels: dict[str, Any] = {"events_default": 50} if announcement else {}
        if powers:
            # The creator of a version 12 room stands above all levels and must not be among them.
            creator = {} if room_version in {None, "12"} else {self.user_id: 100}
            levels["users"] = {**creator, **powers}
        body: dict[str, Any] = {"preset": "private_chat", "invite": list(invite), **more}
        if levels:
            body["power_level_content_override"] = levels
        if room_version:
            body["room_version"] = room_version
        if encrypted:
            state = {
                "type": "m.room.encryption",
                "state_key": "",
                "content": {"algorithm": "m.megolm.v1.aes-sha2"},
            }
            body["initial_state"] = [state]
        room = str((await self.request("POST", "/v3/createRoom", body))["room_id"])
        await self.ears.until(lambda: room in self.client.rooms, "to see the room that they opened")
        if awaited:
            await self.sees_joined(room, *invite)
        return room

    def members(self, room: str) -> set[str]:
        """Say who is in a room now, as far as this client has seen."""
        there = self.client.rooms.get(room)
        return {user for user, member in there.users.items() if not member.invited} if there else set()

    async def sees_joined(self, room: str, *users: str) -> None:
        await self.ears.until(lambda: self.members(room) >= set(users), "to see someone join")

    async def sees_left(self, room: str, *users: str) -> None:
        await self.ears.until(lambda: not self.members(room) & set(users), "to see someone leave")

    async def joins_when_invited(self, by: str | None = None) -> str:
        """Wait for an invitation, take it, and give the room."""

        def invited() -> str | None:
            return next((room for room, inviter in self.invitations.items() if by in {None, inviter}), None)

        room = await self.ears.until(invited, "to be invited")
        await self.joins(room)
        return room

    async def joins(self, room: str) -> None:
        await self.request("POST", f"/v3/join/{quote(room)}", {})
        await self.ears.until(lambda: self.user_id in self.members(room), "to see the room that they joined")

    async def invites(self, room: str, user: str) -> None:
        await self.request("POST", f"/v3/rooms/{quote(room)}/invite", {"user_id": user})

    async def leaves(self, room: str) -> None:
        await self.request("POST", f"/v3/rooms/{quote(room)}/leave", {})

    async def kicks(self, room: str, user: str) -> None:
        await self.request("POST", f"/v3/rooms/{quote(room)}/kick", {"user_id": user})

    async def upgrades_room(self, room: str, version: str = "12") -> str:
        """Put a tombstone on the room and give its successor, to which nobody has been invited yet."""
        answer = await self.request("POST", f"/v3/rooms/{quote(room)}/upgrade", {"new_version": version})
        successor = str(answer["replacement_room"])
        await self.ears.until(lambda: successor in self.client.rooms, "to see the upgraded room")
        return successor

    # Speaking

    async def says(self, room: str, text: str, *, mentions: Iterable[str] = (), **more: Any) -> Heard:
        """Send a text; ``more`` goes into its content as it is."""
        content = {"msgtype": "m.text", "body": text, **more}
        if mentions:
            content["m.mentions"] = {"user_ids": list(mentions)}
        return await self.sends(room, "m.room.message", content)

    async def replies(self, event: Heard, text: str, *, quoting: bool = False) -> Heard:
        """Answer an event; ``quoting`` repeats it in the body as older clients do."""
        body = f"> <{event.sender}> {event.body}\n\n{text}" if quoting else text
        relation = {"m.in_reply_to": {"event_id": event.event_id}}
        return await self.says(event.room, body, **{"m.relates_to": relation})

    async def edits(self, event: Heard, text: str) -> Heard:
        new = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": event.event_id}
        return await self.says(event.room, f"* {text}", **{"m.new_content": new, "m.relates_to": relation})

    async def reacts(self, event: Heard, key: str) -> Heard:
        relation = {"rel_type": "m.annotation", "event_id": event.event_id, "key": key}
        return await self.sends_raw(event.room, "m.reaction", {"m.relates_to": relation})

    async def redacts(self, event: Heard) -> None:
        path = f"/v3/rooms/{quote(event.room)}/redact/{quote(event.event_id)}/{next(self._transactions)}"
        await self.request("PUT", path, {})

    async def asks(self, room: str, question: str, answers: Mapping[str, str]) -> Heard:
        """Start a poll with answers id -> label."""
        listed = [{"id": answer, EXTENSIBLE_TEXT: label} for answer, label in answers.items()]
        lines = [question, *(f"{number}. {label}" for number, label in enumerate(answers.values(), 1))]
        start = {
            "question": {EXTENSIBLE_TEXT: question},
            "kind": "org.matrix.msc3381.poll.disclosed",
            "max_selections": 1,
            "answers": listed,
        }
        return await self.sends(room, POLL_START, {POLL_START: start, EXTENSIBLE_TEXT: "\n".join(lines)})

    async def votes(self, poll: Heard, *answers: str, stable: bool = False) -> Heard:
        """Answer a poll by the ids of its answers, with the unstable or the stable event type."""
        relation = {"rel_type": "m.reference", "event_id": poll.event_id}
        if stable:
            chosen: dict[str, Any] = {"m.selections": list(answers)}
            return await self.sends(poll.room, "m.poll.response", {"m.relates_to": relation, **chosen})
        kind = "org.matrix.msc3381.poll.response"
        return await self.sends(poll.room, kind, {"m.relates_to": relation, kind: {"answers": list(answers)}})

    async def sends_file(self, room: str, name: str, media_type: str, data: bytes) -> Heard:
        """Send a file or a picture, encrypted where the room is."""
        content: dict[str, Any] = {
            "msgtype": "m.image" if media_type.startswith("image/") else "m.file",
            "body": name,
            "info": {"mimetype": media_type, "size": len(data)},
        }
        if self.client.rooms[room].encrypted:
            hidden, keys = encrypt_attachment(data)
            content["file"] = {"url": await self.uploads(name, "application/octet-stream", hidden), **keys}
        else:
            content["url"] = await self.uploads(name, media_type, data)
        return await self.sends(room, "m.room.message", content)

    async def uploads(self, name: str, media_type: str, data: bytes) -> str:
        """Give the address of what is uploaded as it is."""
        path = f"/_matrix/media/v3/upload?filename={quote(name)}"
        async with self._session.post(
            self.url + path, data=BytesIO(data), headers={"Content-Type": media_type}
        ) as answer:
            return str((await taken(answer))["content_uri"])

    async def sends(self, room: str, kind: str, content: Mapping[str, Any]) -> Heard:
        """Send an event, encrypted where the room is; any content will do."""
        async with asyncio.timeout(PATIENCE), self._speaking:
            if self.client.should_query_keys:
                await self.client.keys_query()
            sent = await self.client.room_send(room, kind, dict(content), ignore_unverified_devices=True)
        if not isinstance(sent, RoomSendResponse):
            raise RefusedError(sent.transport_response.status, sent.status_code)
        encrypted = self.client.rooms[room].encrypted
        return Heard(room, sent.event_id, self.user_id, kind, content, encrypted)

    async def sends_raw(self, room: str, kind: str, content: Any) -> Heard:
        """Send what no client would, in the clear in every room.

        Synapse looks at what it can see: a malformed ``m.room.message`` arrives only by ``sends``, encrypted.
        """
        path = f"/v3/rooms/{quote(room)}/send/{quote(kind)}/{next(self._transactions)}"
        sent = await self.request("PUT", path, content)
        return Heard(room, sent["event_id"], self.user_id, kind, content)

    async def sets_state(self, room: str, kind: str, content: Any, state_key: str = "") -> None:
        await self.request("PUT", f"/v3/rooms/{quote(room)}/state/{quote(kind)}/{quote(state_key)}", content)

    async def withholds_key(self, room: str) -> None:
        """Encrypt what follows with a key that nobody else gets, as when the message with the key is lost."""
        async with self._speaking:
            olm = self.client.olm
            olm.create_outbound_group_session(room)
            olm.outbound_group_sessions[room].shared = True

    # Hearing

    async def hears(self, room: str, *kinds: str, within: float = PATIENCE) -> Heard:
        """See Ears; typing comes as ``m.typing`` (``user_ids``), receipts as ``m.receipt`` (event -> users)."""
        return await self.ears.hears(room, *kinds, within=within)

    async def hears_nothing(self, room: str, *kinds: str, during: float = QUIET) -> None:
        await self.ears.hears_nothing(room, *kinds, during=during)

    async def fetches(self, room: str, event_id: str) -> Heard:
        """Give an event as it now stands on the server, decrypted if this client has its key."""
        source = await self.request("GET", f"/v3/rooms/{quote(room)}/event/{quote(event_id)}")
        if source["type"] == "m.room.encrypted" and source["content"]:
            event = self.client.decrypt_event(MegolmEvent.from_dict({**source, "room_id": room}))
            return as_heard(room, event.source, encrypted=True)
        return as_heard(room, source)

    async def reads_file(self, event: Heard) -> bytes:
        """Give the bytes of an attachment, decrypted."""
        file = event.content.get("file")
        address = (file or event.content)["url"].removeprefix("mxc://")
        async with self._session.get(f"{self.url}/_matrix/client/v1/media/download/{address}") as answer:
            data = await answer.read()
            assert answer.status == 200, f"{answer.status}: the attachment cannot be fetched"
        return (
            decrypt_attachment(data, file["key"]["k"], file["hashes"]["sha256"], file["iv"]) if file else data
        )

    # The client

    async def request(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Call the server directly; ``path`` begins after ``/_matrix/client``.  Raise RefusedError if it refuses."""
        async with (
            asyncio.timeout(PATIENCE),
            self._session.request(method, f"{self.url}/_matrix/client{path}", json=body) as answer,
        ):
            return await taken(answer)

    async def _sync_forever(self, since: str) -> None:
        while True:
            try:
                since = await self._sync(since)
            except aiohttp.ClientError:  # cut in the middle of an answer
                self.client.next_batch = ""  # or nio would not read the same batch again
                await asyncio.sleep(0.1)

    async def _sync(self, since: str | None) -> str:
        """Take what is new; give the token of the next sync, the same one if the server is unwell."""
        answer = await self.client.sync(
            timeout=30_000 if since else 0, since=since, sync_filter=FILTER, full_state=not since
        )
        if isinstance(answer, SyncError):
            if answer.status_code == "M_UNKNOWN_TOKEN":
                raise RefusedError(401, answer.status_code)
            await asyncio.sleep(0.1)
            return since or ""
        await self._mind_keys()
        for room, there in answer.rooms.join.items():
            await self._take_room(room, there, since)
        for room, there in answer.rooms.invite.items():
            self._take_invitation(room, there)
        for room in answer.rooms.join.keys() | answer.rooms.leave.keys():
            self.invitations.pop(room, None)
        self.ears.stir()
        return str(answer.next_batch)

    async def _mind_keys(self) -> None:
        async with self._speaking:
            if self.client.should_upload_keys:
                await self.client.keys_upload()
            if self.client.should_query_keys:
                await self.client.keys_query()
            if self.client.should_claim_keys:
                await self.client.keys_claim(self.client.get_users_for_key_claiming())
            await self.client.send_to_device_messages()

    async def _take_room(self, room: str, there: RoomInfo, since: str | None) -> None:
        timeline = there.timeline
        events = list(timeline.events)
        if timeline.limited and timeline.prev_batch and since and room in self._rooms:
            events = [*await self._missed(room, timeline.prev_batch, since), *events]
        for event in events:
            heard = as_heard(room, event.source, encrypted=event.decrypted)
            if heard.event_id not in self._known and heard.sender != self.user_id:
                self.ears.take(heard)
            self._known.add(heard.event_id)
        self._rooms.add(room)
        for event in there.ephemeral:
            if isinstance(event, TypingNoticeEvent):
                self.ears.take(Heard(room, "", "", "m.typing", {"user_ids": event.users}))
            elif isinstance(event, ReceiptEvent):
                content: dict[str, list[str]] = defaultdict(list)
                for receipt in event.receipts:
                    content[receipt.event_id].append(receipt.user_id)
                self.ears.take(Heard(room, "", "", "m.receipt", content))

    async def _missed(self, room: str, start: str, end: str) -> list[Any]:
        """Give what a sync left out between two tokens, oldest first."""
        missed: list[Any] = []
        while True:
            answer = await self.client.room_messages(room, start=start, end=end, limit=100)
            if not isinstance(answer, RoomMessagesResponse):
                raise aiohttp.ClientError(answer.status_code)
            missed += answer.chunk
            if not answer.chunk or not answer.end:
                return missed[::-1]
            start = answer.end

    def _take_invitation(self, room: str, there: InviteInfo) -> None:
        for event in there.invite_state:
            if isinstance(event, InviteMemberEvent) and event.state_key == self.user_id:
                self.invitations[room] = event.sender


def as_heard(room: str, source: Mapping[str, Any], *, encrypted: bool = False) -> Heard:
    content = source.get("content", {})
    hidden = encrypted or source["type"] == "m.room.encrypted"
    return Heard(room, source["event_id"], source["sender"], source["type"], content, hidden)


async def taken(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    """Give what the server answered; raise RefusedError if that was an error."""
    found: dict[str, Any] = json.loads(await answer.read() or b"{}")
    if answer.status != 200:
        raise RefusedError(answer.status, found.get("errcode", ""), found.get("retry_after_ms", 0))
    return found
