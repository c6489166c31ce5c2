"""The schedule as last read, and when its reminders are due."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    update,
)

from bot.core.occurrences import Occurrence
from bot.store import schedule_models
from bot.store.hot import Hot
from bot.store.models import from_ms

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = schedule_models.occurrence
_T = _TABLE.c
_ALARM = schedule_models.alarm
_A = _ALARM.c

WAITING, FIRED, DROPPED = range(3)

_NEXT_ALARM = Hot(select(_A.due).where(_A.state == WAITING).order_by(_A.due, _A.id).limit(1))
_DUE = (
    select(_A.id.label("alarm"), _A.choices, _A.lead, _A.due, _A.reached, _TABLE)
    .join(_TABLE, _T.id == _A.occurrence)
    .where(_A.state == literal_column(str(WAITING)), _A.due <= bindparam("until"))
    .order_by(_A.due, _A.id)
    .limit(bindparam("most", type_=Integer))
)
_DUE_OF_ONE = _DUE.where(_A.occurrence == bindparam("which"))
_SETTLE = Hot(update(_ALARM).where(_A.id == bindparam("which")).values(state=bindparam("ended")))


@dataclass(frozen=True, slots=True)
class Kept:
    """An occurrence with the number under which buttons and alarms know it.

    ``source`` is where it is from, ``override`` what an organizer changed of it last; None: nothing.
    """

    id: int
    it: Occurrence
    source: str = ""
    override: int | None = None


@dataclass(frozen=True, slots=True)
class DueAlarm:
    """A reminder whose time has come.  ``reached``: up to this conversation its rows are made."""

    id: int
    choices: int
    lead: timedelta
    due: datetime
    kept: Kept
    reached: int = 0


@dataclass(frozen=True, slots=True)
class Ahead:
    """A reminder that has not gone yet: of which occurrence, when that begins, and when it is due."""

    occurrence: int
    start: datetime
    due: datetime


class Calendar:
    """Occurrences and their alarms."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    # ---- asking ------------------------------------------------------------------------------------

    def coming(
        self,
        after: datetime,
        *,
        series: str | None = None,
        most: int = 5,
        skip: int = 0,
        visibility: Sequence[str] = ("public", "members"),
        cancelled: bool = True,
        until: datetime | None = None,
        areas: Collection[str] = (),
        without: Collection[str] = (),
    ) -> list[Kept]:
        """Give occurrences that have not ended ``after`` an instant, by start; tentative and cancelled ones say so.

        ``areas``: of these, and of none, only; empty: of all.  ``without`` the dates of these series.
        """
        which = [_T.end > after, _T.kind == "event", _T.visibility.in_(visibility), *_among(areas, without)]
        if series is not None:
            which.append(_T.series == series)
        if not cancelled:
            which.append(_T.status != "cancelled")
        if until is not None:
            which.append(_T.start < until)
        statement = select(_TABLE).where(and_(*which)).order_by(_T.start, _T.id).limit(most).offset(skip)
        return [kept_of(row) for row in self._store.run(statement)]

    def next_of(
        self,
        series: str | None,
        after: datetime,
        *,
        visibility: Sequence[str] = ("public", "members"),
        areas: Collection[str] = (),
        without: Collection[str] = (),
    ) -> Kept | None:
        """Give the first occurrence that has not begun and takes place, of one series or of any.

        ``areas`` and ``without`` as in `coming`.
        """
        which = [
            _T.start > after,
            _T.status != "cancelled",
            _T.kind == "event",
            _T.visibility.in_(visibility),
            *_among(areas, without),
        ]
        if series is not None:
            which.append(_T.series == series)
        row = self._store.run(select(_TABLE).where(and_(*which)).order_by(_T.start, _T.id).limit(1)).first()
        return None if row is None else kept_of(row)

    def series_ahead(self, after: datetime) -> dict[str, datetime]:
        """Give the series that have an occurrence which has not begun and takes place, with the start of the first."""
        which = and_(_T.start > after, _T.status != "cancelled", _T.series.is_not(None))
        rows = self._store.run(select(_T.series, func.min(_T.start)).where(which).group_by(_T.series))
        return {series: start for series, start in rows}  # noqa: C416 - rows are no pairs to mypy

    def first_of(self, override: int) -> Kept | None:
        """Give the first date that an override lets say something else; None: there is none."""
        which = select(_TABLE).where(_T.override == override).order_by(_T.start, _T.id).limit(1)
        row = self._store.run(which).first()
        return None if row is None else kept_of(row)

    def get(self, occurrence: int) -> Kept | None:
        """Give one by its number; None: it is gone from the schedule."""
        row = self._store.run(select(_TABLE).where(_T.id == occurrence)).first()
        return None if row is None else kept_of(row)

    def ended(self, series: str, *, after: datetime, until: datetime) -> list[Kept]:
        """Give the occurrences of a series that took place and ended in (after, until], by their end."""
        which = and_(_T.series == series, _T.status == "confirmed", _T.end > after, _T.end <= until)
        return [kept_of(row) for row in self._store.run(select(_TABLE).where(which).order_by(_T.end, _T.id))]

    def next_end(self, series: str, *, after: datetime) -> datetime | None:
        """Give when the next occurrence of a series that takes place ends; None: none is known."""
        which = and_(_T.series == series, _T.status == "confirmed", _T.end > after)
        found: datetime | None = self._store.run(select(func.min(_T.end)).where(which)).scalar_one_or_none()
        return found

    # ---- alarms ------------------------------------------------------------------------------------

    def next_alarm(self) -> datetime | None:
        """Give when the next reminder is due."""
        row = self._store.hot_row(_NEXT_ALARM)
        return None if row is None else from_ms(row[0])

    def due_alarms(
        self, until: datetime, most: int = 500, *, occurrence: int | None = None
    ) -> list[DueAlarm]:
        """Give the reminders (of one occurrence, or of any) that are due and have not fired, the earliest first."""
        statement = _DUE if occurrence is None else _DUE_OF_ONE
        rows = self._store.run(statement, {"until": until, "most": most, "which": occurrence})
        return [
            DueAlarm(row.alarm, row.choices, timedelta(seconds=row.lead), row.due, kept_of(row), row.reached)
            for row in rows
        ]

    def alarms_ahead(self, series: str, choices: int, *, conversation: int, most: int = 100) -> list[Ahead]:
        """Give the reminders that somebody who chose these leads of a series has still to come, the earliest first.

        One whose rows are half made is to come only where theirs is not.
        """
        which = and_(
            _A.state == WAITING,
            _A.choices.op("&")(choices) != 0,
            _A.reached < conversation,
            _T.series == series,
        )
        rows = self._store.run(
            select(_A.occurrence, _T.start, _A.due)
            .join(_TABLE, _T.id == _A.occurrence)
            .where(which)
            .order_by(_A.due, _A.id)
            .limit(most)
        )
        return [Ahead(row.occurrence, row.start, row.due) for row in rows]

    def settle_alarm(self, alarm: int, *, fired: bool) -> None:
        """Note that a reminder went out, or was dropped; it never comes again."""
        self._store.hot(_SETTLE, which=alarm, ended=FIRED if fired else DROPPED)

    def change_alarm(
        self,
        alarm: int,
        *,
        choices: int | None = None,
        due: datetime | None = None,
        reached: int | None = None,
    ) -> None:
        """Let a reminder serve other leads, go at another time, or go on from where its rows are made."""
        values = {"choices": choices, "due": due, "reached": reached}
        given = {name: value for name, value in values.items() if value is not None}
        self._store.run(update(_ALARM).where(_A.id == alarm).values(given))


def _among(areas: Collection[str], without: Collection[str]) -> list[ColumnElement[bool]]:
    """Select dates of these areas and of none, where any are named, and of no series of the others."""
    which = []
    if areas:
        which.append(or_(_T.area.is_(None), _T.area.in_(areas)))
    if without:
        which.append(or_(_T.series.is_(None), _T.series.not_in(without)))
    return which


def kept_of(row: Any) -> Kept:
    """Make the value of a row of the table."""
    return Kept(
        row.id,
        Occurrence(
            uid=row.uid,
            recurrence_id=row.recurrence_id or None,
            start=row.start,
            end=row.end,
            all_day=row.all_day,
            status=row.status,
            series=row.series,
            variant=row.variant,
            title=orjson.loads(row.title),
            place=orjson.loads(row.place),
            visibility=row.visibility,
            kind=row.kind,
            signup=row.signup,
            area=row.area,
            leads=None
            if row.leads is None
            else tuple(timedelta(seconds=each) for each in orjson.loads(row.leads)),
        ),
        row.source,
        row.override,
    )
