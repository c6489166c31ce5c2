"""seuraava: what is next."""

from bot.messages import Say
from bot.router import Call, Router
from handlers.events import next_for, nothing_planned, shown
from handlers.menus import command, for_all

router = Router()


@router.command("seuraava", in_groups=True)
@router.button("seuraava")
def next_meeting(call: Call) -> Say:
    """Answer with the first event that anyone may come to and that has not begun."""
    kept = next_for(call)
    return for_all(call, nothing_planned(call) if kept is None else shown(call, kept, command("tapahtumat")))
