"""kumpi_kerta: which kind of meeting is next, where two or more take turns."""

from typing import Final

from bot.actions.describe import name_of, row, time_of, variant_of
from bot.messages import Lines, Phrase, say
from bot.router import Answer, Call, Router
from bot.store.calendar import Kept
from handlers.menus import HOME, command, is_offered
from handlers.questions import heard_of
from handlers.shared_turns import turns

router = Router()

ROWS: Final = 4  # of dates ahead


@router.command("kumpi_kerta")
def which_kind(call: Call) -> Answer:
    """Tell the next dates with what each is; where nothing alternates, shared turns are meant."""
    alternating = [each.id for each in call.house.series.values() if each.turns]
    ahead = [
        kept
        for series in alternating
        for kept in call.store.calendar.coming(
            call.now, series=series, most=ROWS, cancelled=False, visibility=heard_of(call, series)
        )
    ]
    if not ahead:
        return turns(call)
    first = sorted(ahead, key=lambda kept: (kept.it.start, kept.id))[:ROWS]
    shared = (command("vuorot"),) if is_offered("vuorot", call.house) else ()
    rows = Lines(tuple(_row(call, each) for each in first))
    return say("alternating.list", *shared, command("tapahtumat"), HOME, rivit=rows)


def _row(call: Call, kept: Kept) -> Phrase:
    if kept.it.variant is None:
        return row(kept, call.house)
    return Phrase(
        "alternating.row",
        {
            "aika": time_of(kept.it),
            "nimi": name_of(kept.it, call.house),
            "variantti": variant_of(kept.it, call.house),
        },
    )
