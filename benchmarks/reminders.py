"""From the instant a reminder is due to its rows in the outbox, in a house that runs."""

import asyncio
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.figures import Figure, p99
from benchmarks.running import house, prepare_in, run
from benchmarks.seeding import meet, moment
from bot.app import App, calm
from bot.core.occurrences import Occurrence
from bot.core.reminders import BOTH, Alarm
from bot.router import Tick
from bot.store import Store
from schedules.remind import remind

FEW, MANY = 1_000, 100_000  # who hear of one reminder
REMINDERS_TO_FEW, REMINDERS_TO_MANY = 100, 5
GAP_OF_FEW, GAP_OF_MANY = timedelta(milliseconds=100), timedelta(seconds=3)
LEAD = timedelta(hours=2)


def measure() -> list[Figure]:
    steps = run(_measure_steps())
    few, many, bare = run(_measure())
    return [
        Figure(
            name="due → outbox, 1 000 at once, the job's work, p99",
            unit="ms",
            samples=[p99(steps)],
            at_most=10,
        ),
        Figure(name="the same, median", unit="ms", samples=steps),
        Figure(
            name="due → outbox, 1 000 at once, in a house that runs, p99",
            unit="ms",
            samples=[p99(few)],
            at_most=10,
        ),
        Figure(name="the same in a house that runs, median", unit="ms", samples=few),
        Figure(
            name="due → outbox, 100 000 at once, in a house that runs",
            unit="ms",
            samples=many,
            bare=bare,
            bare_name="one INSERT … SELECT",
        ),
    ]


async def _measure_steps() -> list[float]:
    """Give the milliseconds from the job's first step to the commit of its last, for each reminder."""
    found: list[float] = []
    with tempfile.TemporaryDirectory() as name, house(Path(name)) as app:
        meet(app.database, 1, FEW, series="few")
        due = moment() + timedelta(milliseconds=500)
        await app.database.write(lambda store: plan(store, "few", [due] * REMINDERS_TO_FEW))
        await asyncio.sleep(1)

        def step(store: Store) -> int:
            now = moment()
            remind(Tick(store, now, app.furnished.house))
            return store._cursor.execute("SELECT count(*) FROM alarm WHERE state = 0").fetchone()[0]

        for left in reversed(range(REMINDERS_TO_FEW)):
            start = time.perf_counter()
            while await app.database.write(step) > left:
                pass
            found.append((time.perf_counter() - start) * 1000)
    return found


async def _measure() -> tuple[list[float], list[float], list[float]]:
    found: list[list[float]] = []

    async def beside(app: App) -> None:
        await asyncio.sleep(1)  # the schedule is read
        people = meet(app.database, 1, MANY, series="many")
        await app.database.write(
            lambda store: [store.subscriptions.add(each, "few") for each in people[:FEW]]
        )
        calm()
        found.append(await _remind(app, "few", REMINDERS_TO_FEW, GAP_OF_FEW, FEW))
        found.append(await _remind(app, "many", REMINDERS_TO_MANY, GAP_OF_MANY, MANY))
        found.append([await _at_once(app, number) for number in range(REMINDERS_TO_MANY)])
        app.stop()

    with tempfile.TemporaryDirectory() as name:
        await prepare_in(Path(name)).run(beside=beside)
    few, many, bare = found
    return few, many, bare


async def _remind(app: App, series: str, number: int, gap: timedelta, hearers: int) -> list[float]:
    """Let so many reminders fall due one after the other; give for each how late its last row was, in ms."""
    dues = [moment() + timedelta(seconds=1) + gap * each for each in range(number)]
    durable: list[tuple[int, datetime]] = []  # up to which row the outbox was written, and since when

    def newest(store: Store) -> int:
        return int(store._cursor.execute("SELECT max(id) FROM outbox").fetchone()[0] or 0)

    def begin(store: Store) -> int:
        wake = store.on_work
        assert wake is not None

        def after_commit() -> None:
            at = moment()
            durable.append((newest(store), at))
            wake()

        plan(store, series, dues)
        store.on_work = after_commit
        return newest(store)

    first = await app.database.write(begin)
    ends = [first + hearers * each for each in range(1, number + 1)]
    await asyncio.sleep((dues[-1] - moment()).total_seconds())
    for _ in range(600):
        if durable and durable[-1][0] >= ends[-1]:
            break
        await asyncio.sleep(0.1)
    done = (next(at for row, at in durable if row >= end) for end in ends)
    return [(at - due).total_seconds() * 1000 for due, at in zip(dues, done, strict=True)]


def plan(store: Store, series: str, dues: list[datetime]) -> None:
    """Put as many meetings into the calendar, each with one reminder."""
    due_of = {f"{series}{number}": due for number, due in enumerate(dues)}
    meetings = [
        Occurrence(uid=uid, recurrence_id=None, start=due + LEAD, end=due + 2 * LEAD, series=series)
        for uid, due in due_of.items()
    ]

    def alarms_of(it: Occurrence) -> tuple[Alarm, ...]:
        return (
            Alarm(
                uid=it.uid,
                recurrence_id=None,
                start=it.start,
                due=due_of[it.uid],
                leads=(LEAD,),
                choices=BOTH,
            ),
        )

    store.refreshing.refresh(series, meetings, alarms_of, now=moment())


async def _at_once(app: App, number: int) -> float:
    """Give the milliseconds that the same rows cost in one statement and one commit."""

    def work(store: Store) -> None:
        store._connection.exec_driver_sql(
            "INSERT INTO outbox (key, conversation, platform, lane, not_before, what, state, attempts) "
            "SELECT 'bare:' || ? || ':' || conversation, conversation, 'telegram', 2, 0, '', 0, 0 "
            "FROM subscription WHERE series = 'many'",
            (number,),
        )

    start = moment()
    await app.database.write(work)
    return (moment() - start).total_seconds() * 1000
