"""What shall be said, to whom, and when.  What becomes of it stands in delivery.py.

Rows are collected while pieces of work run and written in one statement before the commit.  A reply to
the conversation that is being answered is born claimed and handed to the courier right after the commit,
so that it costs no second look at the table.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)

from bot.messages import Lane, Leave, Place, Say
from bot.store import models
from bot.store.hot import Hot
from bot.store.models import from_day, from_ms, to_day, to_ms
from bot.store.people import Conversation
from bot.store.saying import dump_say
from bot.store.subscriptions import EVERYTHING
from bot.store.upsert import insert as insert_or

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = models.outbox
_T = _TABLE.c

WAITING, CLAIMED, SENT, FAILED, DROPPED = range(5)

LEASE = timedelta(minutes=2)  # longer than any send may take; after a crash the next start takes back all

_APPEND = Hot(
    insert_or(_TABLE)
    .values({
        name: bindparam(name)
        for name in (
            "key", "conversation", "platform", "lane", "not_before", "useful_until", "what", "state", "lease",
            "attempts", "parts", "series", "occurrence", "broadcast",
        )
    })
    .on_conflict_do_nothing(index_elements=["key"])
)  # fmt: skip
_NEXT = Hot(
    select(_T.not_before).where(_T.state == WAITING, _T.resume.is_(None)).order_by(_T.not_before).limit(1)
)
# Each in the words of its index, and from its beginning on: nobody reads what is sent to find what is not.
_IS_WAITING = or_(
    and_(_T.state == literal_column(str(WAITING)), _T.resume.is_(None), _T.not_before >= literal_column("0")),
    and_(_T.state == literal_column(str(WAITING)), _T.resume >= literal_column("0")),
)
_IN_HAND = and_(  # answers stay
    _T.state == literal_column(str(CLAIMED)), _T.lease >= literal_column("0"), _T.lane != int(Lane.REPLY)
)
_LAST = Hot(
    select(_T.lane, _T.not_before, _T.state)
    .where(
        _T.conversation == bindparam("who"),
        _T.state.in_([literal_column(str(each)) for each in (WAITING, CLAIMED, SENT)]),
        _T.not_before <= bindparam("now"),
    )
    .order_by(case((_IN_HAND, 1), else_=0).desc(), _T.not_before.desc(), _T.id.desc())
    .limit(1)
)
_REVOCABLE = or_(_IS_WAITING, _IN_HAND)
# Of the schedule; no other notice is of a series or a date.
_IS_CHANGE = and_(
    _T.lane.in_((int(Lane.URGENT), int(Lane.NOTICE))), or_(_T.series.is_not(None), _T.occurrence.is_not(None))
)


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed row with all that is needed to say it."""

    key: str
    conversation: int
    place: Place
    language: str | None
    named: bool
    lane: Lane
    say: Say | Leave = field(repr=False)
    useful_until: datetime | None
    attempts: int = 0
    parts: int = 0  # so many messages of a text that is too long for one are said already


def reply_to(conversation: Conversation, key: str, say: Say | Leave) -> Ready:
    """Give what answers the conversation that is being talked with, ready to be said."""
    return Ready(
        key,
        conversation.id,
        conversation.place,
        conversation.language,
        conversation.named,
        Lane.REPLY,
        say,
        None,
    )


