"""Dates whose list or turn must be looked at, since somebody left or the date is another.  They wait for the next sweep."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, delete, select, union

from bot.store import schedule_models
from bot.store.hot import Hot
from bot.store.upsert import Insert, insert

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = schedule_models.unsettled
_T = _TABLE.c
_SIGN_UP = schedule_models.sign_up.c
_TURN = schedule_models.shared_turn.c
_NEWCOMER = schedule_models.newcomer.c
_DATE = schedule_models.occurrence.c

_QUEUES: Final = ("waiting", "offered")


def _queued_at(which: ColumnElement[bool]) -> Select[tuple[int]]:
    return select(_SIGN_UP.occurrence).where(which, _SIGN_UP.state.in_(_QUEUES))


def _add(*found: Select[tuple[int]]) -> Insert:
    dates = union(*found).subquery()
    # SQLite wants a WHERE before ON CONFLICT.
    every = select(dates.c.occurrence).where(dates.c.occurrence.is_not(None))
    return (
        insert(_TABLE)
        .from_select(["occurrence"], every)
        .on_conflict_do_nothing(index_elements=["occurrence"])
    )


_THIS = bindparam("which", type_=BigInteger)
_OF_DATE = Hot(
    _add(
        select(_SIGN_UP.occurrence).where(_SIGN_UP.occurrence == _THIS),
        select(_NEWCOMER.occurrence).where(_NEWCOMER.occurrence == _THIS, _NEWCOMER.due.is_not(None)),
    )
)
_FIRST = Hot(select(_T.occurrence).order_by(_T.occurrence).limit(1))


class Unsettled:
    """What is to be looked at; `schedules/places.py` does."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def first(self) -> int | None:
        """Give a date to be looked at; None: there is none."""
        row = self._store.hot_row(_FIRST)
        return None if row is None else row[0]

    def settle(self, occurrence: int) -> None:
        """Note that a date was looked at."""
        self._store.run(delete(_TABLE).where(_T.occurrence == occurrence))

    def date_changed(self, occurrence: int) -> None:
        """Look at a date that is another than it was, if there is anybody on its lists."""
        self._store.hot(_OF_DATE, which=occurrence)

    def leaves(self, conversation: int) -> None:
        """Look at the places and turns of somebody who is about to be erased."""
        theirs = select(_TURN.occurrence).where(_TURN.conversation == conversation)
        signed_up = select(_SIGN_UP.occurrence).where(_SIGN_UP.conversation == conversation)
        self._look_at(signed_up, theirs)

    def cannot_answer(self, conversation: int) -> None:
        """Look at the places that are offered to somebody who cannot be told anything any more."""
        offered = and_(_SIGN_UP.conversation == conversation, _SIGN_UP.state == "offered")
        self._look_at(select(_SIGN_UP.occurrence).where(offered))

    def limits_changed(self, series: Collection[str]) -> None:
        """Look at the queues of some series."""
        self._look_at(_queued_at(_SIGN_UP.occurrence.in_(select(_DATE.id).where(_DATE.series.in_(series)))))

    def _look_at(self, *found: Select[tuple[int]]) -> None:
        self._store.run(_add(*found))
        self._store.wake()
