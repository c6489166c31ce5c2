"""Näytä: what a discreet reminder was about, and whether reminders may name it from now on (T-02)."""

from bot.messages import Say, button, say
from bot.router import Call, Router
from handlers.events import opened
from handlers.menus import HOME

router = Router()


@router.button("show")
def show(call: Call) -> Say:
    """Show the event that a reminder spoke of."""
    allow = () if call.conversation.named else (button("discreet.allow", "name", "1"),)
    return opened(call, int(call.arguments[0]), *allow)


@router.button("name")
def name(call: Call) -> Say:
    """Let reminders name the group, or not."""
    named = call.arguments[0] == "1"
    call.store.people.set_named(call.conversation.id, named=named)
    if named:
        return say("discreet.allowed", button("discreet.forbid", "name", "0"), HOME)
    return say("discreet.forbidden", button("discreet.allow", "name", "1"), HOME)
