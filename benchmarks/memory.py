"""What a process keeps resident: idle, and with many subscribers after a reminder to a few of them."""

import tempfile
from datetime import timedelta
from pathlib import Path

from sqlalchemy.dialects.sqlite import insert

from benchmarks.figures import Figure
from benchmarks.running import PATIENCE, answer_to, echo, resident, settle, vertti
from benchmarks.seeding import meet, moment, opened, write
from bot.core.reminders import BOTH
from bot.store import Store, schedule_models
from tests.doubles.bot_api import BotApiProcess

SIZES = (10_000, 100_000)
FIRST = 1_000_000
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
    """Grow to so many subscribers, start, let a reminder go to a few of them; give the MiB after it."""
    with opened(folder) as database:
        there = write(database, lambda store: store.people.count())
        people = meet(database, FIRST + there, size - there, series="many")
        write(database, lambda store: _remind(store, people[:FEW]))
    few = range(FIRST + there, FIRST + there + FEW)
    for number in few:
        api.person(number, started=True)
    with vertti(folder, api) as running:
        for number in few:
            api.sent_to(number, 1, PATIENCE)
        settle(IDLE)
        return resident(running)


def _remind(store: Store, few: list[int]) -> None:
    """Let the next meeting have one reminder more, that only these few hear."""
    now = moment()
    kept = store.calendar.next_of(None, now)
    assert kept is not None
    for each in few:
        store.subscriptions.add(each, kept.it.series or "")
    alarm = {
        "occurrence": kept.id,
        "start": kept.it.start,
        "lead": 1,
        "choices": BOTH,
        "due": now + SOON,
        "state": 0,
        "reached": 0,
    }
    store.run(
        insert(schedule_models.alarm)
        .values(alarm)
        .on_conflict_do_update(index_elements=["occurrence", "start", "lead"], set_=alarm)
    )
