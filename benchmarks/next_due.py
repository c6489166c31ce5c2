"""What is due next, asked of a thousand rows and of a million."""

import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.seeding import meet, moment, opened, write
from bot.core.occurrences import Occurrence
from bot.store import Store
from bot.store.models import to_ms

SIZES = (1_000, 1_000_000)
ASKED = 2_000
REPEAT = 9
YEAR = timedelta(days=365)

_COUNT = "WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
_OUTBOX = (
    _COUNT + "INSERT INTO outbox (key, conversation, platform, lane, not_before, what, state, attempts) "
    "SELECT 'benchmark:' || i, ?, 'telegram', 2, ? + i * 1000, '{\"t\":[\"menu\"]}', 0, 0 FROM n"
)
_ALARMS = (
    _COUNT + "INSERT INTO alarm (occurrence, start, lead, choices, due, state) "
    "SELECT ?, ? + i * 1000, 7200, 3, ? + i * 1000, 0 FROM n"
)


def measure() -> list[Figure]:
    now = moment()
    times: dict[str, list[list[float]]] = {name: [] for name in _questions()}
    with tempfile.TemporaryDirectory() as name, opened(Path(name)) as database:
        (person,) = meet(database, 1, 1)
        occurrence = write(database, lambda store: _occurrence(store, now))
        fill = _Fill(person, occurrence, to_ms(now + timedelta(days=1)))
        for first, last in ((1, SIZES[0]), (SIZES[0] + 1, SIZES[1])):
            write(database, partial(fill, first, last))
            for question, ask in _questions().items():
                times[question].append(write(database, lambda store, ask=ask: _ask(store, ask)))
    return [
        Figure(
            name=f"{question} of {SIZES[-1]:,} rows".replace(",", " "),
            unit="µs",
            samples=many,
            bare=few,
            bare_name=f"{SIZES[0]:,} rows".replace(",", " "),
            ratio_at_most=1.5,
        )
        for question, (few, many) in times.items()
    ]


def _questions() -> dict[str, Callable[[Store], object]]:
    return {
        "the next alarm": lambda store: store.calendar.next_alarm(),
        "the next row of the outbox": lambda store: store.outbox.next_due(),
        "the next row of an account": lambda store: store.delivery.next_due("telegram"),
    }


def _ask(store: Store, ask: Callable[[Store], object]) -> list[float]:
    """Give microseconds for one question, for each repetition."""
    ask(store)
    found = []
    for _ in range(REPEAT):
        start = time.perf_counter()
        for _ in range(ASKED):
            ask(store)
        found.append((time.perf_counter() - start) / ASKED * 1e6)
    return found


def _occurrence(store: Store, now: datetime) -> int:
    it = Occurrence(
        uid="benchmark", recurrence_id=None, start=now + YEAR, end=now + YEAR + timedelta(hours=2)
    )
    store.refreshing.refresh("benchmark", [it], lambda _: (), now=now)
    kept = store.calendar.next_of(None, now)
    assert kept is not None
    return kept.id


class _Fill:
    """Makes so many rows wait in the outbox, and so many alarms, one a second from ``start`` (in ms) on."""

    def __init__(self, person: int, occurrence: int, start: int) -> None:
        self._person = person
        self._occurrence = occurrence
        self._start = start

    def __call__(self, first: int, last: int, store: Store) -> None:
        connection = store._connection
        connection.exec_driver_sql(_OUTBOX, (first, last, self._person, self._start))
        connection.exec_driver_sql(_ALARMS, (first, last, self._occurrence, self._start, self._start))
