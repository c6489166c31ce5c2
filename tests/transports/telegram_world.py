"""Telegram for the contract: the strict Bot API double, and people and groups on it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count

from bot.messages import File, Place
from bot.transports.telegram import Patience, Telegram
from tests.doubles import bot_api
from tests.doubles.bot_api import Accepted, BotApi
from tests.transports.contract import Heard

IMPATIENT = Patience(
    first=timedelta(milliseconds=10),
    longest=timedelta(milliseconds=40),
    rivals=3,
    rival_gap=timedelta(milliseconds=20),
)


class TelegramWorld:
    """One bot account; ``restart`` gives it a new transport."""

    silence = "blocked"

    def __init__(self, api: BotApi) -> None:
        self.api = api
        self.transport = self.opened()
        self.secrets: list[str] = [api.token, api.token.partition(":")[2]]
        self._ids = count(5_100_000_001)

    def opened(self) -> Telegram:
        return Telegram(self.api.token, api_root=self.api.url, patience=IMPATIENT)

    async def restart(self) -> None:
        await self.transport.close()
        self.transport = self.opened()

    async def person(self) -> "TelegramPerson":
        number = next(self._ids)
        self.secrets.append(str(number))
        return TelegramPerson(self.api.person(number, started=True))

    async def group(self, by: "TelegramPerson") -> "TelegramGroup":
        group = self.api.group(-next(self._ids))
        group.adds_bot(by.there)
        return TelegramGroup(group)

    async def goes_down(self) -> None:
        self.api.sets_fault("cut", times=None)

    async def comes_back(self) -> None:
        self.api.clears_faults()

    async def throttles(self, seconds: int) -> None:
        self.api.sets_fault("throttle", method="sendMessage", seconds=seconds)


class TelegramPerson:
    def __init__(self, there: bot_api.Person) -> None:
        self.there = there
        self.place = Place("telegram", str(there.id))
        self._last: Accepted | None = None

    async def says(self, text: str) -> None:
        self.there.says(text)

    async def hears(self) -> Heard:
        self._last = await self.there.hears()
        return as_heard(self._last)

    async def presses(self, label: str) -> None:
        assert self._last is not None
        self.there.presses(self._last, label)

    async def leaves(self) -> None:
        self.there.blocks_bot()


class TelegramGroup:
    def __init__(self, there: bot_api.Group) -> None:
        self.there = there
        self.place = Place("telegram", str(there.id), "group")

    async def says(self, by: TelegramPerson, text: str) -> None:
        by.there.says(f"/{text.replace(' ', f'@{self.there.api.username} ', 1)}", into=self.there)

    async def hears(self) -> Heard:
        return as_heard(await self.there.hears())

    async def removes_bot(self, by: TelegramPerson) -> None:
        self.there.removes_bot(by.there)

    async def has_bot(self) -> bool:
        return self.there.status not in {"left", "kicked"}

    async def moves(self) -> Place:
        new = self.there.migrates(self.there.id * 1000)
        return Place("telegram", str(new.id), "group")


def as_heard(accepted: Accepted) -> Heard:
    links: Sequence[str] = [b["url"] for row in accepted.buttons for b in row if "url" in b]
    file = accepted.file and File(
        accepted.file.name, accepted.file.media_type, accepted.file.content.decode()
    )
    return Heard(accepted.text, accepted.labels, tuple(links), file)


@asynccontextmanager
async def telegram_world() -> AsyncIterator[TelegramWorld]:
    async with BotApi() as api:
        world = TelegramWorld(api)
        try:
            yield world
        finally:
            await world.transport.close()
