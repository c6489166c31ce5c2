"""What an organizer changes of the schedule: chosen, shown as clients will read it, done, and taken back.

The modules beside this one (cancel_date, move_date, add_date, take_break) ask what is wanted and make a proposal of it;
here it is shown, carried out and undone.  A proposal is the memory of one open question: plain JSON values.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

import orjson

from bot.actions import change_schedule as changes
from bot.actions.announce import when_it_goes
from bot.actions.change_schedule import Planned
from bot.actions.describe import name_of, row
from bot.core.overrides import Override
from bot.core.recurrence import DAY, midnight
from bot.errors import UserError
from bot.messages import Lines, Localized, Phrase, Say, Value, When, button, say
from bot.router import Ask, Call, Router
from bot.store.calendar import Kept
from bot.store.models import from_ms
from handlers.menus import DESK, HOME, back, series_name
from handlers.turn_question import ask_turn

router = Router()

MENU: Final = "change"
PREVIEW: Final = "change.preview"  # the open question while a proposal is shown
EVERYBODYS: Final = ("public", "members", "staff")  # the dates that an organizer may change
ROWS: Final = 4  # changes on a page: with the ways back there are six buttons
SHOWN: Final = 4  # of many dates that one act changes
MANY: Final = 100  # more dates than any day has
# What another answer to the same question mends.
MENDABLE: Final = frozenset(
    {"override.past", "override.ends_first", "override.same", "override.link", "override.nameless"}
)

Proposal = Mapping[str, Any]


@router.command("muuta", organizers=True)
@router.button("change", organizers=True)
def menu(_: Call) -> Say:
    """Show what can be changed."""
    return say(
        "change.menu",
        button("cancel.button", "peruuta"),
        button("move.button", "siirra"),
        button("add.button", "lisaa"),
        button("break.button", "break"),
        button("change.button.recent", "change.recent"),
        DESK,
    )


# ---- the preview ---------------------------------------------------------------------------------------


def preview(call: Call, proposal: Proposal) -> Sequence[Say | Ask]:
    """Show what clients will read, then whom it reaches and when, and ask whether to do it.

    Raises:
        UserError: it cannot be done.
    """
    planned = _plan(call, proposal)
    question = say(
        PREVIEW,
        button("change.button.do", "change.do", _tag(proposal), means="yes"),
        button("change.button.drop", "change.drop", means="no"),
        HOME,
        kerrat=_dates(planned, proposal, call),
        silloin=_then_already(planned, proposal, call),
        saajat=_readers(planned),
        milloin=_when(planned, call),
    )
    ask = Ask(question, PREVIEW, proposal)
    return (ask,) if planned.message is None else (Say(planned.message.text), ask)


def preview_or_ask(call: Call, proposal: Proposal, asked: Ask) -> Sequence[Say | Ask]:
    """Show it; where the answer will not do, say why, and take another one to what was asked.

    Raises:
        UserError: no other answer would do either.
    """
    try:
        return preview(call, proposal)
    except UserError as cannot:
        return (asked_again(asked, cannot),)


def asked_again(asked: Ask, cannot: UserError) -> Ask:
    """Keep a question open, with the reason why its answer will not do in place of its words.

    Raises:
        UserError: no other answer would do either.
    """
    if cannot.phrase.key not in MENDABLE:
        raise cannot
    return replace(asked, say=replace(asked.say, text=cannot.phrase))


@router.answer(PREVIEW, organizers=True, yields_to_any=True)
def typed_instead(call: Call) -> Sequence[Say | Ask]:
    """Show it again to somebody who types instead of pressing."""
    return preview(call, call.state)


@router.button("change.drop", organizers=True)
def drop(_: Call) -> Say:
    """Change nothing after all."""
    return say("change.dropped", back(MENU), DESK, HOME)


@router.button("change.do", organizers=True)
def do(call: Call) -> Sequence[Say]:
    """Do what is shown; a button of an earlier preview does nothing."""
    shown = call.store.dialogues.of(call.conversation.id, now=call.now)
    if shown.question != PREVIEW or call.arguments != (_tag(shown.state),):
        raise UserError(Phrase("button.old"))
    planned = _plan(call, shown.state)
    override = _carry_out(call, shown.state)
    done = say(
        "change.done",
        button(f"change.button.undo_{override.kind}", "change.undo", str(override.id)),
        back(MENU),
        HOME,
        milloin=_when(planned, call),
    )
    whose_turn = ask_turn(call, override.id) if planned.turn_is_open else None
    return (done,) if whose_turn is None else (done, whose_turn)


@router.button("change.undo", organizers=True)
def undo(call: Call) -> Say:
    """Take a change back: what the calendar says holds again."""
    changes.undo(call.store, call.house, int(call.arguments[0]), call.conversation, now=call.now)
    return say("change.undone", back(MENU), HOME)


@router.command("kumoa", organizers=True)
@router.button("change.recent", organizers=True)
def recent(call: Call) -> Say:
    """Show what was changed last, so that it can be taken back."""
    found = call.store.overrides.active(most=ROWS)
    if not found:
        return say("change.none", back(MENU), HOME)
    lines: list[Value] = [_told(each, number, call) for number, each in enumerate(found, start=1)]
    buttons = [
        button("change.button.undo_one", "change.undo", str(each.id), n=number)
        for number, each in enumerate(found, start=1)
    ]
    return say("change.recent", *buttons, back(MENU), HOME, rivit=Lines(tuple(lines)))


def _told(override: Override, number: int, call: Call) -> Phrase:
    """Name a change by what it is, the date that it is of, and the series."""
    first = call.store.calendar.first_of(override.id)
    series = override.series or (None if first is None else first.it.series)
    name: Value = Localized(override.title or {})
    if series is not None:
        name = series_name(series, call.house)
    elif first is not None:
        name = name_of(first.it, call.house)
    since = override.start or override.since if first is None else first.it.start
    values: dict[str, Value] = {"n": number, "nimi": name, "aika": "" if since is None else When(since)}
    return Phrase(f"change.row.{override.kind}", values)


def _dates(planned: Planned, proposal: Proposal, call: Call) -> Value:
    """List the dates that nobody is told of, where one act changes several; what people read names the first ones."""
    if planned.message is not None:
        first = When(planned.affected[0].after.start, all_day=True)
        return Phrase("cancel.all_from", {"paiva": first}) if proposal.get("onwards") else ""
    if len(planned.affected) == 1:
        return ""
    rows: list[Value] = [
        row(Kept(0, each.after) if each.before is None else each.before, call.house)
        for each in planned.affected[:SHOWN]
    ]
    others = len(planned.affected) - SHOWN
    if others > 0:
        rows.append(Phrase("change.more_dates", {"n": others}))
    return Lines(tuple(rows))


def _then_already(planned: Planned, proposal: Proposal, call: Call) -> Value:
    """Say what there is already at the new time: another date at these hours, or one of the same series that day."""
    if proposal["act"] not in {"add", "move"} or proposal["start"] is None or not planned.affected:
        return ""
    zone, changed = call.house.zone, planned.affected[0]
    it = changed.after
    day = it.start.astimezone(zone).date()
    others = [
        each
        for each in call.store.calendar.coming(
            midnight(day, zone),
            until=max(it.end, midnight(day + DAY, zone)),
            visibility=EVERYBODYS,
            cancelled=False,
            most=MANY,
        )
        if changed.before is None or each.id != changed.before.id
    ]
    found = [
        each
        for each in others
        if (each.it.start < it.end and it.start < each.it.end)
        or (
            it.series is not None
            and each.it.series == it.series
            and each.it.start.astimezone(zone).date() == day
        )
    ]
    return Phrase("change.then_already", {"kerta": row(found[0], call.house)}) if found else ""


def _readers(planned: Planned) -> Phrase:
    if not planned.readers.all:
        return Phrase("change.nobody")
    return Phrase("change.readers", {"ihmiset": planned.readers.people, "ryhmat": planned.readers.groups})


def _when(planned: Planned, call: Call) -> Value:
    if planned.goes is None or not planned.readers.all:
        return ""
    return when_it_goes(call.house, planned.goes, waits=planned.waits)


# ---- proposals -----------------------------------------------------------------------------------------


def _plan(call: Call, it: Proposal) -> Planned:
    store, house, now = call.store, call.house, call.now
    match it["act"]:
        case "cancel":
            return changes.plan_cancel(store, house, it["of"], onwards=it["onwards"], now=now)
        case "move":
            return changes.plan_move(store, house, it["of"], **_moved(it), now=now)
        case "add":
            return changes.plan_add(store, house, **_added(it), now=now)
        case _:
            return changes.plan_break(store, house, it["series"], **_span(it), now=now)


def _carry_out(call: Call, it: Proposal) -> Override:
    store, house, by, now = call.store, call.house, call.conversation, call.now
    match it["act"]:
        case "cancel":
            return changes.cancel(store, house, it["of"], by, onwards=it["onwards"], now=now)
        case "move":
            return changes.move(store, house, it["of"], by, **_moved(it), now=now)
        case "add":
            return changes.add(store, house, by, **_added(it), now=now)
        case _:
            return changes.take_break(store, house, it["series"], by, **_span(it), now=now)


def _moved(it: Proposal) -> dict[str, Any]:
    return {"start": _instant(it["start"]), "end": _instant(it["end"]), "place": it["place"]}


def _added(it: Proposal) -> dict[str, Any]:
    times = {"start": _instant(it["start"]), "end": _instant(it["end"])}
    return {"series": it["series"], "title": it["title"], "place": it["place"], **times}


def _span(it: Proposal) -> dict[str, date]:
    return {"first": date.fromisoformat(it["first"]), "last": date.fromisoformat(it["last"])}


def _instant(ms: int | None) -> Any:
    return None if ms is None else from_ms(ms)


def _tag(proposal: Proposal) -> str:
    """Know a proposal again by 16 letters, so that no old button does what is shown now."""
    written = orjson.dumps(dict(proposal), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(written).hexdigest()[:16]
