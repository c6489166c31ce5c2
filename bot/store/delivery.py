"""The courier's side of the outbox: taking rows that are due, and writing down what became of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import bindparam, case, literal_column, select, update

from bot.errors import SetupError
from bot.messages import ConversationKind, Lane, Place
from bot.store import models
from bot.store.hot import Hot
from bot.store.models import from_ms, to_day, to_ms
from bot.store.outbox import CLAIMED, DROPPED, FAILED, LEASE, SENT, WAITING, Ready
from bot.store.saying import load_say

if TYPE_CHECKING:
    from bot.store import Row, Store

_TABLE = models.outbox
_T = _TABLE.c
_PERSON = models.conversation

AT_NIGHT = (Lane.REPLY, Lane.URGENT)  # what is said in quiet hours too
PAUSABLE = (Lane.REMINDER, Lane.BROADCAST)  # what comes by itself; an organizer's notices do not

PAGES = 20  # of rows that nobody needs any more, in one transaction

_DUE = Hot(
    select(
        _T.key, _T.conversation, _T.what, _T.useful_until, _T.attempts, _T.parts,
        _PERSON.c.kind, _PERSON.c.address, _PERSON.c.language, _PERSON.c.named, _PERSON.c.state,
        _PERSON.c.paused_until,
    )
    .select_from(_TABLE.join(_PERSON, _PERSON.c.id == _T.conversation))
    .where(
        _T.state == WAITING,
        _T.resume.is_(None),
        _T.platform == bindparam("on"),
        _T.lane == bindparam("in_lane"),
        _T.not_before <= bindparam("by"),
    )
    .order_by(_T.not_before, _T.id)
    .limit(bindparam("most"))
)  # fmt: skip
_NEXT = Hot(
    select(_T.not_before)
    .where(
        _T.state == WAITING,
        _T.resume.is_(None),
        _T.platform == bindparam("on"),
        _T.lane == bindparam("in_lane"),
    )
    .order_by(_T.not_before)
    .limit(1)
)
_RESTED = Hot(update(_TABLE).where(_T.resume <= bindparam("by")).values(resume=None))
_NEXT_RESTED = Hot(select(_T.resume).where(_T.resume.is_not(None)).order_by(_T.resume).limit(1))
_BY_KEY = update(_TABLE).where(_T.key == bindparam("row_key"))
_CLAIM = Hot(_BY_KEY.values(state=CLAIMED, lease=bindparam("until")))
_SENT = Hot(
    _BY_KEY.values(
        state=SENT,
        what="",
        message_id=bindparam("sent_as"),
        # When it was read, as far as is known; an answer stays where it was given, before what came meanwhile.
        not_before=case((_T.lane == int(Lane.REPLY), _T.not_before), else_=bindparam("moment")),
        reason=None,
        lease=None,
        finished=bindparam("today"),
    )
)
_ENDED = Hot(
    _BY_KEY.values(
        state=bindparam("ended"), what="", reason=bindparam("why"), lease=None, finished=bindparam("today")
    )
)
_BACK = Hot(
    _BY_KEY.where(_T.state == CLAIMED).values(
        state=WAITING,
        lease=None,
        resume=bindparam("moment"),
        attempts=bindparam("tries"),
        parts=bindparam("said"),
    )
)


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of a row that the courier had in hand.

    ``state`` sent, failed or dropped ends it; waiting gives it back to its old place, where it rests until ``resume``
    (None: not at all).  ``attempts`` and ``parts`` are what the row shall remember then.
    """

    key: str
    state: int
    message_id: str | None = None
    reason: str | None = None
    resume: datetime | None = None
    attempts: int = 0
    parts: int = 0


