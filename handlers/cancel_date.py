"""peruuta: one date does not take place, or none of its series from then on."""

from collections.abc import Sequence

from bot.actions.describe import name_of, time_of
from bot.messages import Say, button, say
from bot.router import Ask, Call, Router
from bot.store.calendar import Kept
from handlers.change_schedule import EVERYBODYS, choose_date, date_of, preview
from handlers.menus import HOME, back, page_number

router = Router()


@router.command("peruuta", organizers=True)
@router.button("peruuta", organizers=True)
def which(call: Call) -> Say:
    """Ask which date."""
    return choose_date(call, "cancel", "peruuta", page_number(call), "cancel.which")


@router.button("cancel", organizers=True)
def how_much(call: Call) -> Say | Sequence[Say | Ask]:
    """Ask whether it is this date alone; where none follows there is no question."""
    kept = date_of(call, int(call.arguments[0]))
    if kept.it.recurrence_id is None or not _goes_on(call, kept):
        return _preview(call, kept.id, onwards=False)
    return say(
        "cancel.how_much",
        button("cancel.this", "cancel.one", str(kept.id)),
        button("cancel.onwards", "cancel.on", str(kept.id)),
        back("peruuta"),
        HOME,
        nimi=name_of(kept.it, call.house),
        aika=time_of(kept.it),
    )


@router.button("cancel.one", organizers=True)
def this_one(call: Call) -> Sequence[Say | Ask]:
    """Show what becomes of it when this date is cancelled."""
    return _preview(call, date_of(call, int(call.arguments[0])).id, onwards=False)


@router.button("cancel.on", organizers=True)
def from_now_on(call: Call) -> Sequence[Say | Ask]:
    """Show what becomes of it when this date and all that follow are cancelled."""
    return _preview(call, date_of(call, int(call.arguments[0])).id, onwards=True)


def _goes_on(call: Call, kept: Kept) -> bool:
    """Tell whether other dates follow; of what is in no series nobody knows."""
    if kept.it.series is None:
        return True
    ahead = call.store.calendar.coming(
        kept.it.start, series=kept.it.series, visibility=EVERYBODYS, cancelled=False, most=2
    )
    return any(each.it.start > kept.it.start for each in ahead)


def _preview(call: Call, occurrence: int, *, onwards: bool) -> Sequence[Say | Ask]:
    return preview(call, {"act": "cancel", "of": occurrence, "onwards": onwards})
