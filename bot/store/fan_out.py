"""One message to many: a row in the outbox for each who hears of it, made piece by piece, one statement a piece."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    FromClause,
    Integer,
    String,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    literal,
    or_,
    select,
)

from bot.messages import Lane, Say
from bot.store import models
from bot.store.hot import Hot
from bot.store.models import to_ms
from bot.store.outbox import WAITING
from bot.store.saying import dump_say
from bot.store.subscriptions import EVERYTHING, hears
from bot.store.upsert import Insert, insert

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = models.outbox
_PERSON = models.conversation.c
_SUBSCRIPTION = models.subscription.c
_AUDIENCE = models.broadcast_audience.c

LAST = 2**63 - 1  # no conversation has a greater number


def _text(name: str) -> BindParameter[str]:
    return bindparam(name, type_=String)


def _number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger)


def _rows_for(people: FromClause, which: ColumnElement[bool], **more: ColumnElement[Any]) -> Insert:
    """Make a row for each of the people, under its own key; in private it has other words than where others read."""
    columns = {
        "key": _text("prefix") + cast(_PERSON.id, String),
        "conversation": _PERSON.id,
        "platform": _PERSON.platform,
        "lane": _number("in_lane"),
        "not_before": _number("since"),
        "what": case((_PERSON.kind == "private", _text("in_private")), else_=_text("in_groups")),
        "state": literal(WAITING),
        "attempts": literal(0),
        "series": _text("of_series"),
        **more,
    }
    rows = select(*columns.values()).select_from(people).where(which)
    statement = insert(_TABLE).from_select(list(columns), rows, include_defaults=False)
    return statement.on_conflict_do_nothing(index_elements=["key"])


_REMINDER = Hot(
    _rows_for(
        models.subscription.join(models.conversation, _PERSON.id == _SUBSCRIPTION.conversation),
        and_(
            _SUBSCRIPTION.series.in_([_text("heard"), _text("or_heard")]),
            _SUBSCRIPTION.conversation > _number("after"),
            _SUBSCRIPTION.conversation <= _number("upto"),
            _SUBSCRIPTION.leads.op("&")(bindparam("chosen", type_=Integer)) != 0,
            _PERSON.state == "active",
            or_(_PERSON.paused_until.is_(None), _PERSON.paused_until <= _number("present")),
            _PERSON.kind != _text("deaf"),
        ),
        useful_until=_number("until"),
        occurrence=_number("of_occurrence"),
    )
)


class FanOut:
    """Makes the rows of many.  What a person asked for meanwhile holds: who went silent or pauses gets none."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def reminder(
        self,
        *,
        key: str,
        series: str | None,
        choices: int,
        say: Say,
        occurrence: int,
        due: datetime,
        useful_until: datetime,
        now: datetime,
        in_groups: Say | None = None,
        public: bool = True,
        after: int = 0,
        upto: int | None = None,
    ) -> int:
        """Make the rows of everyone who hears of a series, in one statement; give their number.

        Args:
            key: of the message; each row's is this with its conversation's number.
            series: None: of none, and only those hear of it who follow everything.
            choices: the bits of the leads served.
            say: the message.
            occurrence: of which the rows are dropped when it is cancelled or moved.
            due: when it may go.
            useful_until: when it has no use any more.
            now: the present, by which pauses are over or not.
            in_groups: the message where others read along; None: the same.
            public: of what is not, no channel ever hears (T-17), and only those who named its series.
            after: only conversations later than this number: a piece.
            upto: and up to this one; None: all that follow.
        """
        named = series or ""  # nobody named that
        added = self._store.hot_count(
            _REMINDER,
            **_message(key, say, in_groups),
            in_lane=int(Lane.REMINDER),
            since=to_ms(due),
            until=to_ms(useful_until),
            of_series=series,
            of_occurrence=occurrence,
            heard=named,
            or_heard=EVERYTHING if public else named,
            chosen=choices,
            after=after,
            upto=LAST if upto is None else upto,
            present=to_ms(now),
            deaf="" if public else "channel",
        )
        self._store.wake()
        return added

    def broadcast(
        self,
        broadcast: int,
        say: Say,
        *,
        lane: Lane,
        most: int,
        now: datetime,
        in_groups: Say | None = None,
        series: str | None = None,
        public: bool = True,
    ) -> int:
        """Move a piece of a broadcast's frozen audience to the outbox; 0: all are moved.

        Those who do not hear of it any more get none.

        Args:
            broadcast: which.
            say: the message.
            lane: in which it goes.
            most: so many in one piece.
            now: when it may go.
            in_groups: the message where others read along; None: the same.
            series: whoever hears of it; None: of any.
            public: of what is not, no channel ever hears (T-17).
        """
        piece = [
            row.conversation
            for row in self._store.run(
                select(_AUDIENCE.conversation)
                .where(_AUDIENCE.broadcast == broadcast)
                .order_by(_AUDIENCE.conversation)
                .limit(most)
            )
        ]
        if not piece:
            return 0
        within = and_(_AUDIENCE.broadcast == broadcast, _AUDIENCE.conversation <= piece[-1])
        still_hears = exists().where(
            _SUBSCRIPTION.conversation == _PERSON.id, hears(series, public=public, now=now)
        )
        rows = _rows_for(
            models.broadcast_audience.join(models.conversation, _PERSON.id == _AUDIENCE.conversation),
            and_(within, still_hears),
            broadcast=literal(broadcast),
        )
        message = _message(f"broadcast:{broadcast}", say, in_groups)
        self._store.run(rows, {**message, "in_lane": int(lane), "since": to_ms(now), "of_series": series})
        self._store.run(delete(models.broadcast_audience).where(within))
        self._store.wake()
        return len(piece)


def _message(key: str, say: Say, in_groups: Say | None) -> dict[str, str]:
    in_private = dump_say(say)
    return {
        "prefix": f"{key}:",
        "in_private": in_private,
        "in_groups": in_private if in_groups is None else dump_say(in_groups),
    }
