"""tapahtumat: what is coming, five at a time; and one event with all that is known of it.

Six buttons are allowed, and five events with "Lisää" would leave no way back.  So the list only tells, and
"Valitse tapahtuma" shows the same five as buttons.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from bot.actions.describe import name_of, row, view, view_of_cancelled
from bot.actions.free_turn import is_shared
from bot.actions.places import entry_of
from bot.core.series import turn_series
from bot.messages import Button, Lines, Phrase, Say, When, button, say
from bot.router import Call, House, Router
from bot.store.calendar import Kept
from handlers.areas import CHOOSE_AREA, chosen_areas
from handlers.menus import HOME, back, command, for_all, named, page_number
from handlers.taking_part import note_of, what_to_do

router = Router()

ROWS: Final = 5  # of a list (DOMAIN.md, U1)


@router.command("tapahtumat", in_groups=True)
@router.button("tapahtumat")
def events(call: Call) -> Say:
    """List the next five events, or those of a later page."""
    number = page_number(call)
    coming, more = _coming(call, number)
    if not coming:
        return for_all(call, nothing_planned(call))
    listed = say(
        "areas.events" if chosen_areas(call) else "events.list",
        button("events.choose", "events.choose", str(number)),
        *((button("button.more", "tapahtumat", str(number + 1)),) if more else ()),
        *((CHOOSE_AREA,) if call.house.areas else ()),
        HOME,
        rivit=_rows(call, coming),
    )
    return for_all(call, listed)


@router.button("events.choose")
def choose(call: Call) -> Say:
    """Show the events of a page as buttons."""
    number = page_number(call)
    coming, _ = _coming(call, number)
    buttons = date_buttons(coming, call.house, "event", str(number))
    return say("events.which", *buttons, back("tapahtumat", str(number)), rivit=_rows(call, coming))


@router.button("event")
def event(call: Call) -> Say:
    """Show one event of a page."""
    which, number = call.arguments
    return opened(call, int(which), back("tapahtumat", number))


def opened(call: Call, occurrence: int, *others: Button) -> Say:
    """Show an event by its number, with the buttons that make sense for it, these others and the way home."""
    kept = call.store.calendar.get(occurrence)
    return say("event.gone", *others, HOME) if kept is None else shown(call, kept, *others)


def shown(call: Call, kept: Kept, *others: Button) -> Say:
    """Show an event; of one that is cancelled no reminder is offered, and no file, but the next time."""
    if kept.it.status == "cancelled":
        following = _following(call, kept)
        text = view_of_cancelled(kept, call.house, following)
        following_day = () if following is None else (_day_button(following, "show", str(following.id)),)
        return Say(text, (*following_day, *others, HOME))
    text = view(kept, call.house, now=call.now, note=note_of(call, kept))
    ways = (
        *what_to_do(call, kept),
        *_remind_me(call, kept),
        button("calendar.one", "ics", str(kept.id)),
        *others,
        HOME,
    )
    return Say(text, ways)


def nothing_planned(call: Call) -> Say:
    """Say that the calendar is empty, and where to ask; or that it is for the areas that were chosen."""
    if chosen_areas(call):
        return say("areas.no_events", CHOOSE_AREA, command("ihminen"), HOME)
    return say("events.none", command("ihminen"), HOME)


def next_for(call: Call) -> Kept | None:
    """Give the first event that anyone may come to and that has not begun, of the areas that were chosen."""
    return call.store.calendar.next_of(
        None,
        call.now,
        visibility=("public",),
        areas=chosen_areas(call),
        without=turn_series(call.house.series.values()),
    )


def remind_me(call: Call, series: str) -> Button:
    """Make the button that leads to the reminders of a series; where the reader has them, the one that ends them."""
    if series in call.store.subscriptions.of(call.conversation.id):
        return button("button.stop_reminders", "stop", series)
    return button("button.remind_me", "remind", series)


def date_buttons(dates: Sequence[Kept], house: House, action: str, *arguments: str) -> list[Button]:
    """Make the buttons of several dates; those that would say the same tell their hour."""
    buttons = [date_button(each, dates, house, action, *arguments) for each in dates]
    labels = [each.label for each in buttons]
    return [
        replace(each, label=Phrase("button.day", {"paiva": When(kept.it.start, all_day=kept.it.all_day)}))
        if labels.count(each.label) > 1
        else each
        for each, kept in zip(buttons, dates, strict=True)
    ]


def date_button(kept: Kept, among: Sequence[Kept], house: House, action: str, *arguments: str) -> Button:
    """Make the button of a date: its day, or its name where another one among these has that day."""
    where = (action, str(kept.id), *arguments)
    name, day = name_of(kept.it, house).words, _day(kept, house)
    if name and sum(_day(each, house) == day for each in among) > 1:
        return named(name, *where)
    return _day_button(kept, *where)


def _remind_me(call: Call, kept: Kept) -> tuple[Button, ...]:
    """Give "Muistuta minua" for what anyone may hear of; who has a place is reminded anyway, as is who takes a turn."""
    series = call.house.series.get(kept.it.series or "")
    if series is None or series.visibility != "public" or series.turns_shared:
        return ()
    return (remind_me(call, series.id),) if entry_of(call.store, kept.id, call.conversation) is None else ()


def _coming(call: Call, number: int) -> tuple[list[Kept], bool]:
    """Give the events of a page that anyone may come to, and whether there are more.

    They are of the areas that the reader chose.  Shared turns are no events: those have a list of their own.
    """
    found = call.store.calendar.coming(
        call.now,
        most=ROWS + 1,
        skip=number * ROWS,
        visibility=("public",),
        areas=chosen_areas(call),
        without=turn_series(call.house.series.values()),
    )
    return found[:ROWS], len(found) > ROWS


def _following(call: Call, kept: Kept) -> Kept | None:
    """Give the next time after a date, of those that its readers may hear of; None: none is known, or it is a turn."""
    it = kept.it
    if it.series is None or is_shared(it, call.house):
        return None
    return call.store.calendar.next_of(
        it.series, max(it.start, call.now), visibility=("public", it.visibility)
    )


def _day_button(kept: Kept, action: str, *arguments: str) -> Button:
    return button("button.day", action, *arguments, paiva=When(kept.it.start, all_day=True))


def _rows(call: Call, coming: list[Kept]) -> Lines:
    rows: list[Phrase] = [row(each, call.house) for each in coming]
    return Lines(tuple(rows))


def _day(kept: Kept, house: House) -> date:
    return kept.it.start.astimezone(house.zone).date()
