"""aloita: a short hello, what is kept of whom, and the menu."""

from collections.abc import Sequence
from typing import Final

from bot.content.model import Command
from bot.i18n import LANGUAGES
from bot.messages import Button, Phrase, Say, button, say
from bot.router import Call, House, Router
from handlers.menus import DESK, HOME, MOST_BUTTONS, command, is_offered, page, page_number, routes, speaks

router = Router()

MORE = button("button.more", "more")
BEFORE_LANGUAGES: Final = 2  # commands on the first page of "Lisää"


@router.command("aloita")
@router.button("aloita")
def hello(call: Call) -> Say:
    """Greet somebody and say what is kept."""
    return say("start.hello", *_menu(call), tervehdys=Phrase("welcome"))


@router.button("home")
def home(call: Call) -> Say:
    """Show the menu, without the hello."""
    return say("start.menu", *_menu(call))


@router.button("more")
def more(call: Call) -> Say:
    """Show what does not fit into the first menu; among the first the other languages, two taps from the start (U12).

    To organizers their own menu comes before all.
    """
    _, rest = _offered(call)
    buttons = [*([DESK] if call.by_organizer else ()), *(command(each.name) for each in rest)]
    buttons[BEFORE_LANGUAGES:BEFORE_LANGUAGES] = [
        button(f"language.{each}", "language", each) for each in LANGUAGES if each != speaks(call)
    ]
    return say("start.more", *page(buttons, page_number(call), more=MORE, way_back=HOME))


@router.menu
def of_everybody(house: House) -> Sequence[Button]:
    """Give the buttons of the first menu and of "Lisää", also of what this schedule has nothing for today."""
    known = [each for each in house.content.commands if _has_button(each) and each.name in routes().commands]
    return (HOME, MORE, *(command(each.name) for each in known))


def _menu(call: Call) -> tuple[Button, ...]:
    first, rest = _offered(call)
    buttons = tuple(command(each.name) for each in first)
    return (*buttons, MORE) if rest else buttons


def _offered(call: Call) -> tuple[list[Command], list[Command]]:
    """Give the commands of the first menu and all others, as the editor of commands.yaml put them in order."""
    offered = [
        each
        for each in call.house.content.commands
        if _has_button(each) and is_offered(each.name, call.house)
    ]
    first = [each for each in offered if each.menu][: MOST_BUTTONS - 1]
    return first, [each for each in offered if each not in first]


def _has_button(each: Command) -> bool:
    return each.who == "all" and not each.hidden and bool(each.short) and each.name != "aloita"
