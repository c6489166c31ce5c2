"""Who comes for the first time.  Organizers learn only how many; when the event is over it is forgotten."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, delete, func, select, update

from bot.store import schedule_models
from bot.store.taking_part import with_ended
from bot.store.upsert import insert

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = schedule_models.newcomer
_T = _TABLE.c
_OCCURRENCE = schedule_models.occurrence


class Newcomers:
    """People who said that they come to an event for the first time."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def add(self, occurrence: int, conversation: int, *, due: datetime) -> None:
        """Note that somebody comes; organizers are to be told when it is ``due``."""
        statement = insert(_TABLE).values(occurrence=occurrence, conversation=conversation, due=due)
        self._store.run(statement.on_conflict_do_nothing(index_elements=["occurrence", "conversation"]))
        self._store.wake()

    def remove(self, occurrence: int, conversation: int) -> None:
        """Note that somebody does not come after all."""
        self._store.run(delete(_TABLE).where(self._one(occurrence, conversation)))

    def comes(self, occurrence: int, conversation: int) -> bool:
        """Tell whether somebody has said that they come."""
        return (
            self._store.run(select(_T.occurrence).where(self._one(occurrence, conversation))).first()
            is not None
        )

    def of(self, conversation: int) -> list[int]:
        """Give the events that somebody comes to for the first time, as occurrences, the first to come first."""
        rows = self._store.run(
            select(_T.occurrence)
            .join(_OCCURRENCE, _OCCURRENCE.c.id == _T.occurrence)
            .where(_T.conversation == conversation)
            .order_by(_OCCURRENCE.c.start, _OCCURRENCE.c.id)
        )
        return list(rows.scalars())

    def count(self, occurrence: int) -> int:
        """Count who comes to an event for the first time."""
        return int(self._store.run(select(func.count()).where(_T.occurrence == occurrence)).scalar_one())

    def next_due(self) -> datetime | None:
        """Give when organizers are to be told next; None: they know of all."""
        found: datetime | None = self._store.run(select(func.min(_T.due))).scalar_one_or_none()
        return found

    def untold(self, now: datetime) -> list[int]:
        """Give the events with newcomers of whom organizers are to be told by now."""
        rows = self._store.run(select(_T.occurrence).where(_T.due <= now).distinct().order_by(_T.occurrence))
        return list(rows.scalars())

    def set_due(self, occurrence: int, due: datetime | None) -> None:
        """Have organizers told at another time of those they do not know of; None: they know now."""
        self._store.run(
            update(_TABLE).where(_T.occurrence == occurrence, _T.due.is_not(None)).values(due=due)
        )

    def delete_ended(self, before: datetime) -> None:
        """Forget who came to what has ended before an instant."""
        self._store.run(delete(_TABLE).where(with_ended(_T.occurrence, before)))

    @staticmethod
    def _one(occurrence: int, conversation: int) -> ColumnElement[bool]:
        return and_(_T.occurrence == occurrence, _T.conversation == conversation)
