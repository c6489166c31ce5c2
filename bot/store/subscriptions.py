"""Who hears of which series, and how long before."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from bot.core.reminders import BOTH
from bot.store import models

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = models.Subscription.__table__  # type: ignore[attr-defined]
_T = _TABLE.c
_PERSON = models.Conversation.__table__  # type: ignore[attr-defined]

EVERYTHING = "*"  # what a group follows that follows all that is public, the series of next year too


class Subscriptions:
    """Private chats that want reminders, and groups that follow a series."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def of(self, conversation: int) -> dict[str, int]:
        """Give the series a conversation hears of, with the bits of its leads."""
        rows = self._store.run(
            select(_T.series, _T.leads).where(_T.conversation == conversation).order_by(_T.series)
        )
        return {row.series: row.leads for row in rows}

    def add(self, conversation: int, series: str, leads: int = BOTH) -> None:
        """Begin, or change the leads."""
        statement = insert(_TABLE).values(conversation=conversation, series=series, leads=leads)
        self._store.run(
            statement.on_conflict_do_update(
                index_elements=["conversation", "series"], set_={"leads": statement.excluded.leads}
            )
        )

    def remove(self, conversation: int, series: str | None = None) -> int:
        """End one series, or all; give how many ended.  What is queued of it is dropped too."""
        which = _T.conversation == conversation
        if series is not None:
            which = and_(which, _T.series == series)
        self._store.outbox.drop_reminders(conversation, series)
        return int(self._store.run(delete(_TABLE).where(which)).rowcount)

    def copy(self, source: int, target: int) -> None:
        """Give one conversation's series to another (a group that moved), but none that it has already."""
        theirs = select(literal(target), _T.series, _T.leads).where(_T.conversation == source)
        statement = insert(_TABLE).from_select(["conversation", "series", "leads"], theirs)
        self._store.run(statement.on_conflict_do_nothing(index_elements=["conversation", "series"]))

    def end_of_piece(self, series: str, *, after: int, most: int) -> int | None:
        """Give the conversation with which the next piece of a series' hearers ends; None: it is the last piece."""
        statement = (
            select(_T.conversation)
            .where(_T.series == series, _T.conversation > after)
            .order_by(_T.conversation)
            .limit(1)
            .offset(most - 1)
        )
        found: int | None = self._store.run(statement).scalar_one_or_none()
        return found

    def people(self, series: Sequence[str]) -> int:
        """Count the private chats that hear of any of these series."""
        statement = (
            select(func.count(func.distinct(_T.conversation)))
            .join(_PERSON, _PERSON.c.id == _T.conversation)
            .where(_T.series.in_(series), _PERSON.c.kind == "private")
        )
        return int(self._store.run(statement).scalar_one())

    def count(self, series: str | None = None) -> int:
        """Count the conversations that hear of a series, or of any."""
        statement = select(func.count(func.distinct(_T.conversation)))
        if series is not None:
            statement = statement.where(_T.series == series)
        return int(self._store.run(statement).scalar_one())
