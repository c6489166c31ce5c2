"""Who hears of which series, and how long before."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, func, literal, or_, select

from bot.core.reminders import BOTH
from bot.store import models
from bot.store.hot import Hot
from bot.store.upsert import insert

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = models.subscription
_T = _TABLE.c
_PERSON = models.conversation

_HEARERS = Hot(
    select(_T.conversation)
    .where(_T.series == bindparam("of"), _T.conversation > bindparam("after"))
    .order_by(_T.conversation)
    .limit(2)
    .offset(bindparam("skipped"))
)

EVERYTHING = "*"  # what a group follows that follows all that is public, the series of next year too


def hears(series: str | None, *, public: bool, now: datetime) -> Any:
    """Select who is there, has not asked for a pause, and hears of the series; None: of any.

    It holds over people joined with their subscriptions.  ``public``: of what is not, no channel ever hears (T-17).
    """
    person = _PERSON.c
    awake = and_(person.state == "active", or_(person.paused_until.is_(None), person.paused_until <= now))
    if series is None:
        return awake
    if public:
        return and_(awake, _T.series.in_((series, EVERYTHING)))
    return and_(awake, _T.series == series, person.kind != "channel")


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
        """Begin, or change the leads; of places and turns there one is reminded again too."""
        statement = insert(_TABLE).values(conversation=conversation, series=series, leads=leads)
        self._store.run(
            statement.on_conflict_do_update(
                index_elements=["conversation", "series"], set_={"leads": statement.excluded.leads}
            )
        )
        self._remind_of_own(conversation, series, reminded=True)

    def remove(self, conversation: int, series: str | None = None) -> int:
        """End one series, or all; give how many ended.

        What is queued and has no reason any more is dropped too, and of places and turns there one is not reminded.
        """
        which = _T.conversation == conversation
        if series is not None:
            which = and_(which, _T.series == series)
        ended = int(self._store.run(delete(_TABLE).where(which)).rowcount)
        self._remind_of_own(conversation, series, reminded=False)
        self._store.outbox.drop_reminders(conversation, series)
        self._store.outbox.drop_unheard(conversation, self.of(conversation))
        return ended

    def copy(self, source: int, target: int) -> None:
        """Give one conversation's series to another (a group that moved), but none that it has already."""
        theirs = select(literal(target), _T.series, _T.leads).where(_T.conversation == source)
        statement = insert(_TABLE).from_select(["conversation", "series", "leads"], theirs)
        self._store.run(statement.on_conflict_do_nothing(index_elements=["conversation", "series"]))

    def end_of_piece(self, series: str, *, after: int, most: int) -> int | None:
        """Give the conversation with which the next piece of a series' hearers ends; None: it is the last piece."""
        last_and_next = self._store.hot_rows(_HEARERS, of=series, after=after, skipped=most - 1)
        return int(last_and_next[0][0]) if len(last_and_next) > 1 else None

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

    def _remind_of_own(self, conversation: int, series: str | None, *, reminded: bool) -> None:
        """Remind somebody of their own places and turns, or do not: "Lopeta" means those too, and keeps them."""
        self._store.sign_ups.remind(conversation, series, reminded=reminded)
        self._store.shared_turns.remind(conversation, series, reminded=reminded)
