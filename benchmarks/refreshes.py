"""A calendar at an address, read for the first time, unchanged, and with one event changed, in a house on its loop."""

import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.calendars import mixed
from benchmarks.drift import drift
from benchmarks.figures import Figure
from benchmarks.running import ROOT, house, run
from benchmarks.seeding import moment
from bot.app import App
from bot.messages import Place
from bot.router import Tick
from bot.store import Store
from schedules.refresh_schedule import ask_for_fresh

REPEAT = {1_000: 5, 10_000: 2}  # by the number of events; of 10 000 there are 160 000 dates
MOST = {1_000: 4.0, 10_000: 30.0}  # seconds that the loop is looked at, and that a first read may take
UNCHANGED = 40  # refreshes
PORT = re.compile(r"port (\d+)")


def measure() -> list[Figure]:
    figures = []
    for number, repeat in REPEAT.items():
        named = f"{number:,} events".replace(",", " ")
        first, stalls, idle, unchanged, changed = [], [], [], [], []
        for _ in range(repeat):
            found = run(_once(number))
            for samples, more in zip((first, stalls, idle, unchanged, changed), found, strict=True):
                samples.extend(more)
        figures += [
            Figure(name=f"{named} at an address, until the table has them", unit="s", samples=first),
            Figure(
                name=f"{named}, the longest stall of the loop meanwhile",
                unit="ms",
                samples=stalls,
                at_most=15,
                bare=idle,
                bare_name="an idle loop beside it",
            ),
            Figure(name=f"{named}, unchanged: the whole errand", unit="ms", samples=unchanged, at_most=5),
            Figure(name=f"{named}, one changed: the whole errand", unit="ms", samples=changed),
        ]
    return figures


async def _once(number: int) -> tuple[list[float], ...]:
    with tempfile.TemporaryDirectory() as name, _served(Path(name)) as (calendar, host):
        calendar.write_bytes(mixed(number))
        feed = {"calendars": (f"http://{host}/{calendar.name}",), "calendar_hosts": (host,)}
        with house(Path(name), **feed) as app:
            await app.database.write(_begin)
            idle = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "benchmarks.drift", str(MOST[number])),
                cwd=ROOT,
                stdout=asyncio.subprocess.PIPE,
            )
            looking = asyncio.create_task(drift(MOST[number]))
            first = await _refreshed(app)
            late = await looking
            said, _ = await idle.communicate()
            assert first < MOST[number]
            unchanged = [await _refreshed(app) for _ in range(UNCHANGED)]
            _change(calendar, number)
            changed = await _refreshed(app)
    return (
        [first],
        [max(late)],
        [max(json.loads(said))],
        [each * 1000 for each in unchanged],
        [changed * 1000],
    )


async def _refreshed(app: App) -> float:
    """Have the calendar asked for, and give the seconds until all that follows is written."""

    def queue(store: Store) -> None:
        ask_for_fresh(Tick(store, moment(), app.furnished.house))

    await app.database.write(queue)
    began = time.perf_counter()
    while await app.errands.once():
        pass
    return time.perf_counter() - began


def _begin(store: Store) -> None:
    """Let there be an organizer, else what is wrong in a calendar is told to nobody and it is read again each time."""
    organizer = store.people.meet(Place("telegram", "1"), language="fi", now=moment())
    store.people.set_role(organizer.id, "organizer")


def _change(calendar: Path, number: int) -> None:
    """Change one event; Last-Modified knows whole seconds only, so it is some later."""
    calendar.write_bytes(mixed(number).replace(b"SUMMARY:Kerho 0\r", b"SUMMARY:Talkoot\r"))
    at = time.time() + 5
    os.utime(calendar, (at, at))


@contextlib.contextmanager
def _served(folder: Path) -> Iterator[tuple[Path, str]]:
    """Serve a calendar as any web server does, with Last-Modified and 304, in a process of its own."""
    root = folder / "served"
    root.mkdir()
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        found = PORT.search(server.stdout.readline())
        yield root / "a.ics", f"127.0.0.1:{found[1]}"
    finally:
        server.terminate()
        server.wait(10)
