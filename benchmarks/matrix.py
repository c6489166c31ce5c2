"""Matrix on a real Synapse without limits: answers, a broadcast, a start with many rooms, memory; beside bare nio.

Both bots take turns at one Synapse, which is what bounds them: a process of its own on the same machine.
"""

import asyncio
import contextlib
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from subprocess import Popen
from typing import Any
from urllib.parse import quote

from nio import AsyncClient, AsyncClientConfig, SyncResponse
from nio.store import SqliteMemoryStore

from benchmarks.figures import Figure
from benchmarks.running import process, resident, settle, vertti_on
from bot.clock import now
from bot.messages import Lane, Phrase, Place, Say
from bot.store import Store
from bot.store.engine import Database
from bot.store.outbox import CLAIMED, WAITING
from bot.store.vault import open_vault
from bot.transports.matrix import Matrix, MatrixSettings
from tests.servers.matrix_user import User
from tests.servers.synapse import Account, Synapse
from tests.servers.taking_turns import take_turns

PEOPLE = 8
EACH = 7  # commands of one person, one after another: not so many that they would be told to slow down
WARMED_UP = 1
ROOMS = 200  # of the broadcast
IN_FLIGHT = 8
MANY = 500  # rooms at the start
REPEAT = 3
BROADCASTS = 9  # Synapse's own pace varies by a quarter from one to the next
LOOKS = timedelta(seconds=2)  # between two looks of Vertti's into its outbox
LONGEST = timedelta(minutes=15)
IDLE = 3.0
BARE = "bare nio"


def measure() -> list[Figure]:
    take_turns()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "synapse").mkdir()
        synapse = Synapse(folder / "synapse")
        synapse.start()
        try:
            return asyncio.run(_measured(synapse, folder))
        finally:
            synapse.stop()


async def _measured(synapse: Synapse, folder: Path) -> list[Figure]:
    return [
        *await _answers(synapse, folder),
        *await _broadcast(synapse, folder),
        *await _start(synapse, folder),
    ]


# ---- answers --------------------------------------------------------------------------------------------


async def _answers(synapse: Synapse, folder: Path) -> list[Figure]:
    """Command to reply, seen by the one who asked."""
    bot, bare = synapse.newcomer("vertti"), synapse.newcomer("bare")
    ours: dict[bool, list[float]] = {True: [], False: []}
    theirs: dict[bool, list[float]] = {True: [], False: []}
    memory: list[float] = []
    with _vertti(synapse, bot, _in(folder, "ours")) as running, _bare(synapse, bare, _in(folder, "bare")):
        for encrypted, _ in product((False, True), range(PEOPLE)):
            async with User.of(synapse, "anna") as anna:
                rooms = [
                    await anna.opens_private_room(each.user_id, encrypted=encrypted) for each in (bot, bare)
                ]
                await anna.hears(rooms[0], "m.room.message")  # the greeting
                for number in range(EACH + WARMED_UP):
                    for room, times in zip(rooms, (ours, theirs), strict=True):
                        took = await _asked(anna, room)
                        if number >= WARMED_UP:
                            times[encrypted].append(took * 1000)
        settle(IDLE)
        memory.append(resident(running))
    figures = [
        Figure(
            name=f"command to reply, {'encrypted' if encrypted else 'plain'}, p50",
            unit="ms",
            samples=[median(ours[encrypted])],
            ratio_at_most=1.3,
            bare=[median(theirs[encrypted])],
            bare_name=BARE,
        )
        for encrypted in (False, True)
    ]
    return [*figures, Figure(name="resident with Matrix on, idle", unit="MiB", samples=memory, at_most=135)]


async def _asked(anna: User, room: str) -> float:
    began = time.monotonic()
    await anna.says(room, "!kieli")
    await anna.hears(room, "m.room.message", "m.room.encrypted")
    return time.monotonic() - began


# ---- a broadcast ----------------------------------------------------------------------------------------


