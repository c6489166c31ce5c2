"""jarjestaja: become an organizer by a one-time code, and what an organizer can do."""

from collections.abc import Iterable
from typing import Final

from bot.messages import Button, Say, button, say
from bot.router import Answer, Ask, Call, House, Router
from handlers.menus import DESK, HOME
from handlers.start import hello

router = Router()

BUTTONS: Final = (
    button("organizer.button.announce", "tiedota"),
    button("organizer.button.change", "change"),
    button("organizer.button.close", "sulje"),
    button("organizer.button.results", "tulokset"),
    button("organizer.button.questions", "asked"),
    HOME,
)


@router.command("jarjestaja")
def become_organizer(call: Call) -> Say | Ask:
    """Take a code; without one, ask for it, or show an organizer what there is to do."""
    if call.text.strip():
        return _try(call)
    if call.by_organizer:
        return _desk("organizer.desk")
    return Ask(say("organizer.ask", HOME), "organizer.code")


@router.answer("organizer.code", yields=True)
def code(call: Call) -> Say:
    """Take the code that was asked for."""
    return _try(call)


@router.command("valikko")
def menu(call: Call) -> Answer:
    """Show an organizer what there is to do, and everybody else the menu of all."""
    return _desk("organizer.desk") if call.by_organizer else hello(call)


@router.menu
def of_the_desk(_: House) -> Iterable[Button]:
    """Give the buttons of an organizer's menu, and of the way to it."""
    return (*BUTTONS, DESK)


@router.command("uusi_kysely", organizers=True)
def new_poll(_: Call) -> Say:
    """Say that polls open by themselves, as they are written down, and what an organizer does with them."""
    return say(
        "organizer.new_poll",
        button("organizer.button.close", "sulje"),
        button("organizer.button.results", "tulokset"),
        DESK,
        HOME,
    )


@router.button("organizer", organizers=True)
def desk(_: Call) -> Say:
    """Show what an organizer can do."""
    return _desk("organizer.desk")


def _try(call: Call) -> Say:
    """Give the role for a good code; after a few wrong ones there is a rest (T-01)."""
    me = call.conversation.id
    if not call.store.organizers.may_try(me, now=call.now):
        return say("organizer.wait", HOME)
    if call.store.organizers.redeem(call.text, now=call.now) is None:
        call.store.organizers.missed(me, call.key, now=call.now)
        return say("organizer.wrong", HOME)
    call.store.people.set_role(me, "organizer")
    call.store.organizers.log(me, "organizer", now=call.now)
    return _desk("organizer.welcome")


def _desk(key: str) -> Say:
    return say(key, *BUTTONS)
