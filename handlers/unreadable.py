"""A voice message, a picture, a message whose key was lost: a kind answer."""

from bot.messages import Say, say
from bot.router import Call, Router
from handlers.menus import HOME, command

router = Router()


@router.event("unreadable")
def unreadable(call: Call) -> Say | None:
    """Say what we cannot do and what works; in a group, say nothing."""
    return say("unreadable", command("ihminen"), HOME) if call.conversation.private else None


@router.event("undecryptable")
def undecryptable(_: Call) -> Say:
    """Say that a message came locked; the next one most often is not."""
    return say("undecryptable", command("ihminen"), HOME)