async def _broadcast(synapse: Synapse, folder: Path) -> list[Figure]:
    """Messages a second to encrypted rooms, by the homeserver's own clock; the first takes everybody's keys too."""
    bot, bare = synapse.newcomer("vertti"), synapse.newcomer("bare")
    people = [synapse.newcomer("reader") for _ in range(ROOMS)]
    await asyncio.gather(*(_uploads_keys(synapse, person) for person in people))
    rooms = {each.user_id: await _rooms_with(synapse, people, each.user_id) for each in (bot, bare)}
    ours: list[float] = []
    theirs: list[float] = []
    data = _in(folder, "broadcast")
    with _vertti(synapse, bot, data):
        await _all_joined(synapse, rooms[bot.user_id], bot)
    async with _bare_client(synapse, bare, _in(folder, "nio")) as client:
        for room in rooms[bare.user_id]:
            await client.join(room)
        assert isinstance(await client.sync(full_state=True), SyncResponse)
        await asyncio.to_thread(_write, data, partial(_have_it_look, people[0]))
        with _vertti(synapse, bot, data):
            await asyncio.sleep(IDLE)
            for number in range(BROADCASTS):
                began = _milliseconds()
                await asyncio.to_thread(_write, data, partial(_queue, people, f"Tiedote {number}"))
                await _is_through(data)
                ours.append(await _rate(synapse, rooms[bot.user_id], bot, began))
                began = _milliseconds()
                await _says_to_all(client, rooms[bare.user_id])
                theirs.append(await _rate(synapse, rooms[bare.user_id], bare, began))
    return [
        Figure(
            name=f"broadcast to {ROOMS} encrypted rooms, {what}",
            unit="/s",
            samples=ours[part],
            ratio_at_least=0.9,
            bare=theirs[part],
            bare_name=BARE,
        )
        for what, part in (("with everybody's keys", slice(1)), ("keys there", slice(1, None)))
    ]


async def _uploads_keys(synapse: Synapse, person: Account) -> None:
    config = AsyncClientConfig(encryption_enabled=True, store=SqliteMemoryStore)
    client = AsyncClient(synapse.url, person.user_id, config=config)
    client.restore_login(person.user_id, person.device_id, person.token)
    await client.keys_upload()
    await client.close()


async def _rooms_with(synapse: Synapse, people: Sequence[Account], other: str) -> list[str]:
    """Let everybody open an encrypted room of two; in the order of the people."""
    crypt = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
    body = {"preset": "private_chat", "is_direct": True, "invite": [other], "initial_state": [crypt]}

    def open_all() -> list[str]:
        path = "/_matrix/client/v3/createRoom"
        return [str(synapse.call("POST", path, body, token=each.token)["room_id"]) for each in people]

    return await asyncio.to_thread(open_all)


async def _all_joined(synapse: Synapse, rooms: Sequence[str], bot: Account) -> None:
    """Wait until somebody is in all rooms and has said hello in each."""

    def joined() -> int:
        path = f"/v1/users/{bot.user_id}/joined_rooms"
        return len(synapse.administer("GET", path)["joined_rooms"])

    async with asyncio.timeout(300):
        while await asyncio.to_thread(joined) < len(rooms):
            await asyncio.sleep(0.5)
        while len(await _sent(synapse, rooms, bot, 0)) < len(rooms):
            await asyncio.sleep(0.5)
    await asyncio.sleep(IDLE)


def _write(data: Path, work: Callable[[Store], None]) -> None:
    """Write something into Vertti's database, whether it runs or not."""
    database = Database(f"sqlite:///{data / 'vertti.db'}", open_vault(data / "vertti.key"))
    database.open()
    try:
        asyncio.run(database.write(work))
    finally:
        database.close()


def _queue(people: Sequence[Account], text: str, store: Store) -> None:
    """Put a message to everybody into the outbox, as the sweep does with news."""
    for number, person in enumerate(people):
        reader = store.people.find(Place("matrix", person.user_id))
        assert reader is not None
        said = Say(Phrase("news.message", {"teksti": text}))
        store.outbox.push(reader, f"{text}:{number}", said, now=now(), lane=Lane.BROADCAST)


