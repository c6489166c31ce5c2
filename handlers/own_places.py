"""paikkani: the places that somebody has or waits for, each given back in one tap."""

from typing import Final

from bot.actions.describe import name_of, time_of
from bot.actions.places import may_sign_up
from bot.messages import Lines, Phrase, Say, When, button, say
from bot.router import Call, Router
from handlers.events import opened
from handlers.menus import HOME, command, page_number

router = Router()

ROWS: Final = 4  # of a list whose every row has a button, beside "Lisää" and the way home
LIST: Final = "own.places"


@router.command("paikkani")
@router.button(LIST)
def own_places(call: Call) -> Say:
    """List them; the one there is is shown with all that one can do there."""
    kept = (
        (call.store.calendar.get(each.occurrence), each.state)
        for each in call.store.sign_ups.of(call.conversation.id)
    )
    found = [(each, state) for each, state in kept if each is not None and may_sign_up(each.it, now=call.now)]
    if not found:
        return say("places.none_own", command("ilmoittaudu"), HOME)
    if len(found) == 1:
        return opened(call, found[0][0].id)
    number = page_number(call)
    listed = found[number * ROWS : (number + 1) * ROWS]
    rows = [
        Phrase(
            "places.row",
            {
                "aika": time_of(each.it),
                "nimi": name_of(each.it, call.house),
                "tila": Phrase(f"places.row.{state}"),
            },
        )
        for each, state in listed
    ]
    return say(
        "places.own",
        *(
            button("places.give_back_of", "sign.off", str(each.id), paiva=When(each.it.start, all_day=True))
            for each, _ in listed
        ),
        *((button("button.more", LIST, str(number + 1)),) if len(found) > (number + 1) * ROWS else ()),
        HOME,
        rivit=Lines(tuple(rows)),
    )
