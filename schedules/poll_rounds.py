"""Polls by the clock: opened at a start or after a meeting, told to people and groups, closed when their time is over."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from bot.actions.close_poll import close_poll
from bot.actions.open_poll import (
    audience_of,
    can_be_asked,
    card,
    invitation,
    is_public,
    key_of,
    open_poll,
    poll_of,
    series_of,
)
from bot.content.model import Poll
from bot.core.calm_timing import next_calm
from bot.core.quiet_hours import next_allowed
from bot.core.recurrence import WEEK
from bot.router import House, Router, Tick
from bot.store import Store
from bot.store.models import to_day
from bot.store.polls import Round

router = Router()

PIECE: Final = 100  # people invited in one transaction: a few milliseconds
NEXT: Final = "polls.next"  # the bookmark with the instant at which a poll opens next
WORTH_IT: Final = timedelta(hours=1)  # an invitation leaves at least so much time to answer


@router.at_start
def open_standing_polls(tick: Tick) -> None:
    """Open, once, each poll that waits for no meeting; and see when the others open."""
    for poll in tick.house.content.polls:
        if can_be_asked(poll) and poll.after_series is None:
            open_poll(tick.store, poll, f"content:{poll.id}", now=tick.now)
    plan_next(tick.store, tick.house, now=tick.now)


def plan_next(store: Store, house: House, *, now: datetime) -> None:
    """Set when a poll opens next; to be done anew when the schedule has changed."""
    ends = (
        end + poll.delay
        for poll, series in _after_meetings(house)
        if (end := store.calendar.next_end(series, after=now - poll.delay)) is not None
    )
    following = min(ends, default=None)
    store.books.set_bookmark(NEXT, "" if following is None else following.isoformat())


def next_change(store: Store) -> datetime | None:
    """Give when a round opens or closes next; None: none will."""
    text = store.books.bookmark(NEXT)
    opens = datetime.fromisoformat(text) if text else None
    return min(filter(None, (opens, store.polls.next_close())), default=None)


@router.due(next_change)
def open_and_close(tick: Tick) -> bool:
    """Close what has been open long enough, and open what its meeting has ended for."""
    for asked in tick.store.polls.due_to_close(tick.now):
        close_poll(tick.store, tick.house, asked, now=tick.now)
    for poll, series in _after_meetings(tick.house):
        # What ended while the process was away is asked late, as long as there is time left to answer.
        latest = tick.now - poll.delay
        for kept in tick.store.calendar.ended(series, after=latest - poll.closes_after, until=latest):
            occasion = f"{poll.id}:{kept.it.uid}:{kept.it.recurrence_id or ''}"
            closes = kept.it.end + poll.delay + poll.closes_after
            open_poll(tick.store, poll, occasion, now=tick.now, closes=closes)
    plan_next(tick.store, tick.house, now=tick.now)
    return False


@router.due(lambda store: store.polls.next_to_invite())
def invite(tick: Tick) -> bool:
    """Tell a piece of the people, and the groups, of a round that has opened."""
    asked = tick.store.polls.to_invite(tick.now)
    if asked is None:
        return False
    poll = poll_of(asked, tick.house)
    found = [] if poll is None else _tell_next(tick, asked, poll)
    tick.store.polls.invited(asked.id, found[-1] if len(found) == PIECE else None)
    return True


def _tell_next(tick: Tick, asked: Round, poll: Poll) -> list[int]:
    """Queue the next invitations, each when it disturbs nobody (U10), and cards for groups; give whom they are for.

    A poll that waits for no meeting stands in the menu: nobody is pushed to it in private.
    """
    found = tick.store.polls.invitees(
        audience_of(poll, tick.house),
        in_private=poll.after_series is not None,
        after=asked.inviting or 0,
        most=PIECE,
        now=tick.now,
    )
    house = tick.house
    allowed = next_allowed(tick.now, house.quiet_hours, house.zone)
    in_private = invitation(asked, poll)
    in_groups = card(asked, poll)
    people = [who for who, _, kind in found if kind == "private"]
    told = tick.store.outbox.unchosen(people, since=tick.now - WEEK)
    for conversation, platform, kind in found:
        message, at = in_groups, allowed
        if kind == "private":
            message = in_private
            if earlier := told.get(conversation):
                at = next_calm(tick.now, earlier, hours=house.quiet_hours, zone=house.zone)
        elif kind == "channel" and not is_public(poll, house):
            continue
        if at + WORTH_IT > asked.closes:
            tick.store.books.add("invitation.too_late", to_day(tick.now))
            continue
        tick.store.outbox.invite(
            conversation,
            platform,
            key_of(asked, conversation),
            message,
            not_before=at,
            useful_until=asked.closes,
            series=series_of(poll),
        )
    return [who for who, _, _ in found]


def _after_meetings(house: House) -> Iterator[tuple[Poll, str]]:
    """Give the polls that are asked after each meeting of a series, with that series."""
    for poll in house.content.polls:
        if can_be_asked(poll) and poll.after_series is not None:
            yield poll, poll.after_series
