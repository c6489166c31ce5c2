"""siirra: one date at another time, or in another place."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.actions.change_schedule import a_week_later
from bot.actions.describe import name_of, time_of
from bot.actions.word_misread import why_unclear
from bot.core.plain_text import single_line
from bot.core.recurrence import instant
from bot.core.typed_times import Typed, another_time, typed_time
from bot.messages import Say, button, say
from bot.router import Ask, Call, Router
from bot.store.calendar import Kept
from bot.store.models import from_ms, to_ms
from handlers.change_schedule import preview_or_ask
from handlers.choose_date import DAYS, NAMES, Offered, Which, choose_date, date_of, typed_date
from handlers.menus import HOME, back, page_number

router = Router()

WHICH: Final = Which("move.which", "move", "siirra")


@router.command("siirra", organizers=True)
@router.button("siirra", organizers=True)
def which(call: Call) -> Offered:
    """Ask which date, where it was not named at once."""
    if call.text.strip():
        return typed_date(call, WHICH, _what)
    return choose_date(call, WHICH, page_number(call))


@router.answer("move.which", organizers=True, yields_to_any=True, keeps=NAMES)
def typed_which(call: Call) -> Offered:
    """Take the date that is typed."""
    return typed_date(call, WHICH, _what)


@router.button("move", organizers=True)
def where_to(call: Call) -> Ask:
    """Take the date that is pressed."""
    return _what(call, date_of(call, int(call.arguments[0])))


def _what(call: Call, kept: Kept) -> Ask:
    """Ask what changes."""
    question = say(
        "move.what",
        button("move.week", "move.week", str(kept.id)),
        button("move.time", "move.time", str(kept.id)),
        button("move.place", "move.place", str(kept.id)),
        back("siirra"),
        HOME,
        nimi=name_of(kept.it, call.house),
        aika=time_of(kept.it),
    )
    return Ask(question, "move.what", {"of": kept.id})


@router.answer("move.what", organizers=True, yields_to_any=True, keeps=DAYS)
def typed_what(call: Call) -> Offered:
    """Take the new time at once; ask again where it is none."""
    kept = date_of(call, call.state["of"])
    return _unclear(call, _what(call, kept)) if _typed(call) is None else _new_time(call, kept)


@router.button("move.week", organizers=True)
def a_week_on(call: Call) -> Sequence[Say | Ask]:
    """Show it a week later at the same hour."""
    kept = date_of(call, int(call.arguments[0]))
    return _preview(call, kept, "time", start=a_week_later(kept.it, call.house))


@router.button("move.time", organizers=True)
def ask_time(call: Call) -> Ask:
    """Ask for the new time."""
    return _ask("time", date_of(call, int(call.arguments[0])), "move.ask_time")


@router.answer("move.time", organizers=True, yields=True, keeps=DAYS)
def new_time(call: Call) -> Sequence[Say | Ask] | Ask:
    """Take the new time."""
    return _new_time(call, date_of(call, call.state["of"]))


def _new_time(call: Call, kept: Kept) -> Sequence[Say | Ask] | Ask:
    """Take a time: what it does not say stays as it was."""
    typed = _typed(call)
    if typed is None:
        return _unclear(call, _ask("time", kept, "move.unclear"))
    return _preview(call, kept, "time", start=_start(typed, kept, call), end=_end(typed, kept, call))


def at_another_time(call: Call, typed: Typed) -> Sequence[Say | Ask]:
    """Take another time than that which is shown; what it does not say stays as it is shown."""
    kept, shown = date_of(call, call.state["of"]), call.state
    start = kept.it.start if shown["start"] is None else from_ms(shown["start"])
    end = None if shown["end"] is None else from_ms(shown["end"])
    begins, ends = another_time(typed, start, end, call.house.zone)
    return _preview(call, kept, "time", start=begins, end=ends, place=shown["place"])


@router.button("move.place", organizers=True)
def ask_place(call: Call) -> Ask:
    """Ask for the new place."""
    return _ask("place", date_of(call, int(call.arguments[0])), "move.ask_place")


@router.answer("move.place", organizers=True, yields=True)
def new_place(call: Call) -> Sequence[Say | Ask] | Ask:
    """Take the new place."""
    kept, place = date_of(call, call.state["of"]), single_line(call.text)
    if not place:
        return _ask("place", kept, "move.ask_place")
    return _preview(call, kept, "place", place={call.language: place})


def _ask(what: str, kept: Kept, key: str) -> Ask:
    way_back = back("move", str(kept.id), means="no")
    return Ask(say(key, way_back, HOME), f"move.{what}", {"of": kept.id})


def _preview(
    call: Call,
    kept: Kept,
    what: str,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    place: dict[str, str] | None = None,
) -> Sequence[Say | Ask]:
    times = {"start": None if start is None else to_ms(start), "end": None if end is None else to_ms(end)}
    proposal = {"act": "move", "of": kept.id, **times, "place": place}
    return preview_or_ask(call, proposal, _ask(what, kept, f"move.ask_{what}"))


def _unclear(call: Call, asked: Ask) -> Ask:
    """Ask again, and say why where the time that was typed cannot be."""
    why = why_unclear(call.text, now=call.now, zone=call.house.zone)
    return asked if why is None else replace(asked, say=replace(asked.say, text=why))


def _typed(call: Call) -> Typed | None:
    return typed_time(call.text, today=call.now.astimezone(call.house.zone).date())


def _start(typed: Typed, kept: Kept, call: Call) -> datetime:
    was = kept.it.start.astimezone(call.house.zone)
    return instant(typed.day or was.date(), typed.start or was.time(), call.house.zone)


def _end(typed: Typed, kept: Kept, call: Call) -> datetime | None:
    """Give the end that was typed; None: it lasts as long as it did."""
    if typed.end is None:
        return None
    was = kept.it.start.astimezone(call.house.zone)
    return instant(typed.day or was.date(), typed.end, call.house.zone)
