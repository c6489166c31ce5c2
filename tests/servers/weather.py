"""Bad weather: a proxy between a client and its homeserver, which does to their requests what networks do.

    async with Weather(synapse.url) as weather:
        client = …(weather.url)
        weather.throttles("/send/", retry_after_ms=300)
        await weather.goes_down()

A fault takes the next ``times`` requests whose address contains ``part`` (None: all, until ``clears_up``); of several
faults that fit, the one that was named first.  Bodies stream through both ways, long polls included.

aiohttp, and so nio, silently asks once more when a connection is cut, but not for POST: what such a client shall
notice needs ``times=2``.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from tests.servers.synapse import free_port

HOP_BY_HOP = {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "host"}
ENDS_IN_TRANSACTION = {"send", "sendToDevice", "redact"}


@dataclass(slots=True)
class Asked:
    """One request as it came by: its path without ids and question, its answer if one was given."""

    method: str
    path: str
    status: int | None = None
    at: float = field(default=0.0, compare=False)  # by the loop's clock, in seconds


@dataclass(slots=True)
class Fault:
    """What happens to a request, before (``delay``, ``cut``, ``answer``) or after the server took it."""

    part: str
    times: int | None
    delay: float = 0.0
    cut: bool = False
    answer: Callable[[], web.Response] | None = None
    answer_lost: bool = False
    garble: Callable[[bytes], bytes] | None = None


class Weather:
    """The proxy; it runs in the loop that enters it."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log: list[Asked] = []
        self._faults: list[Fault] = []
        self._listener: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        # A request of a client that is gone is taken from the server as well.
        self._server = web.Server(self._passes, handler_cancellation=True, access_log=None)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=True),
            timeout=aiohttp.ClientTimeout(total=None),
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        )
        self._session._retry_connection = False  # whether to ask again is for the client to say
        await self.comes_back()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.goes_down()
        await self._server.shutdown(1)
        await self._session.close()

    # The weather

    async def goes_down(self) -> None:
        """Cut all connections, hanging polls too, and refuse new ones."""
        if self._listener:
            self._listener.close()
            self._listener = None
        for connection in list(self._server.connections):
            if connection.transport:
                connection.transport.abort()

    async def comes_back(self) -> None:
        if not self._listener:
            loop = asyncio.get_running_loop()
            self._listener = await loop.create_server(self._server, "127.0.0.1", self.port)

    def throttles(self, part: str, retry_after_ms: int, times: int | None = 1) -> None:
        """Say that it was too much; the server hears nothing of it."""
        self._refuses(part, 429, times, "M_LIMIT_EXCEEDED", retry_after_ms=retry_after_ms)

    def fails(self, part: str, status: int = 502, times: int | None = 1, *, code: str = "") -> None:
        """Answer with an error: a gateway's page, or JSON with a Matrix error ``code``; the server hears nothing."""
        if code:
            self._refuses(part, status, times, code)
        else:
            page = f"<h1>{status}</h1>"
            self._brews(
                Fault(
                    part,
                    times,
                    answer=lambda: web.Response(status=status, text=page, content_type="text/html"),
                )
            )

    def cuts(self, part: str, times: int | None = 1) -> None:
        """Cut the connection before the server hears of the request."""
        self._brews(Fault(part, times, cut=True))

    def loses_answer(self, part: str, times: int | None = 1) -> None:
        """Cut the connection once the server has taken the request and answered."""
        self._brews(Fault(part, times, answer_lost=True))

    def delays(self, part: str, seconds: float, times: int | None = 1) -> None:
        """Hold the request back before the server hears of it; ``math.inf``: until the client is gone."""
        self._brews(Fault(part, times, delay=seconds))

    def garbles(
        self, part: str, into: bytes | Callable[[bytes], bytes] = b'{"next_batch": ', times: int | None = 1
    ) -> None:
        """Put something else in place of the server's answer, or change it; its status stays."""
        self._brews(Fault(part, times, garble=into if callable(into) else lambda _: into))

    def clears_up(self) -> None:
        """Forget all faults."""
        self._faults.clear()

    def asked(self, part: str, method: str = "") -> int:
        """Say how many requests came with this part in their path."""
        return sum(part in each.path and method in {"", each.method} for each in self.log)

    def _refuses(self, part: str, status: int, times: int | None, code: str, **more: int) -> None:
        error = {"errcode": code, "error": code, **more}
        self._brews(Fault(part, times, answer=lambda: web.json_response(error, status=status)))

    def _brews(self, fault: Fault) -> None:
        self._faults.append(fault)

    def _fault_of(self, address: str) -> Fault:
        for fault in self._faults:
            if fault.part in address:
                if fault.times is not None:
                    fault.times -= 1
                    if not fault.times:
                        self._faults.remove(fault)
                return fault
        return FAIR

    # One request

    async def _passes(self, request: web.BaseRequest) -> web.StreamResponse:
        asked = Asked(request.method, without_ids(request.path), at=asyncio.get_running_loop().time())
        self.log.append(asked)
        fault = self._fault_of(unquote(request.raw_path))
        await asyncio.sleep(fault.delay)
        if fault.cut:
            return cut(request)
        if fault.answer:
            answer = fault.answer()
            asked.status = answer.status
            return answer
        try:
            return await self._forwards(request, fault, asked)
        except aiohttp.ClientError:  # the server is away, or died while it answered
            return cut(request)

    async def _forwards(self, request: web.BaseRequest, fault: Fault, asked: Asked) -> web.StreamResponse:
        async with self._session.request(
            request.method,
            URL(self.upstream + request.raw_path, encoded=True),
            headers=passed_on(request.headers),
            data=request.content if request.body_exists else None,
            allow_redirects=False,
        ) as taken:
            if fault.answer_lost:
                await taken.read()
                return cut(request)
            headers = passed_on(taken.headers)
            asked.status = taken.status
            if fault.garble:
                headers.popall("Content-Length", None)
                return web.Response(
                    status=taken.status, headers=headers, body=fault.garble(await taken.read())
                )
            answer = web.StreamResponse(status=taken.status, headers=headers)
            await answer.prepare(request)
            async for piece in taken.content.iter_any():
                await answer.write(piece)
            await answer.write_eof()
            return answer


FAIR = Fault("", None)


def cut(request: web.BaseRequest) -> web.Response:
    """Cut the client's connection; the response goes nowhere."""
    if request.transport:
        request.transport.abort()
    return web.Response()


def passed_on(headers: Mapping[str, str]) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in HOP_BY_HOP)


def without_ids(path: str) -> str:
    """Give ``/…/rooms/!/send/m.room.message/*`` for the path of a room's message; ids come as their first sign."""
    parts = path.split("/")
    if len(parts) > 3 and parts[-3] in ENDS_IN_TRANSACTION:
        parts[-1] = "*"
    return "/".join(part[0] if part[:1] in {"!", "@", "$", "#"} else part for part in parts)
