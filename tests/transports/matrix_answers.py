"""A homeserver that answers whatever a test wants, right or not."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from tests.servers.synapse import free_port

ODD = [
    b"", b"null", b"[]", b'"x"', b"5", b"{", b"{}", b"\xff\xfe", b'{"versions": {}}', b"[" * 100_000,
    b'{"user_id": 5, "device_id": 5, "access_token": 5}', b'{"device_keys": []}', b'{"device_keys": {"@x:y": 5}}',
    b'{"errcode": 5}', b'{"errcode": "M_FORBIDDEN"}', b'{"flows": 5}', b'{"flows": [5]}', b'{"user_id": "\\ud800"}',
    b'{"session": "s", "flows": 5}', b'{"session": "s", "flows": [{"stages": 5}]}', b'{"master_keys": 5}',
]  # fmt: skip
"""Answers that no homeserver gives in its right mind."""


@asynccontextmanager
async def serving(handler: Callable[[web.BaseRequest], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """Serve HTTP with one handler for every path; give the address."""
    port = free_port()
    runner = web.ServerRunner(web.Server(handler))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()
