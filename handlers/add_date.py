"""lisaa: an event that happens once, in three short questions: what, when, where."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot.actions.word_misread import why_unclear
from bot.core.plain_text import single_line
from bot.core.recurrence import instant
from bot.core.typed_times import Typed, another_time, name_and_time, typed_time
from bot.errors import UserError
from bot.messages import Phrase, Say, button, say
from bot.router import Ask, Call, Router
from bot.store.models import from_ms, to_ms
from handlers.change_schedule import MENU, asked_again, preview, preview_or_ask
from handlers.menus import HOME, back, page, page_number, series_button

router = Router()

LONG: Final = timedelta(hours=2)  # an event that does not say when it ends


@router.command("lisaa", organizers=True)
@router.button("lisaa", organizers=True)
def begin(call: Call) -> Ask:
    """Ask what it is: a name, or one more date of a series."""
    return _ask_what(call)


@router.answer("add.what", organizers=True, yields=True)
def named(call: Call) -> Ask:
    """Take the name, and the time if that stands with it."""
    title = single_line(call.text)
    divided = name_and_time(title, today=call.now.astimezone(call.house.zone).date())
    if divided is None:
        return _ask_when({"series": None, "title": {call.language: title}}) if title else _ask_what(call)
    name, typed = divided
    return _at(call, {"series": None, "title": {call.language: name}}, typed)


@router.button("add.series", organizers=True)
def of_series(call: Call) -> Ask:
    """Take the series that it is one more date of."""
    return _ask_when({"series": call.arguments[0], "title": {}})


@router.answer("add.when", organizers=True, yields=True)
def when(call: Call) -> Ask:
    """Take the time: a day and an hour, and an hour to end at if there is one."""
    zone = call.house.zone
    typed = typed_time(call.text, today=call.now.astimezone(zone).date())
    if typed is not None and typed.day is not None and typed.start is not None:
        return _at(call, call.state, typed)
    asked = _ask_when(call.state, key="add.unclear")
    why = why_unclear(call.text, now=call.now, zone=zone)
    return asked if why is None else replace(asked, say=replace(asked.say, text=why))


def _at(call: Call, named: Mapping[str, Any], typed: Typed) -> Ask:
    """Go on with the time; what will not do is said now, while the question that it answers can be answered anew."""
    zone = call.house.zone
    assert typed.day is not None
    assert typed.start is not None
    start = instant(typed.day, typed.start, zone)
    end = start + LONG if typed.end is None else instant(typed.day, typed.end, zone)
    state = {**named, **_times(start, end)}
    try:
        preview(call, {"act": "add", **state, "place": None})
    except UserError as cannot:
        of_name = cannot.phrase.key == "override.link"
        return asked_again(_ask_what(call) if of_name else _ask_when(named), cannot)
    return _ask_where(call, state)


@router.answer("add.where", organizers=True, yields=True)
def where(call: Call) -> Sequence[Say | Ask]:
    """Take the place."""
    return _preview(call, call.state, {call.language: single_line(call.text)})


@router.button("add.nowhere", organizers=True)
def without_place(call: Call) -> Sequence[Say | Ask]:
    """Leave the place out, or to the series."""
    asked = call.store.dialogues.of(call.conversation.id, now=call.now)
    if asked.question != "add.where":
        raise UserError(Phrase("button.old"))
    return _preview(call, asked.state, None)


def at_another_time(call: Call, typed: Typed) -> Sequence[Say | Ask]:
    """Take another time than that which is shown; what it does not say stays as it is shown."""
    start, end = from_ms(call.state["start"]), from_ms(call.state["end"])
    begins, ends = another_time(typed, start, end, call.house.zone)
    assert ends is not None
    named = {"series": call.state["series"], "title": call.state["title"]}
    proposal = {**call.state, **_times(begins, ends)}
    return preview_or_ask(call, proposal, _ask_when(named))


def _ask_what(call: Call) -> Ask:
    buttons = [
        series_button(each.id, call.house, "add.series")
        for each in call.house.series.values()
        if each.kind == "event"
    ]
    shown = page(
        buttons, page_number(call), more=button("button.more", "lisaa"), way_back=back(MENU, means="no")
    )
    return Ask(say("add.what", *shown), "add.what")


def _ask_when(state: Mapping[str, Any], *, key: str = "add.when") -> Ask:
    return Ask(say(key, back("lisaa", means="no"), HOME), "add.when", state)


def _ask_where(call: Call, state: Mapping[str, Any]) -> Ask:
    series = call.house.series.get(state["series"] or "")
    if series is not None and series.place:
        ways = button("add.same_place", "add.nowhere", means="yes"), back("lisaa", means="no")
    else:
        ways = button("add.no_place", "add.nowhere", means="no"), back("lisaa")
    return Ask(say("add.where", *ways, HOME), "add.where", state)


def _preview(call: Call, state: Mapping[str, Any], place: dict[str, str] | None) -> Sequence[Say | Ask]:
    return preview_or_ask(call, {"act": "add", **state, "place": place}, _ask_where(call, state))


def _times(start: datetime, end: datetime) -> dict[str, int]:
    return {"start": to_ms(start), "end": to_ms(end)}
