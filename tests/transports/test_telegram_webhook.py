"""Telegram calls us: the whole contract again over a real server, and what is turned away at the door (T-03)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette

from bot.errors import TransportStopped
from bot.transports.telegram import Telegram
from bot.transports.telegram_updates import WANTED
from bot.transports.telegram_webhook import MOST_BODY, SECRET_HEADER, WebhookSettings
from tests.doubles.bot_api import BotApi
from tests.transports import contract
from tests.transports.contract import Ears, listening
from tests.transports.telegram_world import IMPATIENT, TelegramWorld

SECRET = "kuiskaus-123_ABC"
PATH = "/telegram/hook"


class WebhookWorld(TelegramWorld):
    """One bot account that is called at an address of this machine."""

    def __init__(self, api: BotApi, address: str) -> None:
        self.webhook = WebhookSettings(address + PATH, SECRET)
        super().__init__(api)
        self.secrets.append(SECRET)

    def opened(self) -> Telegram:
        return Telegram(self.api.token, api_root=self.api.url, webhook=self.webhook, patience=IMPATIENT)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve whichever transport is there now."""
        await Starlette(routes=self.transport.routes())(scope, receive, send)


@asynccontextmanager
async def served() -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Serve on a free port; what stands under "app" answers."""
    holder: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await holder["app"](scope, receive, send)

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    host, port = server.servers[0].sockets[0].getsockname()
    yield f"http://{host}:{port}", holder
    server.should_exit = True
    await serving


class TestContract(contract.Conversation, contract.Network, contract.Groups, contract.Moving):
    """What every transport does."""

    @pytest_asyncio.fixture
    async def world(self) -> AsyncIterator[WebhookWorld]:
        async with served() as (address, holder), BotApi(limits=None, webhook_first_delay=0.02) as api:
            world = holder["app"] = WebhookWorld(api, address)
            yield world
            await world.transport.close()


@pytest_asyncio.fixture
async def world() -> AsyncIterator[WebhookWorld]:
    """Give a world where nobody serves the address: the tests knock themselves."""
    async with BotApi() as api:
        world = WebhookWorld(api, "http://127.0.0.1:9")
        yield world
        await world.transport.close()


def update(number: int = 7, text: str = "seuraava") -> dict[str, Any]:
    user = {"id": 5100000001, "is_bot": False, "first_name": "Aino", "language_code": "fi"}
    chat = {"id": 5100000001, "type": "private", "first_name": "Aino"}
    message = {"message_id": 1, "from": user, "chat": chat, "date": 1795600000, "text": text}
    return {"update_id": number, "message": message}


class Door:
    """The webhook's door, and whoever knocks; what came in is in ``ears``."""

    def __init__(self, transport: Telegram, ears: Ears) -> None:
        self.ears = ears
        app = httpx.ASGITransport(Starlette(routes=transport.routes()))
        self.client = httpx.AsyncClient(transport=app, base_url="https://vertti.example")

    async def knock(self, body: Any = None, *, path: str = PATH, **headers: str) -> int:
        told = {"Content-Type": "application/json", SECRET_HEADER: SECRET} | headers
        content = body if isinstance(body, bytes) else orjson.dumps(body or update())
        encoded = {name: value.encode("latin-1") for name, value in told.items()}
        return (await self.client.post(path, content=content, headers=encoded)).status_code


@pytest_asyncio.fixture
async def door(world: WebhookWorld) -> AsyncIterator[Door]:
    async with listening(world.transport) as ears:
        while world.api.inbox.webhook is None:
            await asyncio.sleep(0.005)
        yield Door(world.transport, ears)


