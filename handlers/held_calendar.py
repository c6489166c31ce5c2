"""An organizer says whether dates that are gone from a calendar are cancelled."""

from bot.actions.held_calendar import answer
from bot.messages import Say, say
from bot.router import Call, Router
from handlers.menus import DESK, HOME

router = Router()


@router.button("held.yes", organizers=True)
def they_are_cancelled(call: Call) -> Say:
    """Take the calendar as it is."""
    return _answered(call, yes=True)


@router.button("held.no", organizers=True)
def keep_the_old(call: Call) -> Say:
    """Let the old dates hold until the calendar changes."""
    return _answered(call, yes=False)


def _answered(call: Call, *, yes: bool) -> Say:
    token = call.arguments[0] if call.arguments else ""
    assert call.person is not None  # organizers only
    answer(call.store, token, call.person, yes=yes, now=call.now)
    return say("held.accepted" if yes else "held.kept", DESK, HOME)
