"""apua: what Vertti can do, and the way without a machine."""

from itertools import islice

from bot.content.model import Command
from bot.messages import Lines, Phrase, Say, button, say
from bot.router import Call, Router
from handlers.menus import HOME, command, is_offered, optional, page_number, routes, speaks

router = Router()

ROWS = 5  # of a list (DOMAIN.md, U1)


@router.command("apua", in_groups=True)
@router.button("apua")
def help_(call: Call) -> Say:
    """Say what can be asked, the phone number and the address; in a group, what can be asked there."""
    if not call.conversation.private:
        return say("group.help", sanat=_words_for_all(call))
    known = call.house.content.values(speaks(call))
    return say(
        "help.view",
        button("help.what_to_write", "help.words"),
        command("ihminen"),
        HOME,
        soita=optional("help.phone", known.get("puhelin", "")),
        tule=optional("help.address", known.get("osoite", "")),
    )


@router.button("help.words")
def what_to_write(call: Call) -> Say:
    """List the words that one may write, each with what it does; an organizer sees theirs too."""
    number = page_number(call)
    rows = _rows(call)
    shown = list(islice(rows, number * ROWS, (number + 1) * ROWS))
    more = (button("button.more", "help.words", str(number + 1)),) if len(rows) > (number + 1) * ROWS else ()
    return say("help.words", *more, button("button.back", "apua"), HOME, rivit=Lines(tuple(shown)))


def _words_for_all(call: Call) -> str:
    """Give the commands that are answered where others read."""
    words = [
        f"{call.conversation.place.mark}{each.name}"
        for each in call.house.content.commands
        if each.who == "all" and (route := routes().commands.get(each.name)) is not None and route.in_groups
    ]
    return ", ".join(words)


def _rows(call: Call) -> list[Phrase]:
    return [
        Phrase(
            "help.row", {"sana": each.name.replace("_", " "), "selitys": Phrase(f"command.{each.name}.help")}
        )
        for each in call.house.content.commands
        if not each.hidden and is_offered(each.name, call.house) and _is_for(each, call)
    ]


def _is_for(each: Command, call: Call) -> bool:
    return each.who == "all" or call.by_organizer
