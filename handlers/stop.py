"""lopeta: no more reminders, at once and without a "why"; a pause; and the way back from both.

"Ota takaisin" brings back all that was stopped, with its leads, however much later it is pressed.  So what was stopped
stands in the button itself, as a few letters: the leads of each series, in the schedule's order.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.core.reminders import BOTH
from bot.messages import Button, Say, When, button, say
from bot.router import Call, Router
from handlers.menus import HOME, command, page, page_number, series_button

router = Router()

PAUSE: Final = timedelta(weeks=2)
MOST_SERIES: Final = 56  # whose leads fit into a button: 40 bytes (bot/messages.py), two series to a letter


@router.command("lopeta")
@router.button("lopeta")
def stop_reminders(call: Call) -> Say:
    """End the one series there is, or ask which of several."""
    own = tuple(call.store.subscriptions.of(call.conversation.id))
    if not own:
        call.store.subscriptions.remove(
            call.conversation.id
        )  # of places and turns one may be reminded without any
        return say("stop.nothing", command("muistuta"), HOME)
    if len(own) == 1:
        return _stop(call, own[0])
    buttons = [
        button("stop.all", "stop.all"),
        button("button.pause", "pause"),
        *(series_button(each, call.house, "stop") for each in own),
    ]
    more = button("button.more", "lopeta")
    return say("stop.which", *page(buttons, page_number(call), more=more, way_back=HOME))


@router.button("stop")
def stop(call: Call) -> Say:
    """End the series of a push; a push that belongs to none (news for everybody) ends with all of them."""
    return _stop(call, call.arguments[0]) if call.arguments else _stop_all(call, "stop.everything")


@router.button("stop.all")
def stop_all(call: Call) -> Say:
    """End all series."""
    return _stop_all(call, "stopped")


@router.button("resume")
def resume(call: Call) -> Say:
    """Take back a stop; where the schedule has other series since, have them chosen anew."""
    code, check = call.arguments
    order = tuple(call.house.series)
    leads = _read(code)
    if check != _check(order[: len(leads)]):
        return say("stop.changed", command("muistuta"), HOME)
    for series, bits in zip(order, leads, strict=False):
        if bits:
            call.store.subscriptions.add(call.conversation.id, series, bits)
    return say("stop.resumed", command("muistuta"), HOME)


@router.button("pause")
def pause(call: Call) -> Say:
    """Send no reminders for a while."""
    return _pause(call)


@router.command("tauko")
def pause_by_word(call: Call) -> Say:
    """Pause, as the button under a reminder does; without reminders there is nothing to pause.

    An organizer may mean a break of a group.
    """
    if call.by_organizer:
        return say("break.whose", button("break.own", "pause"), button("break.of_group", "break"), HOME)
    if not call.store.subscriptions.of(call.conversation.id):
        return say("stop.nothing", command("muistuta"), HOME)
    return _pause(call)


@router.button("unpause")
def unpause(call: Call) -> Say:
    """End a pause."""
    call.store.people.pause(call.conversation.id, None)
    return say("stop.unpaused", command("muistuta"), HOME)


def _pause(call: Call) -> Say:
    until = call.now + PAUSE
    call.store.people.pause(call.conversation.id, until)
    return say("stop.paused", button("stop.unpause", "unpause"), HOME, paiva=When(until, all_day=True))


def _stop(call: Call, series: str) -> Say:
    own = call.store.subscriptions.of(call.conversation.id)
    call.store.subscriptions.remove(call.conversation.id, series)
    again = _resume(call, {series: own.pop(series)}) if series in own else None
    others = button("stop.all", "stop.all") if own else None
    return say("stop.one", *filter(None, (again, others)), HOME)


def _stop_all(call: Call, key: str) -> Say:
    own = call.store.subscriptions.of(call.conversation.id)
    call.store.subscriptions.remove(call.conversation.id)
    return say(key, _resume(call, own) or command("muistuta"), HOME)


def _resume(call: Call, stopped: dict[str, int]) -> Button | None:
    """Make the button that undoes a stop; None: there is nothing that the schedule still knows."""
    order = tuple(call.house.series)[:MOST_SERIES]
    leads = [stopped.get(series, 0) & BOTH for series in order]
    code = _written(leads)
    return button("stop.resume", "resume", code, _check(order[: len(_read(code))])) if any(leads) else None


def _written(leads: Sequence[int]) -> str:
    """Write leads (0 to 3) in the order of their series, two to a letter, the last series first."""
    number = 0
    for bits in reversed(leads):
        number = number * (BOTH + 1) + bits
    return f"{number:x}"


def _read(code: str) -> list[int]:
    """Read what was written, up to the last series that has any."""
    number, leads = int(code, 16), []
    while number:
        number, bits = divmod(number, BOTH + 1)
        leads.append(bits)
    return leads


def _check(order: Sequence[str]) -> str:
    """Give four letters that tell whether these series stand in this order."""
    return hashlib.sha256(",".join(order).encode()).hexdigest()[:4]
