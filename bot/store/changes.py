"""Changes of the schedule that wait to be told, each once, to those whom it concerns."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import bindparam, delete, false, func, or_, select, update

from bot.core.occurrences import Occurrence
from bot.core.schedule_changes import Known, Unheard, as_known, is_near, is_news, known_of
from bot.store import models, schedule_models
from bot.store.audiences import Audience, concerns
from bot.store.calendar import Kept, kept_of
from bot.store.hot import Hot
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

ALL: Final = 2**63 - 1  # reached: the rows of all conversations are made
_LAST_MESSAGE = Hot(
    select(_T.told_with).where(_T.occurrence == bindparam("which"), _T.told_with.is_not(None)).limit(1)
)
KEPT: Final = timedelta(days=7)  # how long it is known what a message said: no message waits for longer


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one date.

    ``before`` is the date as people know it (None: they know nothing of it), but for those who did not get a message of
    it (``unheard``, the oldest first); ``after`` as it is now, or as it was when its telling began.  ``due`` is when the
    sweep looks at it next, ``settles`` the instant before which it may be taken back; ``reached``: up to this
    conversation its rows are made.
    """

    id: int
    kept: Kept
    before: Known | None
    after: Known
    settles: datetime
    due: datetime | None
    reached: int = 0
    begun: bool = False
    unheard: tuple[Unheard, ...] = ()

    @property
    def messages(self) -> tuple[int, ...]:
        """The messages that not everybody got."""
        return tuple(each.message for each in self.unheard)

    def known_to(self, got: int | None) -> Known | None:
        """Give the date as those know it whose last message, of these, was this one; None: who got none of them."""
        return as_known(self.before, self.unheard, () if got is None else (got,))

    @property
    def knowns(self) -> tuple[Known | None, ...]:
        """The date in all the ways in which people know it."""
        return self.before, *(each.before for each in self.unheard)

    def news(self, now: datetime) -> list[Known | None]:
        """Give the date as those know it to whom something is new, and helps them still."""
        return [known for known in self.knowns if is_news(known, self.after, now=now)]


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
        """Note what changed of a date: it joins what still waits to be told of it, or is queued and not said yet.

        What is as people know it, or helps nobody any more, is not told; nor is what nobody has heard of and is not
        near, unless it is told ``always``.
        """
        self._take_back(occurrence, now=now, settle=settle)
        waiting, is_now = self._waiting(occurrence), known_of(after)
        if waiting is not None:
            if replace(waiting, after=is_now).news(now):
                self._settle(waiting, now + settle)
            else:
                self.drop([occurrence])
            return
        told = self._told(occurrence)
        known = known_of(before) if told is None and before is not None else told
        if is_news(known, is_now, now=now) and (
            always
            or told is not None
            or is_near(known, is_now, now=now)
            or self._store.refreshing.is_concerned(occurrence)
        ):
            self._add(occurrence, known, (), now + settle)

    def _add(
        self, occurrence: int, before: Known | None, unheard: Sequence[Unheard], settles: datetime
    ) -> None:
        known = None if before is None else _dump(before, unheard)
        values = {"occurrence": occurrence, "before": known, "settles": settles, "due": settles}
        self._store.run(insert(_TABLE).values(values))
        self._store.wake()

    def _settle(self, waiting: Change, settles: datetime) -> None:
        self._store.run(update(_TABLE).where(_T.id == waiting.id).values(settles=settles, due=settles))
        self._store.wake()

    def _take_back(self, occurrence: int, *, now: datetime, settle: timedelta) -> None:
        """Say no more of the last message of a date: who has not got it hears what the next one says instead.

        The other dates of that message wait to be told again, to those alone who have not got it.
        """
        row = self._store.hot_row(_LAST_MESSAGE, which=occurrence)
        if row is None:
            return
        (message,) = row
        changes = self.told_with(message)
        on_its_way = self._stop(message, now=now)
        self.done([each.id for each in changes])
        for each in changes if on_its_way else ():
            unheard = (*each.unheard, Unheard(message, each.before))
            self._add(each.kept.id, each.after, unheard, now + settle)

    def _stop(self, message: int, *, now: datetime) -> bool:
        """Say no more of a message; False: everybody has got it."""
        withheld = self._store.outbox.withhold(f"{message_key(message)}:", now=now)
        return withheld or self._reached(message) != ALL

    def _reached(self, message: int) -> int:
        which = select(func.max(_T.reached)).where(_T.told_with == message)
        return int(self._store.run(which).scalar_one())

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

    def untold(self) -> list[Change]:
        """Give those that were not told yet, or not to everybody."""
        messages = self._store.run(select(_T.told_with).where(_T.told_with.is_not(None)).distinct()).scalars()
        on_their_way = [
            each
            for each in messages.all()
            if self._reached(each) != ALL or self._store.outbox.waits(f"{message_key(each)}:")
        ]
        return self._changes(_joined().where(or_(_T.told_with.is_(None), _T.told_with.in_(on_their_way))))

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
        """Give those of the same series, for the same people, that have settled too; by start, it among them.

        Of all of them the same messages were not heard by everybody.
        """
        it = change.kept.it
        alike = (
            _O.series == it.series,
            _O.visibility == it.visibility,
            _O.area.is_(None) if it.area is None else _O.area == it.area,
            _T.told_with.is_(None),
            _T.settles <= now,
        )
        return [each for each in self._changes(_joined().where(*alike)) if each.messages == change.messages]

    def told_with(self, change: int) -> list[Change]:
        """Give those that are told together, by start."""
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

    def made(self, change: int, *, now: datetime) -> None:
        """Note that all rows are made; what they say is known for as long as some of them may wait."""
        self._store.run(update(_TABLE).where(_T.told_with == change).values(due=None, reached=ALL))
        self._store.run(delete(_TABLE).where(_T.reached == ALL, _T.settles < now - KEPT))

    def done(self, changes: Collection[int]) -> None:
        """Forget some that need not be told any more."""
        self._store.run(delete(_TABLE).where(_T.id.in_(changes)))

    def readers(self, told: Sequence[tuple[Audience, Sequence[int]]], *, now: datetime) -> Readers:
        """Count whom changes of some dates would be told now: audiences with their dates."""
        whom = or_(false(), *(concerns(dates, audience, now=now) for audience, dates in told))
        kind, number = _PERSON.kind, func.count().label("number")
        rows = self._store.run(select(kind, _PERSON.named, number).where(whom).group_by(kind, _PERSON.named))
        numbers = {(row.kind, bool(row.named)): int(row.number) for row in rows}
        named, unnamed = (numbers.pop(("private", each), 0) for each in (True, False))
        return Readers(named + unnamed, sum(numbers.values()), unnamed)

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
    before, unheard = (None, ()) if row.change_before is None else _load_before(row.change_before)
    return Change(
        row.change_id,
        kept,
        before,
        known_of(kept.it) if row.change_after is None else _load(row.change_after),
        row.change_settles,
        row.change_due,
        row.change_reached,
        row.change_told_with is not None,
        unheard,
    )


def message_key(message: int) -> str:
    """Give the key of a message about changes; each row's is this with its conversation's number."""
    return f"change:{message}"


def _dump(known: Known, unheard: Sequence[Unheard] = ()) -> str:
    earlier = [[each.message, None if each.before is None else _listed(each.before)] for each in unheard]
    return orjson.dumps([*_listed(known), *([earlier] if earlier else [])]).decode()


def _listed(known: Known) -> list[Any]:
    return [to_ms(known.start), to_ms(known.end), known.all_day, known.cancelled, dict(known.place)]


def _load(text: str) -> Known:
    return _known(orjson.loads(text))


def _load_before(text: str) -> tuple[Known, tuple[Unheard, ...]]:
    *listed, last = orjson.loads(text)
    if isinstance(last, dict):
        return _known([*listed, last]), ()
    return _known(listed), tuple(
        Unheard(message, None if before is None else _known(before)) for message, before in last
    )


def _known(listed: Sequence[Any]) -> Known:
    start, end, all_day, cancelled, place = listed
    return Known(from_ms(start), from_ms(end), all_day, cancelled, place)
