"""vuorot: watering, making coffee: one person a turn.  Taken, offered to others, swapped, given up; no names anywhere."""

from typing import Final

from bot.actions.describe import name_of, neutral_name, time_of
from bot.actions.free_turn import ask_others, is_shared
from bot.core.quiet_hours import next_allowed
from bot.core.reminders import BOTH
from bot.core.series import turn_series
from bot.messages import Button, Lane, Lines, Phrase, Say, Value, When, button, say
from bot.router import Call, Router
from bot.store.calendar import Kept
from handlers.menus import HOME, back, page, page_number, series_button, series_name
from handlers.taking_part import may_take_part, reminder_of

router = Router()

ROWS: Final = 4  # of a list whose every row has a button, beside "Lisää" and the way back
COUNTED: Final = 10  # turns ahead of which organizers hear how many are free


@router.command("vuorot")
@router.button("vuorot")
def turns(call: Call) -> Say:
    """Show the turns, or ask which."""
    series = _series(call)
    if not series:
        return say("turns.no_such", HOME)
    if len(series) == 1:
        return _listed(call, series[0], 0)
    ways = [series_button(each, call.house, "turns") for each in series]
    more = button("button.more", "vuorot")
    return say("turns.which", *page(ways, page_number(call), more=more, way_back=HOME))


@router.button("turns")
def of_series(call: Call) -> Say:
    """Show the turns of one kind, or a later page of them."""
    series, *number = call.arguments
    if series not in _series(call):
        return say("turns.no_such", HOME)
    return _listed(call, series, page_number(call) if number else 0)


@router.button("turns.take")
def take(call: Call) -> Say:
    """Take a turn; what is the reader's own already is shown."""
    kept = _open(call, call.arguments[0])
    if kept is None:
        return _gone()
    before = call.store.shared_turns.taken(kept.id)
    if before is not None and before.taker == call.conversation.id:
        return _own(call, kept, offered=before.offered)
    if not _taken(call, kept):
        return say("turns.too_late", _others(kept), HOME)
    return say(
        "turns.yours",
        button("turns.offer", "turns.offer", str(kept.id)),
        button("turns.swap", "turns.swap", str(kept.id)),
        _others(kept),
        HOME,
        **_named(call, kept),
        muistutus=reminder_of(call, kept, BOTH),
    )


@router.button("turns.offer")
def offer(call: Call) -> Say:
    """Offer one's turn to the others; it stays one's own until somebody takes it."""
    kept = _mine(call, call.arguments[0])
    if kept is not None:
        _ask_others(call, kept)
    return _changed(call, "turns.offered", offered=True)


@router.button("turns.keep")
def keep(call: Call) -> Say:
    """Offer it no more."""
    return _changed(call, "turns.kept", offered=False)


@router.button("turns.drop")
def give_up(call: Call) -> Say:
    """Make one's turn free."""
    kept = call.store.calendar.get(int(call.arguments[0]))
    if kept is None or not call.store.shared_turns.give_up(kept.id, call.conversation.id):
        return say("turns.not_mine", HOME)
    _ask_others(call, kept)
    return say("turns.given_up", _others(kept), HOME)


@router.button("turns.swap")
def swap(call: Call) -> Say:
    """Show which turns one could have instead."""
    kept = _mine(call, call.arguments[0])
    if kept is None:
        return say("turns.not_mine", HOME)
    if kept.it.start <= call.now:
        return _gone()
    ahead = _ahead(call, kept.it.series or "", own=False)[:ROWS]
    if not ahead:
        return say("turns.none_to_swap", back("turns.take", str(kept.id)), HOME)
    return say(
        "turns.swap_for",
        *(_day_button(each, "turns.swap.to", str(kept.id)) for each in ahead),
        back("turns.take", str(kept.id)),
        HOME,
        rivit=_rows(call, ahead),
    )


@router.button("turns.swap.to")
def swap_to(call: Call) -> Say:
    """Take another turn and make the one that one had free, both or neither; who offered the other may have it."""
    wanted, had = call.arguments
    old, new = _mine(call, had), _open(call, wanted)
    if old is None:
        return say("turns.not_mine", HOME)
    if old.it.start <= call.now:
        return _gone()  # who offered the other would be offered nothing
    other = call.store.shared_turns.taken(int(wanted))
    if new is None or _mine(call, wanted) is not None or not _taken(call, new, instead=old):
        return say("turns.too_late", button("turns.swap", "turns.swap", had), HOME)
    call.store.shared_turns.give_up(old.id, call.conversation.id)
    _ask_others(call, old, *(() if other is None else (other.taker,)))
    return say(
        "turns.swapped",
        _others(new),
        HOME,
        **_named(call, new),
        muistutus=reminder_of(call, new, BOTH),
    )


def _series(call: Call) -> list[str]:
    """Give the series of turns that the reader may take part in: those for members, if they hear of them."""
    own = call.store.subscriptions.of(call.conversation.id)
    seen = {"public": True, "members": False, "staff": call.by_organizer}
    return [
        each
        for each in turn_series(call.house.series.values())
        if seen[call.house.series[each].visibility] or each in own
    ]


def _listed(call: Call, series: str, number: int) -> Say:
    """List the turns that one can take, and one's own."""
    ahead = _ahead(call, series, number)
    if not ahead:
        return say("turns.all_taken", HOME, nimi=series_name(series, call.house))
    more = (button("button.more", "turns", series, str(number + 1)),) if len(ahead) > ROWS else ()
    return say(
        "turns.list",
        *(_day_button(each, "turns.take") for each in ahead[:ROWS]),
        *more,
        HOME,
        nimi=series_name(series, call.house),
        ohje=_numbers(call, series) if call.by_organizer else Phrase("turns.choose"),
        rivit=_rows(call, ahead[:ROWS]),
    )


