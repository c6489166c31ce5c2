"""Changes of the schedule that have settled: one message to everyone whom they concern."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.actions.word_change import Told, audience_of, next_time, worded
from bot.core.quiet_hours import is_quiet
from bot.core.schedule_changes import tell_at, useful_until, what_changed
from bot.messages import Lane
from bot.router import Router, Tick
from bot.store.changes import Change
from bot.store.models import to_day

router = Router()

PIECE: Final = 1000  # rows made in one transaction: a few milliseconds of the writer's


@router.due(lambda store: store.changes.next_due())
def tell_changes(tick: Tick) -> bool:
    """Make a piece of the rows of the change that is due first, together with those of its series."""
    first = tick.store.changes.first_due(tick.now)
    if first is None:
        return False
    if first.begun:
        _fan_out(tick, first, tick.store.changes.told_with(first.id))
        return True
    audience = audience_of(first.kept.it, tick.house)
    together = [first]
    if audience.series is not None and not audience.turns_shared:
        together = tick.store.changes.beside(first, now=tick.now)
    waiting = _without_useless(tick, together)
    goes = min((_goes(tick, each) for each in waiting), default=tick.now)
    if goes > tick.now:
        tick.store.changes.put_off(waiting, goes)
    elif waiting:
        _begin(tick, waiting)
    return True


def _without_useless(tick: Tick, changes: Sequence[Change]) -> list[Change]:
    """Forget what helps nobody any more, or came to nothing; give the others."""
    useful = [
        each
        for each in changes
        if what_changed(each.before, each.after) is not None
        and useful_until(each.before, each.after) > tick.now
    ]
    useless = {each.id for each in changes} - {each.id for each in useful}
    if useless:
        tick.store.changes.done(useless)
        tick.store.books.add("change.too_late", to_day(tick.now), len(useless))
    return useful


def _goes(tick: Tick, change: Change) -> datetime:
    hours, zone = tick.house.quiet_hours, tick.house.zone
    return tell_at(tick.now, change.before, change.after, hours=hours, zone=zone)


def _begin(tick: Tick, changes: Sequence[Change]) -> None:
    """Begin to tell: what was queued of these dates before, and is not said yet, is told no more."""
    first = changes[0]
    tick.store.changes.begin(first, changes, now=tick.now)
    for each in changes:
        tick.store.outbox.drop_changes(each.kept.id)
    _fan_out(tick, first, changes)


def _fan_out(tick: Tick, first: Change, changes: Sequence[Change]) -> None:
    audience = audience_of(first.kept.it, tick.house)
    told = [Told(each.kept, each.before, each.after) for each in changes]
    say, in_groups = worded(told, next_time(tick.store, told, now=tick.now), tick.house)
    upto = tick.store.subscriptions.end_of_piece(audience.series or "", after=first.reached, most=PIECE)
    tick.store.fan_out.change(
        first.id,
        audience,
        key=f"change:{first.id}",
        say=say,
        in_groups=in_groups,
        lane=Lane.URGENT if is_quiet(tick.now, tick.house.quiet_hours, tick.house.zone) else Lane.NOTICE,
        occurrence=first.kept.id if len(changes) == 1 else None,
        useful_until=max(useful_until(each.before, each.after) for each in changes),
        now=tick.now,
        after=first.reached,
        upto=upto,
    )
    if upto is None:
        tick.store.changes.done([each.id for each in changes])
    else:
        tick.store.changes.reach(first.id, upto)
