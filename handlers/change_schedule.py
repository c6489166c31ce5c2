"""What an organizer changes of the schedule: chosen, shown as clients will read it, done, and taken back.

The modules beside this one (cancel_date, move_date, add_date, take_break) ask what is wanted and make a proposal of it;
here it is shown, carried out and undone; answer_preview takes what is typed under it.  A proposal is the memory of one open question: plain JSON values.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

import orjson

from bot.actions import change_schedule as changes
from bot.actions.announce import when_it_goes
from bot.actions.change_schedule import Affected, Planned
from bot.actions.describe import name_of, row, time_of
from bot.core.overrides import Override
from bot.core.recurrence import DAY, midnight
from bot.errors import UserError
from bot.messages import Lines, Localized, Phrase, Say, Value, When, button, say
from bot.router import Ask, Call, Router
from bot.store.calendar import Kept
from bot.store.models import from_ms
from handlers.menus import DESK, HOME, back, page_number, series_name
from handlers.turn_question import ask_turn

router = Router()

MENU: Final = "change"
PREVIEW: Final = "change.preview"  # the open question while a proposal is shown
EVERYBODYS: Final = ("public", "members", "staff")  # the dates that an organizer may change
ROWS: Final = 4  # changes on a page: with the ways back there are six buttons
SHOWN: Final = 4  # lines on what one act changes
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
    ask = _question(
        proposal,
        PREVIEW,
        kerrat=_what_changes(planned, proposal, call),
        silloin=_then_already(planned, proposal, call),
        saajat=_readers(planned),
        osa=Phrase("change.discreet") if planned.readers.unnamed else "",
        milloin=_when(planned, call),
    )
    return (ask,) if planned.message is None else (Say(planned.message.text), ask)


def not_understood(proposal: Proposal) -> Ask:
    """Ask for a yes or a no under a preview that is still to be seen."""
    return _question(proposal, "change.not_understood")


def another_wanted(proposal: Proposal, why: Phrase) -> Ask:
    """Say why what was typed cannot be; until it is mended, a yes would be to something else."""
    drop = button("change.button.drop", "change.drop", means="no")
    return Ask(Say(why, (drop, HOME)), PREVIEW, proposal)


def _question(proposal: Proposal, key: str, **values: Value) -> Ask:
    question = say(
        key,
        button("change.button.do", "change.do", _tag(proposal), means="yes"),
        button("change.button.drop", "change.drop", means="no"),
        HOME,
        **values,
    )
    return Ask(question, PREVIEW, proposal)


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
        button(f"change.button.undo_{_kind(override)}", "change.undo", str(override.id)),
        back(MENU),
        HOME,
        milloin=_when(planned, call),
    )
    whose_turn = ask_turn(call, override.id) if planned.turn_is_open else None
    return (done,) if whose_turn is None else (done, whose_turn)


@router.button("change.undo", organizers=True)
def undo_or_ask(call: Call) -> Say:
    """Take a change back; where people would be told, say first what it is and ask."""
    override = int(call.arguments[0])
    readers = changes.plan_undo(call.store, call.house, override, now=call.now).readers
    found = call.store.overrides.get(override)
    if not readers.all or found is None:
        return _undone(call, override)
    return say(
        "change.undo_sure",
        button("change.button.undo_do", "change.undo.do", str(override), means="yes"),
        button("change.button.drop", "change.drop", means="no"),
        HOME,
        muutos=_told(found, call),
        ihmiset=readers.people,
        ryhmat=readers.groups,
    )


@router.button("change.undo.do", organizers=True)
def undo(call: Call) -> Say:
    """Take a change back: what the calendar says holds again."""
    return _undone(call, int(call.arguments[0]))


def _undone(call: Call, override: int) -> Say:
    changes.undo(call.store, call.house, override, call.conversation, now=call.now)
    return say("change.undone", back(MENU), HOME)


@router.command("kumoa", organizers=True)
@router.button("change.recent", organizers=True)
def recent(call: Call) -> Say:
    """Show what was changed last, so that it can be taken back, a page at a time."""
    number = page_number(call)
    skipped = number * ROWS
    found = call.store.overrides.active(most=skipped + ROWS + 1)[skipped:]
    if not found:
        return say("change.none", back(MENU), HOME)
    shown = list(enumerate(found[:ROWS], start=1))
    lines: list[Value] = [Phrase("change.numbered", {"n": n, "muutos": _told(it, call)}) for n, it in shown]
    buttons = [button("change.button.undo_one", "change.undo", str(it.id), n=n) for n, it in shown]
    more = button("button.more", "change.recent", str(number + 1))
    ways_on = (more, back(MENU)) if len(found) > ROWS else (back(MENU), HOME)
    return say("change.recent", *buttons, *ways_on, rivit=Lines(tuple(lines)))


def _kind(override: Override) -> str:
    """Name a kind of change as people do: what gets another place and keeps its time is not moved."""
    is_place = override.kind == "move" and override.start is None and override.place is not None
    return "place" if is_place else override.kind


def _told(override: Override, call: Call) -> Phrase:
    """Name a change by what it is, the date that it is of, and the series."""
    first = call.store.calendar.first_of(override.id)
    series = override.series or (None if first is None or not override.of_one else first.it.series)
    name: Value = Localized(override.title or {})
    if override.kind == "break" and series is None:
        name = Phrase("break.everything")
    elif series is not None:
        name = series_name(series, call.house)
    elif first is not None:
        name = name_of(first.it, call.house)
    since = override.start or override.since if first is None else first.it.start
    values: dict[str, Value] = {"nimi": name, "aika": "" if since is None else When(since)}
    return Phrase(f"change.row.{_kind(override)}", values)


def _what_changes(planned: Planned, proposal: Proposal, call: Call) -> Value:
    """Say what the message above does not: from when on, or how long; where there is none, which dates and how."""
    heads: list[Value] = []
    if proposal["act"] == "break":
        heads.append(_break(proposal, call))
    elif planned.message is not None and proposal.get("onwards"):
        first = When(planned.affected[0].after.start, all_day=True)
        heads.append(Phrase("cancel.all_from", {"paiva": first}))
    if planned.message is not None:
        return Lines(tuple(heads))
    if len(planned.affected) == 1:
        return Lines((*heads, *_change(planned.affected[0], call)))
    room = SHOWN - len(heads)
    many = len(planned.affected) > room
    rows = [row(_as_it_was(each), call.house) for each in planned.affected[: room - 1 if many else room]]
    others = Phrase("change.more_dates", {"n": len(planned.affected) - len(rows)})
    return Lines((*heads, *rows, *([others] if many else [])))


def _change(it: Affected, call: Call) -> Sequence[Value]:
    """Say which date it is and what becomes of it, a line each."""
    if it.before is None or it.after.status == "cancelled":
        return row(Kept(0, it.after), call.house), Localized(it.after.place)
    before, after = it.before.it, it.after
    lines: list[Value] = [row(it.before, call.house)]
    if (before.start, before.end) != (after.start, after.end):
        lines.append(Phrase("notice.new_time", {"aika": time_of(after)}))
    if before.place != after.place:
        lines.append(Phrase("notice.new_place", {"paikka": Localized(after.place)}))
    return lines


def _as_it_was(it: Affected) -> Kept:
    return Kept(0, it.after) if it.before is None else it.before


def _break(proposal: Proposal, call: Call) -> Phrase:
    """Say what pauses, from which day to which."""
    series, span, zone = proposal["series"], _span(proposal), call.house.zone
    days = When(midnight(span["first"], zone), midnight(span["last"] + DAY, zone), all_day=True)
    name: Value = Phrase("break.everything") if series is None else series_name(series, call.house)
    return Phrase("change.pause", {"nimi": name, "aika": days})


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
    if not found:
        return ""
    other = found[0].it
    return Phrase("change.then_already", {"nimi": name_of(other, call.house), "aika": time_of(other)})


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
