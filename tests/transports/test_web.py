"""The web page as a platform: the contract of all transports, and what is its own."""

import asyncio
import base64
import contextlib
import re
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import pytest_asyncio

from bot.errors import Unreachable
from bot.messages import File, Outgoing, Place
from bot.store.engine import Database
from bot.store.vault import Vault
from bot.store.web_messages import Waiting, WebMessage
from bot.transports.web import MOST_HELD, OpenPage, Web
from tests.transports import contract
from tests.transports.contract import Heard
from tests.web.house import NOW, Server, saying


class Reader:
    """Somebody at an open page, as its script behaves: says things in order until they are heard."""

    def __init__(self, world: "WebWorld", place: Place, browser: httpx.AsyncClient) -> None:
        self.place = place
        self._world = world
        self._browser = browser
        self._unsaid: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._last = 0
        self._shown: dict[str, Any] = {}
        self._task = asyncio.create_task(self._say())

    async def says(self, text: str) -> None:
        await self._unsaid.put(saying(text))

    async def presses(self, label: str) -> None:
        (data,) = [each["button"] for each in self._shown["buttons"] if each["label"] == label]
        await self._unsaid.put(saying(button=data))

    async def hears(self) -> Heard:
        async with asyncio.timeout(contract.PATIENCE):
            while not (waiting := await self._ask()):
                await asyncio.sleep(0.01)
        shown = self._shown = waiting[0]
        self._last = shown["id"]
        await self._browser.post(f"{self._world.url}/chat/seen", json={"upto": self._last})
        return Heard(
            "".join(piece[0] for piece in shown["text"]),
            tuple(each["label"] for each in shown["buttons"]),
            tuple(each["url"] for each in shown["buttons"] if "url" in each),
            _file(shown["file"]) if "file" in shown else None,
        )

    async def leaves(self) -> None:
        """Erase oneself, and read the goodbye."""
        store = self._world.server.database

        def erase(store: Any) -> None:
            store.people.forget(store.people.find(self.place).id)
            store.people.bury()

        await store.write(erase)

    async def gone(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])
        await self._browser.aclose()

    async def _ask(self) -> list[dict[str, Any]]:
        answer = await self._browser.get(f"{self._world.url}/chat/messages", params={"after": self._last})
        found: list[dict[str, Any]] = answer.json()
        return found

    async def _say(self) -> None:
        while True:
            said = await self._unsaid.get()
            while not await self._heard(said):
                await asyncio.sleep(0.02)

    async def _heard(self, said: dict[str, str]) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return (await self._browser.post(f"{self._world.url}/chat/say", json=said)).status_code == 200
        return False


class WebWorld:
    """The page's server; whoever comes by has talked with the bot before."""

    silence = "not_found"

    def __init__(self, server: Server) -> None:
        self.server = server
        self.secrets: list[str] = []
        self._readers: list[Reader] = []

    @property
    def transport(self) -> Web:
        return self.server.web

    @property
    def url(self) -> str:
        return self.server.url

    async def restart(self) -> None:
        await self.server.stop()
        await self.server.start()

    async def person(self) -> Reader:
        visitor = await self.server.visitor()
        browser = httpx.AsyncClient(
            cookies={"vertti": visitor.token}, headers={"Sec-Fetch-Site": "same-origin"}, timeout=30
        )
        self.secrets += [visitor.token, visitor.place.address]
        self._readers.append(Reader(self, visitor.place, browser))
        return self._readers[-1]

    async def close(self) -> None:
        for reader in self._readers:
            await reader.gone()
        await self.server.stop()


def _file(shown: dict[str, str]) -> File:
    found = re.fullmatch(r"data:(.*?);charset=utf-8;base64,(.*)", shown["address"])
    assert found is not None
    return File(shown["name"], found[1], base64.b64decode(found[2]).decode())


class TestWeb(contract.Conversation, contract.Silence):
    @pytest_asyncio.fixture
    async def world(self, tmp_path: Path) -> AsyncIterator[WebWorld]:
        server = Server(tmp_path, answering=False)
        await server.start()
        world = WebWorld(server)
        yield world
        await world.close()


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'vertti.db'}", Vault(secrets.token_bytes(32)))
    database.open()
    return database


def web(database: Database, public_url: str = "https://vertti.example") -> Web:
    return Web(database, lambda: NOW, zone=ZoneInfo("Europe/Helsinki"), language="fi", public_url=public_url)


async def test_a_message_sent_again_under_its_key_is_kept_once(database: Database):
    place = Place("web", "one")
    await database.write(lambda store: store.people.meet(place, language="fi", now=NOW))
    transport = web(database)
    message = Outgoing(key="k", where=place, text="Hei!")
    ids = [await transport.send(message) for _ in range(3)]
    unread = await database.read(lambda store: store.web.unread(1))
    await asyncio.to_thread(database.close)

    assert len(set(ids)) == 1
    assert [each.it.text for each in unread] == ["Hei!"]


async def test_when_the_store_closes_the_message_is_not_lost_but_unreachable(database: Database):
    await asyncio.to_thread(database.close)
    with pytest.raises(Unreachable):
        await web(database).send(Outgoing(key="k", where=Place("web", "one"), text="Hei!"))


async def test_a_deep_link_opens_the_page(database: Database):
    await asyncio.to_thread(database.close)

    assert web(database).deep_link("kysely-12") == "https://vertti.example/?start=kysely-12"
    assert web(database, public_url="").deep_link("kysely-12") is None


async def test_there_is_no_group_to_leave(database: Database):
    await asyncio.to_thread(database.close)
    await web(database).leave(Place("web", "one", "group"))


def waiting(number: int) -> Waiting:
    return Waiting(number, f"m{number}", WebMessage(f"{number}"))


async def test_a_page_gets_at_once_all_that_arrived():
    page = OpenPage()
    nothing = await page.next(0.01)
    page.put(waiting(1))
    page.put(waiting(2))

    assert nothing == []
    assert await page.next(contract.PATIENCE) == [waiting(1), waiting(2)]
    assert await page.next(0.01) == []


async def test_a_page_that_falls_far_behind_is_closed_instead_of_filling_the_memory():
    page = OpenPage()
    for number in range(MOST_HELD + 1):
        page.put(waiting(number))

    assert page.closed
    assert len(await page.next(contract.PATIENCE)) == MOST_HELD


async def test_messages_need_no_gap_between_them(database: Database):
    await asyncio.to_thread(database.close)
    pace = web(database).pace

    assert (pace.chat_gap, pace.per_second) == (timedelta(0), 2000)
