"""poista_tietoni: after "Oletko varma?", everything is gone."""

from functools import partial

from bot.messages import Say, button, say
from bot.router import Call, Router
from handlers.menus import HOME

router = Router()


@router.command("poista_tietoni")
@router.button("poista.tietoni")
def are_you_sure(call: Call) -> Say:
    """Ask first: the phone may be in other hands (T-31)."""
    del call
    return say(
        "forget.sure",
        button("forget.yes", "forget", means="yes"),
        button("forget.no", "forget.no", means="no"),
    )


@router.button("forget.no")
def keep(_: Call) -> Say:
    """Say that nothing is gone."""
    return say("forget.kept", HOME)


@router.button("forget")
def forget(call: Call) -> Say:
    """Erase everything; what is left is a goodbye, which goes with its row."""
    call.store.people.forget(call.conversation.id)
    call.store.after_commit(partial(call.house.memory.forget, call.conversation.id))
    return say("forget.done")
