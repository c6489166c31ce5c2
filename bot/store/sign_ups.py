"""Who has a place at an event with a limit, and who waits for one.  No names; in the order in which they came."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, func, or_, select, update

from bot.core.waiting_list import Entry, State
from bot.store import models, schedule_models
from bot.store.calendar import Kept, kept_of
from bot.store.taking_part import of_series, with_ended
from bot.store.upsert import insert

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = schedule_models.sign_up
_T = _TABLE.c
_PERSON = models.conversation


@dataclass(frozen=True, slots=True)
class SignedUp:
    """A place, or a wait for one, of one person."""

    occurrence: int
    state: State


class SignUps:
    """The lists of all events; what becomes of them decides `core/waiting_list.py`."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def on(self, occurrence: int) -> list[Entry]:
        """Give the list of an event, who came first at the front."""
        rows = self._store.run(
            select(_T.id, _T.conversation, _T.state, _T.offered_until, _PERSON.c.state.label("person"))
            .join(_PERSON, _PERSON.c.id == _T.conversation)
            .where(_T.occurrence == occurrence)
            .order_by(_T.id)
        )
        return [
            Entry(row.id, row.conversation, row.state, row.offered_until, row.person == "active")
            for row in rows
        ]

    def of(self, conversation: int) -> list[SignedUp]:
        """Give the places that somebody has or waits for, the first to come first."""
        occurrence = schedule_models.occurrence.c
        rows = self._store.run(
            select(_T.occurrence, _T.state)
            .join(schedule_models.occurrence, occurrence.id == _T.occurrence)
            .where(_T.conversation == conversation)
            .order_by(occurrence.start, occurrence.id)
        )
        return [SignedUp(row.occurrence, row.state) for row in rows]

    def ahead(
        self, now: datetime, *, members_of: Collection[str], staff: bool, most: int, skip: int = 0
    ) -> list[Kept]:
        """Give the events that one signs up for and that have not begun, by start.

        What is for members is given of these series only, what is for staff only to ``staff``.
        """
        occurrence = schedule_models.occurrence.c
        seen = [
            occurrence.visibility == "public",
            and_(occurrence.visibility == "members", occurrence.series.in_(members_of)),
        ]
        if staff:
            seen.append(occurrence.visibility == "staff")
        rows = self._store.run(
            select(schedule_models.occurrence)
            .where(occurrence.signup, occurrence.status == "confirmed", occurrence.start > now, or_(*seen))
            .order_by(occurrence.start, occurrence.id)
            .limit(most)
            .offset(skip)
        )
        return [kept_of(row) for row in rows]

    def add(self, occurrence: int, conversation: int, state: State) -> None:
        """Put somebody at the end of a list; who is on it already stays as they are."""
        row = {"occurrence": occurrence, "conversation": conversation, "state": state, "reminded": True}
        statement = insert(_TABLE).values(row)
        self._store.run(statement.on_conflict_do_nothing(index_elements=["occurrence", "conversation"]))

    def change(self, entry: int, state: State, *, until: datetime | None = None) -> None:
        """Let somebody have a place, be offered one until an instant, or wait."""
        self._store.run(update(_TABLE).where(_T.id == entry).values(state=state, offered_until=until))
        if until is not None:
            self._store.wake()  # it may end before the sweep would look again

    def remove(self, entry: int) -> None:
        """Take somebody off their list."""
        self._store.run(delete(_TABLE).where(_T.id == entry))

    def remind(self, conversation: int, series: str | None = None, *, reminded: bool) -> None:
        """Remind somebody of the places they have, of one series or of any, or do not."""
        self._store.run(
            update(_TABLE)
            .where(_T.conversation == conversation, of_series(_T.occurrence, series))
            .values(reminded=reminded)
        )

    def next_end(self) -> datetime | None:
        """Give when the first offer ends that nobody has answered; None: none is open."""
        statement = select(func.min(_T.offered_until)).where(_T.state == "offered")
        found: datetime | None = self._store.run(statement).scalar_one_or_none()
        return found

    def with_offers_over(self, now: datetime) -> list[int]:
        """Give the events of which an offer has ended."""
        over = and_(_T.state == "offered", _T.offered_until <= now)
        rows = self._store.run(select(_T.occurrence).where(over).distinct().order_by(_T.occurrence))
        return list(rows.scalars())

    def delete_ended(self, before: datetime) -> None:
        """Delete the lists of what has ended before an instant."""
        self._store.run(delete(_TABLE).where(with_ended(_T.occurrence, before)))
