"""Each kind of bad weather does what its name says, and the server hears of a request or does not."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from tests.servers.weather import Asked, Weather

SEND = "/_matrix/client/v3/rooms/!abc:localhost/send/m.room.message/1"
SYNC = "/_matrix/client/v3/sync"
CUT = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


class Server:
    """A homeserver, as far as weather can tell."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.dies = False  # while it answers
        self.news = asyncio.Event()
        self.given_up = asyncio.Event()

    async def answers(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        self.heard.append(f"{request.method} {request.path_qs} {body.decode()}".strip())
        if self.dies and request.transport:
            request.transport.abort()
        if request.path == SYNC:
            try:
                await self.news.wait()
            except asyncio.CancelledError:
                self.given_up.set()
                raise
        return web.json_response({"next_batch": "s1"}, headers={"X-Server": "it"})


@pytest_asyncio.fixture
async def server() -> Server:
    return Server()


@pytest_asyncio.fixture
async def weather(server: Server) -> AsyncIterator[Weather]:
    async with listening(server) as url, Weather(url) as weather:
        yield weather


@asynccontextmanager
async def listening(server: Server) -> AsyncIterator[str]:
    runner = web.ServerRunner(web.Server(server.answers, handler_cancellation=True))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest_asyncio.fixture
async def client(weather: Weather) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(weather.url) as client:
        client._retry_connection = False  # aiohttp asks once more by itself (but not for POST)
        yield client


async def put(client: aiohttp.ClientSession, body: bytes = b"{}") -> tuple[int, Any]:
    async with client.put(SEND, data=body) as answer:
        return answer.status, await answer.json(content_type=None)


TAKEN = (200, {"next_batch": "s1"})


async def test_in_fair_weather_all_passes_as_it_is(weather, client, server):
    async with client.put(f"{SEND}?a=%21b", data=b"hei", headers={"Authorization": "Bearer t"}) as answer:
        body = await answer.json()

    assert (answer.status, body) == TAKEN
    assert answer.headers["X-Server"] == "it"
    assert server.heard == [f"PUT {SEND}?a=!b hei"]
    assert weather.log == [Asked("PUT", "/_matrix/client/v3/rooms/!/send/m.room.message/*", 200)]
    assert weather.asked("/send/", "PUT") == 1


async def test_large_bodies_stream_through_both_ways():
    large = bytes(range(256)) * 20_000

    async def echo(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=await request.content.read())

    server = Server()
    server.answers = echo
    async with (
        listening(server) as url,
        Weather(url) as weather,
        aiohttp.ClientSession() as client,
        client.post(weather.url, data=iter_of(large)) as answer,
    ):
        assert await answer.read() == large


async def iter_of(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 100_000):
        yield data[start : start + 100_000]


async def test_a_long_poll_waits_until_there_is_news(weather, client, server):
    async with asyncio.TaskGroup() as tasks:
        poll = tasks.create_task(client.get(SYNC))
        await waiting(server, 1)
        waited = not poll.done()
        server.news.set()

    assert waited
    assert await poll.result().json() == {"next_batch": "s1"}


async def waiting(server: Server, number: int) -> None:
    async with asyncio.timeout(5):
        while len(server.heard) < number:
            await asyncio.sleep(0)


async def test_when_it_goes_down_hanging_polls_are_cut_and_new_ones_refused(weather, client, server):
    poll = asyncio.create_task(client.get(SYNC))
    await waiting(server, 1)
    await weather.goes_down()

    with pytest.raises(CUT):
        await poll
    with pytest.raises(aiohttp.ClientConnectorError):
        await put(client)
    await asyncio.wait_for(server.given_up.wait(), 5)
    await weather.comes_back()

    assert await put(client) == TAKEN


async def test_a_server_that_is_away_is_a_cut_connection(weather, client):
    weather.upstream = "http://127.0.0.1:9"  # where nobody listens

    with pytest.raises(CUT):
        await put(client)


async def test_a_server_that_dies_while_it_answers_is_asked_only_once(weather, client, server):
    server.dies = True

    with pytest.raises(CUT):
        await client.get(SEND)

    assert server.heard == [f"GET {SEND}"]


async def test_throttling_says_so_as_synapse_does_and_keeps_the_request(weather, client, server):
    weather.throttles("/send/", 300, times=2)

    answers = [await put(client) for _ in range(3)]

    refused = {"errcode": "M_LIMIT_EXCEEDED", "error": "M_LIMIT_EXCEEDED", "retry_after_ms": 300}
    assert answers == [(429, refused), (429, refused), TAKEN]
    assert len(server.heard) == 1
    assert [each.status for each in weather.log] == [429, 429, 200]


async def test_a_failing_gateway_answers_with_a_page(weather, client, server):
    weather.fails("/send/")

    async with client.put(SEND) as answer:
        page = await answer.text()

    assert (answer.status, answer.content_type, page) == (502, "text/html", "<h1>502</h1>")
    assert server.heard == []


async def test_a_failing_server_answers_with_its_code(weather, client, server):
    weather.fails("/send/", 403, code="M_FORBIDDEN")

    assert await put(client) == (403, {"errcode": "M_FORBIDDEN", "error": "M_FORBIDDEN"})
    assert server.heard == []


async def test_a_lost_answer_means_that_the_server_took_it(weather, client, server):
    weather.loses_answer("/send/")

    with pytest.raises(CUT):
        await put(client)

    assert len(server.heard) == 1
    assert weather.log[0].status is None


async def test_a_cut_request_never_arrives(weather, client, server):
    weather.cuts("/send/")

    with pytest.raises(CUT):
        await put(client)

    assert server.heard == []


async def test_a_delayed_request_arrives_later(weather, client, server):
    loop = asyncio.get_running_loop()
    weather.delays("/send/", 0.1)
    began = loop.time()

    answer = await put(client)

    assert answer == TAKEN
    assert loop.time() - began >= 0.1


async def test_silence_lasts_until_the_client_gives_up(weather, client, server):
    weather.delays("/send/", math.inf)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(put(client), 0.05)

    assert await put(client) == TAKEN
    assert len(server.heard) == 1


async def test_garbled_answers_are_no_json_or_whatever_is_made_of_them(weather, client, server):
    weather.garbles("/send/")
    weather.garbles("/send/", lambda answer: answer.replace(b"s1", b"s2"))

    with pytest.raises(ValueError, match="Expecting value"):
        await put(client)

    assert await put(client) == (200, {"next_batch": "s2"})
    assert len(server.heard) == 2


async def test_faults_fit_by_address_stay_while_they_are_wished_and_clear_up(weather, client, server):
    weather.fails("/sync", times=None)
    weather.fails("/send/m.room.message", 503, times=None)

    answers = [(await client.put(SEND)).status for _ in range(3)]
    weather.clears_up()

    assert answers == [503, 503, 503]
    assert await put(client) == TAKEN
