"""What an organizer can change of the schedule: cancel, move, add, take a break, shift turns, and undo each of it.

Each act has a plan beside it, which changes nothing and says what would follow.
"""

from dataclasses import replace
from datetime import date, datetime

from bot.actions.add_date import add, plan_add
from bot.actions.announce import tell
from bot.actions.describe import name_of, time_of
from bot.actions.planned_change import (
    UNKEPT,
    Affected,
    Planned,
    Rows,
    Steps,
    active,
    clean,
    laid_over,
    make,
    must_be_ahead,
    plan_of,
    planned,
    put,
    reach,
    write,
)
from bot.actions.shift_turns import shifts_of
from bot.core.occurrences import Occurrence, Words
from bot.core.overrides import Kind, Override
from bot.core.recurrence import DAY, WEEK, instant, midnight
from bot.core.schedule_diff import Step
from bot.errors import UserError
from bot.messages import Phrase, say
from bot.router import House
from bot.store import Store
from bot.store.calendar import Kept
from bot.store.people import Conversation

__all__ = [
    "Affected",
    "Planned",
    "a_week_later",
    "add",
    "cancel",
    "move",
    "plan_add",
    "plan_break",
    "plan_cancel",
    "plan_move",
    "plan_undo",
    "take_back_revoked",
    "take_break",
    "undo",
]

# ---- cancelling ----------------------------------------------------------------------------------------


def plan_cancel(
    store: Store, house: House, occurrence: int, *, onwards: bool = False, now: datetime
) -> Planned:
    """Say what follows if a date, or its series from it onwards, is cancelled.

    Raises:
        UserError: it is gone, has begun, or is cancelled already.
    """
    return planned(store, house, _cancelling(store, occurrence, onwards=onwards, now=now), now=now)


def cancel(
    store: Store, house: House, occurrence: int, by: Conversation, *, onwards: bool = False, now: datetime
) -> Override:
    """Cancel a date, or its series from it onwards; errors as for `plan_cancel`."""
    draft = _cancelling(store, occurrence, onwards=onwards, now=now)
    return make(store, house, draft, by, now=now)


def _cancelling(store: Store, occurrence: int, *, onwards: bool, now: datetime) -> Override:
    kept = _ahead(store, occurrence, now)
    if kept.it.status == "cancelled":
        raise UserError(Phrase("override.is_cancelled"))
    if not onwards:
        return _of_one(kept, "cancel", now)
    since = next(row.said.start for _, row in reach(store, _of_one(kept, "cancel", now), now))
    return Override(
        id=UNKEPT,
        kind="cancel",
        organizer=0,
        made=now,
        source=None if kept.it.series else kept.source,
        uid=None if kept.it.series else kept.it.uid,
        series=kept.it.series,
        since=since,
    )


# ---- moving --------------------------------------------------------------------------------------------


def plan_move(
    store: Store,
    house: House,
    occurrence: int,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    place: Words | None = None,
    now: datetime,
) -> Planned:
    """Say what follows if a date gets another time, or place, or both.

    Args:
        store: what is kept.
        house: the house.
        occurrence: the date.
        start: when it begins then, UTC; None: as before.
        end: when it ends, UTC; None: it lasts as long as before.
        place: where it is then; None: as before.
        now: the present.

    Raises:
        UserError: it is gone, has begun, is cancelled; the new time is past or ends before it begins; nothing would
            change; or the place leads to a foreign page.
    """
    return planned(
        store, house, _moving(store, house, occurrence, start=start, end=end, place=place, now=now), now=now
    )


def move(
    store: Store,
    house: House,
    occurrence: int,
    by: Conversation,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    place: Words | None = None,
    now: datetime,
) -> Override:
    """Give a date another time, or place, or both; arguments and errors as for `plan_move`."""
    return make(
        store,
        house,
        _moving(store, house, occurrence, start=start, end=end, place=place, now=now),
        by,
        now=now,
    )


def a_week_later(it: Occurrence, house: House) -> datetime:
    """Give the same hour of the next week, on the wall clock, UTC."""
    local = it.start.astimezone(house.zone)
    return instant(local.date() + WEEK, local.time(), house.zone)


def _moving(
    store: Store,
    house: House,
    occurrence: int,
    *,
    start: datetime | None,
    end: datetime | None,
    place: Words | None,
    now: datetime,
) -> Override:
    kept = _ahead(store, occurrence, now)
    it = kept.it
    if it.status == "cancelled":
        raise UserError(Phrase("override.is_cancelled"))
    begins = it.start if start is None else start
    ends = _end(it, begins, end, house)
    must_be_ahead(begins, ends, now)
    where = None if place is None else clean(place, house)
    moved = (begins, ends) != (it.start, it.end)
    elsewhere = bool(where) and where != it.place
    if not (moved or elsewhere):
        raise UserError(Phrase("override.same"))
    return replace(
        _of_one(kept, "move", now),
        start=begins if moved else None,
        end=ends if moved else None,
        place=where if elsewhere else None,
    )


def _end(it: Occurrence, start: datetime, end: datetime | None, house: House) -> datetime:
    """Give when it ends that begins then: as long after as before, on the wall clock where it lasts all day."""
    if end is not None:
        return end
    if not it.all_day:
        return start + (it.end - it.start)
    days = (it.end.astimezone(house.zone).date() - it.start.astimezone(house.zone).date()).days
    first = start.astimezone(house.zone).date()
    whole = start == midnight(first, house.zone)
    return midnight(first + (days if whole else 1) * DAY, house.zone)


