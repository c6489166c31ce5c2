"""What would follow from a change of the schedule, and how it is made to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Final

from bot.actions.announce import allowed_hosts
from bot.actions.word_change import Told, audience_of, next_time, worded
from bot.core.links import foreign_hosts
from bot.core.occurrences import Occurrence, Words
from bot.core.overrides import CHAT, Override, added_uid
from bot.core.plain_text import single_line
from bot.core.reminders import alarms_of
from bot.core.schedule_changes import known_of, tell_at, useful_until
from bot.core.schedule_diff import Step, Stored
from bot.errors import UserError
from bot.messages import Phrase, Say
from bot.router import House
from bot.store import Store
from bot.store.audiences import Audience
from bot.store.calendar import Kept
from bot.store.news import Readers
from bot.store.people import Conversation

POLLS: Final = "polls.next"  # the bookmark with when a poll opens next, which may be at another time now
UNKEPT: Final = 2**62  # the number of an override that is only planned: later than any other

Rows = list[tuple[str, Stored]]  # each with its source
Steps = list[tuple[str, Step]]


@dataclass(frozen=True, slots=True)
class Affected:
    """One date that would be another.  ``before`` None: it is new."""

    before: Kept | None
    after: Occurrence


@dataclass(frozen=True, slots=True)
class Planned:
    """What would follow.

    ``affected`` are the dates, by start.  ``readers`` is whom it would be told, ``goes`` when (None: nobody is told),
    ``waits`` whether quiet hours hold it up until then, ``message`` what somebody reads in private who lets the group be
    named (where several series change, of the first); the others of them read it without its name and place.  ``turn_is_open``: a talking or activity turn falls out; should
    it go to the next date?
    """

    affected: tuple[Affected, ...] = ()
    readers: Readers = field(default_factory=Readers)
    goes: datetime | None = None
    waits: bool = False
    message: Say | None = None
    turn_is_open: bool = False


# ---- planning ------------------------------------------------------------------------------------------


def planned(store: Store, house: House, draft: Override, *, now: datetime) -> Planned:
    """Say what follows from an override of dates that are there."""
    return plan_of(store, house, laid_over(store, house, reach(store, draft, now), also=draft), now=now)


def plan_of(store: Store, house: House, steps: Steps, *, now: datetime) -> Planned:
    """Say what follows from writing some rows, each of which an organizer changes."""
    affected = tuple(
        Affected(
            None if step.before is None else Kept(step.row or 0, step.before, source, step.override),
            step.after,
        )
        for source, step in steps
        if step.after is not None
    )
    told = [each for source, step in steps if (each := _told(store, source, step, now)) is not None]
    open_turn = _leaves_turn_open(store, house, [step for _, step in steps])
    if not told:
        return Planned(affected, turn_is_open=open_turn)
    groups = _by_audience(told, house)
    soonest = now + house.undo
    goes = min(
        tell_at(soonest, each.before, each.after, hours=house.quiet_hours, zone=house.zone) for each in told
    )
    _, first = groups[0]
    following = next_time(store, first, now=now, without=[step.row for _, step in steps])
    named, _ = worded(first, following, house)
    return Planned(
        affected,
        store.changes.readers([(whom, [each.kept.id for each in of]) for whom, of in groups], now=now),
        goes,
        goes > soonest,
        Say(named.text),
        open_turn,
    )


def _told(store: Store, source: str, step: Step, now: datetime) -> Told | None:
    """Say what people would be told of a row; None: nothing."""
    if step.after is None:
        return None
    after = known_of(step.after)
    noted, known = (False, None) if step.row is None else store.changes.known(step.row)
    before = known if noted or step.before is None else known_of(step.before)
    told = Told(Kept(step.row or 0, step.after, source), before, after)
    return told if told.what is not None and useful_until(before, after) > now else None


def _by_audience(told: list[Told], house: House) -> list[tuple[Audience, list[Told]]]:
    groups: dict[Audience, list[Told]] = {}
    for each in told:
        groups.setdefault(audience_of(each.kept.it, house), []).append(each)
    return list(groups.items())


def _leaves_turn_open(store: Store, house: House, steps: Sequence[Step]) -> bool:
    """Tell whether a turn falls out, with dates after it that it could go to."""
    written = {step.row for step in steps}
    for step in steps:
        before, after = step.before, step.after
        if before is None or after is None or after.status != "cancelled" or before.status == "cancelled":
            continue
        series = house.series.get(before.series or "")
        if series is None or before.variant not in series.turns:
            continue
        later = store.calendar.coming(
            before.start,
            series=series.id,
            cancelled=False,
            visibility=(series.visibility,),
            most=len(steps) + 1,
        )
        if any(each.id not in written for each in later):
            return True
    return False


# ---- making it so --------------------------------------------------------------------------------------


def make(store: Store, house: House, draft: Override, by: Conversation, *, now: datetime) -> Override:
    """Keep an override of dates that are there, and write what follows."""
    override = store.overrides.add(draft, organizer=by.id)
    steps = laid_over(store, house, reach(store, override, now))
    write(store, house, steps, by, f"schedule.{override.kind}", now=now)
    return override


def write(store: Store, house: House, steps: Steps, by: Conversation, act: str, *, now: datetime) -> None:
    """Write rows that an organizer changes, and what they did."""
    audience = plan_of(store, house, steps, now=now).readers.all
    put(store, house, steps, now=now, by_organizer=True)
    store.organizers.log(by.id, act, now=now, audience=audience)


def put(store: Store, house: House, steps: Steps, *, now: datetime, by_organizer: bool = False) -> None:
    """Write rows that a calendar did not change; ``by_organizer``: what is new of them is always told."""
    wanted = partial(alarms_of, default_leads=house.default_leads, hours=house.quiet_hours, zone=house.zone)
    for source, group in groupby(sorted(steps, key=_source), key=_source):
        store.refreshing.apply(
            source,
            [step for _, step in group],
            wanted,
            now=now,
            settle=house.undo,
            by_organizer=by_organizer,
        )
    store.refreshing.count_up()
    store.books.set_bookmark(POLLS, now.isoformat())


def _source(step: tuple[str, Step]) -> str:
    return step[0]


# ---- what an override reaches ----------------------------------------------------------------------------


def reach(store: Store, override: Override, now: datetime) -> Rows:
    """Give the rows that have not begun and that an override may concern."""
    if override.kind == "add":
        return store.refreshing.ahead(now, source=CHAT, uid=added_uid(override.id))
    if override.of_one:
        return store.refreshing.ahead(
            now, source=override.source, uid=override.uid, recurrence_id=override.recurrence_id
        )
    return store.refreshing.ahead(now, source=override.source, uid=override.uid, series=override.series)


def laid_over(
    store: Store, house: House, rows: Rows, *, also: Override | None = None, without: Collection[int] = ()
) -> Steps:
    """Give what is to be written so that rows are as the overrides let them be.

    ``also``: one that is planned; ``without``: those that are to hold no more.
    """
    turns = {each.id: each.turns for each in house.series.values() if each.turns}
    overrides = store.overrides.in_force(turns, also=() if also is None else (also,), without=without)
    steps: Steps = []
    for source, row in rows:
        after, by = overrides.over(source, row.said)
        override = None if by is None else by.id
        if (after, override) != (row.it, row.override):
            said = None if after == row.said else row.said
            steps.append((source, Step(row.id, row.it, after, said, override)))
    return steps


def active(store: Store, override: int) -> Override:
    """Give one that holds.

    Raises:
        UserError: it holds no more.
    """
    found = store.overrides.get(override)
    if found is None or found.state != "active":
        raise UserError(Phrase("override.undone"))
    return found


# ---- what is asked of all of them ------------------------------------------------------------------------


def must_be_ahead(start: datetime, end: datetime, now: datetime) -> None:
    """Refuse a time that is past, or ends before it begins.

    Raises:
        UserError: it is.
    """
    if start <= now:
        raise UserError(Phrase("override.past"))
    if end < start:
        raise UserError(Phrase("override.ends_first"))


def clean(words: Words, house: House) -> Words:
    """Put a title or a place on one line.

    Raises:
        UserError: it leads to a foreign page (T-08).
    """
    cleaned = {language: text for language, each in words.items() if (text := single_line(each))}
    foreign = foreign_hosts("\n".join(cleaned.values()), allowed=allowed_hosts(house))
    if foreign:
        raise UserError(Phrase("override.link", {"sivu": foreign[0]}))
    return cleaned
