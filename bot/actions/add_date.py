"""An organizer adds a date from the chat."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.actions.planned_change import UNKEPT, Planned, clean, must_be_ahead, plan_of, write
from bot.core.occurrences import Occurrence, Words
from bot.core.overrides import CHAT, Override, added_uid
from bot.core.recurrence import DAY, instant
from bot.core.schedule_diff import Step
from bot.errors import UserError
from bot.messages import Phrase
from bot.router import House
from bot.store import Store
from bot.store.people import Conversation

LONGEST_NIGHT: Final = timedelta(hours=12)  # that an event may last which ends on the day after it began


def plan_add(
    store: Store,
    house: House,
    *,
    series: str | None,
    title: Words,
    start: datetime,
    end: datetime,
    place: Words | None = None,
    now: datetime,
) -> Planned:
    """Say what follows if a date is added.

    Args:
        store: what is kept.
        house: the house.
        series: whose date it is; None: of none, and only those hear of it who follow everything.
        title: its name; empty: that of the series.
        start: when it begins, UTC.
        end: when it ends, UTC.
        place: where it is; None: where the series is.
        now: the present.

    Raises:
        UserError: it has no name, its time is past or ends before it begins, or a text leads to a foreign page.
            Where it would end soon after midnight ("23-01"), it does on the day after.
    """
    draft = _adding(house, series=series, title=title, start=start, end=end, place=place, now=now)
    return plan_of(store, house, [(CHAT, Step(None, None, _added(draft, house)))], now=now)


def add(
    store: Store,
    house: House,
    by: Conversation,
    *,
    series: str | None,
    title: Words,
    start: datetime,
    end: datetime,
    place: Words | None = None,
    now: datetime,
) -> Override:
    """Add a date; arguments and errors as for `plan_add`."""
    draft = _adding(house, series=series, title=title, start=start, end=end, place=place, now=now)
    override = store.overrides.add(draft, organizer=by.id)
    write(store, house, [(CHAT, Step(None, None, _added(override, house)))], by, "schedule.add", now=now)
    return override


def _adding(
    house: House,
    *,
    series: str | None,
    title: Words,
    start: datetime,
    end: datetime,
    place: Words | None,
    now: datetime,
) -> Override:
    known = house.series.get(series or "")
    name = clean(title, house) or ({} if known is None else known.name)
    if not name:
        raise UserError(Phrase("override.nameless"))
    end = _over_midnight(start, end, house)
    must_be_ahead(start, end, now)
    where = clean(place or {}, house) or ({} if known is None else known.place)
    return Override(
        id=UNKEPT,
        kind="add",
        organizer=0,
        made=now,
        source=CHAT,
        recurrence_id="",
        series=None if known is None else known.id,
        start=start,
        end=end,
        title=name,
        place=where,
    )


def _over_midnight(start: datetime, end: datetime, house: House) -> datetime:
    """Give when it ends: on the day after, where only so it is an evening, and not two hours in the wrong order."""
    local = end.astimezone(house.zone)
    next_day = instant(local.date() + DAY, local.time(), house.zone)
    return next_day if end < start < next_day <= start + LONGEST_NIGHT else end


def _added(override: Override, house: House) -> Occurrence:
    """Give the date that an override adds."""
    series = house.series.get(override.series or "")
    assert override.start is not None
    assert override.end is not None
    it = Occurrence(
        uid=added_uid(override.id),
        recurrence_id=None,
        start=override.start,
        end=override.end,
        title=override.title or {},
        place=override.place or {},
    )
    if series is None:
        return it
    return replace(
        it,
        series=series.id,
        visibility=series.visibility,
        signup=series.signup,
        leads=series.leads,
        area=series.area,
    )