def _ahead(call: Call, series: str, number: int = 0, *, own: bool = True) -> list[Kept]:
    """Give the turns of a page, and one more where others follow."""
    found = call.store.shared_turns.ahead(
        [series], call.conversation.id, now=call.now, most=ROWS + 1, skip=number * ROWS, own=own
    )
    kept = [call.store.calendar.get(each) for each in found]
    return [each for each in kept if each is not None]


def _rows(call: Call, ahead: list[Kept]) -> Lines:
    return Lines(
        tuple(
            Phrase("turns.row", {"aika": time_of(each.it), "tila": Phrase(_state(call, each))})
            for each in ahead
        )
    )


def _state(call: Call, kept: Kept) -> str:
    taken = call.store.shared_turns.taken(kept.id)
    if taken is None or taken.taker != call.conversation.id:
        return "turns.free"
    return "turns.mine_offered" if taken.offered else "turns.mine"


def _numbers(call: Call, series: str) -> Phrase:
    """Tell an organizer how many of the next turns nobody has."""
    ahead, free = call.store.shared_turns.count_free([series], now=call.now, of_next=COUNTED)
    return Phrase("turns.numbers", {"kaikki": ahead, "vapaana": free})


def _open(call: Call, which: str) -> Kept | None:
    """Give a turn that the reader may take, if it is free; None: it is over, cancelled, or none of theirs."""
    kept = call.store.calendar.get(int(which))
    if kept is None or not is_shared(kept.it, call.house) or not may_take_part(call, kept.it):
        return None
    return kept if kept.it.status == "confirmed" and kept.it.start > call.now else None


def _mine(call: Call, which: str) -> Kept | None:
    """Give a turn that is the reader's own."""
    kept = call.store.calendar.get(int(which))
    taken = call.store.shared_turns.taken(int(which))
    return kept if taken is not None and taken.taker == call.conversation.id else None


def _ask_others(call: Call, kept: Kept, *knowing: int) -> None:
    """Ask others whether they take the reader's turn, if it is soon; ``knowing`` are those who know of it already."""
    without = (call.conversation.id, *knowing)
    ask_others(call.store, call.house, kept, now=call.now, slip=call.house.undo, without=without)


def _taken(call: Call, kept: Kept, *, instead: Kept | None = None) -> bool:
    """Take a turn, and tell who offered it, who can have another ``instead``; False: somebody else has it."""
    before = call.store.shared_turns.taken(kept.id)
    if not call.store.shared_turns.take(kept.id, call.conversation.id):
        return False
    if before is not None:
        _tell(call, before.taker, kept, instead)
    return True


def _tell(call: Call, who: int, kept: Kept, instead: Kept | None) -> None:
    """Tell somebody that the turn that they offered is not theirs any more, and which they can have ``instead``."""
    person = call.store.people.get(who)
    assert person is not None  # their row would be gone with them
    house = call.house
    times: dict[str, Value] = {"aika": time_of(kept.it)}
    ways: tuple[Button, ...] = ()
    if instead is None:
        key = "turns.passed_on"
    else:
        key, times["tilalle"] = "turns.swapped_away", time_of(instead.it)
        ways = (button("turns.take", "turns.take", str(instead.id)), HOME)
    call.store.outbox.push(
        person,
        f"turn:{kept.id}:{call.key}",
        Say(
            Phrase(key, {"nimi": name_of(kept.it, house), **times}),
            ways,
            Phrase(key, {"nimi": neutral_name(kept.it, house), **times}),
        ),
        now=call.now,
        lane=Lane.NOTICE,
        not_before=next_allowed(call.now, house.quiet_hours, house.zone),
        useful_until=kept.it.end,
    )


def _changed(call: Call, key: str, *, offered: bool) -> Say:
    kept = _mine(call, call.arguments[0])
    if kept is None:
        return say("turns.not_mine", HOME)
    call.store.shared_turns.offer(kept.id, call.conversation.id, offered=offered)
    return say(key, *_ways(kept, offered=offered), _others(kept), HOME)


def _own(call: Call, kept: Kept, *, offered: bool) -> Say:
    """Show one's own turn."""
    return say(
        "turns.own",
        *_ways(kept, offered=offered),
        button("turns.swap", "turns.swap", str(kept.id)),
        _others(kept),
        HOME,
        **_named(call, kept),
        tarjolla=Phrase("turns.on_offer") if offered else "",
    )


def _ways(kept: Kept, *, offered: bool) -> tuple[Button, ...]:
    """Give the buttons that say whose the turn shall be."""
    which = str(kept.id)
    if not offered:
        return (button("turns.offer", "turns.offer", which),)
    return button("turns.keep", "turns.keep", which), button("turns.give_up", "turns.drop", which)


def _named(call: Call, kept: Kept) -> dict[str, Value]:
    return {"nimi": name_of(kept.it, call.house), "aika": time_of(kept.it)}


def _day_button(kept: Kept, action: str, *arguments: str) -> Button:
    """Make the button of a turn: its day and its hour, for there may be two on one day."""
    begins = When(kept.it.start, all_day=kept.it.all_day)
    return button("button.day", action, str(kept.id), *arguments, paiva=begins)


def _others(kept: Kept) -> Button:
    """Make the button that leads to all turns of this kind."""
    return button("turns.others", "turns", kept.it.series or "")


def _gone() -> Say:
    return say("turns.gone", button("turns.others", "vuorot"), HOME)
