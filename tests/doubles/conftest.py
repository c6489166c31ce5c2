"""The double, python-telegram-bot's client of it, and a client that may say anything."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from telegram import Bot

from tests.doubles.bot_api import BotApi

Call = Callable[..., Awaitable[dict[str, Any]]]


@pytest_asyncio.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi(webhook_first_delay=0.02) as api:
        yield api


@pytest_asyncio.fixture
async def bot(api: BotApi, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    async with Bot(api.token, base_url=f"{api.url}/bot", base_file_url=f"{api.url}/file/bot") as bot:
        yield bot


@pytest_asyncio.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def call(api: BotApi, session: aiohttp.ClientSession) -> Call:
    """Call a method with JSON, whatever it says; give the answer as it comes."""

    async def call(method: str, **parameters: Any) -> dict[str, Any]:
        async with session.post(f"{api.url}/bot{api.token}/{method}", json=parameters) as answer:
            body: dict[str, Any] = await answer.json()

        assert answer.status == body.get("error_code", 200)

        return body

    return call
