"""Durable votes through the whole path, by 64 who each wait for theirs to be kept."""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from benchmarks.figures import Figure, p99
from benchmarks.running import house, run
from benchmarks.seeding import meet, moment
from bot.app import KEY_FILE, App
from bot.messages import Incoming, Place
from bot.store import Store
from bot.store.outbox import Ready
from bot.store.vault import open_vault

TASKS = 64
VOTES = 10_000
REPEAT = 5
BARE = 2_000
POLL = "ryhmakerta_hymio"


def measure() -> list[Figure]:
    return run(_measure())


async def _measure() -> list[Figure]:
    rates, tails, bare = [], [], []
    replies: list[int] = []
    with tempfile.TemporaryDirectory() as name, house(Path(name)) as app:
        database = app.database
        asked = await database.write(lambda store: _open_poll(store, lambda rows: replies.append(len(rows))))
        for number in range(REPEAT):
            bare.append(_bare(Path(name) / f"bare{number}.db"))
            votes = votes_of(app, asked, number * VOTES + 1, VOTES)
            rate, latencies = await _cast(app, iter(votes))
            rates.append(rate)
            tails.append(p99(latencies) * 1000)
        kept = await database.write(lambda store: store.polls.ballots(asked))
    assert kept == sum(replies) == REPEAT * VOTES
    return [
        Figure(
            name=f"votes, durable, {TASKS} waiting",
            unit="/s",
            samples=rates,
            at_least=5_000,
            bare=bare,
            bare_name="a bare commit for each",
        ),
        Figure(name="a vote's wait, p99", unit="ms", samples=tails, at_most=20),
    ]


def _open_poll(store: Store, on_ready: Callable[[list[Ready]], object]) -> int:
    store.outbox.on_ready = on_ready  # the courier's ear: replies are queued as in a running house
    return open_poll(store)


def open_poll(store: Store) -> int:
    opened_at = moment()
    asked = store.polls.open(POLL, "benchmark", now=opened_at, closes=opened_at + timedelta(days=1))
    assert asked is not None
    return asked.id


def votes_of(app: App, asked: int, first: int, number: int) -> list[Incoming]:
    """Let people be known who have the poll's buttons before them; give a vote of each."""
    known = meet(app.database, first, number)
    places = [Place("telegram", str(first + each)) for each in range(number)]
    vault = open_vault(app.settings.data_dir / KEY_FILE)
    return [
        Incoming(
            id=place.address,
            where=place,
            sender=place,
            what="button",
            button=vault.seal_button(person, "vote", (str(asked), str(person % 5 + 1))),
            language="fi",
        )
        for person, place in zip(known, places, strict=True)
    ]


async def _cast(app: App, votes: Iterator[Incoming]) -> tuple[float, list[float]]:
    latencies: list[float] = []

    async def cast() -> None:
        for vote in votes:
            start = time.perf_counter()
            await app.dispatch.accept([vote])
            latencies.append(time.perf_counter() - start)

    start = time.perf_counter()
    await asyncio.gather(*(cast() for _ in range(TASKS)))
    return VOTES / (time.perf_counter() - start), latencies


def _bare(path: Path) -> float:
    """Commit vote after vote with nothing around it."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE ballot (voter INTEGER PRIMARY KEY, answer TEXT)")
    start = time.perf_counter()
    for voter in range(BARE):
        connection.execute("INSERT INTO ballot VALUES (?, ?)", (voter, "1"))
    rate = BARE / (time.perf_counter() - start)
    connection.close()
    return rate
