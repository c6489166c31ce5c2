"""All of Vertti beside a Matrix that does not work: the page is there, and /health says what is wrong."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp

from bot.app import App
from tests.running import running
from tests.servers.synapse import Synapse, free_port


async def page_and_health(app: App) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{app.port.address}/") as page:
            status = page.status
        async with session.get(f"{app.port.address}/health") as health:
            return status, (await health.json())["transports"]["matrix"]


async def until_health_says(state: str, app: App, bot: str) -> None:
    async with asyncio.timeout(10):
        seen = await page_and_health(app)
        while state not in str(seen):
            await asyncio.sleep(0.1)
            seen = await page_and_health(app)

    assert seen[0] == 200
    assert bot not in str(seen)


async def test_the_page_answers_while_no_homeserver_does(tmp_path: Path, content: Path):
    bot = "@vertti:localhost"
    settings = {"matrix_homeserver": f"http://127.0.0.1:{free_port()}", "matrix_user": bot}
    async with running(tmp_path / "data", content, matrix_password="pw", **settings) as app:
        await until_health_says("waiting", app, bot)


async def test_the_page_answers_where_the_homeserver_lets_nobody_in(
    tmp_path: Path, content: Path, synapse: Synapse
):
    bot = synapse.newcomer("vertti").user_id
    settings = {"matrix_homeserver": synapse.url, "matrix_user": bot}
    async with running(tmp_path / "data", content, matrix_password="wrong", **settings) as app:
        await until_health_says("stopped", app, bot)
