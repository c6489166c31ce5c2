"""Slow and remote work that waits to be done; it survives a kill and runs again under the same key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import delete, func, select, update

from bot.store import models
from bot.store.upsert import insert

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = models.errand
_T = _TABLE.c


@dataclass(frozen=True, slots=True)
class Errand:
    """One piece of slow work: what kind, under which key, with which values."""

    id: int
    kind: str
    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    attempts: int = 0


class Errands:
    """The queue of slow work."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def queue(self, kind: str, key: str, *, now: datetime, **values: Any) -> None:
        """Ask for slow work; a key that already waits adds nothing."""
        statement = insert(_TABLE).values(
            kind=kind, key=key, values=orjson.dumps(values).decode(), not_before=now, attempts=0
        )
        self._store.run(statement.on_conflict_do_nothing(index_elements=["key"]))
        self._store.wake()

    def due(self, now: datetime, most: int = 10) -> list[Errand]:
        """Give what may be done now, the oldest first."""
        rows = self._store.run(
            select(_T.id, _T.kind, _T.key, _T["values"], _T.attempts)
            .where(_T.not_before <= now)
            .order_by(_T.not_before, _T.id)
            .limit(most)
        )
        return [Errand(row.id, row.kind, row.key, orjson.loads(row[3]), row.attempts) for row in rows]

    def next_due(self) -> datetime | None:
        """Give when the next may be done; None: nothing waits."""
        found: datetime | None = self._store.run(select(func.min(_T.not_before))).scalar_one_or_none()
        return found

    def done(self, errand: int) -> None:
        """Take a finished one off the queue."""
        self._store.run(delete(_TABLE).where(_T.id == errand))

    def again(self, errand: int, not_before: datetime) -> None:
        """Try a failed one later."""
        self._store.run(
            update(_TABLE).where(_T.id == errand).values(not_before=not_before, attempts=_T.attempts + 1)
        )
