"""Who has taken which shared turn: watering, making coffee.  One person a turn; no names."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, or_, select, union, update

from bot.store import models, schedule_models
from bot.store.audiences import awake
from bot.store.taking_part import of_series, with_ended
from bot.store.upsert import insert

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = schedule_models.shared_turn
_T = _TABLE.c
_OCCURRENCE = schedule_models.occurrence
_O = _OCCURRENCE.c
_PERSON = models.conversation.c
_SUBSCRIPTION = models.subscription.c


@dataclass(frozen=True, slots=True)
class Taken:
    """A turn that somebody has; ``offered``: they would like to give it to somebody else."""

    taker: int
    offered: bool


class SharedTurns:
    """Turns that were taken.  A turn with no row is free."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def of(self, conversation: int) -> list[int]:
        """Give the turns that somebody has, as occurrences, the first to come first."""
        rows = self._store.run(
            select(_T.occurrence)
            .join(_OCCURRENCE, _O.id == _T.occurrence)
            .where(_T.conversation == conversation)
            .order_by(_O.start, _O.id)
        )
        return list(rows.scalars())

    def taken(self, occurrence: int) -> Taken | None:
        """Tell who has a turn; None: it is free."""
        row = self._store.run(select(_T.conversation, _T.offered).where(_T.occurrence == occurrence)).first()
        return None if row is None else Taken(row.conversation, row.offered)

    def ahead(
        self,
        series: Collection[str],
        conversation: int,
        *,
        now: datetime,
        most: int,
        skip: int = 0,
        own: bool = True,
    ) -> list[int]:
        """Give the turns that somebody can take, as occurrences, by start, and (``own``) those they have."""
        theirs = _T.conversation == conversation
        can = or_(_T.occurrence.is_(None), and_(_T.offered, ~theirs))
        rows = self._store.run(
            select(_O.id)
            .outerjoin(_TABLE, _T.occurrence == _O.id)
            .where(_ahead(series, now), or_(can, theirs) if own else can)
            .order_by(_O.start, _O.id)
            .limit(most)
            .offset(skip)
        )
        return list(rows.scalars())

    def count_free(self, series: Collection[str], *, now: datetime, of_next: int) -> tuple[int, int]:
        """Count the next turns, so many at most, and how many of them nobody has."""
        following = (
            select(_O.id).where(_ahead(series, now)).order_by(_O.start, _O.id).limit(of_next).subquery()
        )
        row = self._store.run(
            select(func.count(following.c.id), func.count(_T.occurrence)).select_from(
                following.outerjoin(_TABLE, _T.occurrence == following.c.id)
            )
        ).one()
        return row[0], row[0] - row[1]

    def takers(self, series: str, *, now: datetime) -> list[tuple[int, str]]:
        """Give who takes turns of a series or hears of it, and has not asked for a pause: private chats, with their platform."""
        takes = (
            select(_T.conversation)
            .join(_OCCURRENCE, _O.id == _T.occurrence)
            .where(_O.series == series, _T.reminded)
        )
        hears = select(_SUBSCRIPTION.conversation).where(_SUBSCRIPTION.series == series)
        rows = self._store.run(
            select(_PERSON.id, _PERSON.platform)
            .where(_PERSON.id.in_(union(takes, hears)), _PERSON.kind == "private", awake(now))
            .order_by(_PERSON.id)
        )
        return [(row.id, row.platform) for row in rows]

    def take(self, occurrence: int, conversation: int) -> bool:
        """Give somebody a turn that is free, or that its taker offers; False: somebody else has it.

        Nobody else is asked any more whether they would take it.
        """
        row = {"occurrence": occurrence, "conversation": conversation, "offered": False, "reminded": True}
        statement = insert(_TABLE).values(row)
        taken = statement.on_conflict_do_update(
            index_elements=["occurrence"], set_=row, where=or_(_T.offered, _T.conversation == conversation)
        )
        if self._store.run(taken.returning(_T.occurrence)).first() is None:
            return False
        self._store.outbox.drop_invitations(occurrence)
        return True

    def offer(self, occurrence: int, conversation: int, *, offered: bool) -> bool:
        """Offer one's turn to the others, or offer it no more; False: one has it no more."""
        own = and_(_T.occurrence == occurrence, _T.conversation == conversation)
        if not self._store.run(update(_TABLE).where(own).values(offered=offered)).rowcount:
            return False
        if not offered:
            self._store.outbox.drop_invitations(occurrence)
        return True

    def give_up(self, occurrence: int, conversation: int) -> bool:
        """Make one's turn free; False: one has it no more."""
        own = and_(_T.occurrence == occurrence, _T.conversation == conversation)
        return bool(self._store.run(delete(_TABLE).where(own)).rowcount)

    def remind(self, conversation: int, series: str | None = None, *, reminded: bool) -> None:
        """Remind somebody of the turns they have, of one series or of any, or do not."""
        self._store.run(
            update(_TABLE)
            .where(_T.conversation == conversation, of_series(_T.occurrence, series))
            .values(reminded=reminded)
        )

    def delete_ended(self, before: datetime) -> None:
        """Delete who had the turns that have ended before an instant."""
        self._store.run(delete(_TABLE).where(with_ended(_T.occurrence, before)))


def _ahead(series: Collection[str], now: datetime) -> Any:
    return and_(_O.series.in_(series), _O.start > now, _O.status == "confirmed")
