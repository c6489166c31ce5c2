"""Organizers' news: drafts, their audience as frozen at confirmation, and what arrived."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, distinct, func, insert, literal, or_, select, update

from bot.store import models
from bot.store.subscriptions import hears
from bot.store.upsert import insert as insert_or

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = models.broadcast
_T = _TABLE.c
_AUDIENCE = models.broadcast_audience
_PEOPLE = models.conversation
_PERSON = _PEOPLE.c
_SUBSCRIPTIONS = models.subscription

DRAFT, WAITING, SENDING, SENT, REPORTED, STOPPED = (
    "draft", "waiting", "sending", "sent", "reported", "stopped"
)  # fmt: skip
UNDER_WAY = (DRAFT, WAITING, SENDING, SENT)
DONE = (DRAFT, REPORTED, STOPPED)  # nothing more becomes of it


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One piece of news.

    ``state``: draft; waiting for a second organizer; sending; sent (all rows are in the outbox); reported; stopped.
    ``audience`` is the number of conversations, counted at confirmation.  ``due`` is when the sweep looks at it
    next; of what is over, when it was over.  ``approved_by`` is the second organizer; None: none was needed yet.
    """

    id: int
    organizer: int
    text: str = field(repr=False)
    series: str | None
    state: str
    audience: int
    confirmed: datetime | None
    due: datetime | None
    approved_by: int | None = None


@dataclass(frozen=True, slots=True)
class Readers:
    """How many would get a piece of news: private chats, and groups and channels.

    ``unnamed``: how many of the people have not said that a message may name the group; they get its discreet form.
    """

    people: int = 0
    groups: int = 0
    unnamed: int = 0

    @property
    def all(self) -> int:
        """How many conversations."""
        return self.people + self.groups