def _have_it_look(person: Account, store: Store) -> None:
    """Have Vertti look into its outbox every other second, where another process writes: for what is too late at once."""
    reader = store.people.find(Place("matrix", person.user_id))
    assert reader is not None
    began = now()
    for number in range(LONGEST // LOOKS):
        due = began + number * LOOKS
        said = Say(Phrase("news.message", {"teksti": ""}))
        store.outbox.push(reader, f"look:{number}", said, now=began, not_before=due, useful_until=due)


async def _is_through(data: Path) -> None:
    """Wait until a broadcast is through, without asking the homeserver: to look is work for it, too."""
    query = "SELECT count(*) FROM outbox WHERE state IN (?, ?) AND lane = ?"
    database = sqlite3.connect(f"file:{data / 'vertti.db'}?mode=ro", uri=True)
    with contextlib.closing(database):
        async with asyncio.timeout(120):
            while database.execute(query, (WAITING, CLAIMED, int(Lane.BROADCAST))).fetchone() != (0,):
                await asyncio.sleep(0.1)


async def _says_to_all(client: AsyncClient, rooms: Sequence[str]) -> None:
    busy = asyncio.Semaphore(IN_FLIGHT)

    async def say(room: str) -> None:
        async with busy:
            content = {"msgtype": "m.text", "body": "Tiedote"}
            await client.room_send(room, "m.room.message", content, ignore_unverified_devices=True)

    await asyncio.gather(*map(say, rooms))


async def _rate(synapse: Synapse, rooms: Sequence[str], sender: Account, since: int) -> float:
    """Wait until a message has come to every room since an instant; give how many a second they were."""
    async with asyncio.timeout(120):
        while len(times := await _sent(synapse, rooms, sender, since)) < len(rooms):
            await asyncio.sleep(5)
    return (len(times) - 1) / ((max(times) - min(times)) / 1000)


async def _sent(synapse: Synapse, rooms: Sequence[str], sender: Account, since: int) -> list[int]:
    """Give when the last message of somebody came to each of the rooms, of those where one came since an instant (ms)."""

    def look() -> list[int]:
        found = []
        for room in rooms:
            page = synapse.administer("GET", f"/v1/rooms/{quote(room)}/messages?dir=b&limit=20")
            times = [
                each["origin_server_ts"]
                for each in page["chunk"]
                if each["sender"] == sender.user_id and each["type"] == "m.room.encrypted"
            ]
            found += [time for time in times[:1] if time >= since]
        return found

    return await asyncio.to_thread(look)


# ---- a start with many rooms ------------------------------------------------------------------------------


async def _start(synapse: Synapse, folder: Path) -> list[Figure]:
    """From opening the account to knowing all rooms, the first time and after a restart; beside nio's first sync."""
    host = synapse.newcomer("host")
    path = "/_matrix/client/v3/createRoom"
    first: list[float] = []
    again: list[float] = []
    bare: list[float] = []
    accounts = [synapse.newcomer("many") for _ in range(2 * REPEAT)]
    body = {"preset": "private_chat", "invite": [each.user_id for each in accounts]}

    def fill() -> None:
        for _ in range(MANY):
            room = synapse.call("POST", path, body, token=host.token)["room_id"]
            for each in accounts:
                synapse.call("POST", f"/_matrix/client/v3/join/{quote(room)}", {}, token=each.token)

    await asyncio.to_thread(fill)
    for number in range(REPEAT):
        ours, theirs = accounts[2 * number : 2 * number + 2]
        data = _in(folder, f"start{number}")
        first.append(await _opens(synapse, ours, data))
        again.append(await _opens(synapse, ours, data))
        async with _bare_client(synapse, theirs, _in(folder, f"bare{number}")) as client:
            began = time.monotonic()
            assert isinstance(await client.sync(full_state=True), SyncResponse)
            bare.append(time.monotonic() - began)
    beside: Any = {"unit": "s", "ratio_at_most": 1.2, "bare": bare, "bare_name": "nio's first sync"}
    return [
        Figure(name=f"start with {MANY} rooms, the first time", samples=first, **beside),
        Figure(name=f"start with {MANY} rooms, again", samples=again, **beside),
    ]


async def _opens(synapse: Synapse, account: Account, data: Path) -> float:
    """Open the account until it listens, hears something, and close it."""
    vault = await asyncio.to_thread(open_vault, data / "vertti.key")
    database = Database(f"sqlite:///{data / 'vertti.db'}", vault)
    database.open()
    settings = MatrixSettings(synapse.url, account.user_id, account.password)
    transport = Matrix(settings, data / "matrix", vault, database)
    began = time.monotonic()
    await transport.open()
    took = time.monotonic() - began
    listening = asyncio.create_task(transport.receive(_takes_all))
    await asyncio.sleep(IDLE)  # until its place is kept
    listening.cancel()
    await transport.close()
    database.close()
    return took


async def _takes_all(batch: Any) -> None:
    """Stand where dispatch stands."""


# ---- the bots -------------------------------------------------------------------------------------------


def _in(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir(mode=0o700)
    return made


def _vertti(synapse: Synapse, bot: Account, folder: Path) -> contextlib.AbstractContextManager[Popen[bytes]]:
    return vertti_on(
        folder,
        VERTTI_MATRIX_HOMESERVER=synapse.url,
        VERTTI_MATRIX_USER=bot.user_id,
        VERTTI_MATRIX_PASSWORD=bot.password,
    )


def _bare(synapse: Synapse, bot: Account, folder: Path) -> contextlib.AbstractContextManager[Popen[bytes]]:
    who = (synapse.url, bot.user_id, bot.device_id, bot.token, str(folder))
    return process([sys.executable, "-m", "benchmarks.matrix_echo", *who], folder)


@contextlib.asynccontextmanager
async def _bare_client(synapse: Synapse, account: Account, folder: Path) -> AsyncIterator[AsyncClient]:
    config = AsyncClientConfig(encryption_enabled=True, store_sync_tokens=False)
    client = AsyncClient(synapse.url, account.user_id, store_path=str(folder), config=config)
    client.restore_login(account.user_id, account.device_id, account.token)
    await client.keys_upload()
    try:
        yield client
    finally:
        await client.close()


def _milliseconds() -> int:
    return int(now().timestamp() * 1000)
