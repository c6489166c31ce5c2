"""Organizers' news: drafts, their audience as frozen at confirmation, and what arrived."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import and_, delete, distinct, func, insert, literal, select, update

from bot.store import models

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = models.Broadcast.__table__  # type: ignore[attr-defined]
_T = _TABLE.c
_AUDIENCE = models.BroadcastAudience.__table__  # type: ignore[attr-defined]
_PERSON = models.Conversation.__table__.c  # type: ignore[attr-defined]
_SUBSCRIPTION = models.Subscription.__table__.c  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One piece of news.

    ``state``: draft; waiting for a second organizer; sending; sent (all rows are in the outbox); reported; stopped.
    ``audience`` is the number of conversations, counted at confirmation.
    """

    id: int
    organizer: int
    text: str = field(repr=False)
    series: str | None
    state: str
    audience: int
    confirmed: datetime | None


class News:
    """Broadcasts from the first draft to the report."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def draft(self, organizer: int, text: str, series: str | None = None) -> Broadcast:
        """Begin a piece of news; an earlier draft of the same organizer is thrown away."""
        self._store.run(delete(_TABLE).where(_T.organizer == organizer, _T.state == "draft"))
        identity = self._store.run(
            insert(_TABLE)
            .values(organizer=organizer, text=text, series=series, state="draft", audience=0)
            .returning(_T.id)
        ).scalar_one()
        return Broadcast(identity, organizer, text, series, "draft", 0, None)

    def get(self, broadcast: int) -> Broadcast | None:
        """Give one; None: there is none of that number."""
        row = self._store.run(select(_TABLE).where(_T.id == broadcast)).first()
        return None if row is None else Broadcast(*row)

    def change(self, broadcast: int, **values: Any) -> None:
        """Change a draft's text, series or state."""
        self._store.run(update(_TABLE).where(_T.id == broadcast).values(**values))

    def readers(self, series: str | None) -> tuple[int, int]:
        """Count who would get it now: (private chats, groups and channels)."""
        rows = self._store.run(
            select(_PERSON.kind, func.count(distinct(_PERSON.id)).label("number"))
            .select_from(_joined())
            .where(_hears(series))
            .group_by(_PERSON.kind)
        )
        numbers = {row.kind: int(row.number) for row in rows}
        return numbers.pop("private", 0), sum(numbers.values())

    def confirm(self, broadcast: Broadcast, *, now: datetime) -> int:
        """Freeze the audience and begin to send; give the number of conversations."""
        people = (
            select(literal(broadcast.id), _PERSON.id).select_from(_joined()).where(_hears(broadcast.series))
        )
        self._store.run(
            insert(_AUDIENCE).from_select(
                ["broadcast", "conversation"], people.distinct(), include_defaults=False
            )
        )
        number = int(
            self._store.run(
                select(func.count()).select_from(_AUDIENCE).where(_AUDIENCE.c.broadcast == broadcast.id)
            ).scalar_one()
        )
        self.change(broadcast.id, state="sending", audience=number, confirmed=now)
        if self._store.outbox.on_rows is not None:
            self._store.after_commit(self._store.outbox.on_rows)
        return number

    def in_state(self, *states: str) -> list[Broadcast]:
        """Give the broadcasts in these states, oldest first."""
        rows = self._store.run(select(_TABLE).where(_T.state.in_(states)).order_by(_T.id))
        return [Broadcast(*row) for row in rows]

    def stop(self, broadcast: int, *, now: datetime) -> None:
        """Send nothing more of it."""
        self._store.run(delete(_AUDIENCE).where(_AUDIENCE.c.broadcast == broadcast))
        self._store.outbox.drop_broadcast(broadcast, now=now)
        self.change(broadcast, state="stopped")

    def stop_of(self, organizer: int, *, now: datetime) -> None:
        """Stop all that one organizer has under way."""
        rows = self._store.run(
            select(_T.id).where(
                _T.organizer == organizer, _T.state.in_(("draft", "waiting", "sending", "sent"))
            )
        )
        for row in rows.all():
            self.stop(row.id, now=now)

    def delete_old(self, before: datetime) -> None:
        """Delete broadcasts confirmed before an instant, with their text."""
        self._store.run(delete(_TABLE).where(_T.confirmed < before))


def _joined() -> Any:
    tables = cast("Any", models)
    return tables.Conversation.__table__.join(
        tables.Subscription.__table__, _SUBSCRIPTION.conversation == _PERSON.id
    )


def _hears(series: str | None) -> Any:
    awake = _PERSON.state == "active"
    return awake if series is None else and_(awake, _SUBSCRIPTION.series == series)
