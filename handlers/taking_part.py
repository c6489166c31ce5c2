"""What one can do at one date, as buttons under it, and what is said of its places: all that is the reader's own.

Where others read along nothing of it is said but that one may sign up in private.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from bot.actions.free_turn import is_shared
from bot.actions.places import entry_of, limit_of, may_sign_up
from bot.core.occurrences import Occurrence
from bot.core.quiet_hours import next_allowed
from bot.core.reminders import DAY_BEFORE, alarms_of
from bot.core.series import Series
from bot.core.waiting_list import Entry, State, free, number_of
from bot.messages import Button, Phrase, When, button
from bot.router import Call, House
from bot.store.calendar import Kept

SIGN_UP: Final = "places.sign_up"

_OWN: Final[Mapping[State, tuple[tuple[str, str], ...]]] = MappingProxyType(
    {
        "coming": (("places.give_back", "sign.off"),),
        "waiting": (("places.leave_queue", "sign.off"),),
        "offered": (("places.take", "sign.take"), ("places.pass", "sign.pass")),
    }
)


def may_take_part(call: Call, it: Occurrence) -> bool:
    """Tell whether somebody may have a place or a turn there: what is for members is for those who hear of it."""
    if it.visibility == "public":
        return True
    if it.visibility == "members":
        return (it.series or "") in call.store.subscriptions.of(call.conversation.id)
    return call.by_organizer


def welcomes_newcomers(series: Series) -> bool:
    """Tell whether it is an open group that says what a first time is like."""
    return series.first_time is not None and series.visibility == "public" and series.kind == "event"


def open_to_newcomers(it: Occurrence, house: House) -> Series | None:
    """Give the series of a date that anyone may come to for the first time; None: it is no such date."""
    series = house.series.get(it.series or "")
    if series is None or not welcomes_newcomers(series) or it.visibility != "public":
        return None
    return series


def what_to_do(call: Call, kept: Kept) -> tuple[Button, ...]:
    """Give the buttons of what the reader can do at a date."""
    which = str(kept.id)
    if is_shared(kept.it, call.house):
        return _turn_buttons(call, kept)
    buttons: list[Button] = []
    if kept.it.status == "confirmed" and kept.it.start > call.now and open_to_newcomers(kept.it, call.house):
        buttons.append(button("first.button", "first.time", which))
    if may_sign_up(kept.it, now=call.now) and may_take_part(call, kept.it):
        buttons += _place_buttons(call, kept)
    return tuple(buttons)


def note_of(call: Call, kept: Kept) -> Phrase | None:
    """Say what there is to know of the places or the turn; None: nothing, one just comes."""
    it = kept.it
    if is_shared(it, call.house):
        return _turn_note(call, kept)
    if not may_sign_up(it, now=call.now) or not may_take_part(call, it):
        return None
    return _places_note(call, kept) if call.conversation.private else Phrase("places.in_private")


def reminder_of(call: Call, kept: Kept, choices: int = DAY_BEFORE) -> Phrase | str:
    """Say when a reminder of a date comes to who takes part in it; nothing, where none does."""
    house = call.house
    paused = call.conversation.paused_until
    alarms = alarms_of(kept.it, default_leads=house.default_leads, hours=house.quiet_hours, zone=house.zone)
    due = [
        next_allowed(each.due, house.quiet_hours, house.zone)
        for each in alarms
        if each.choices & choices and each.due > call.now and (paused is None or each.due >= paused)
    ]
    return Phrase("places.reminder", {"aika": When(due[0])}) if due else ""


def _places_note(call: Call, kept: Kept) -> Phrase:
    """Say what the reader has there; else how many places are free, or, to an organizer, how many are taken."""
    entries = call.store.sign_ups.on(kept.id)
    mine = next((each for each in entries if each.who == call.conversation.id), None)
    if mine is not None:
        return _own_note(entries, mine)
    if call.by_organizer:
        waiting = sum(each.state == "waiting" for each in entries)
        return Phrase("places.numbers", {"mukana": len(entries) - waiting, "jonossa": waiting})
    limit = limit_of(kept.it, call.house)
    if limit is None:
        return Phrase("places.open")
    left = free(entries, limit) or 0
    return Phrase("places.free" if left else "places.full", {"paikkoja": limit, "vapaana": left})


def _own_note(entries: Sequence[Entry], mine: Entry) -> Phrase:
    if mine.state == "waiting":
        return Phrase("places.in_queue", {"numero": number_of(entries, mine.id)})
    return Phrase("places.mine") if mine.until is None else Phrase("places.kept", {"asti": When(mine.until)})


def _place_buttons(call: Call, kept: Kept) -> list[Button]:
    which = str(kept.id)
    mine = entry_of(call.store, kept.id, call.conversation)
    if mine is not None:
        return [button(key, action, which) for key, action in _OWN[mine.state]]
    full = free(call.store.sign_ups.on(kept.id), limit_of(kept.it, call.house)) == 0
    return [button("places.queue_up" if full else SIGN_UP, "sign.up", which)]


def _turn_buttons(call: Call, kept: Kept) -> tuple[Button, ...]:
    if kept.it.status != "confirmed" or kept.it.start <= call.now or not may_take_part(call, kept.it):
        return ()
    taken = call.store.shared_turns.taken(kept.id)
    if taken is None or (taken.offered and taken.taker != call.conversation.id):
        return (button("turns.take", "turns.take", str(kept.id)),)
    return (
        (button("turns.my_turn", "turns.take", str(kept.id)),) if taken.taker == call.conversation.id else ()
    )


def _turn_note(call: Call, kept: Kept) -> Phrase:
    taken = call.store.shared_turns.taken(kept.id)
    if taken is not None and taken.taker == call.conversation.id:
        return Phrase("turns.is_mine")
    return Phrase("turns.is_free" if taken is None or taken.offered else "turns.is_taken")