class Delivery:
    """Rows on their way."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def claim(
        self, platform: str, *, now: datetime, most: int, quiet_until: datetime | None = None
    ) -> list[Ready]:
        """Take up to ``most`` due rows, the most urgent lane first.

        Rows whose reader went silent or pauses are dropped on the way, as are those past their use.  In quiet hours,
        which ``quiet_until`` says, only replies and what is urgent are taken: all else waits for their end, or loses its
        use by then.
        """
        self._store.outbox.flush()
        self._store.hot(_RESTED, by=to_ms(now))
        taken: list[Ready] = []
        pages = PAGES
        for lane in _lanes(quiet_until):
            while pages and (room := most - len(taken)):
                pages -= 1
                rows = self._store.hot_rows(_DUE, on=platform, in_lane=int(lane), by=to_ms(now), most=room)
                taken += self._take(platform, lane, rows, now)
                if len(rows) < room:
                    break
        return taken

    def _take(self, platform: str, lane: Lane, rows: Sequence["Row"], now: datetime) -> list[Ready]:
        """Claim those of the rows that shall be said, and end the others."""
        sorted_out = [self._ready(platform, lane, row, now) for row in rows]
        taken = [each for each in sorted_out if isinstance(each, Ready)]
        ended = [each for each in sorted_out if isinstance(each, Finished)]
        lease = to_ms(now + LEASE)
        if taken:
            self._store.hot_many(_CLAIM, [{"row_key": each.key, "until": lease} for each in taken])
        if ended:
            self.finish(ended, now=now)
        return taken

    def _ready(self, platform: str, lane: Lane, row: "Row", now: datetime) -> Ready | Finished:
        key, conversation, what, useful, attempts, parts, kind, address, language, named, state, paused = row
        until = None if useful is None else from_ms(useful)
        if state != "active" and lane is not Lane.REPLY:
            return Finished(key, DROPPED, reason="silent")
        if lane in PAUSABLE and paused is not None and paused > to_ms(now):
            return Finished(key, DROPPED, reason="paused")
        if until is not None and until <= now:
            return Finished(key, DROPPED, reason="too_late")
        try:
            where = Place(platform, self._store.vault.open(address).decode(), cast("ConversationKind", kind))
            say = load_say(what)
        except (SetupError, ValueError, LookupError, TypeError):  # spoilt, or written by another version
            return Finished(key, FAILED, reason="unreadable")
        return Ready(key, conversation, where, language, bool(named), lane, say, until, attempts, parts)

    def finish(self, finished: Sequence[Finished], *, now: datetime) -> None:
        """Write down what became of rows: delivered ones lose their words in the same statement."""
        self._store.outbox.flush()
        today = to_day(now)
        sent, ended, back = [], [], []
        dropped: Counter[str | None] = Counter()
        for each in finished:
            row: dict[str, Any] = {"row_key": each.key}
            if each.state == SENT:
                sent.append(row | {"sent_as": each.message_id, "today": today, "moment": to_ms(now)})
            elif each.state != WAITING:
                ended.append(row | {"ended": each.state, "why": each.reason, "today": today})
                dropped[each.reason] += each.state == DROPPED
            else:
                moment = None if each.resume is None else to_ms(each.resume)
                back.append(row | {"tries": each.attempts, "said": each.parts, "moment": moment})
        for statement, rows in ((_SENT, sent), (_ENDED, ended), (_BACK, back)):
            if rows:
                self._store.hot_many(statement, rows)
        for reason, number in dropped.items():
            if number:
                self._store.books.add(f"dropped.{reason}", today, number)
        if sent or ended:
            self._store.people.bury()

    def release_expired(self, now: datetime | None) -> int:
        """Give back rows whose courier is gone; None: all that are claimed (at the start of the only process)."""
        claimed = update(_TABLE).where(_T.state == literal_column(str(CLAIMED)))
        if now is not None:
            claimed = claimed.where(_T.lease < now)
        return int(self._store.run(claimed.values(state=WAITING, lease=None)).rowcount)

    def next_due(self, platform: str, *, quiet_until: datetime | None = None) -> datetime | None:
        """Give the earliest instant at which a row of a platform, or one that rests, may be said; None: never.

        ``quiet_until`` is the end of the quiet hours that it is now: before it only replies, and what is urgent, are said.
        """
        self._store.outbox.flush()
        firsts = [self._store.hot_row(_NEXT, on=platform, in_lane=int(lane)) for lane in _lanes(quiet_until)]
        firsts.append(self._store.hot_row(_NEXT_RESTED))
        due = [from_ms(row[0]) for row in firsts if row is not None]
        return min(due if quiet_until is None else [*due, quiet_until], default=None)


def _lanes(quiet_until: datetime | None) -> Iterable[Lane]:
    """Give the lanes whose rows may be said now."""
    return Lane if quiet_until is None else AT_NIGHT