# ---- breaks --------------------------------------------------------------------------------------------


def plan_break(
    store: Store, house: House, series: str | None, *, first: date, last: date, now: datetime
) -> Planned:
    """Say what follows if a series, or everything (None), takes a break; both days are of it.

    Raises:
        UserError: it would be over before it begins, or is past.
    """
    return planned(store, house, _breaking(house, series, first, last, now), now=now)


def take_break(
    store: Store,
    house: House,
    series: str | None,
    by: Conversation,
    *,
    first: date,
    last: date,
    now: datetime,
) -> Override:
    """Let a series, or everything, take a break, in which dates that are not known yet fall too; as `plan_break`."""
    return make(store, house, _breaking(house, series, first, last, now), by, now=now)


def _breaking(house: House, series: str | None, first: date, last: date, now: datetime) -> Override:
    since, until = midnight(first, house.zone), midnight(last + DAY, house.zone)
    if last < first:
        raise UserError(Phrase("override.ends_first"))
    if until <= now:
        raise UserError(Phrase("override.past"))
    return Override(
        id=UNKEPT,
        kind="break",
        organizer=0,
        made=now,
        series=series,
        since=max(since, now),
        until=until,
    )


# ---- undoing -------------------------------------------------------------------------------------------


def plan_undo(store: Store, house: House, override: int, *, now: datetime) -> Planned:
    """Say what follows if a change is taken back; errors as for `undo`."""
    ending, rows = _endable(store, override, now=now)
    _, steps = _ending(store, house, ending, rows, now=now)
    return plan_of(store, house, steps, now=now)


def undo(store: Store, house: House, override: int, by: Conversation, *, now: datetime) -> Override:
    """Let what the source says hold again, for all that has not begun.

    What was not told yet is never told; else people are told of this as of any change.  Turns that were shifted because
    of it are shifted back.

    Raises:
        UserError: it holds no more, or its date has begun.
    """
    ending, rows = _endable(store, override, now=now)
    steps = _ended(store, house, ending, rows, now=now)
    write(store, house, steps, by, "schedule.undo", now=now)
    return replace(ending, state="undone")


def _endable(store: Store, override: int, *, now: datetime) -> tuple[Override, Rows]:
    """Give what may be taken back, with the rows that it may concern.

    Raises:
        UserError: it holds no more, or its date has begun.
    """
    ending = active(store, override)
    rows = reach(store, ending, now)
    if ending.of_one and not rows:
        raise UserError(Phrase("override.begun"))
    return ending, rows


def take_back_revoked(store: Store, house: House, *, now: datetime) -> bool:
    """End what revoked organizers changed and people were not told of, and tell the other organizers; False: nothing.

    Of what some were told already they hear as of any change.
    """
    revoked = store.overrides.revoked()
    if not revoked:
        return False
    taken_back: list[Occurrence] = []
    for each in revoked:
        steps = _ended(store, house, each, reach(store, each, now), now=now)
        put(store, house, steps, now=now)
        taken_back += [step.before for _, step in steps if step.before is not None]
    if not taken_back:
        return True  # all of it has begun
    first = min(taken_back, key=_start)
    message = say("override.revoked", n=len(revoked), nimi=name_of(first, house), aika=time_of(first))
    for organizer in store.people.organizers():
        tell(store, house, organizer.id, f"override:{revoked[0].id}:revoked", message, now=now)
    return True


def _ended(store: Store, house: House, ending: Override, rows: Rows, *, now: datetime) -> Steps:
    """Let one hold no more, with the shift of turns because of it; give what is to be written."""
    ended, steps = _ending(store, house, ending, rows, now=now)
    for each in ended:
        store.overrides.end(each, "undone")
    return steps


def _ending(
    store: Store, house: House, ending: Override, rows: Rows, *, now: datetime
) -> tuple[list[int], Steps]:
    """Give all that would hold no more with one, and what would be written."""
    shifts = [(each.series, each.since, each.shift) for each in shifts_of(store, house, ending, now)]
    ended, reached = [ending.id], list(rows)
    for each in store.overrides.active(most=None):
        if each.kind == "turns" and (each.series, each.since, each.shift) in shifts:
            ended.append(each.id)
            reached += [row for row in reach(store, each, now) if row not in reached]
    if ending.kind == "add":
        return ended, [(source, _taken_back(store, row.id, row.it)) for source, row in reached]
    return ended, laid_over(store, house, reached, without=ended)


def _taken_back(store: Store, row: int, it: Occurrence) -> Step:
    """Delete what was added, or cancel it if somebody has heard of it."""
    if store.refreshing.is_concerned(row):
        return Step(row, it, replace(it, status="cancelled"))
    return Step(row, it, None)


# ---- what all of them ask ------------------------------------------------------------------------------


def _start(it: Occurrence) -> datetime:
    return it.start


def _ahead(store: Store, occurrence: int, now: datetime) -> Kept:
    kept = store.calendar.get(occurrence)
    if kept is None:
        raise UserError(Phrase("override.gone"))
    if kept.it.start <= now:
        raise UserError(Phrase("override.begun"))
    return kept


def _of_one(kept: Kept, kind: Kind, now: datetime) -> Override:
    return Override(
        id=UNKEPT,
        kind=kind,
        organizer=0,
        made=now,
        source=kept.source,
        uid=kept.it.uid,
        recurrence_id=kept.it.recurrence_id or "",
        series=kept.it.series,
    )
