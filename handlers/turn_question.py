"""Whose turn it is after dates that do not take place: organizers are asked, and see the next four.

They are asked at once where they cancel a date themselves, and by message where its calendar leaves it out.
Before they answer they see what either answer comes to at the first date of which it matters.
"""

from datetime import datetime

from bot.actions.left_out_turns import (
    TurnQuestion,
    answer,
    asked,
    is_answered,
    is_shifted,
    open_again,
    question,
    rows_of,
)
from bot.actions.shift_turns import shift_turns, shifts_of, turns_ahead
from bot.errors import UserError
from bot.messages import Button, Phrase, Say, button, say
from bot.router import Call, Router
from handlers.menus import DESK, HOME, series_name

router = Router()


def ask_turn(call: Call, skipped: int) -> Say | None:
    """Ask whether the turns that an override skips go to the dates after it, and say what either answer comes to.

    None: no date follows that they could go to.
    """
    found = _shifting(call, skipped)
    if found is None:
        return None
    series, since = found
    shifted = turns_ahead(call.store, call.house, series, now=call.now, skipped=skipped)
    kept = turns_ahead(call.store, call.house, series, now=call.now, since=since)
    either = [each for each in zip(shifted, kept, strict=True) if each[0].it.variant != each[1].it.variant]
    if not either:
        return None
    moves, stays = either[0]
    return say(
        "turn.ask_both",
        button("turn.button.shift", "variant.shift", str(skipped), means="yes"),
        button("turn.button.keep", "variant.keep", str(skipped), means="no"),
        nimi=series_name(series, call.house),
        siirtyy=rows_of([moves], call.house),
        pysyy=rows_of([stays], call.house),
    )


@router.button("variant.shift", organizers=True)
def shift(call: Call) -> Say:
    """Let the turns wait: all later ones move by as many as were skipped."""
    skipped = int(call.arguments[0])
    series, since = _series(call, skipped)
    made = shift_turns(call.store, call.house, skipped, call.conversation, now=call.now)
    undo = button("turn.button.undo", "change.undo", str(made[0].id))
    return _shown(call, series, since, "turn.shifted", undo)


@router.button("variant.keep", organizers=True)
def keep(call: Call) -> Say:
    """Leave all as the calendar has it."""
    skipped = int(call.arguments[0])
    undo = button("change.button.undo", "change.undo", str(skipped))
    return _shown(call, *_series(call, skipped), "turn.kept", undo)


# ---- of dates that a calendar leaves out ------------------------------------------------------------------


@router.button("turn.yes", organizers=True)
def otherwise(call: Call) -> Say:
    """Let the turns be otherwise than the calendar has them."""
    it = asked(call.store, call.house, call.arguments[0], now=call.now)
    if is_answered(call.store, it):
        return _answered(call, it)
    assert call.person is not None  # organizers only
    made = answer(call.store, call.house, it, call.person, yes=True, now=call.now)
    assert made is not None
    undo = button("change.button.undo", "change.undo", str(made.id))
    return _shown(call, it.series, it.since, "turn.old" if it.by > 0 else "turn.shifted", undo)


@router.button("turn.no", organizers=True)
def as_it_is(call: Call) -> Say:
    """Leave all as the calendar has it."""
    it = asked(call.store, call.house, call.arguments[0], now=call.now)
    if is_answered(call.store, it):
        return _answered(call, it)
    assert call.person is not None  # organizers only
    answer(call.store, call.house, it, call.person, yes=False, now=call.now)
    again = button("turn.button.ask", "turn.again", it.token)
    return _shown(call, it.series, it.since, "turn.stays", again)


@router.button("turn.again", organizers=True)
def once_more(call: Call) -> Say:
    """Ask once more after all."""
    it = asked(call.store, call.house, call.arguments[0], now=call.now)
    if is_shifted(call.store, it):
        return _answered(call, it)
    open_again(call.store, it)
    return question(call.store, call.house, it, now=call.now)


def _answered(call: Call, it: TurnQuestion) -> Say:
    return _shown(call, it.series, it.since, "turn.answered")


# ---- what is shown ----------------------------------------------------------------------------------------


def _shown(call: Call, series: str, since: datetime | None, key: str, *buttons: Button) -> Say:
    ahead = turns_ahead(call.store, call.house, series, now=call.now, since=since)
    name = series_name(series, call.house)
    return say(key, *buttons, DESK, HOME, nimi=name, rivit=rows_of(ahead, call.house))


def _series(call: Call, skipped: int) -> tuple[str, datetime | None]:
    """Give the series whose turns an override skips, and from when on they could shift.

    Raises:
        UserError: the override holds no more, or its turns have been moved already.
    """
    found = _shifting(call, skipped)
    if found is None:
        raise UserError(Phrase("button.old"))
    return found


def _shifting(call: Call, skipped: int) -> tuple[str, datetime | None] | None:
    override = call.store.overrides.get(skipped)
    shifts = () if override is None else shifts_of(call.store, call.house, override, call.now)
    moved = {
        (each.series, each.since) for each in call.store.overrides.active(most=None) if each.kind == "turns"
    }
    return next(
        (
            (each.series, each.since)
            for each in shifts
            if each.series is not None and (each.series, each.since) not in moved
        ),
        None,
    )
