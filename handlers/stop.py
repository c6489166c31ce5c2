"""lopeta: no more reminders, at once and without a "why"; a pause; and the way back from both."""

from datetime import timedelta
from typing import Final

from bot.messages import Button, Say, When, button, say
from bot.router import Call, Router
from handlers.menus import HOME, command, page, page_number, series_button

router = Router()

PAUSE: Final = timedelta(weeks=2)
PAYLOAD: Final = 40  # bytes that a button carries (bot/messages.py)


@router.command("lopeta")
@router.button("lopeta")
def stop_reminders(call: Call) -> Say:
    """End the one series there is, or ask which of several."""
    own = tuple(call.store.subscriptions.of(call.conversation.id))
    if not own:
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
    """End a series; without one (news for everybody) all of them."""
    return _stop(call, call.arguments[0]) if call.arguments else _stop_all(call)


@router.button("stop.all")
def stop_all(call: Call) -> Say:
    """End all series."""
    return _stop_all(call)


@router.button("resume")
def resume(call: Call) -> Say:
    """Take back a stop: the series and their leads stand in the button."""
    arguments = iter(call.arguments)
    for series, leads in zip(arguments, arguments, strict=True):
        call.store.subscriptions.add(call.conversation.id, series, int(leads))
    return say("stop.resumed", command("muistuta"), HOME)


@router.button("pause")
def pause(call: Call) -> Say:
    """Send no reminders for a while."""
    until = call.now + PAUSE
    call.store.people.pause(call.conversation.id, until)
    return say("stop.paused", button("stop.unpause", "unpause"), HOME, paiva=When(until, all_day=True))


@router.button("unpause")
def unpause(call: Call) -> Say:
    """End a pause."""
    call.store.people.pause(call.conversation.id, None)
    return say("stop.unpaused", command("muistuta"), HOME)


def _stop(call: Call, series: str) -> Say:
    own = call.store.subscriptions.of(call.conversation.id)
    call.store.subscriptions.remove(call.conversation.id, series)
    again = _resume({series: own.pop(series)}) if series in own else None
    others = button("stop.all", "stop.all") if own else None
    return say("stop.one", *filter(None, (again, others)), HOME)


def _stop_all(call: Call) -> Say:
    own = call.store.subscriptions.of(call.conversation.id)
    call.store.subscriptions.remove(call.conversation.id)
    return say("stopped", _resume(own) or command("muistuta"), HOME)


def _resume(stopped: dict[str, int]) -> Button | None:
    """Make the button that undoes a stop; None: it cannot carry so many series."""
    arguments = [str(part) for pair in stopped.items() for part in pair]
    room = PAYLOAD - len("resume") - sum(len(each.encode()) + 1 for each in arguments)
    return button("stop.resume", "resume", *arguments) if stopped and room >= 0 else None
