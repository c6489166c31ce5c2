"""Talking or activity: what becomes of a turn that is skipped.

When a date is cancelled, its turn is lost, or all the later ones of the series wait by one.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.actions.planned_change import UNKEPT, active, make, reach
from bot.core.alternation import shifted
from bot.core.left_out import just_after
from bot.core.occurrences import Occurrence
from bot.core.overrides import Override
from bot.errors import UserError
from bot.messages import Phrase
from bot.router import House
from bot.store import Store
from bot.store.calendar import Kept
from bot.store.people import Conversation


def shift_turns(
    store: Store, house: House, skipped: int, by: Conversation, *, now: datetime
) -> list[Override]:
    """Let the turns that an override skips go to the dates after it; give what that makes, one a series.

    Raises:
        UserError: the override holds no more, or skips no turn.
    """
    drafts = shifts_of(store, house, active(store, skipped), now)
    if not drafts:
        raise UserError(Phrase("override.same"))
    return [make(store, house, draft, by, now=now) for draft in drafts]


def turns_ahead(
    store: Store,
    house: House,
    series: str,
    *,
    now: datetime,
    skipped: int | None = None,
    since: datetime | None = None,
    most: int = 4,
) -> list[Kept]:
    """Give the next dates of a series that take place, with their turns.

    ``skipped``: as they would be if the turns that this override skips went to the dates after it.
    ``since``: where all of the next are before this, the first from then on instead, for there the turns differ.
    """
    if skipped is None:
        return _ahead(store, series, since, now, most)
    shift = next(
        (each for each in shifts_of(store, house, active(store, skipped), now) if each.series == series), None
    )
    if shift is None:
        return _ahead(store, series, since, now, most)
    return as_shifted(store, house, shift, now=now, most=most)


def as_shifted(store: Store, house: House, shift: Override, *, now: datetime, most: int = 4) -> list[Kept]:
    """Give the next dates of a series that take place, as `turns_ahead`, with the turns that a shift would give them."""
    assert shift.series is not None
    assert shift.since is not None
    turns = house.series[shift.series].turns
    return [
        replace(each, it=replace(each.it, variant=shifted(each.it.variant, turns, shift.shift or 0)))
        if each.it.start >= shift.since
        else each
        for each in _ahead(store, shift.series, shift.since, now, most)
    ]


def _ahead(store: Store, series: str, since: datetime | None, now: datetime, most: int) -> list[Kept]:
    ahead = store.calendar.coming(now, series=series, cancelled=False, most=most)
    if since is None or not ahead or ahead[-1].it.start >= since:
        return ahead
    return store.calendar.coming(since, series=series, cancelled=False, most=most)


def shifts_of(store: Store, house: House, skipped: Override, now: datetime) -> list[Override]:
    """Give, of each series that alternates, by how many turns its dates after the skipped ones would shift.

    As many as there are turns shift nothing.
    """
    found: list[Override] = []
    for series, dates in _skipped_turns(store, house, skipped, now).items():
        if len(dates) % len(house.series[series].turns) == 0:
            continue
        since = just_after(max(each.start for each in dates))
        found.append(
            Override(
                id=UNKEPT,
                kind="turns",
                organizer=0,
                made=now,
                series=series,
                since=since,
                shift=-len(dates),
            )
        )
    return found


def _skipped_turns(
    store: Store, house: House, skipped: Override, now: datetime
) -> Mapping[str, list[Occurrence]]:
    """Give, by series, the dates with a turn that take no place because of an override; as their source says them."""
    found: dict[str, list[Occurrence]] = {}
    if skipped.kind not in {"cancel", "break"} or (skipped.kind == "cancel" and not skipped.of_one):
        return found
    for _, row in reach(store, skipped, now):
        series = house.series.get(row.said.series or "")
        is_turn = series is not None and row.said.variant in series.turns
        if row.override == skipped.id and row.said.status != "cancelled" and series is not None and is_turn:
            found.setdefault(series.id, []).append(row.said)
    return found
