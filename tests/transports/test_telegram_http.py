"""What goes over the wire to the Bot API, and what its answers mean."""

import traceback
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import pytest_asyncio
from aiohttp import web

from bot.errors import Moved, Refused, Silent, Throttled, TransportStopped, Unreachable
from bot.messages import File, Outgoing, Place, ShownButton
from bot.transports.telegram import Telegram
from bot.transports.telegram_http import AnotherReader, parsed, refusal

TOKEN = "700000001:AA-only-for-tests-0123456789abcdefghi"
OK = {"ok": True, "result": {"message_id": 5, "date": 1795600000, "chat": {"id": 9, "type": "private"}}}


class Wire:
    """A server that writes down what comes and answers as it was told."""

    def __init__(self) -> None:
        self.url = ""
        self.came: list[web.BaseRequest] = []
        self.bodies: list[bytes] = []
        self.answer: dict[str, Any] = {"body": orjson.dumps(OK)}

    async def handle(self, request: web.BaseRequest) -> web.Response:
        self.came.append(request)
        self.bodies.append(await request.read())
        return web.Response(**self.answer)


@pytest_asyncio.fixture
async def wire() -> AsyncIterator[Wire]:
    wire = Wire()
    runner = web.ServerRunner(web.Server(wire.handle), handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    wire.url = "http://{}:{}".format(*runner.addresses[0][:2])
    yield wire
    await runner.cleanup()


@pytest_asyncio.fixture
async def transport(wire: Wire) -> AsyncIterator[Telegram]:
    transport = Telegram(TOKEN, api_root=wire.url + "/")
    yield transport
    await transport.close()


def message(**more: Any) -> Outgoing:
    return Outgoing(key="k", where=Place("telegram", "9"), text="<b>Hei</b>", **more)


@pytest.mark.asyncio
class TestWire:
    async def test_a_message_is_plain_text_without_previews(self, wire: Wire, transport: Telegram):
        number = await transport.send(message(buttons=(ShownButton("Kyllä", data="k1"),)))

        assert number == "5"
        assert [each.path for each in wire.came] == [f"/bot{TOKEN}/sendMessage"]
        assert orjson.loads(wire.bodies[0]) == {
            "chat_id": "9",
            "text": "<b>Hei</b>",
            "link_preview_options": {"is_disabled": True},
            "reply_markup": {"inline_keyboard": [[{"text": "Kyllä", "callback_data": "k1"}]]},
        }

    async def test_a_file_goes_with_its_own_type(self, wire: Wire, transport: Telegram):
        await transport.send(message(file=File("tiedot.vertti", "application/json", "{}")))

        assert b"Content-Type: application/json" in wire.bodies[0]
        assert b'filename="tiedot.vertti"' in wire.bodies[0]

    async def test_one_connection_serves_them_all(self, wire: Wire, transport: Telegram):
        for _ in range(3):
            await transport.send(message())
            await transport.send(message(file=File("a.txt", "text/plain", "a")))

        assert len({each.transport for each in wire.came}) == 1

    async def test_a_proxy_of_the_shell_is_not_used(
        self, wire: Wire, transport: Telegram, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        monkeypatch.delenv("NO_PROXY", raising=False)

        assert await transport.send(message()) == "5"
        assert len(wire.came) == 1

    async def test_the_address_is_not_shown_when_it_is_wrong(self):
        transport = Telegram(TOKEN, api_root="ftp://telegram.example")  # such an error names the whole of it
        with pytest.raises(Unreachable) as raised:
            await transport.send(message())
        await transport.close()

        assert TOKEN not in "".join(traceback.format_exception(raised.value))

    @pytest.mark.parametrize("file", [None, File("a.txt", "text/plain", "a")], ids=["text", "file"])
    @pytest.mark.parametrize(
        "answer",
        [
            {"body": b'{"ok": true, "result": true}'},
            {"body": b'{"ok": true, "result": {}}'},
            {"body": b'{"ok": true}'},
            {"body": b"[]"},
            {"body": b""},
            {"body": b'{"ok": tr'},
            {"status": 302, "headers": {"Location": "/elsewhere"}},
            {"status": 401, "text": "<h1>Log in to our network</h1>"},
            {"status": 429, "text": "<h1>Slower</h1>"},
            {"status": 400, "text": "<h1>Bad Request</h1>"},
        ],
        ids=str,
    )
    async def test_an_answer_that_is_not_telegrams_leaves_it_open_what_happened(
        self, wire: Wire, transport: Telegram, answer: dict[str, Any], file: File | None
    ):
        wire.answer = answer
        with pytest.raises(Unreachable):
            await transport.send(message(file=file))

        assert len(wire.came) == 1  # no redirection is followed


@pytest.mark.parametrize(
    ("status", "description", "expected", "said"),
    [
        (400, "Bad Request: chat not found", Silent, "not_found"),
        (400, "Bad Request: PEER_ID_INVALID", Silent, "not_found"),
        (403, "Forbidden: bot was blocked by the user", Silent, "blocked"),
        (403, "Forbidden: user is deactivated", Silent, "deactivated"),
        (403, "Forbidden: bot was kicked from the supergroup chat", Silent, "kicked"),
        (403, "Forbidden: bot is not a member of the channel chat", Silent, "left"),
        (403, "Forbidden: the group chat was deleted", Silent, "deleted"),
        (403, "Forbidden: bot can't initiate conversation with a user", Silent, "never_started"),
        (403, "Forbidden: something of next year", Silent, "forbidden"),
        (400, "Bad Request: message text is empty", Refused, "empty"),
        (400, "Bad Request: message is too long", Refused, "too_long"),
        (400, "Bad Request: can't parse entities: Unsupported start tag", Refused, "markup"),
        (400, "Bad Request: BUTTON_DATA_INVALID", Refused, "button"),
        (400, "Bad Request: need administrator rights in the channel chat", Refused, "no_rights"),
        (400, "Bad Request: Aino on kotona", Refused, "refused"),
        (413, "Request Entity Too Large", Refused, "too_long"),
        (409, "Conflict: terminated by other getUpdates request", AnotherReader, "HTTP 409"),
        (500, "Internal Server Error", Unreachable, "HTTP 500"),
        (502, "Bad Gateway", Unreachable, "HTTP 502"),
        (401, "Unauthorized", TransportStopped, "Telegram does not know this token (any more)"),
        (404, "Not Found", TransportStopped, "Telegram does not know this token (any more)"),
        (
            404,
            "Not Found: method not found",
            TransportStopped,
            "this Bot API server lacks a method that is needed",
        ),
    ],
)
def test_a_refusal_means(status: int, description: str, expected: type[Exception], said: str):
    error = refusal(status, {"ok": False, "error_code": status, "description": description})

    assert (type(error), str(error)) == (expected, said)


def test_a_group_that_moved_tells_where():
    description = "Bad Request: group chat was upgraded to a supergroup chat"
    error = refusal(400, {"description": description, "parameters": {"migrate_to_chat_id": -100123}})

    assert isinstance(error, Moved)
    assert error.address == "-100123"


@pytest.mark.parametrize(("parameters", "seconds"), [({"retry_after": 10_072}, 10_072.0), ({}, 1.0)])
def test_too_fast_tells_how_long_to_wait(parameters: dict[str, int], seconds: float):
    error = refusal(429, {"ok": False, "description": "Too Many Requests", "parameters": parameters})

    assert isinstance(error, Throttled)
    assert error.seconds == seconds


def test_a_batch_is_not_lost_for_half_a_letter():
    assert parsed(rb'{"ok": true, "result": [{"text": "\ud83d"}, {"n": NaN}]}')["result"][0] == {
        "text": "\ud83d"
    }
