"""Places by the clock: an offer that nobody answers ends and goes to the next; organizers hear how many new ones come."""

from datetime import datetime

from bot.actions.newcomers import due_for, tell_organizers
from bot.actions.places import bring_up_to_date
from bot.router import Router, Tick
from bot.store.calendar import Kept

router = Router()


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
        return kept.it.start  # if it takes place after all, `look_around` sees it
    due = due_for(kept.it, tick.house)
    if due > tick.now:
        return due  # it was moved
    tell_organizers(tick.store, tick.house, kept, now=tick.now)
    return None


@router.at_start
@router.daily(minutes=15)
def look_around(tick: Tick) -> None:
    """See what changed meanwhile: limits, dates that were moved or cancelled or take place again, people who are gone."""
    tick.store.areas.keep_only(tuple(tick.house.areas))
    for occurrence in tick.store.sign_ups.with_a_queue():
        _bring_up_to_date(tick, occurrence)
    for occurrence in tick.store.newcomers.untold():
        kept = tick.store.calendar.get(occurrence)
        assert kept is not None  # they would be gone with it
        tick.store.newcomers.set_due(occurrence, due_for(kept.it, tick.house))


def _bring_up_to_date(tick: Tick, occurrence: int) -> None:
    kept = tick.store.calendar.get(occurrence)
    assert kept is not None  # its list would be gone with it
    bring_up_to_date(tick.store, tick.house, kept, now=tick.now)
