"""What a process keeps resident: idle, and with many subscribers after a reminder to a few of them."""

import tempfile
from datetime import timedelta
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.reminders import plan
from benchmarks.running import PATIENCE, answer_to, echo, resident, settle, vertti
from benchmarks.seeding import meet, moment, opened, write
from tests.doubles.bot_api import BotApiProcess

SIZES = (10_000, 100_000)
FEW = 5  # who hear of what is reminded of
REPEAT = 3
IDLE = 3.0  # seconds after the first answer
SOON = timedelta(seconds=3)


def measure() -> list[Figure]:
    idle: list[float] = []
    bare: list[float] = []
    grown: list[float] = []
    for _ in range(REPEAT):
        with BotApiProcess(limits=None) as api, tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            with vertti(folder, api):
                answer_to(api, 7)
            with vertti(folder, api) as running:
                answer_to(api, 8)
                settle(IDLE)
                idle.append(resident(running))
            with echo(folder, api) as running:
                answer_to(api, 9)
                settle(IDLE)
                bare.append(resident(running))
            small, large = (_with_subscribers(folder, api, size) for size in SIZES)
            grown.append((large - small) / (SIZES[1] - SIZES[0]) * 10_000)
    return [
        Figure(
            name="resident, idle",
            unit="MiB",
            samples=idle,
            at_most=110,
            bare=bare,
            bare_name="aiogram's bare echo",
        ),
        Figure(name="more for each 10 000 subscribers", unit="MiB", samples=grown, at_most=2),
    ]


def _with_subscribers(folder: Path, api: BotApiProcess, size: int) -> float:
    """Grow to so many subscribers, start, let a reminder go to a few; give the MiB after it."""
    first = 1_000_000
    known = len(api.sent_to(first, 0)) if size != SIZES[0] else 0
    with opened(folder) as database:
        there = write(database, lambda store: store.people.count()) - 3
        people = meet(database, first + there, size - there, series="many")
        write(database, lambda store: [store.subscriptions.add(each, "few") for each in people[:FEW]])
        write(database, lambda store: plan(store, "few", [moment() + SOON]))
    for number in range(first + there, first + there + FEW):
        api.person(number, started=True)
    with vertti(folder, api) as running:
        api.sent_to(first + there, known + 1, PATIENCE)
        settle(IDLE)
        return resident(running)
