"""News on its way: held while it may be taken back, fanned out piece by piece, reported when all of it has ended."""

from datetime import timedelta
from typing import Final

from bot.actions.announce import as_read, as_read_in_groups, is_public, lapse, may_go_on, report, tell
from bot.core.quiet_hours import next_allowed
from bot.messages import Lane
from bot.router import Router, Tick
from bot.store.news import REPORTED, SENDING, SENT, WAITING, Broadcast

router = Router()

PIECE: Final = 500  # rows made in one transaction: a few milliseconds
LOOK_EVERY: Final = timedelta(seconds=5)  # whether all of it has ended; less and less often as time goes by
SLOWER: Final = 20


@router.due(lambda store: store.news.next_due())
def carry_on(tick: Tick) -> bool:
    """Take the news that is due one step further."""
    news = tick.store.news.due(tick.now)
    if news is None:
        return False
    if news.state == WAITING:
        lapse(tick.store, tick.house, news, now=tick.now)
    elif not may_go_on(tick.store, news):
        tick.store.news.stop(news.id, now=tick.now)
    elif news.state == SENDING:
        _fan_out(tick, news)
    else:
        _look(tick, news)
    return True


def _fan_out(tick: Tick, news: Broadcast) -> None:
    """Move a piece of the audience to the outbox; wait, if quiet hours have begun meanwhile."""
    allowed = next_allowed(tick.now, tick.house.quiet_hours, tick.house.zone)
    if allowed > tick.now:
        tick.store.news.change(news.id, due=allowed)
        return
    moved = tick.store.fan_out.broadcast(
        news.id,
        as_read(news),
        in_groups=as_read_in_groups(news),
        lane=Lane.BROADCAST,
        most=PIECE,
        now=tick.now,
        series=news.series,
        public=is_public(news.series, tick.house),
    )
    if not moved:
        tick.store.news.change(news.id, state=SENT, due=tick.now + LOOK_EVERY)


def _look(tick: Tick, news: Broadcast) -> None:
    """Tell the organizer what arrived, once all of it has ended."""
    said = report(tick.store, news)
    if said is None:
        confirmed = news.confirmed or tick.now
        tick.store.news.change(news.id, due=tick.now + max(LOOK_EVERY, (tick.now - confirmed) / SLOWER))
        return
    tick.store.news.change(news.id, state=REPORTED, due=tick.now)
    tell(tick.store, tick.house, news.organizer, f"news:{news.id}:report", said, now=tick.now)