@pytest.mark.asyncio
class TestDoor:
    async def test_telegram_is_let_in(self, door: Door):
        status = await door.knock()

        assert (status, [each.text for each in door.ears.taken]) == (200, ["seuraava"])

    @pytest.mark.parametrize(
        "headers",
        [
            {SECRET_HEADER: ""},
            {SECRET_HEADER: "wrong"},
            {SECRET_HEADER: SECRET + "x"},
            {SECRET_HEADER: SECRET[:-1]},
            {SECRET_HEADER: SECRET.lower()},
            {SECRET_HEADER: "\xe4"},
        ],
        ids=str,
    )
    async def test_who_does_not_know_the_secret_is_not(self, door: Door, headers: dict[str, str]):
        status = await door.knock(**headers)

        assert (status, door.ears.taken) == (401, [])

    async def test_nor_who_says_none(self, door: Door):
        answer = await door.client.post(PATH, json=update())

        assert (answer.status_code, door.ears.taken) == (401, [])

    async def test_a_form_is_turned_away(self, door: Door):
        status = await door.knock(**{"Content-Type": "application/x-www-form-urlencoded"})

        assert (status, door.ears.taken) == (404, [])

    async def test_a_type_with_its_alphabet_is_let_in(self, door: Door):
        assert await door.knock(**{"Content-Type": "application/json; charset=utf-8"}) == 200

    async def test_another_path_is_nowhere(self, door: Door):
        assert await door.knock(path="/telegram") == 404

    async def test_nothing_is_shown_to_who_looks(self, door: Door):
        assert (await door.client.get(PATH)).status_code == 405

    async def test_a_body_larger_than_any_of_telegrams_is_turned_away(self, door: Door):
        largest = orjson.dumps(update()).ljust(MOST_BODY)
        statuses = [await door.knock(largest), await door.knock(largest + b" ")]

        assert statuses == [200, 413]
        assert len(door.ears.taken) == 1

    async def test_what_is_no_update_is_turned_away(self, door: Door):
        statuses = [await door.knock(body) for body in (b"", b"{", b"[]", b"5", b'{"message": {}}')]

        assert (statuses, door.ears.taken) == ([400] * 5, [])

    async def test_a_malformed_update_is_taken_and_set_aside(self, world: WebhookWorld, door: Door):
        status = await door.knock({"update_id": 8, "message": {"text": "?"}})  # else it would come for a day

        assert (status, door.ears.taken, world.transport.set_aside) == (200, [], 1)

    async def test_what_cannot_be_kept_is_asked_for_again(self, door: Door):
        door.ears.broken = True
        broken = await door.knock()
        door.ears.broken = False
        mended = await door.knock()

        assert (broken, mended) == (503, 200)
        assert door.ears.taken == door.ears.refused


@pytest.mark.asyncio
class TestSetting:
    async def test_the_kinds_of_updates_and_the_secret_are_told(self, world: WebhookWorld, door: Door):
        webhook = world.api.inbox.webhook

        assert webhook is not None
        assert (webhook.url, webhook.secret) == (world.webhook.url, SECRET)
        assert world.api.inbox.listed == list(WANTED)
        assert not door.ears.taken

    async def test_an_address_that_telegram_does_not_take_stops_it(self, world: WebhookWorld):
        settings = WebhookSettings("https://vertti.example:8080/hook", SECRET)
        transport = Telegram(world.api.token, api_root=world.api.url, webhook=settings, patience=IMPATIENT)
        with pytest.raises(TransportStopped) as raised:
            await transport.receive(Ears().accept)
        await transport.close()

        assert raised.value.fault.where == "VERTTI_TELEGRAM_WEBHOOK"

    async def test_before_it_is_ready_telegram_is_asked_to_come_again(self, world: WebhookWorld):
        assert await Door(world.transport, Ears()).knock() == 503

    async def test_who_polls_has_no_door(self):
        assert Telegram("1:a").routes() == []

    @pytest.mark.parametrize("secret", ["", "ä", "a b", "x" * 257])
    async def test_a_secret_that_telegram_does_not_take_is_refused(self, secret: str):
        with pytest.raises(ValueError, match="secret"):
            WebhookSettings("https://vertti.example/hook", secret)

    async def test_the_secret_is_not_shown(self):
        assert SECRET not in repr(WebhookSettings("https://vertti.example/hook", SECRET))
