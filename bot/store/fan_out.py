"""One message to many: a row in the outbox for each who hears of it, made piece by piece, one statement a piece."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

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
    select,
)

from bot.messages import Lane, Say
from bot.store import models, schedule_models
from bot.store.audiences import Audience, awake, fits, hears_or_comes, takes_turn
from bot.store.hot import Hot
from bot.store.models import to_ms
from bot.store.outbox import SENT, WAITING
from bot.store.saying import dump_say
from bot.store.subscriptions import hears
from bot.store.upsert import Insert, insert

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = models.outbox
_PERSON = models.conversation.c
_SUBSCRIPTION = models.subscription.c
_AUDIENCE = models.broadcast_audience.c
_CHANGE = schedule_models.schedule_change.c
_SIGN_UP = schedule_models.sign_up
_TURN = schedule_models.shared_turn

Having = Literal["place", "turn"]

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


def _of_piece(person: ColumnElement[int]) -> ColumnElement[bool]:
    return and_(person > _number("after"), person <= _number("upto"))


_HEARD = (_text("heard"), _text("or_heard"))
_ABOUT_A_DATE = {"useful_until": _number("until"), "occurrence": _number("of_occurrence")}
_REMINDER = Hot(
    _rows_for(
        models.subscription.join(models.conversation, _PERSON.id == _SUBSCRIPTION.conversation),
        and_(
            _SUBSCRIPTION.series.in_(_HEARD),
            _of_piece(_SUBSCRIPTION.conversation),
            _SUBSCRIPTION.leads.op("&")(bindparam("chosen", type_=Integer)) != 0,
            awake(_number("present")),
            _PERSON.kind != _text("deaf"),
            fits(_text("of_area")),
        ),
        **_ABOUT_A_DATE,
    )
)
_REMINDER_OF = {
    having: Hot(
        _rows_for(
            table.join(models.conversation, _PERSON.id == table.c.conversation),
            and_(table.c.occurrence == _number("which"), table.c.reminded, awake(_number("present")), *more),
            **_ABOUT_A_DATE,
        )
    )
    for having, table, more in (
        ("place", _SIGN_UP, (_SIGN_UP.c.state == "coming",)),
        ("turn", _TURN, ()),
    )
}
_TOLD_TOGETHER = select(_CHANGE.occurrence).where(_CHANGE.told_with == _number("with_change"))
_CONCERNED = {
    turns_shared: and_(_of_piece(_PERSON.id), concerned)
    for turns_shared, concerned in (
        (True, takes_turn(_TOLD_TOGETHER)),
        (
            False,
            hears_or_comes(
                _TOLD_TOGETHER,
                series=_HEARD,
                area=_text("of_area"),
                deaf=_text("deaf"),
                now=_number("present"),
            ),
        ),
    )
}
_CHANGES = {
    turns_shared: Hot(_rows_for(models.conversation, concerned, **_ABOUT_A_DATE))
    for turns_shared, concerned in _CONCERNED.items()
}


def _got(key: str) -> ColumnElement[bool]:
    """Select who got a message; each row's key is this with its conversation's number."""
    return exists().where(_TABLE.c.key == f"{key}:" + cast(_PERSON.id, String), _TABLE.c.state == SENT)


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
        area: str | None = None,
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
            area: of which who chose others does not hear; None: of none.
            after: only conversations later than this number: a piece.
            upto: and up to this one; None: all that follow.
        """
        return self._make(
            _REMINDER,
            **_message(key, say, in_groups),
            **_hearing(Audience(series, area, public)),
            in_lane=int(Lane.REMINDER),
            since=to_ms(due),
            until=to_ms(useful_until),
            of_series=series,
            of_occurrence=occurrence,
            chosen=choices,
            after=after,
            upto=LAST if upto is None else upto,
            present=to_ms(now),
        )

    def reminder_of_own(
        self,
        having: Having,
        *,
        key: str,
        series: str | None,
        say: Say,
        occurrence: int,
        useful_until: datetime,
        now: datetime,
    ) -> int:
        """Make the rows of those who have a place at a date, or of whom it is their turn; give their number.

        They are reminded whatever they are subscribed to; arguments as for `reminder`.
        """
        return self._make(
            _REMINDER_OF[having],
            **_message(key, say, None),
            in_lane=int(Lane.REMINDER),
            since=to_ms(now),
            until=to_ms(useful_until),
            of_series=series,
            of_occurrence=occurrence,
            which=occurrence,
            present=to_ms(now),
        )

    def change(
        self,
        change: int,
        audience: Audience,
        *,
        key: str,
        say: Say,
        in_groups: Say,
        lane: Lane,
        occurrence: int | None,
        useful_until: datetime,
        now: datetime,
        after: int,
        upto: int | None,
        got: str | None = None,
        missed: Sequence[str] = (),
    ) -> int:
        """Make the rows of everyone whom changes concern that are told together; give their number.

        Args:
            change: with which they are told.
            audience: of all of them.
            key: of the message; each row's is this with its conversation's number.
            say: the message.
            in_groups: the message where others read along.
            lane: in which it goes.
            occurrence: the date that it is of; None: it is of several.
            useful_until: when it has no use any more.
            now: when it may go.
            after: only conversations later than this number: a piece.
            upto: and up to this one; None: all that follow.
            got: only those who got the message with this key; None: whether they did or not.
            missed: and got none of those with these keys.  Of all these messages nothing is in the courier's hand.
        """
        values = {
            **_message(key, say, in_groups),
            **({} if audience.turns_shared else _hearing(audience) | {"present": to_ms(now)}),
            "in_lane": int(lane),
            "since": to_ms(now),
            "until": to_ms(useful_until),
            "of_series": audience.series,
            "of_occurrence": occurrence,
            "with_change": change,
            "after": after,
            "upto": LAST if upto is None else upto,
        }
        if got is None and not missed:
            return self._make(_CHANGES[audience.turns_shared], **values)
        heard = [] if got is None else [_got(got)]
        which = and_(_CONCERNED[audience.turns_shared], *heard, *(~_got(each) for each in missed))
        self._store.outbox.flush()
        self._store.wake()
        return int(self._store.run(_rows_for(models.conversation, which, **_ABOUT_A_DATE), values).rowcount)

    def _make(self, rows: Hot, **values: Any) -> int:
        added = self._store.hot_count(rows, **values)
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


def _hearing(audience: Audience) -> dict[str, str]:
    heard, or_heard = audience.heard_as
    return {"heard": heard, "or_heard": or_heard, "deaf": audience.deaf, "of_area": audience.area or ""}


def _message(key: str, say: Say, in_groups: Say | None) -> dict[str, str]:
    in_private = dump_say(say)
    return {
        "prefix": f"{key}:",
        "in_private": in_private,
        "in_groups": in_private if in_groups is None else dump_say(in_groups),
    }
