"""Changes of the schedule that wait to be told, each once, to those whom it concerns."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import delete, false, func, or_, select, update

from bot.core.occurrences import Occurrence
from bot.core.schedule_changes import Known, is_near, known_of, useful_until, what_changed
from bot.store import models, schedule_models
from bot.store.audiences import Audience, concerns
from bot.store.calendar import Kept, kept_of
from bot.store.models import from_ms, to_ms
from bot.store.news import Readers
from bot.store.upsert import insert

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = schedule_models.schedule_change
_T = _TABLE.c
_OCCURRENCE = schedule_models.occurrence
_O = _OCCURRENCE.c
_PERSON = models.conversation.c


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one date.

    ``before`` is the date as people know it (None: they know nothing of it), ``after`` as it is now, or as it was when
    its telling began.  ``due`` is when the sweep looks at it next, ``settles`` the instant before which it may be taken
    back; ``reached``: up to this conversation its rows are made.
    """

    id: int
    kept: Kept
    before: Known | None
    after: Known
    settles: datetime
    due: datetime | None
    reached: int = 0
    begun: bool = False


class Changes:
    """What waits to be told."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    # ---- noting ------------------------------------------------------------------------------------

    def note(
        self,
        occurrence: int,
        before: Occurrence | None,
        after: Occurrence,
        *,
        now: datetime,
        settle: timedelta,
        always: bool,
    ) -> None:
        """Note what changed of a date: it joins what still waits to be told of it.

        What is as people know it, or helps nobody any more, is not told; nor is what nobody has heard of and is not
        near, unless it is told ``always``.
        """
        waiting = self._waiting(occurrence)
        told = None if waiting is not None else self._told(occurrence)
        known = waiting.before if waiting is not None else told
        if known is None and waiting is None and before is not None:
            known = known_of(before)
        is_now = known_of(after)
        if what_changed(known, is_now) is None or useful_until(known, is_now) <= now:
            self.drop([occurrence])
            return
        if waiting is None and not (
            always
            or told is not None
            or is_near(known, is_now, now=now)
            or self._store.refreshing.is_concerned(occurrence)
        ):
            return
        due = now + settle
        if waiting is None:
            values = {
                "occurrence": occurrence,
                "before": None if known is None else _dump(known),
                "settles": due,
                "due": due,
            }
            self._store.run(insert(_TABLE).values(values))
        else:
            self._store.run(update(_TABLE).where(_T.id == waiting.id).values(settles=due, due=due))
        self._store.wake()

    def drop(self, occurrences: Collection[int]) -> None:
        """Tell nothing of some dates that has not begun to be told."""
        which = (_T.occurrence.in_(occurrences), _T.told_with.is_(None))
        self._store.run(delete(_TABLE).where(*which))

    def known(self, occurrence: int) -> tuple[bool, Known | None]:
        """Tell whether a change of a date waits or was told, and as what people know it then."""
        waiting = self._waiting(occurrence)
        if waiting is not None:
            return True, waiting.before
        told = self._told(occurrence)
        return told is not None, told

    # ---- telling -----------------------------------------------------------------------------------

    def next_due(self) -> datetime | None:
        """Give when the sweep looks at one next; None: nothing waits."""
        found: datetime | None = self._store.run(select(func.min(_T.due))).scalar_one_or_none()
        return found

    def first_due(self, now: datetime) -> Change | None:
        """Give the one that has been due for longest; None: none is.  What has begun to be told goes first."""
        which = _joined().where(_T.due <= now)
        row = self._store.run(which.order_by(_T.told_with.is_(None), _T.due, _T.id).limit(1)).first()
        return None if row is None else _change(row)

    def beside(self, change: Change, *, now: datetime) -> list[Change]:
        """Give those of the same series, for the same people, that have settled too; by start, it among them."""
        it = change.kept.it
        alike = (
            _O.series == it.series,
            _O.visibility == it.visibility,
            _O.area.is_(None) if it.area is None else _O.area == it.area,
            _T.told_with.is_(None),
            _T.settles <= now,
        )
        return self._changes(_joined().where(*alike))

    def told_with(self, change: int) -> list[Change]:
        """Give those whose rows are being made together, by start."""
        return self._changes(_joined().where(_T.told_with == change))

    def put_off(self, changes: Sequence[Change], due: datetime) -> None:
        """Look at some again later."""
        self._store.run(update(_TABLE).where(_T.id.in_([each.id for each in changes])).values(due=due))

    def begin(self, first: Change, changes: Sequence[Change], *, now: datetime) -> None:
        """Tell some together: what becomes of their dates from now on is another change."""
        for each in changes:
            after = _dump(each.after)
            values = {"told_with": first.id, "after": after, "due": now if each.id == first.id else None}
            self._store.run(update(_TABLE).where(_T.id == each.id).values(values))
            self._store.run(update(_OCCURRENCE).where(_O.id == each.kept.id).values(told=after))

    def reach(self, change: int, conversation: int) -> None:
        """Note how far the rows are made."""
        self._store.run(update(_TABLE).where(_T.id == change).values(reached=conversation))

    def done(self, changes: Collection[int]) -> None:
        """Forget some that are told, or help nobody any more."""
        self._store.run(delete(_TABLE).where(_T.id.in_(changes)))

    def readers(self, told: Sequence[tuple[Audience, Sequence[int]]], *, now: datetime) -> Readers:
        """Count whom changes of some dates would be told now: audiences with their dates."""
        whom = or_(false(), *(concerns(dates, audience, now=now) for audience, dates in told))
        rows = self._store.run(
            select(_PERSON.kind, func.count().label("number")).where(whom).group_by(_PERSON.kind)
        )
        numbers = {row.kind: int(row.number) for row in rows}
        return Readers(numbers.pop("private", 0), sum(numbers.values()))

    # ---- reading -----------------------------------------------------------------------------------

    def _waiting(self, occurrence: int) -> Change | None:
        which = _joined().where(_T.occurrence == occurrence, _T.told_with.is_(None))
        row = self._store.run(which).first()
        return None if row is None else _change(row)

    def _told(self, occurrence: int) -> Known | None:
        text = self._store.run(select(_O.told).where(_O.id == occurrence)).scalar_one_or_none()
        return None if text is None else _load(text)

    def _changes(self, statement: Any) -> list[Change]:
        return [_change(row) for row in self._store.run(statement.order_by(_O.start, _O.id))]


def _joined() -> Any:
    change = [column.label(f"change_{column.name}") for column in _TABLE.columns]
    return select(_OCCURRENCE, *change).join(_TABLE, _T.occurrence == _O.id)


def _change(row: Any) -> Change:
    kept = kept_of(row)
    return Change(
        row.change_id,
        kept,
        None if row.change_before is None else _load(row.change_before),
        known_of(kept.it) if row.change_after is None else _load(row.change_after),
        row.change_settles,
        row.change_due,
        row.change_reached,
        row.change_told_with is not None,
    )


def _dump(known: Known) -> str:
    return orjson.dumps(
        [to_ms(known.start), to_ms(known.end), known.all_day, known.cancelled, dict(known.place)]
    ).decode()


def _load(text: str) -> Known:
    start, end, all_day, cancelled, place = orjson.loads(text)
    return Known(from_ms(start), from_ms(end), all_day, cancelled, place)
