"""Writing the schedule: rows as a calendar and the organizers say them, with their alarms and what is told of them."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import ColumnElement, bindparam, delete, exists, func, or_, select, update

from bot.core.occurrences import Occurrence
from bot.core.overrides import CHAT
from bot.core.reminders import Alarm
from bot.core.schedule_changes import Known, known_of
from bot.core.schedule_diff import Difference, Step, Stored, difference
from bot.store import schedule_models
from bot.store.calendar import FIRED, WAITING, kept_of
from bot.store.hot import Hot
from bot.store.models import from_ms, to_ms
from bot.store.upsert import insert

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = schedule_models.occurrence
_T = _TABLE.c
_ALARM = schedule_models.alarm
_A = _ALARM.c
_TAKING_PART = (schedule_models.sign_up, schedule_models.newcomer, schedule_models.shared_turn)

AlarmsOf = Callable[[Occurrence], Sequence[Alarm]]

PAGE: Final = 500  # rows that are read at once: a few milliseconds
VERSION: Final = "calendar.version:{}"  # the bookmark that counts the changes of a source, or of organizers

_COLUMNS: Final = (
    "uid", "recurrence_id", "start", "end", "all_day", "status", "series", "variant", "title", "place",
    "visibility", "kind", "signup", "leads", "area", "said", "override",
)  # fmt: skip
_ADD = Hot(
    insert(_TABLE)
    .values({name: bindparam(f"new_{name}") for name in ("source", "changed", *_COLUMNS)})
    .on_conflict_do_nothing(index_elements=["source", "uid", "recurrence_id"])
    .returning(_T.id)
)
_SET = Hot(
    update(_TABLE)
    .where(_T.id == bindparam("which"))
    .values(
        {name: bindparam(f"new_{name}") for name in _COLUMNS}
        | {
            "sequence": _T.sequence + bindparam("more", type_=_T.sequence.type),
            "changed": func.coalesce(bindparam("moment", type_=_T.id.type), _T.changed),
        }
    )
)
_ADD_ALARM = Hot(
    insert(_ALARM)
    .values({name: bindparam(f"new_{name}") for name in ("occurrence", "start", "lead", "choices", "due")})
    .values(state=WAITING)
    .on_conflict_do_nothing(index_elements=["occurrence", "start", "lead"])
)
_ALARMS = Hot(
    select(_A.id, _A.start, _A.lead, _A.choices, _A.due, _A.state).where(_A.occurrence == bindparam("which"))
)
_SET_ALARM = Hot(
    update(_ALARM)
    .where(_A.id == bindparam("which"))
    .values(choices=bindparam("new_choices"), due=bindparam("new_due"))
)
_DROP_ALARM = Hot(delete(_ALARM).where(_A.id == bindparam("which")))


class Refreshing:
    """The rows of the schedule, as those see them who write them."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    # ---- what is there -----------------------------------------------------------------------------

    def stored(self, source: str, *, after: int = 0, most: int | None = None) -> list[Stored]:
        """Give the rows of a source by their number, those after one of them; no more than a page if told so."""
        statement = select(_TABLE).where(_T.source == source, _T.id > after).order_by(_T.id).limit(most)
        return [_stored(row) for row in self._store.run(statement)]

    def ahead(self, now: datetime, **which: str | None) -> list[tuple[str, Stored]]:
        """Give rows that have not begun, each with its source, by start: all those with these values in the columns.

        Where None is asked for, any will do.
        """
        alike = [_T[name] == value for name, value in which.items() if value is not None]
        statement = select(_TABLE).where(_T.start > now, *alike).order_by(_T.start, _T.id)
        return [(row.source, _stored(row)) for row in self._store.run(statement)]

    def untold(self) -> list[tuple[str, Stored, Sequence[Known | None]]]:
        """Give the rows of which something was not told yet, or not to everybody: source, row, and as people know it."""
        knowns: defaultdict[int, list[Known | None]] = defaultdict(list)
        for change in self._store.changes.untold():
            knowns[change.kept.id] += change.knowns
        rows = self._store.run(select(_TABLE).where(_T.id.in_(list(knowns))))
        return [(row.source, _stored(row), knowns[row.id]) for row in rows]

    def begun(self, now: datetime) -> list[Occurrence]:
        """Give what has begun, as the sources said it: the turns of what is ahead go on from it."""
        statement = select(_TABLE).where(_T.start <= now, _T.series.is_not(None))
        return [_stored(row).said for row in self._store.run(statement)]

    def concerned(self, source: str) -> frozenset[int]:
        """Give the rows of a source that people were told of or take part in."""
        return self._concerned(_T.source == source)

    def is_concerned(self, row: int) -> bool:
        """Tell whether people were told of a row or take part in it."""
        return bool(self._concerned(_T.id == row))

    def _concerned(self, which: ColumnElement[bool]) -> frozenset[int]:
        reminded = exists().where(_A.occurrence == _T.id, _A.state == FIRED)
        taken_part = (exists().where(table.c.occurrence == _T.id) for table in _TAKING_PART)
        rows = self._store.run(select(_T.id).where(which, or_(_T.told.is_not(None), reminded, *taken_part)))
        return frozenset(rows.scalars())

    def version(self, source: str = "") -> int:
        """Give how often a source was refreshed; "": how often organizers have changed something."""
        return int(self._store.books.bookmark(VERSION.format(source)) or 0)

    def count_up(self, source: str = "") -> None:
        """Count one such change: what was compared before it is to be compared anew."""
        self._store.books.set_bookmark(VERSION.format(source), str(self.version(source) + 1))

    def has_future(self, source: str, now: datetime) -> bool:
        """Tell whether anything of a source is still ahead."""
        statement = select(_T.id).where(_T.source == source, _T.start > now).limit(1)
        return self._store.run(statement).first() is not None

    # ---- writing -----------------------------------------------------------------------------------

    def refresh(
        self,
        source: str,
        read: Sequence[Occurrence],
        alarms_of: AlarmsOf,
        *,
        now: datetime,
        settle: timedelta = timedelta(),
        turns: Mapping[str, Sequence[str]] | None = None,
    ) -> Difference:
        """Make the rows of a source say at once what it says, with the overrides over it; give the difference.

        All alarms of what is ahead are looked after.  Large calendars are compared and written piece by piece
        (refresh_schedule.py).
        """
        found = difference(
            source,
            self.stored(source),
            read,
            self._store.overrides.in_force(turns or {}),
            now=now,
            concerned=self.concerned(source),
            all_alarms=True,
        )
        self._store.overrides.follow(found)
        self.apply(source, found.steps, alarms_of, now=now, settle=settle)
        return found

    def apply(
        self,
        source: str,
        steps: Sequence[Step],
        alarms_of: AlarmsOf,
        *,
        now: datetime,
        settle: timedelta,
        by_organizer: bool = False,
    ) -> list[int]:
        """Write steps; give the numbers of the rows that are new.

        The alarms of what was written follow; those that fired for the same start and lead stay fired, and those whose
        time has come are left to the sweep.  Reminders that are queued for what was moved or cancelled are taken back.

        Args:
            source: of all the rows.
            steps: what to write.
            alarms_of: the alarms that an occurrence should have.
            now: the present.
            settle: how long a change waits before people are told, so that it can be taken back.
            by_organizer: whether an organizer changed it from the chat: then people are always told.
        """
        added: list[int] = []
        for step in steps:
            if step.row is None:
                added += self._add(source, step, alarms_of, now, settle, by_organizer=by_organizer)
            elif step.after is None:
                self._drop(step.row)
            elif step.alarms_only:
                self._set_alarms(step.row, step.after, alarms_of, now)
            else:
                self._set(step.row, step, alarms_of, now, settle, by_organizer=by_organizer)
        if steps:
            self._store.wake()  # something may be due before the sweep would look again
        return added

    def _add(
        self,
        source: str,
        step: Step,
        alarms_of: AlarmsOf,
        now: datetime,
        settle: timedelta,
        *,
        by_organizer: bool,
    ) -> list[int]:
        assert step.after is not None
        row = self._store.hot_row(_ADD, new_source=source, new_changed=to_ms(now), **_values(step))
        if row is None:
            return []
        identity = int(row[0])
        self._add_alarms(identity, step.after, alarms_of, now)
        if by_organizer:
            self._store.changes.note(identity, None, step.after, now=now, settle=settle, always=True)
        return [identity]

    def _set(
        self,
        row: int,
        step: Step,
        alarms_of: AlarmsOf,
        now: datetime,
        settle: timedelta,
        *,
        by_organizer: bool,
    ) -> None:
        before, after = step.before, step.after
        assert before is not None
        assert after is not None
        known, new = known_of(before), known_of(after)
        self._store.hot(
            _SET,
            which=row,
            more=int(known != new),
            moment=to_ms(now) if known != new else None,
            **_values(step),
        )
        if _timing(before) != _timing(after):
            self._set_alarms(row, after, alarms_of, now)
        if (before.start, before.status) != (after.start, after.status):
            self._store.outbox.drop_occurrence(row)
        if (*_timing(before), before.signup, before.series) != (*_timing(after), after.signup, after.series):
            self._store.unsettled.date_changed(row)
        if known != new:
            self._store.changes.note(row, before, after, now=now, settle=settle, always=by_organizer)

    def _drop(self, row: int) -> None:
        """Delete what nobody was told of; if somebody was meanwhile, the next comparison will know."""
        if not self.is_concerned(row):
            self._store.outbox.drop_occurrence(row)
            self._store.run(delete(_TABLE).where(_T.id == row))

    def _set_alarms(self, row: int, it: Occurrence, alarms_of: AlarmsOf, now: datetime) -> None:
        """Make the alarms of what is ahead say what they should."""
        there = {}
        for alarm, start, lead, choices, due, state in self._store.hot_rows(_ALARMS, which=row):
            if start == to_ms(it.start):
                there[lead] = alarm, choices, due, state
            elif state == WAITING:
                self._store.hot(_DROP_ALARM, which=alarm)
        if it.start <= now:
            return
        for wanted in alarms_of(it):
            alarm, choices, due, state = there.pop(_lead(wanted), (None, None, None, WAITING))
            if alarm is None or state != WAITING or wanted.due <= now:
                continue
            if (choices, due) != (wanted.choices, to_ms(wanted.due)):
                self._store.hot(
                    _SET_ALARM, which=alarm, new_choices=wanted.choices, new_due=to_ms(wanted.due)
                )
        for alarm, _, _, state in there.values():
            if state == WAITING:
                self._store.hot(_DROP_ALARM, which=alarm)
        self._add_alarms(row, it, alarms_of, now)

    def _add_alarms(self, row: int, it: Occurrence, alarms_of: AlarmsOf, now: datetime) -> None:
        if it.start <= now:
            return
        added = [
            {
                "new_occurrence": row,
                "new_start": to_ms(it.start),
                "new_lead": _lead(alarm),
                "new_choices": alarm.choices,
                "new_due": to_ms(alarm.due),
            }
            for alarm in alarms_of(it)
            if alarm.due > now  # a reminder is not born late: what is near already is found by asking
        ]
        if added:
            self._store.hot_many(_ADD_ALARM, added)

    # ---- dropping ----------------------------------------------------------------------------------

    def drop_sources(self, keep: Sequence[str], *, now: datetime) -> None:
        """Remove the future of sources that are no longer set; what was added from the chat stays."""
        for source in self._sources():
            if source not in (*keep, CHAT):
                self._store.run(delete(_TABLE).where(_T.source == source, _T.start > now))

    def _sources(self) -> Iterator[str]:
        """Give the sources of which there is anything, each by one look into the index, for it may have many dates."""
        source = self._store.run(select(func.min(_T.source))).scalar_one()
        while source is not None:
            yield source
            source = self._store.run(select(func.min(_T.source)).where(_T.source > source)).scalar_one()

    def delete_ended(self, before: datetime) -> int:
        """Delete occurrences that ended long ago, with their alarms."""
        return int(self._store.run(delete(_TABLE).where(_T.end < before)).rowcount)


