"""What people asked and nobody could answer: the organizers read it, one question at a time, and throw it away."""

from bot.messages import Say, button, say
from bot.router import Call, Router
from handlers.menus import DESK, HOME

router = Router()


@router.button("asked", organizers=True)
def first(call: Call) -> Say:
    """Show the first of the questions that people let the organizers see."""
    return _following(call, "")


@router.button("asked.next", organizers=True)
def following(call: Call) -> Say:
    """Show the next one; after the last one the first."""
    return _following(call, call.arguments[0])


@router.button("asked.drop", organizers=True)
def drop(call: Call) -> Say:
    """Throw a question away for all organizers, and show the next one."""
    call.store.questions.drop(call.arguments[0])
    return _following(call, call.arguments[0])


def _following(call: Call, identity: str) -> Say:
    questions = call.store.questions
    found = questions.after(identity) or questions.after("")
    if found is None:
        return say("asked.none", DESK, HOME)
    which, text = found
    another = questions.after(which) or questions.after("")
    onward = (button("asked.button.next", "asked.next", which),) if another != found else ()
    return say(
        "asked.question", *onward, button("asked.button.drop", "asked.drop", which), DESK, HOME, kysymys=text
    )
