"""En jaksa tänään: a kind answer.  Nothing is kept of it and nobody is told; a place or a turn can be given on in one tap."""

from datetime import timedelta
from typing import Final

from bot.actions.describe import time_of
from bot.actions.free_turn import is_shared
from bot.actions.places import entry_of
from bot.messages import Button, Phrase, Say, Value, button, say
from bot.router import Call, Router
from bot.store.calendar import Kept
from handlers.menus import HOME, command

router = Router()

NEAR: Final = timedelta(hours=36)  # whoever types it means what is so near ...
MOST: Final = 50  # ... among so many dates
ANY: Final = ("public", "members", "staff")


@router.command("en_jaksa")
def by_word(call: Call) -> Say:
    """Answer who says so of themselves: of what they are to come to soon, if there is anything.

    Who has nothing there that another could use may mean a later place or turn.
    """
    soon = _meant(call)
    dates = filter(None, map(call.store.calendar.get, _dates_of(call)))
    own = sorted(dates, key=lambda each: (each.it.start, each.id))
    kept = next((each for each in (soon, *own) if _own(call, each)[1]), None)
    return _answer(call, soon or kept, kept)


@router.button("not.today")
def not_today(call: Call) -> Say:
    """Answer who says so under a reminder."""
    kept = call.store.calendar.get(int(call.arguments[0]))
    return _answer(call, kept, kept)


def _answer(call: Call, kept: Kept | None, of_own: Kept | None) -> Say:
    """Answer of one date, and of what the reader has at this or another one."""
    own, ways = _own(call, of_own)
    return say("not_today.view", *ways, command("ihminen"), HOME, oma=own, seuraava=_next(call, kept))


def _own(call: Call, kept: Kept | None) -> tuple[Value, tuple[Button, ...]]:
    """Say what somebody has at a date that another could use, with the button that gives it on."""
    if kept is None or kept.it.start <= call.now or kept.it.status == "cancelled":
        return "", ()
    taken = call.store.shared_turns.taken(kept.id)
    if taken is not None and taken.taker == call.conversation.id:
        return Phrase("not_today.turn", {"aika": time_of(kept.it)}), (
            button("turns.give_up", "turns.drop", str(kept.id)),
        )
    mine = entry_of(call.store, kept.id, call.conversation)
    if mine is not None and mine.state == "coming":
        return Phrase("not_today.place", {"aika": time_of(kept.it)}), (
            button("places.give_back", "sign.off", str(kept.id)),
        )
    return "", ()


def _next(call: Call, kept: Kept | None) -> Value:
    """Say when the next time is after a date; nothing, where none is known.  A turn is nobody's next time."""
    if kept is None or kept.it.series is None or is_shared(kept.it, call.house):
        return ""
    following = call.store.calendar.next_of(kept.it.series, max(kept.it.start, call.now))
    return "" if following is None else Phrase("not_today.next", {"aika": time_of(following.it)})


def _meant(call: Call) -> Kept | None:
    """Give the first date in the next hours that somebody has a turn or a place at, or hears of."""
    store = call.store
    own = set(_dates_of(call))
    series = store.subscriptions.of(call.conversation.id)
    soon = store.calendar.coming(call.now, cancelled=False, until=call.now + NEAR, most=MOST, visibility=ANY)
    return next((each for each in soon if each.id in own or each.it.series in series), None)


def _dates_of(call: Call) -> list[int]:
    """Give the dates that somebody has a turn or a place at."""
    me, store = call.conversation.id, call.store
    return [*store.shared_turns.of(me), *(each.occurrence for each in store.sign_ups.of(me))]
