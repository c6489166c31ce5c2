"""What somebody calls by its name, in a sentence or alone: the next date of that event, or the few that may be meant."""

from typing import Final

from bot.actions.describe import name_of, row, variant_of
from bot.core.matching import named
from bot.core.series import turn_series
from bot.messages import Lines, Localized, Say, say
from bot.router import Call
from bot.store.calendar import Kept
from handlers.events import date_buttons, shown
from handlers.menus import HOME, command, speaks

AHEAD: Final = 400  # dates among which it is looked for
MOST: Final = 4  # that are offered; of more nothing is meant
OPEN: Final = ("public", "members")


def called_by_name(call: Call) -> Say | None:
    """Show the event that a text names, or offer those that are called so; None: it names none, or too many."""
    ahead = call.store.calendar.coming(
        call.now,
        most=AHEAD,
        visibility=(*OPEN, "staff") if call.by_organizer else OPEN,
        without=turn_series(call.house.series.values()),
    )
    mine = call.store.subscriptions.of(call.conversation.id)
    first: dict[tuple[str, ...], Kept] = {}
    for each in ahead:
        if each.it.visibility != "members" or (each.it.series or "") in mine:
            first.setdefault(_names(call, each), each)
    found: dict[tuple[str, ...], Kept] = {}  # of what has several turns, the next date
    for names in named(call.text, first, call.house.content.matchers):
        found.setdefault(_what(first[names]), first[names])
    dates = list(found.values())
    if len(dates) == 1:
        return shown(call, dates[0], command("tapahtumat"))
    if not 0 < len(dates) <= MOST:
        return None
    rows = Lines(tuple(row(each, call.house) for each in dates))
    return say("events.which", *date_buttons(dates, call.house, "event", "0"), HOME, rivit=rows)


def _names(call: Call, kept: Kept) -> tuple[str, ...]:
    """Give what a date is called: by its own name, by that of its series, and by its turn."""
    series = call.house.series.get(kept.it.series or "")
    turn = variant_of(kept.it, call.house)
    called = (
        name_of(kept.it, call.house).words,
        {} if series is None else series.name,
        turn.words if isinstance(turn, Localized) else {},
    )
    spoken = {speaks(call), call.house.language}  # a word of a third language may be another one in these
    return tuple(name for words in called for language, name in words.items() if language in spoken)


def _what(kept: Kept) -> tuple[str, ...]:
    """Tell apart what is held again and again from what only has a like name."""
    return (kept.it.series or kept.it.uid, *kept.it.title.values())
