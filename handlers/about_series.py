"""ryhma, palsta, asiakasraati: what it is, and when it is next, however far away that may be."""

from dataclasses import dataclass
from typing import Final

from bot.actions.describe import describe
from bot.messages import Phrase, Say, Value, button, say
from bot.router import Call, Router
from handlers.events import remind_me
from handlers.menus import HOME, command, for_all
from handlers.questions import answer_to, heard_of
from handlers.taking_part import open_to_newcomers

router = Router()


@dataclass(frozen=True, slots=True)
class About:
    """A thing people ask for by its own word."""

    series: str
    entry: str  # of the FAQ, which says what it is
    topic: str  # of the FAQ, for more


GROUP: Final = About("ryhma", "mika_ryhma", "ryhma")
GARDEN: Final = About("palsta", "palsta_kuka", "palsta")
PANEL: Final = About("asiakasraati", "asiakasraati_mika", "kehittaminen")


@router.command("ryhma", in_groups=True)
@router.button("ryhma")
def group(call: Call) -> Say:
    """Tell of the loneliness group."""
    return _about(call, GROUP)


@router.command("palsta", in_groups=True)
@router.button("palsta")
def garden(call: Call) -> Say:
    """Tell of the garden plot."""
    return _about(call, GARDEN)


@router.command("asiakasraati", in_groups=True)
@router.button("asiakasraati")
def panel(call: Call) -> Say:
    """Tell of the client panel."""
    return _about(call, PANEL)


def _about(call: Call, about: About) -> Say:
    series = call.house.series.get(about.series)
    members_only = series is not None and series.visibility != "public"
    visibility = heard_of(call, about.series)
    following = call.store.calendar.next_of(about.series, call.now, visibility=visibility)
    values: dict[str, Value] = {"kuvaus": answer_to(call, about.entry) or ""}
    if following is not None:
        values |= describe(following, call.house)
    buttons = [] if series is None else [remind_me(call, series.id)]
    if following is not None and open_to_newcomers(following.it, call.house) is not None:
        buttons.insert(0, button("first.button", "first.time", str(following.id)))
    if members_only:
        values["paikka"] = Phrase("about.members")
        buttons = [command("ihminen")]
    if any(each.topic == about.topic for each in call.house.content.faq):
        buttons.append(button("button.read_more", "topic", about.topic))
    key = "about.next" if following is not None else "about.no_date"
    if members_only and "members" not in visibility:
        key = "about.closed"
    return for_all(call, say(key, *buttons, HOME, **values))