def _stored(row: Any) -> Stored:
    kept = kept_of(row)
    if row.said is None:
        return Stored(row.id, kept.it, kept.it, row.override)
    said = orjson.loads(row.said)
    instants = {name: from_ms(said[name]) for name in ("start", "end")}
    return Stored(row.id, kept.it, replace(kept.it, **(said | instants)), row.override)


def _values(step: Step) -> dict[str, Any]:
    """Give the columns of a row as the driver knows them."""
    it, said = step.after, step.said
    assert it is not None
    values = {
        "uid": it.uid,
        "recurrence_id": it.recurrence_id or "",
        "start": to_ms(it.start),
        "end": to_ms(it.end),
        "all_day": it.all_day,
        "status": it.status,
        "series": it.series,
        "variant": it.variant,
        "title": _json(dict(it.title)),
        "place": _json(dict(it.place)),
        "visibility": it.visibility,
        "kind": it.kind,
        "signup": it.signup,
        "leads": None if it.leads is None else _json([int(each.total_seconds()) for each in it.leads]),
        "area": it.area,
        # Only what an override can change.
        "said": None
        if said is None
        else _json(
            {
                "start": to_ms(said.start),
                "end": to_ms(said.end),
                "all_day": said.all_day,
                "status": said.status,
                "variant": said.variant,
                "place": dict(said.place),
            }
        ),
        "override": step.override,
    }
    return {f"new_{name}": value for name, value in values.items()}


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _timing(it: Occurrence) -> tuple[Any, ...]:
    """Give what its alarms follow from."""
    return it.start, it.all_day, it.status, it.kind, it.leads


def _lead(alarm: Alarm) -> int:
    return int(alarm.leads[0].total_seconds())
