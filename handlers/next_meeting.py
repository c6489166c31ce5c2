"""seuraava: what is next."""

from bot.messages import Say
from bot.router import Call, Router
from handlers.events import nothing_planned, shown
from handlers.menus import command, for_all

router = Router()


@router.command("seuraava", in_groups=True)
@router.button("seuraava")
def next_meeting(call: Call) -> Say:
    """Answer with the first event that anyone may come to and that has not begun."""
    kept = call.store.calendar.next_of(None, call.now, visibility=("public",))
    return for_all(call, nothing_planned() if kept is None else shown(call, kept, command("tapahtumat")))
