"""Changes of the schedule that have settled: one message to everyone whom they concern."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.actions.change_schedule import take_back_revoked
from bot.actions.word_change import Told, audience_of, next_time, worded
from bot.core.quiet_hours import is_quiet
from bot.core.schedule_changes import hearers, tell_at, useful_until
from bot.messages import Lane
from bot.router import Router, Tick
from bot.store import Store
from bot.store.changes import Change, message_key
from bot.store.models import to_day

router = Router()

PIECE: Final = 1000  # rows made in one transaction: a few milliseconds of the writer's
IN_HAND: Final = timedelta(seconds=2)  # until it is looked again who got an earlier message of the same dates


def next_due(store: Store) -> datetime | None:
    """Give when there is something to tell, or to take back, next; None: nothing waits."""
    return store.overrides.revoked_at() or store.changes.next_due()


@router.due(next_due)
def tell_changes(tick: Tick) -> bool:
    """Make a piece of the rows of the change that is due first, together with those of its series.

    What revoked organizers changed and nobody was told is taken back before.
    """
    if take_back_revoked(tick.store, tick.house, now=tick.now):
        return True
    first = tick.store.changes.first_due(tick.now)
    if first is None:
        return False
    if first.begun:
        _go_on(tick, first)
        return True
    audience = audience_of(first.kept.it, tick.house)
    together = [first]
    if audience.series is not None and not audience.turns_shared:
        together = tick.store.changes.beside(first, now=tick.now)
    waiting = _without_useless(tick, together)
    goes = _goes(tick, waiting)
    if goes > tick.now:
        tick.store.changes.put_off(waiting, goes)
    elif any(tick.store.outbox.has_in_hand(f"{message_key(each)}:") for each in first.messages):
        tick.store.changes.put_off(waiting, tick.now + IN_HAND)
    elif waiting:
        _begin(tick, waiting)
    return True


def _without_useless(tick: Tick, changes: Sequence[Change]) -> list[Change]:
    """Forget what helps nobody any more, or came to nothing; give the others."""
    useful = [each for each in changes if each.news(tick.now)]
    useless = {each.id for each in changes} - {each.id for each in useful}
    if useless:
        tick.store.changes.done(useless)
        tick.store.books.add("change.too_late", to_day(tick.now), len(useless))
    return useful


def _goes(tick: Tick, changes: Sequence[Change]) -> datetime:
    hours, zone = tick.house.quiet_hours, tick.house.zone
    moments = (
        tell_at(tick.now, known, each.after, hours=hours, zone=zone)
        for each in changes
        for known in each.news(tick.now)
    )
    return min(moments, default=tick.now)


def _go_on(tick: Tick, first: Change) -> None:
    """Make the next piece; what was begun before the quiet hours waits for their end, if it may."""
    changes = tick.store.changes.told_with(first.id)
    goes = _goes(tick, changes)
    if goes > tick.now:
        tick.store.changes.put_off([first], goes)
    else:
        _fan_out(tick, first, changes)


def _begin(tick: Tick, changes: Sequence[Change]) -> None:
    first = changes[0]
    tick.store.changes.begin(first, changes, now=tick.now)
    _fan_out(tick, first, changes)


def _fan_out(tick: Tick, first: Change, changes: Sequence[Change]) -> None:
    """Make a piece of the rows: for those who got all there was to hear of these dates, and for those who did not."""
    audience = audience_of(first.kept.it, tick.house)
    upto = tick.store.subscriptions.end_of_piece(audience.series or "", after=first.reached, most=PIECE)
    for got, missed in hearers(first.unheard):
        told = [Told(each.kept, each.known_to(got), each.after) for each in changes]
        new = [each for each in told if each.what is not None]
        if not new:
            continue
        say, in_groups = worded(new, next_time(tick.store, new, now=tick.now), tick.house)
        tick.store.fan_out.change(
            first.id,
            audience,
            key=message_key(first.id),
            say=say,
            in_groups=in_groups,
            lane=Lane.URGENT if is_quiet(tick.now, tick.house.quiet_hours, tick.house.zone) else Lane.NOTICE,
            occurrence=first.kept.id if len(changes) == 1 else None,
            useful_until=max(useful_until(each.before, each.after) for each in new),
            now=tick.now,
            after=first.reached,
            upto=upto,
            got=None if got is None else message_key(got),
            missed=[message_key(each) for each in missed],
        )
    if upto is None:
        tick.store.changes.made(first.id, now=tick.now)
    else:
        tick.store.changes.reach(first.id, upto)
