"""peruuta: one date does not take place, or none of its series from then on."""

from collections.abc import Sequence
from typing import Final

from bot.actions.describe import name_of, time_of
from bot.core.phrases import is_one_of
from bot.i18n import Reader
from bot.messages import Phrase, Say, button, say
from bot.router import Ask, Call, Router
from bot.store.calendar import Kept
from handlers.change_schedule import EVERYBODYS, preview
from handlers.choose_date import NAMES, Offered, Which, choose_date, date_of, typed_date
from handlers.menus import HOME, back, page_number

router = Router()

WHICH: Final = Which("cancel.which", "cancel", "peruuta")
AT_ONCE: Final = 9  # more dates of a series than begin at one instant; one was moved to another's, perhaps


@router.command("peruuta", organizers=True)
@router.button("peruuta", organizers=True)
def which(call: Call) -> Offered:
    """Ask which date, where it was not named at once."""
    if call.text.strip():
        return typed_date(call, WHICH, _how_much)
    return choose_date(call, WHICH, page_number(call))


@router.answer("cancel.which", organizers=True, yields_to_any=True, keeps=NAMES)
def typed_which(call: Call) -> Offered:
    """Take the date that is typed."""
    return typed_date(call, WHICH, _how_much)


@router.button("cancel", organizers=True)
def how_much(call: Call) -> Offered:
    """Take the date that is pressed."""
    return _how_much(call, date_of(call, int(call.arguments[0])))


def _how_much(call: Call, kept: Kept) -> Offered:
    """Ask whether it is this date alone; where none follows there is no question."""
    if kept.it.recurrence_id is None or not _goes_on(call, kept):
        return _preview(call, kept.id, onwards=False)
    return _ask_how_much(call, kept, "cancel.how_much")


def _ask_how_much(call: Call, kept: Kept, key: str) -> Ask:
    question = say(
        key,
        button("cancel.this", "cancel.one", str(kept.id), means="yes"),
        button("cancel.onwards", "cancel.on", str(kept.id)),
        back("peruuta", means="no"),
        HOME,
        nimi=name_of(kept.it, call.house),
        aika=time_of(kept.it),
    )
    return Ask(question, "cancel.how_much", {"of": kept.id})


@router.answer("cancel.how_much", organizers=True, yields_to_any=True)
def typed_how_much(call: Call) -> Offered:
    """Take it in words too; ask again, of somebody who types something else."""
    kept = date_of(call, call.state["of"])
    reader = Reader(call.language, call.house.zone, call.now)
    for words, onwards in (("cancel.typed_this", False), ("cancel.typed_onwards", True)):
        if is_one_of(call.text, call.house.wording.say(Phrase(words), reader)):
            return _preview(call, kept.id, onwards=onwards)
    return _ask_how_much(call, kept, "cancel.not_understood")


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
        kept.it.start, series=kept.it.series, visibility=EVERYBODYS, cancelled=False, most=AT_ONCE
    )
    return any(each.it.start > kept.it.start for each in ahead)


def _preview(call: Call, occurrence: int, *, onwards: bool) -> Sequence[Say | Ask]:
    return preview(call, {"act": "cancel", "of": occurrence, "onwards": onwards})
