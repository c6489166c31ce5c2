"""Matrix for the contract: a real Synapse behind weather of our own, and people on clients of their own."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from bot.messages import File, Incoming, Phrase, Place
from bot.store.engine import Database
from bot.store.vault import Vault, open_vault
from bot.transports.matrix import Matrix, MatrixSettings
from tests.servers.heard import Heard as Shown
from tests.servers.matrix_user import User
from tests.servers.synapse import Account, Synapse
from tests.servers.taking_turns import take_turns
from tests.servers.weather import Weather
from tests.transports.contract import PATIENCE, Ears, Heard

NUMBERED = re.compile(r"\d+\. (.+)")
take_turns()

SOON = 1.0  # seconds in which it joins where it is invited
LINKED = re.compile(r"(.+?): (https?://\S+)")


class MatrixWorld:
    """One bot account; ``restart`` gives it a new transport on the same folder and database."""

    silence = "left"

    def __init__(
        self,
        synapse: Synapse,
        weather: Weather,
        folder: Path,
        vault: Vault,
        *,
        encrypted: bool,
        room_version: str,
    ) -> None:
        self.synapse = synapse
        self.weather = weather
        self.folder = folder
        self.encrypted = encrypted
        self.room_version = room_version
        self.account: Account = synapse.newcomer("vertti")
        self.bot = self.account.user_id
        self.told: list[Phrase] = []
        self.vault = vault
        self.database = Database(f"sqlite:///{folder / 'vertti.db'}", vault)

        self.secrets: list[str] = [self.bot, self.account.token, "pw-of-vertti"]
        self.transport = self.opened()
        self._stack = AsyncExitStack()

    def opened(self, **settings: Any) -> Matrix:
        given = {"password": "pw", "allow": ("localhost",), **settings}

        async def tell(phrase: Phrase) -> None:
            self.told.append(phrase)

        return Matrix(
            MatrixSettings(self.weather.url, self.bot, **given),
            self.folder / "matrix",
            self.vault,
            self.database,
            tell=tell,
        )

    async def restart(self, **settings: Any) -> None:
        await self.transport.close()
        self.transport = self.opened(**settings)

    async def user(self, name: str = "anna") -> User:
        user = await self._stack.enter_async_context(User.of(self.synapse, name))
        self.secrets.append(user.user_id)
        return user

    async def person_by(self, ears: Ears) -> "MatrixPerson":
        """Let somebody come by while it is listening."""
        user = await self.user()
        before = len(ears.of_concern)
        room = await user.opens_private_room(
            self.bot, encrypted=self.encrypted, room_version=self.room_version
        )
        await ears.hear(before + 1)
        return MatrixPerson(self, user, room)

    async def person(self) -> "MatrixPerson":
        user = await self.user()
        async with self.listening() as ears:
            room = await user.opens_private_room(
                self.bot, encrypted=self.encrypted, room_version=self.room_version
            )
            await ears.hear()  # the greeting
        self.secrets.append(room)
        return MatrixPerson(self, user, room)

    async def group(self, by: "MatrixPerson") -> "MatrixGroup":
        other = await self.user("berit")
        room = await by.user.creates_room(
            [other.user_id],
            encrypted=self.encrypted,
            room_version=self.room_version,
            name="Ryhmä",
            awaited=False,
        )
        await other.joins_when_invited()
        await by.user.invites(room, self.bot)
        try:
            async with asyncio.timeout(SOON):
                await by.user.sees_joined(room, self.bot)
        except TimeoutError:  # nobody lets it listen just now
            async with self.listening() as ears:
                await ears.hear()
        return MatrixGroup(self, by.user, other, room)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Ears]:
        """Let it listen for a while, and keep its place when it has heard something."""
        ears = Ears()
        places: list[str | None] = []

        async def accept(batch: Sequence[Incoming]) -> None:
            places.append(self.transport._reader.since)
            await ears.accept(batch)

        task = asyncio.create_task(self.transport.receive(accept))
        try:
            yield ears
            async with asyncio.timeout(PATIENCE):
                while self.transport._reader.since == places[-1]:
                    await asyncio.sleep(0.01)
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def goes_down(self) -> None:
        await self.weather.goes_down()

    async def comes_back(self) -> None:
        await self.weather.comes_back()

    async def throttles(self, seconds: int) -> None:
        self.weather.throttles("/send/m.room", seconds * 1000)

    async def close(self) -> None:
        await self.transport.close()
        await self._stack.aclose()
        await asyncio.to_thread(self.database.close)


class MatrixPerson:
    def __init__(self, world: MatrixWorld, user: User, room: str) -> None:
        self.world = world
        self.user = user
        self.room = room
        self.place = Place("matrix", user.user_id)
        self.last: Shown | None = None

    async def says(self, text: str) -> None:
        await self.user.says(self.room, text)

    async def hears(self) -> Heard:
        self.last = await self.user.hears(self.room)
        assert self.last.encrypted == self.world.encrypted
        file = None
        if self.last.content.get("msgtype") == "m.file":
            return Heard("", file=await self._file(self.last))
        heard = as_heard(self.last)
        if heard.text in {"Kalenteriin", "Kanarialintu Virtanen"} and not heard.labels:
            following = await self.user.hears(self.room)
            file = await self._file(following)
        return Heard(heard.text, heard.labels, heard.links, file)

    async def _file(self, shown: Shown) -> File:
        data = await self.user.reads_file(shown)
        return File(shown.content["filename"], shown.content["info"]["mimetype"], data.decode())

    async def presses(self, label: str) -> None:
        """Answer with the number before the label: there are no buttons to press."""
        assert self.last is not None
        labels = as_heard(self.last).labels
        await self.user.replies(self.last, str(labels.index(label) + 1))

    async def leaves(self) -> None:
        async with self.world.listening() as ears:
            await self.user.leaves(self.room)
            await ears.until(lambda ears: any(each.what == "removed" for each in ears.taken))


class MatrixGroup:
    def __init__(self, world: MatrixWorld, by: User, other: User, room: str) -> None:
        self.world = world
        self.user = by
        self.other = other
        self.room = room
        self.place = Place("matrix", room, "group")

    async def says(self, by: MatrixPerson, text: str) -> None:
        await by.user.says(self.room, f"!{text}")

    async def hears(self) -> Heard:
        return as_heard(await self.other.hears(self.room))

    async def removes_bot(self, by: MatrixPerson) -> None:
        await by.user.kicks(self.room, self.world.bot)

    async def has_bot(self) -> bool:
        await asyncio.sleep(0.2)
        return self.world.bot in self.other.members(self.room)

    async def moves(self) -> Place:
        new = await self.user.upgrades_room(self.room)
        await self.user.invites(new, self.world.bot)
        return Place("matrix", new, "group")


def as_heard(shown: Shown) -> Heard:
    """Read a message as a person does: a text, and below it what can be chosen."""
    text, _, below = shown.body.rpartition("\n\n")
    lines = below.split("\n")
    labels = [found[1] for line in lines if (found := NUMBERED.fullmatch(line))]
    linked = [found for line in lines if (found := LINKED.fullmatch(line))]
    if not labels and not linked:
        return Heard(shown.body)
    return Heard(text, (*labels, *(each[1] for each in linked)), tuple(each[2] for each in linked))


@asynccontextmanager
async def matrix_world(
    synapse: Synapse, folder: Path, *, encrypted: bool = True, room_version: str = "12"
) -> AsyncIterator[MatrixWorld]:
    async with Weather(synapse.url) as weather:
        vault = await asyncio.to_thread(open_vault, folder / "vertti.key")
        world = MatrixWorld(synapse, weather, folder, vault, encrypted=encrypted, room_version=room_version)
        await asyncio.to_thread(world.database.open)
        try:
            yield world
        finally:
            await world.close()
