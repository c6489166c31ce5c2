"""How long the event loop keeps everybody waiting while votes, news and a fresh schedule come together.

The votes are cast by 64 who wait for nothing but their own: more than any platform would bring.  Beside it a loop with
nothing to do is measured in a process of its own, at the same time: what it is late by, the machine is.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from benchmarks.broadcast import confirm
from benchmarks.drift import drift
from benchmarks.figures import Figure, p99
from benchmarks.running import FAST, ROOT, prepare_in, run
from benchmarks.seeding import SERIES, meet, moment
from benchmarks.votes import TASKS, open_poll, votes_of
from bot.app import App, calm
from bot.messages import Incoming
from bot.router import Tick
from bot.store import Store
from schedules.refresh_schedule import READ, ask_for_fresh
from tests.doubles.bot_api import TOKEN, BotApiProcess

SECONDS = 8.0
REPEAT = 3
VOTES = 60_000  # more than can be cast in that time
CHATS = 600
FIRST = 10_000


def measure() -> list[Figure]:
    worst, tails, idle_worst, idle_tails = [], [], [], []
    for _ in range(REPEAT):
        ours, idle = run(_once())
        worst.append(max(ours))
        tails.append(p99(ours))
        idle_worst.append(max(idle))
        idle_tails.append(p99(idle))
    return [
        Figure(
            name="the longest stall of the loop",
            unit="ms",
            samples=worst,
            at_most=15,
            bare=idle_worst,
            bare_name="an idle loop beside it",
        ),
        Figure(
            name="stall, p99", unit="ms", samples=tails, bare=idle_tails, bare_name="an idle loop beside it"
        ),
    ]


async def _once() -> tuple[list[float], list[float]]:
    found: list[list[float]] = []

    async def beside(app: App) -> None:
        await asyncio.sleep(1)
        chats = meet(app.database, FIRST, CHATS, series=SERIES)
        assert len(chats) == CHATS
        asked = await app.database.write(open_poll)
        votes = iter(votes_of(app, asked, FIRST + CHATS, VOTES))
        await app.database.write(lambda store: confirm(store, timedelta(seconds=1)))
        idle = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.drift", str(SECONDS), cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        await asyncio.sleep(1)
        calm()
        busy = [asyncio.create_task(_vote(app, votes)) for _ in range(TASKS)]
        busy.append(asyncio.create_task(_refresh(app)))
        found.append(await drift(SECONDS))
        for task in busy:
            task.cancel()
        said, _ = await idle.communicate()
        found.append(json.loads(said))
        app.stop()

    with BotApiProcess(limits=None) as api, tempfile.TemporaryDirectory() as name:
        await asyncio.to_thread(_let_start, api)
        app = prepare_in(Path(name), telegram_token=TOKEN, telegram_api=api.url, telegram_rate=FAST)
        await app.run(beside=beside)
    ours, idle = found
    return ours, idle


def _let_start(api: BotApiProcess) -> None:
    for number in range(FIRST, FIRST + CHATS):
        api.person(number, started=True)


async def _vote(app: App, votes: Iterator[Incoming]) -> None:
    for vote in votes:
        await app.dispatch.accept([vote])


async def _refresh(app: App) -> None:
    """Have the schedule read anew each second, and every row of it compared."""

    def forget(store: Store) -> None:
        now = moment()
        for name in app.settings.calendars:
            store.books.set_bookmark(READ.format(name), "")
        ask_for_fresh(Tick(store, now, app.furnished.house))

    while True:
        await app.database.write(forget)
        await asyncio.sleep(1)
