"""The web as people meet it: the real application on a port, over a real database, and somebody who answers."""

import asyncio
import contextlib
import secrets
import socket
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import uvicorn
from starlette.applications import Starlette

from bot.core.occurrences import Occurrence
from bot.messages import File, Incoming, Outgoing, Place, ShownButton
from bot.store import Store
from bot.store.engine import Database
from bot.store.models import to_day
from bot.store.vault import Vault
from bot.transports.web import Web
from bot.web.app import create_app
from bot.web.health import Health, TransportHealth
from bot.web.visitors import Visitor
from tests.support import sample_house

NOW = datetime(2026, 11, 23, 10, 5, tzinfo=UTC)  # a Monday, 12.05 in Helsinki
ZONE = ZoneInfo("Europe/Helsinki")
MENU = (
    ShownButton("Mitä on seuraavaksi?", data="seuraava"),
    ShownButton("Tulevat tapahtumat", data="tapahtumat"),
    ShownButton("Usein kysyttyä", data="kysymykset"),
    ShownButton("Vastaa kyselyyn", data="kysely"),
    ShownButton("Puhu ihmisen kanssa", data="ihminen"),
    ShownButton("Lisää", data="lisaa"),
)
DATA = File("tietoni.json", "application/json", '{"kieli": "fi", "ä": []}\n')
ANSWERS: dict[str, tuple[str, tuple[ShownButton, ...], File | None]] = {
    "aloita": ("Hei! Olen botti.\nVoit käyttää nimimerkkiä.\nValitse alta:", MENU, None),
    "seuraava": (
        "Yksinäisyysryhmä\nto 26.11. klo 13–15\nKeskustelukerta\nEsimerkkitalo, 2. kerros",
        (ShownButton("Muistuta minua", data="muistuta"), ShownButton("Alkuun", data="aloita")),
        None,
    ),
    "ihminen": ("Soita 014 000 0000.\nma–pe klo 9–15\nHätä? Soita 112.", (), None),
    "tietoni": (
        "Tässä on kaikki, mitä sinusta on tallessa.",
        (ShownButton("Poista tietoni", data="erase"),),
        DATA,
    ),
    "erase": ("Tietosi on poistettu. Hei hei!", (), None),
}
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}

LANGUAGE_OF = {"suomeksi": "fi", "på svenska": "sv"}

keys = count(1)


