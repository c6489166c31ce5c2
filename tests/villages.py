"""All of Vertti on one platform, and people there who do the same things on each: they write, press buttons and hear."""

import asyncio
import base64
import secrets
from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

import bot.transports.telegram
from bot.app import App
from bot.clock import now
from tests.doubles.bot_api import TOKEN, BotApi
from tests.doubles.bot_api import Person as Account
from tests.running import running
from tests.servers.synapse import free_port

PATIENCE = 15.0  # seconds in which anything must happen, on a busy machine too


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as a person gets it; ``links`` are where the buttons lead that open a page."""

    text: str
    labels: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


class Person(ABC):
    """Somebody in private with Vertti."""

    @abstractmethod
    async def says(self, text: str) -> None:
        """Write something."""

    @abstractmethod
    async def presses(self, label: str) -> None:
        """Press the newest button with this label."""

    @abstractmethod
    async def hears(self) -> Heard:
        """Wait for the next message that was not heard yet."""

    @abstractmethod
    async def opens_file(self) -> bytes:
        """Give the file that came with what was heard last."""

    async def asks(self, text: str) -> Heard:
        await self.says(text)
        return await self.hears()

    async def chooses(self, label: str) -> Heard:
        await self.presses(label)
        return await self.hears()


class Village(ABC):
    """One platform with its people, and a place where Vertti can live, one life after another."""

    def __init__(self, folder: Path, content: Path) -> None:
        self.content = content
        self.url = ""  # of the page and the feeds
        self._folder = folder
        self._port = free_port()

    def vertti(self, *, undo: timedelta = timedelta(), **settings: Any) -> AbstractAsyncContextManager[App]:
        """All of Vertti, until the end of the block, on the data of its life before."""
        self.url = f"http://127.0.0.1:{self._port}"
        return running(
            self._folder / "data",
            self.content,
            undo=undo,
            web_port=self._port,
            public_url=self.url,
            **self.platform(),
            **settings,
        )

    @abstractmethod
    def platform(self) -> dict[str, Any]:
        """Give the settings that lead Vertti to the platform."""

    @abstractmethod
    async def newcomer(self) -> Person:
        """Let somebody come by while Vertti lives, and be greeted."""

    async def subscriber(self) -> Person:
        """Let somebody come who asks for the reminders of what comes next, by buttons alone."""
        someone = await self.newcomer()
        await someone.chooses("Mitä on seuraavaksi?")
        await someone.chooses("Muistuta minua")
        await someone.chooses("Molemmat")
        return someone

    async def organizer(self, app: App) -> Person:
        """Let somebody come who proves with a code that they organize."""
        someone = await self.newcomer()
        code = await app.database.write(lambda store: store.organizers.invite(now=now()))
        await someone.asks(f"jarjestaja {code}")
        return someone


# ---- Telegram ------------------------------------------------------------------------------------------


class TelegramPerson(Person):
    """Somebody on the double of the Bot API."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def says(self, text: str) -> None:
        self._account.says(text)

    async def presses(self, label: str) -> None:
        sent = self._account.api.ledger.sent_to(self._account.id)
        shown = [each for each in sent if label in each.labels]
        assert shown, f"there is no button {label!r}"
        self._account.presses(shown[-1], label)

    async def hears(self) -> Heard:
        heard = await self._account.hears(PATIENCE)
        buttons = [each for row in heard.buttons for each in row]
        return Heard(heard.text, heard.labels, tuple(each["url"] for each in buttons if "url" in each))

    async def opens_file(self) -> bytes:
        sent = self._account.api.ledger.sent_to(self._account.id)
        (file,) = [each.file for each in sent if each.file is not None]
        return file.content


class TelegramVillage(Village):
    """On the strict double of the Bot API, but for the pace: here nobody minds being written to often."""

    def __init__(self, folder: Path, content: Path, api: BotApi, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(folder, content)
        pace = partial(bot.transports.telegram.Pace, chat_gap=timedelta(milliseconds=1))
        monkeypatch.setattr(bot.transports.telegram, "Pace", pace)
        self._api = api
        self._numbers = count(1)

    def platform(self) -> dict[str, Any]:
        return {"telegram_token": TOKEN, "telegram_api": self._api.url}

    async def newcomer(self) -> TelegramPerson:
        someone = TelegramPerson(self._api.person(next(self._numbers), language_code="fi"))
        await someone.asks("/start")
        return someone


# ---- the web page --------------------------------------------------------------------------------------


class WebPerson(Person):
    """Somebody at the page, as its script behaves: what could not be said is said again."""

    def __init__(self, browser: httpx.AsyncClient) -> None:
        self._browser = browser
        self._heard: list[dict[str, Any]] = []

    async def says(self, text: str) -> None:
        await self._post(text=text)

    async def presses(self, label: str) -> None:
        shown = [each for message in self._heard for each in message["buttons"] if each["label"] == label]
        assert shown, f"there is no button {label!r}"
        await self._post(button=shown[-1]["button"])

    async def hears(self) -> Heard:
        last = self._heard[-1]["id"] if self._heard else 0
        async with asyncio.timeout(PATIENCE):
            while not (waiting := await self._unread(last)):
                await asyncio.sleep(0.02)
        shown = waiting[0]
        self._heard.append(shown)
        return Heard(
            "".join(piece[0] for piece in shown["text"]),
            tuple(each["label"] for each in shown["buttons"]),
            tuple(each["url"] for each in shown["buttons"] if "url" in each),
        )

    async def opens_file(self) -> bytes:
        (address,) = [shown["file"]["address"] for shown in self._heard if "file" in shown]
        return base64.b64decode(address.partition(";base64,")[2])

    async def begins(self) -> None:
        (await self._browser.post("/chat/begin", json={})).raise_for_status()

    async def _unread(self, after: int) -> list[dict[str, Any]]:
        answer = await self._browser.get("/chat/messages", params={"after": after})
        return [] if answer.status_code == httpx.codes.NO_CONTENT else answer.json()

    async def _post(self, **said: str) -> None:
        answer = await self._browser.post(
            "/chat/say", json={"id": secrets.token_hex(16), "kieli": "fi", **said}
        )
        answer.raise_for_status()


class WebVillage(Village):
    """On the page that Vertti serves itself."""

    def __init__(self, folder: Path, content: Path, stack: AsyncExitStack) -> None:
        super().__init__(folder, content)
        self._stack = stack

    def platform(self) -> dict[str, Any]:
        return {}

    async def newcomer(self) -> WebPerson:
        browser = httpx.AsyncClient(
            base_url=self.url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=PATIENCE
        )
        someone = WebPerson(await self._stack.enter_async_context(browser))
        await someone.begins()
        await someone.asks("aloita")
        return someone
