"""People and what they hear of, in a database, faster than by talking."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from bot.app import KEY_FILE
from bot.core.reminders import BOTH
from bot.messages import Place
from bot.store import Store, models
from bot.store.engine import Database
from bot.store.vault import open_vault

T = TypeVar("T")

PIECE = 2_000
SERIES = "ryhma"


def moment() -> datetime:
    return datetime.now(UTC)


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Database]:
    """Open a data folder's database, as `vertti run` would; while it does not run."""
    database = Database(f"sqlite:///{folder / 'vertti.db'}", open_vault(folder / KEY_FILE))
    database.open()
    try:
        yield database
    finally:
        database.close()


def write(database: Database, work: Callable[[Store], T]) -> T:
    """Write, from outside any loop."""
    return database.submit(work).result()


def meet(database: Database, first: int, number: int, *, series: str | None = None) -> list[int]:
    """Let people with the ids from ``first`` on be known, hearers of a series if one is named; give our ids."""
    now = moment()

    def work(store: Store, ids: range) -> list[int]:
        met = [store.people.meet(Place("telegram", str(each)), language="fi", now=now).id for each in ids]
        if series is not None:
            rows = [{"conversation": each, "series": series, "leads": BOTH} for each in met]
            store.run(models.subscription.insert(), rows)
        return met

    found: list[int] = []
    for start in range(first, first + number, PIECE):
        ids = range(start, min(start + PIECE, first + number))
        found += write(database, lambda store, ids=ids: work(store, ids))
    return found