@cache
def empty_database() -> bytes:
    """Give a database with its tables made: making them anew for each test takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "vertti.db")
        database = Database(f"sqlite:///{path}", Vault(b"k" * 32))
        database.open()
        database.close()
        return path.read_bytes()


def well(**changes: Any) -> Health:
    values: dict[str, Any] = {
        "now": NOW,
        "last_sweep": NOW - timedelta(seconds=20),
        "transports": {
            "web": TransportHealth("running"),
            "telegram": TransportHealth("waiting", "no network"),
        },
        "oldest_due": timedelta(),
    }
    return Health(**{**values, **changes})


@dataclass
class Server:
    """The web house: its parts, what was heard, and its switches."""

    folder: Path
    public_url: str = ""
    answering: bool = True  # else nobody receives
    heard: list[Incoming] = field(default_factory=list)  # that had an effect, in order
    health: Health = field(default_factory=well)
    now: datetime = NOW
    port: int = 0

    async def start(self) -> None:
        app = await asyncio.to_thread(self._prepare)
        self._tasks = [asyncio.create_task(self.web.receive(self.accept))] if self.answering else []
        # The protocol is named, else asyncio leaves Nagle's delay on, 40 ms an answer.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self._server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, ws="none"))
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        await asyncio.sleep(0)
        while not self._server.started:
            await asyncio.sleep(0.005)

    def _prepare(self) -> Starlette:
        database = self.folder / "vertti.db"
        if not database.exists():
            database.write_bytes(empty_database())
        self.database = Database(f"sqlite:///{database}", Vault(b"k" * 32))
        self.database.open()
        self.web = Web(self.database, lambda: self.now, zone=ZONE, language="fi", public_url=self.public_url)
        furnished = sample_house()
        return create_app(
            transport=self.web,
            database=self.database,
            wording=furnished.wording,
            house=replace(furnished.house, public_url=self.public_url),
            clock=lambda: self.now,
            health=self._health,
        )

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
            await asyncio.wait([task])
        await self.web.close()
        self._server.should_exit = True
        await self._serving
        await asyncio.to_thread(self.database.close)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _health(self) -> Health:
        return self.health

    # ---- where dispatch and courier stand --------------------------------------------------------------

    async def accept(self, batch: Sequence[Incoming]) -> None:
        for incoming in batch:
            if await self.database.write(lambda store, it=incoming: self._keep(store, it)):
                self.heard.append(incoming)
                for part, (text, buttons, file) in enumerate(answers(incoming)):
                    key = f"web:{incoming.id}:{part}"
                    message = Outgoing(key=key, where=incoming.where, text=text, buttons=buttons, file=file)
                    await self.web.send(message)

    def _keep(self, store: Store, incoming: Incoming) -> bool:
        if not store.books.first_time("web", incoming.id, to_day(self.now)):
            return False
        conversation = store.people.meet(incoming.where, language=incoming.language, now=self.now)
        if incoming.button == "erase":
            store.people.forget(conversation.id)
        if incoming.text in LANGUAGE_OF:
            store.people.set_language(conversation.id, LANGUAGE_OF[incoming.text])
        return True

    # ---- what a test arranges and looks at ---------------------------------------------------------------

    async def visitor(self, language: str | None = "fi") -> Visitor:
        """Let somebody have talked with Vertti before."""
        visitor = Visitor(secrets.token_urlsafe(32))
        await self.database.write(
            lambda store: store.people.meet(visitor.place, language=language, now=self.now)
        )
        return visitor

    async def push(self, place: Place, text: str, *buttons: ShownButton, file: File | None = None) -> int:
        message = Outgoing(key=f"push:{next(keys)}", where=place, text=text, buttons=buttons, file=file)
        return int(await self.web.send(message))

    async def plan(self, *occurrences: Occurrence) -> None:
        await self.database.write(
            lambda store: store.refreshing.refresh("test", occurrences, lambda _: (), now=self.now)
        )

    async def unread(self, place: Place) -> list[str] | None:
        """Give what waits for somebody; None: nobody is known there."""

        def work(store: Store) -> list[str] | None:
            found = store.people.find(place)
            return None if found is None else [each.it.text for each in store.web.unread(found.id)]

        return await self.database.read(work)

    async def language(self, place: Place) -> str | None:
        found = await self.database.read(lambda store: store.people.find(place))
        assert found is not None
        return found.language

    @contextlib.asynccontextmanager
    async def browser(
        self, visitor: Visitor | None = None, **headers: str
    ) -> AsyncIterator[httpx.AsyncClient]:
        """Give a client that sends what a browser would send from our page."""
        cookies = {} if visitor is None else {"vertti": visitor.token}
        async with httpx.AsyncClient(
            base_url=self.url, cookies=cookies, headers={**SAME_ORIGIN, **headers}, timeout=10
        ) as client:
            yield client


def answers(incoming: Incoming) -> list[tuple[str, tuple[ShownButton, ...], File | None]]:
    said = incoming.button or incoming.text
    return [] if said == "hiljaa" else [ANSWERS.get(said, (f"Kuulin: {said}", (), None))]


def occurrence(uid: str, start: datetime, **more: Any) -> Occurrence:
    values: dict[str, Any] = {"recurrence_id": None, "end": start + timedelta(hours=2), **more}
    return Occurrence(uid=uid, start=start, **values)


def saying(text: str = "", **more: str) -> dict[str, str]:
    """Give what the page's script would send: something said, under an id of its own."""
    return {"id": secrets.token_hex(16), **({"text": text} if text else {}), **more}
