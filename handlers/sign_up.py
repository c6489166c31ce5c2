"""ilmoittaudu: a place at an event that one signs up for, or a number in the queue; given back in one tap."""

from typing import Final

from bot.actions.describe import name_of, neutral_name, time_of
from bot.actions.places import limit_of, may_sign_up, sign_off, sign_up
from bot.core.waiting_list import Entry, free, number_of
from bot.messages import Button, Lines, Phrase, Say, Value, button, say
from bot.router import Call, Router
from bot.store.calendar import Kept
from handlers.events import date_buttons, opened
from handlers.menus import HOME, NO_HOME, back, command, page_number
from handlers.taking_part import SIGN_UP, may_take_part, reminder_of

router = Router()

ROWS: Final = 4  # of a list whose every row has a button, beside "Lisää" and the way back
LIST: Final = "ilmoittaudu"


@router.command("ilmoittaudu")
@router.button("ilmoittaudu")
def open_events(call: Call) -> Say:
    """List what one can sign up for, and what has become of it already."""
    number = page_number(call)
    found = _page(call, number)
    if not found:
        return say("places.none", command("tapahtumat"), HOME)
    listed = found[:ROWS]
    return say(
        "places.list",
        *date_buttons(listed, call.house, "sign.show", str(number)),
        *((button("button.more", LIST, str(number + 1)),) if len(found) > ROWS else ()),
        HOME,
        rivit=Lines(tuple(_row(call, each) for each in listed)),
    )


@router.button("sign.show")
def show(call: Call) -> Say:
    """Show one of them."""
    which, number = call.arguments
    return opened(call, int(which), back(LIST, number))


@router.button("sign.up")
def take_or_wait(call: Call) -> Say:
    """Take a place; where there is none, a number in the queue."""
    kept = _open(call)
    if kept is None:
        return _closed()
    mine = sign_up(call.store, call.house, kept, call.conversation, now=call.now)
    assert mine is not None
    return _told(call, kept, mine)


@router.button("sign.take")
def take(call: Call) -> Say:
    """Take the place that was offered; late, it is taken where it is still free."""
    kept = _open(call)
    if kept is None:
        return _closed()
    mine = sign_up(call.store, call.house, kept, call.conversation, now=call.now, wait=False)
    if mine is None:
        return say(
            "places.too_late",
            button("places.queue_up", "sign.up", str(kept.id), means="yes"),
            NO_HOME,
        )
    return _told(call, kept, mine)


@router.button("sign.pass")
def leave_it(call: Call) -> Say:
    """Leave the place that was offered to the next one."""
    _, was = _sign_off(call)
    return say("places.passed" if was == "offered" else "places.no_place", HOME)


@router.button("sign.off")
def give_back(call: Call) -> Say:
    """Give back a place, or leave the queue; by mistake, one can sign up again."""
    kept, was = _sign_off(call)
    if kept is None or was is None:
        return say("places.no_place", HOME)
    if was == "waiting":
        return say("places.left_queue", *_again(call, kept, SIGN_UP), HOME)
    return say(
        "places.given_back",
        *_again(call, kept, "places.take_again"),
        HOME,
        nimi=(name_of if call.conversation.named else neutral_name)(kept.it, call.house),
        aika=time_of(kept.it),
    )


def _again(call: Call, kept: Kept, key: str) -> tuple[Button, ...]:
    """Give the way back to an event's list: a place while there is one, else the queue; nothing, when it is closed."""
    if not may_sign_up(kept.it, now=call.now) or not may_take_part(call, kept.it):
        return ()
    full = free(call.store.sign_ups.on(kept.id), limit_of(kept.it, call.house)) == 0
    return (button("places.queue_up" if full else key, "sign.up", str(kept.id)),)


def _sign_off(call: Call) -> tuple[Kept | None, str | None]:
    """Take the reader off a list; give its event and what they had there, None: nothing."""
    kept = call.store.calendar.get(int(call.arguments[0]))
    if kept is None:
        return None, None
    return kept, sign_off(call.store, call.house, kept, call.conversation, now=call.now)


def _open(call: Call) -> Kept | None:
    """Give the event of a button if one may sign up for it now."""
    kept = call.store.calendar.get(int(call.arguments[0]))
    if kept is None or not may_sign_up(kept.it, now=call.now):
        return None
    return kept if may_take_part(call, kept.it) else None


def _closed() -> Say:
    return say("places.closed", command("tapahtumat"), command("ihminen"), HOME)


def _told(call: Call, kept: Kept, mine: Entry) -> Say:
    """Say what somebody has now."""
    if mine.state == "waiting":
        numero = number_of(call.store.sign_ups.on(kept.id), mine.id)
        leave = button("places.leave_queue", "sign.off", str(kept.id))
        return say("places.waiting", leave, HOME, numero=numero)
    return say(
        "places.yours",
        button("places.give_back", "sign.off", str(kept.id)),
        button("calendar.one", "ics", str(kept.id)),
        HOME,
        nimi=name_of(kept.it, call.house),
        aika=time_of(kept.it),
        muistutus=reminder_of(call, kept),
    )


def _page(call: Call, number: int) -> list[Kept]:
    """Give the events of a page, and one more where others follow."""
    mine = call.store.subscriptions.of(call.conversation.id)
    return call.store.sign_ups.ahead(
        call.now, members_of=mine, staff=call.by_organizer, most=ROWS + 1, skip=number * ROWS
    )


def _row(call: Call, kept: Kept) -> Phrase:
    entries = call.store.sign_ups.on(kept.id)
    mine = next((each for each in entries if each.who == call.conversation.id), None)
    left = free(entries, limit_of(kept.it, call.house))
    state: Value
    if mine is not None:
        state = Phrase(f"places.row.{mine.state}")
    elif left is None:
        state = Phrase("places.row.open")
    else:
        state = Phrase("places.row.free", {"vapaana": left}) if left else Phrase("places.row.full")
    return Phrase(
        "places.row", {"aika": time_of(kept.it), "nimi": name_of(kept.it, call.house), "tila": state}
    )
