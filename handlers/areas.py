"""alue: of which places one hears; of none in particular means of all."""

from typing import Final

from bot.i18n import LANGUAGES
from bot.messages import Localized, Phrase, Say, Value, button, say
from bot.router import Call, Router
from handlers.menus import HOME, NAMED, named, page, page_number

router = Router()

CHOOSE_AREA: Final = button("areas.choose", "alue")


def chosen_areas(call: Call) -> frozenset[str]:
    """Give the areas that the reader chose, of those that there are; none: they hear of all."""
    return call.store.areas.of(call.conversation.id) & call.house.areas.keys()


def names_of_areas(call: Call) -> Value:
    """Give the names of the chosen areas in the order of the schedule, commas between; of many, the first few."""
    chosen = chosen_areas(call)
    words = [name for area, name in call.house.areas.items() if area in chosen]
    names = Localized(
        {
            language: ", ".join(each.get(language) or next(iter(each.values())) for each in words[:NAMED])
            for language in LANGUAGES
        }
    )
    rest = len(words) - NAMED
    return Phrase("names.and_more", {"nimet": names, "n": rest}) if rest > 0 else names


@router.command("alue")
@router.button("alue")
def areas(call: Call) -> Say:
    """Show what is chosen, and all that one may choose."""
    return _shown(call, page_number(call))


@router.button("area")
def toggle(call: Call) -> Say:
    """Hear of an area, or no more."""
    area, me = call.arguments[0], call.conversation.id
    if area in call.store.areas.of(me):
        call.store.areas.remove(me, area)
    elif area in call.house.areas:
        call.store.areas.add(me, area)
    return _shown(call, page_number(call))


@router.button("area.all")
def all_of_them(call: Call) -> Say:
    """Hear of all areas."""
    call.store.areas.remove(call.conversation.id)
    return _shown(call, 0)


def _shown(call: Call, number: int) -> Say:
    if not call.house.areas:
        return say("areas.none", HOME)
    now = (
        Phrase("areas.now_some", {"alueet": names_of_areas(call)})
        if chosen_areas(call)
        else Phrase("areas.now_all")
    )
    buttons = [button("areas.all", "area.all")]
    buttons += [named(name, "area", area, str(number)) for area, name in call.house.areas.items()]
    ways = page(buttons, number, more=button("button.more", "alue"), way_back=HOME)
    return say("areas.view", *ways, nyt=now)