class Outbox:
    """Rows to be said.  The courier is the only one who takes them."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._rows: list[dict[str, Any]] = []
        self._ready: list[Ready] = []
        self._written = 0  # so many of the rows are in the table already
        self._mark = (0, 0, 0)
        self.on_ready: Callable[[list[Ready]], object] | None = None  # called in the writer's thread
        self.on_revoked: Callable[[Sequence[str]], object] | None = None  # keys in the courier's hand

    # ---- adding -----------------------------------------------------------------------------------

    def reply(self, conversation: Conversation, key: str, say: Say | Leave, *, now: datetime) -> None:
        """Answer the conversation that is being talked with."""
        handed = self.on_ready is not None
        self._append(
            conversation.id, conversation.place.platform, key, say, Lane.REPLY, to_ms(now), None,
            now if handed else None,
        )  # fmt: skip
        if handed:
            self._ready.append(reply_to(conversation, key, say))

    def push(
        self,
        conversation: Conversation,
        key: str,
        say: Say,
        *,
        now: datetime,
        lane: Lane = Lane.NOTICE,
        not_before: datetime | None = None,
        useful_until: datetime | None = None,
        broadcast: int | None = None,
    ) -> None:
        """Say something to somebody else than the one who is being answered.  A known key adds nothing."""
        self._append(
            conversation.id, conversation.place.platform, key, say, lane, to_ms(not_before or now),
            useful_until, None, broadcast=broadcast,
        )  # fmt: skip

    def invite(
        self,
        conversation: int,
        platform: str,
        key: str,
        say: Say,
        *,
        not_before: datetime,
        useful_until: datetime,
        series: str | None = None,
        occurrence: int | None = None,
    ) -> None:
        """Tell somebody, of whom only the number is at hand, something that they did not ask for.

        ``series``: whoever hears of it no more is not told; None: whoever hears of nothing any more.  ``occurrence``: the
        date that it is of, without which it is pointless.
        """
        self._append(
            conversation, platform, key, say, Lane.BROADCAST, to_ms(not_before), useful_until, None,
            series=series, occurrence=occurrence,
        )  # fmt: skip

    def _append(  # noqa: PLR0917 - the columns, in order
        self,
        conversation: int,
        platform: str,
        key: str,
        say: Say | Leave,
        lane: Lane,
        not_before: int,
        useful_until: datetime | None,
        claimed_at: datetime | None,
        broadcast: int | None = None,
        series: str | None = None,
        occurrence: int | None = None,
    ) -> None:
        self._rows.append(
            {
                "key": key,
                "conversation": conversation,
                "platform": platform,
                "lane": int(lane),
                "not_before": not_before,
                "useful_until": None if useful_until is None else to_ms(useful_until),
                "what": dump_say(say),
                "state": WAITING if claimed_at is None else CLAIMED,
                "lease": None if claimed_at is None else to_ms(claimed_at + LEASE),
                "attempts": 0,
                "parts": 0,
                "series": series,
                "occurrence": occurrence,
                "broadcast": broadcast,
            }
        )

    # ---- dropping and changing ----------------------------------------------------------------------

    def drop_reminders(self, conversation: int, series: str | None = None) -> None:
        """Take back what is queued for somebody who does not want it any more."""
        about_a_date = or_(_T.lane == int(Lane.REMINDER), _IS_CHANGE)
        which = and_(_T.conversation == conversation, about_a_date)
        if series is not None:
            which = and_(which, _T.series == series)
        self._take_back(which)

    def drop_unheard(self, conversation: int, heard: Collection[str]) -> None:
        """Take back queued news and invitations of somebody who hears of these series only (U9)."""
        if EVERYTHING in heard:
            return
        which = and_(_T.conversation == conversation, _T.lane == int(Lane.BROADCAST))
        if heard:
            which = and_(which, _T.series.not_in(heard))
        self._take_back(which)

    def drop_notices(self, conversation: int) -> None:
        """Take back what is queued for somebody as an organizer, who is one no more (T-01).

        Of all notices, these alone have neither a date nor an end of their use: what they ask is answered or over.
        """
        about_nothing = and_(_T.series.is_(None), _T.occurrence.is_(None), _T.useful_until.is_(None))
        self._take_back(and_(_T.conversation == conversation, _T.lane == int(Lane.NOTICE), about_nothing))

    def drop_keys(self, beginning: str) -> None:
        """Take back what is queued under keys that begin so."""
        self._take_back(_T.key.startswith(beginning, autoescape=True))

    def drop_occurrence(self, occurrence: int) -> None:
        """Take back queued reminders of what was cancelled or moved, and invitations to it."""
        lanes = (int(Lane.REMINDER), int(Lane.BROADCAST))
        self._take_back(and_(_T.occurrence == occurrence, _T.lane.in_(lanes)))

    def drop_invitations(self, occurrence: int) -> None:
        """Take back queued invitations to a date, which needs nobody any more."""
        self._take_back(and_(_T.occurrence == occurrence, _T.lane == int(Lane.BROADCAST)))

    def withhold(self, beginning: str, *, now: datetime) -> bool:
        """Say no more of what is queued under keys that begin so; False: nothing is.

        What the courier has in hand is given back and loses its use, but stays in the table: what was on the wire is
        sent, so that it is known who got it.
        """
        which = _T.key.startswith(beginning, autoescape=True)
        self._recall(which)
        waiting = self._run(delete(_TABLE).where(which, _IS_WAITING)).rowcount
        in_hand = self._run(update(_TABLE).where(which, _IN_HAND).values(useful_until=now)).rowcount
        return bool(waiting + in_hand)

    def waits(self, beginning: str) -> bool:
        """Tell whether anything is queued under keys that begin so."""
        which = and_(_T.key.startswith(beginning, autoescape=True), _REVOCABLE)
        return self._run(select(_T.id).where(which).limit(1)).first() is not None

    def has_in_hand(self, beginning: str) -> bool:
        """Tell whether the courier has anything in hand under keys that begin so: it is not known yet who gets it."""
        which = and_(_T.key.startswith(beginning, autoescape=True), _IN_HAND)
        return self._run(select(_T.id).where(which).limit(1)).first() is not None

    def drop_broadcast(self, broadcast: int, *, now: datetime) -> None:
        """Stop what is left of a broadcast that must not go out."""
        self._recall(_T.broadcast == broadcast)
        self._run(
            update(_TABLE)
            .where(_T.broadcast == broadcast, _REVOCABLE)
            .values(state=DROPPED, what="", reason="stopped", lease=None, finished=to_day(now))
        )

    def delete_broadcast(self, broadcast: int) -> None:
        """Take back what is left of a broadcast of which nothing shall be kept."""
        self._take_back(_T.broadcast == broadcast)

    def drop_everything(self, conversation: int) -> None:
        """Take back all that is queued for somebody who is erased (T-38)."""
        self._recall(_T.conversation == conversation)
        self._run(delete(_TABLE).where(_T.conversation == conversation))

    def look_again(self, conversation: int) -> None:
        """Have the courier give back what it has in hand for somebody, to whom it may not be said so any more."""
        self._recall(_T.conversation == conversation)

    def _take_back(self, which: ColumnElement[bool]) -> None:
        """Delete what is queued and what the courier has in hand; what is on the wire arrives all the same."""
        self._recall(which)
        self._run(delete(_TABLE).where(which, _REVOCABLE))

    def _recall(self, which: ColumnElement[bool]) -> None:
        keys = self._run(select(_T.key).where(which, _IN_HAND)).scalars().all()
        if keys and self.on_revoked is not None:
            self._store.after_commit(partial(self.on_revoked, keys))

    def readdress(self, source: int, target: int) -> None:
        """Give what waits for one conversation to another (a group that moved)."""
        self._run(
            update(_TABLE)
            .where(_T.conversation == source, _T.state.in_((WAITING, CLAIMED)))
            .values(conversation=target)
        )

    def delete_finished(self, before_day: int) -> int:
        """Delete rows that ended before a day, or lost their use before it unsaid; give their number."""
        useless = and_(_T.state == WAITING, _T.useful_until < from_day(before_day))
        return int(self._run(delete(_TABLE).where(or_(_T.finished < before_day, useless))).rowcount)

    # ---- looking ------------------------------------------------------------------------------------

    def next_due(self) -> datetime | None:
        """Give the earliest instant at which a row may be said, on any platform; None: nothing waits.

        Rows that rest, since their reader's platform told us to wait, are not asked.
        """
        self.flush()
        row = self._store.hot_row(_NEXT)
        return None if row is None else from_ms(row[0])

    def said_last(self, conversation: int, *, now: datetime) -> tuple[Lane, datetime] | None:
        """Give the lane of what somebody was told last, or should have been, and when; None: nothing is known of.

        A push that the courier has in hand may be there at any moment, so it counts as the last; of an answer that is on
        its way nobody knows.
        """
        self.flush()
        row = self._store.hot_row(_LAST, who=conversation, now=to_ms(now))
        if row is None or (row[0] == Lane.REPLY and row[2] != SENT):
            return None
        return Lane(row[0]), from_ms(row[1])

    def oldest_due(self, now: datetime) -> timedelta:
        """Give how long the oldest due row has been waiting; zero when none is."""
        first = self.next_due()
        return max(now - first, timedelta()) if first is not None else timedelta()

    def counts_of_broadcast(self, broadcast: int) -> dict[tuple[int, str | None], int]:
        """Count a broadcast's rows by state and reason."""
        rows = self._run(
            select(_T.state, _T.reason, func.count().label("number"))
            .where(_T.broadcast == broadcast)
            .group_by(_T.state, _T.reason)
        )
        return {(row.state, row.reason): row.number for row in rows}

    def unchosen(self, conversations: Sequence[int], *, since: datetime) -> dict[int, list[datetime]]:
        """Give when people were told, or will be, what they did not choose: news and invitations (U10)."""
        rows = self._run(
            select(_T.conversation, _T.not_before).where(
                _T.conversation.in_(conversations),
                _T.lane == int(Lane.BROADCAST),
                _T.state.in_((WAITING, CLAIMED, SENT)),
                _T.not_before >= since,
            )
        )
        found: dict[int, list[datetime]] = {}
        for row in rows:
            found.setdefault(row.conversation, []).append(row.not_before)
        return found

    def waiting_for(self, conversation: int) -> int:
        """Count what is still to be said to somebody."""
        statement = select(func.count()).select_from(_TABLE)
        which = and_(_T.conversation == conversation, _T.state.in_((WAITING, CLAIMED)))
        return int(self._run(statement.where(which)).scalar_one())

    def finished_of(self, conversation: int) -> int:
        """Count what was said to somebody, or could not be, as far back as that is kept (14 days)."""
        statement = select(func.count()).select_from(_TABLE)
        which = and_(_T.conversation == conversation, _T.state.not_in((WAITING, CLAIMED)))
        return int(self._run(statement.where(which)).scalar_one())

    # ---- the transaction, for the store --------------------------------------------------------------

    def mark(self) -> None:
        """Remember where a piece of work begins."""
        self._mark = (len(self._rows), len(self._ready), self._written)

    def forget_since_mark(self) -> None:
        """Take back what the failed piece wanted said."""
        rows, ready, self._written = self._mark
        del self._rows[rows:]
        del self._ready[ready:]

    def forget_all(self) -> None:
        """Take back everything."""
        self._rows.clear()
        self._ready.clear()
        self._written = 0

    def flush(self) -> None:
        """Write what was collected: before the commit, and before anything looks at the table or changes it."""
        if len(self._rows) > self._written:
            self._store.hot_many(_APPEND, self._rows[self._written :])
            self._written = len(self._rows)

    def hand_over(self) -> None:
        """Give the courier what was born claimed, and tell it of the rest; after the commit."""
        ready, self._ready = self._ready, []
        others = len(self._rows) > len(ready)
        self._rows.clear()
        self._written = 0
        if ready and self.on_ready is not None:
            self.on_ready(ready)
        if others:
            self._store.wake()

    def _run(self, statement: Executable) -> Any:
        """Run a statement over all rows, those of this transaction too."""
        self.flush()
        return self._store.run(statement)
