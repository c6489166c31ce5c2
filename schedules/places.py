"""Places by the clock, and what somebody leaves who is erased.

An offer that nobody answers ends and goes to the next; organizers hear how many new ones come.
"""

from datetime import datetime
from typing import Final

import orjson

from bot.actions.free_turn import ask_others, is_shared
from bot.actions.newcomers import due_for, tell_organizers
from bot.actions.places import ask_anew, bring_up_to_date
from bot.router import Router, Tick
from bot.store.calendar import Kept
from bot.store.models import EPOCH

router = Router()

LIMITS: Final = "places.limits"  # the bookmark with how many places each series had at the last start


@router.due(lambda store: store.sign_ups.next_end())
def pass_on(tick: Tick) -> bool:
    """End the offers whose time is over, and ask the next."""
    for occurrence in tick.store.sign_ups.with_offers_over(tick.now):
        _bring_up_to_date(tick, occurrence)
    return False


@router.due(lambda store: store.newcomers.next_due())
def tell_of_newcomers(tick: Tick) -> bool:
    """Tell organizers of the new ones of the day."""
    for occurrence in tick.store.newcomers.untold(tick.now):
        kept = tick.store.calendar.get(occurrence)
        assert kept is not None  # they would be gone with it
        tick.store.newcomers.set_due(occurrence, _told(tick, kept))
    return False


def _told(tick: Tick, kept: Kept) -> datetime | None:
    """Tell of one date if it is time; give when to look again, None: all is told, or it has begun."""
    if kept.it.start <= tick.now:
        return None
    if kept.it.status != "confirmed":
        return kept.it.start  # if it takes place after all, `settle` sees it
    due = due_for(kept.it, tick.house)
    if due > tick.now:
        return due  # it was moved
    tell_organizers(tick.store, tick.house, kept, now=tick.now)
    return None


@router.due(lambda store: EPOCH if store.unsettled.first() is not None else None)
def settle(tick: Tick) -> bool:
    """Look at a date that somebody left, or that is another than it was."""
    occurrence = tick.store.unsettled.first()
    assert occurrence is not None
    tick.store.unsettled.settle(occurrence)
    kept = tick.store.calendar.get(occurrence)
    assert kept is not None  # it would be gone with it
    if is_shared(kept.it, tick.house):
        if tick.store.shared_turns.taken(occurrence) is not None:
            return True  # somebody has taken it since
        ask_others(tick.store, tick.house, kept, now=tick.now)
    else:
        ask_anew(tick.store, tick.house, kept, now=tick.now)
        bring_up_to_date(tick.store, tick.house, kept, now=tick.now)
        tick.store.newcomers.set_due(occurrence, due_for(kept.it, tick.house))
    return True


@router.at_start
def look_around(tick: Tick) -> None:
    """See what the content says otherwise than at the last start: areas that are gone, and limits that are others."""
    if tick.house.areas:  # where there is none at all, the file may be broken today: what people chose stays
        tick.store.areas.keep_only(tuple(tick.house.areas))
    before = orjson.loads(tick.store.books.bookmark(LIMITS) or "{}")
    unread = {
        each: limit for each, limit in before.items() if each not in tick.house.series
    }  # today, or for good
    limits = {each.id: each.places_limit for each in tick.house.series.values()}
    now = unread | {each: limit for each, limit in limits.items() if limit is not None}
    changed = {each for each in now.keys() | before.keys() if now.get(each) != before.get(each)}
    if changed:
        tick.store.unsettled.limits_changed(changed)
        tick.store.books.set_bookmark(LIMITS, orjson.dumps(now).decode())


def _bring_up_to_date(tick: Tick, occurrence: int) -> None:
    kept = tick.store.calendar.get(occurrence)
    assert kept is not None  # its list would be gone with it
    bring_up_to_date(tick.store, tick.house, kept, now=tick.now)