class News:
    """Broadcasts from the first draft to the report."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def draft(self, organizer: int, text: str, series: str | None = None, *, now: datetime) -> Broadcast:
        """Begin a piece of news; an earlier draft of the same organizer is thrown away."""
        self._store.run(delete(_TABLE).where(_T.organizer == organizer, _T.state == DRAFT))
        identity = self._store.run(
            insert(_TABLE)
            .values(organizer=organizer, text=text, series=series, state=DRAFT, audience=0, due=now)
            .returning(_T.id)
        ).scalar_one()
        return Broadcast(identity, organizer, text, series, DRAFT, 0, None, now)

    def get(self, broadcast: int) -> Broadcast | None:
        """Give one; None: there is none of that number."""
        row = self._store.run(select(_TABLE).where(_T.id == broadcast)).first()
        return None if row is None else Broadcast(*row)

    def draft_of(self, organizer: int) -> Broadcast | None:
        """Give somebody's draft; None: they have none."""
        row = self._store.run(select(_TABLE).where(_T.organizer == organizer, _T.state == DRAFT)).first()
        return None if row is None else Broadcast(*row)

    def written_by(self, organizer: int) -> list[Broadcast]:
        """Give what somebody wrote, drafts too, oldest first."""
        rows = self._store.run(select(_TABLE).where(_T.organizer == organizer).order_by(_T.id))
        return [Broadcast(*row) for row in rows.all()]

    def on_its_way_to(self, conversation: int) -> int:
        """Count the news in whose frozen audience somebody still waits for their turn."""
        statement = (
            select(func.count()).select_from(_AUDIENCE).where(_AUDIENCE.c.conversation == conversation)
        )
        return int(self._store.run(statement).scalar_one())

    def change(self, broadcast: int, **values: Any) -> None:
        """Change what stands in one."""
        self._store.run(update(_TABLE).where(_T.id == broadcast).values(**values))

    def discard(self, broadcast: int) -> None:
        """Throw a draft away."""
        self._store.run(delete(_TABLE).where(_T.id == broadcast, _T.state == DRAFT))

    # ---- who hears of it -----------------------------------------------------------------------------

    def readers(self, series: str | None, *, public: bool, now: datetime) -> Readers:
        """Count who would get it now; ``public``: of what is not, no channel ever hears (T-17)."""
        rows = self._store.run(
            select(_PERSON.kind, func.count(distinct(_PERSON.id)).label("number"))
            .select_from(_joined())
            .where(hears(series, public=public, now=now))
            .group_by(_PERSON.kind)
        )
        numbers = {row.kind: int(row.number) for row in rows}
        return Readers(numbers.pop("private", 0), sum(numbers.values()))

    def confirm(self, broadcast: Broadcast, *, public: bool, now: datetime, due: datetime) -> Readers:
        """Freeze the audience, to be sent from ``due`` on; give how many it is."""
        people = (
            select(literal(broadcast.id), _PERSON.id)
            .select_from(_joined())
            .where(hears(broadcast.series, public=public, now=now))
        )
        self._store.run(
            insert(_AUDIENCE).from_select(
                ["broadcast", "conversation"], people.distinct(), include_defaults=False
            )
        )
        rows = self._store.run(
            select(_PERSON.kind, func.count().label("number"))
            .select_from(_AUDIENCE.join(_PEOPLE, _PERSON.id == _AUDIENCE.c.conversation))
            .where(_AUDIENCE.c.broadcast == broadcast.id)
            .group_by(_PERSON.kind)
        )
        numbers = {row.kind: int(row.number) for row in rows}
        readers = Readers(numbers.pop("private", 0), sum(numbers.values()))
        self.change(broadcast.id, state=SENDING, audience=readers.all, confirmed=now, due=due)
        self._store.wake()
        return readers

    def confirmed_since(self, instant: datetime) -> int:
        """Count what was confirmed since an instant and not stopped."""
        which = and_(_T.confirmed >= instant, _T.state.in_((SENDING, SENT, REPORTED)))
        return int(self._store.run(select(func.count()).select_from(_TABLE).where(which)).scalar_one())

    # ---- on its way ----------------------------------------------------------------------------------

    def next_due(self) -> datetime | None:
        """Give when the sweep looks at one again; None: none is under way."""
        found: datetime | None = self._store.run(
            select(func.min(_T.due)).where(_T.state.in_((WAITING, SENDING, SENT)))
        ).scalar_one_or_none()
        return found

    def due(self, now: datetime) -> Broadcast | None:
        """Give the one that has waited longest for the sweep; None: none is due."""
        which = and_(_T.state.in_((WAITING, SENDING, SENT)), _T.due <= now)
        row = self._store.run(select(_TABLE).where(which).order_by(_T.due, _T.id).limit(1)).first()
        return None if row is None else Broadcast(*row)

    def stop(self, broadcast: int, *, now: datetime) -> None:
        """Send nothing more of it."""
        self._store.run(delete(_AUDIENCE).where(_AUDIENCE.c.broadcast == broadcast))
        self._store.outbox.drop_broadcast(broadcast, now=now)
        self.change(broadcast, state=STOPPED, due=now)

    def readdress(self, source: int, target: int) -> None:
        """Give the place in frozen audiences to another conversation (a group that moved)."""
        places = select(_AUDIENCE.c.broadcast, literal(target)).where(_AUDIENCE.c.conversation == source)
        statement = insert_or(_AUDIENCE).from_select(["broadcast", "conversation"], places)
        self._store.run(statement.on_conflict_do_nothing(index_elements=["broadcast", "conversation"]))

    def stop_of(self, organizer: int, *, now: datetime) -> None:
        """Stop all that one organizer has under way, and what they approved."""
        rows = self._store.run(select(_T.id).where(_is_of(organizer), _T.state.in_(UNDER_WAY)))
        for row in rows.all():
            self.stop(row.id, now=now)

    def forget(self, organizer: int) -> None:
        """Delete all that an organizer wrote, who is erased; of that and of what they approved nothing more is sent."""
        rows = self._store.run(select(_T.id).where(_is_of(organizer), _T.state.in_(UNDER_WAY)))
        for row in rows.all():
            self._store.run(delete(_AUDIENCE).where(_AUDIENCE.c.broadcast == row.id))
            self._store.outbox.delete_broadcast(row.id)
            self._store.outbox.drop_keys(
                keys_of(row.id)
            )  # of the questions to a second organizer, with the text
        approved = and_(_T.approved_by == organizer, _T.state.in_(UNDER_WAY))
        self._store.run(update(_TABLE).where(approved).values(state=STOPPED))
        self._store.run(delete(_TABLE).where(_T.organizer == organizer))

    def delete_old(self, before: datetime) -> int:
        """Delete what was over before an instant, with its text; give the number."""
        which = and_(_T.state.in_(DONE), _T.due < before)
        return int(self._store.run(delete(_TABLE).where(which)).rowcount)


def _joined() -> Any:
    return _PEOPLE.join(_SUBSCRIPTIONS, _SUBSCRIPTIONS.c.conversation == _PERSON.id)


def keys_of(broadcast: int) -> str:
    """Give what the keys of all messages about a piece of news, to organizers, begin with."""
    return f"news:{broadcast}:"


def _is_of(organizer: int) -> Any:
    return or_(_T.organizer == organizer, _T.approved_by == organizer)
