"""Crisis words: the emergency text at once.  Nothing of what was said is kept, and no alarm is promised (T-39)."""

from bot.messages import Phrase, Say
from bot.router import Call, Router
from handlers.menus import HOME, command
from handlers.questions import answer_to

router = Router()


@router.crisis
def emergency(call: Call) -> Say:
    """Give the number to call; the program's own words must do where content has none."""
    entry = call.house.content.emergency
    answer = None if entry is None else answer_to(call, entry.id)
    buttons = (command("ihminen"), HOME) if call.conversation.private else ()
    return Say(answer or Phrase("crisis.call"), buttons)
