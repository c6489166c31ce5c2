"""muistuta: of what one is reminded, and how long before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from bot.actions.describe import label, time_of
from bot.core.reminders import BOTH, DAY_BEFORE, HOURS_BEFORE
from bot.core.series import Series
from bot.messages import Button, Lines, Phrase, Say, Value, When, button, say
from bot.router import Call, Router
from bot.store.calendar import Kept
from handlers.menus import HOME, back, end_of_pause, names_of, page, page_number, series_button, series_name
from handlers.promised import coming, missed, promised, told

router = Router()

LATELY: Final = timedelta(days=100)  # what met since then will meet again, though no date is known yet
SHORT: Final = 13  # characters of a name on a button that tells its day too

CHOICES: Final[Mapping[int, str]] = MappingProxyType(
    {DAY_BEFORE: "remind.day", HOURS_BEFORE: "remind.hours", BOTH: "remind.both"}
)


@router.command("muistuta")
@router.button("muistuta")
def reminders(call: Call) -> Say:
    """Show of what one is reminded, and what else there is."""
    own = call.store.subscriptions.of(call.conversation.id)
    ahead = call.store.calendar.series_ahead(call.now)
    buttons = _buttons(call, (*_by_next(own, ahead), *_by_next(_others(call, own, ahead), ahead)), ahead)
    pause = _pause(call)
    if pause:
        buttons.insert(0, button("stop.unpause", "unpause"))
    return say(
        "remind.list",
        *page(buttons, page_number(call), more=button("button.more", "muistuta"), way_back=HOME),
        omat=Phrase("remind.have", {"sarjat": names_of(tuple(own), call.house)})
        if own
        else Phrase("remind.have_none"),
        tauko=pause,
    )


@router.button("remind")
def one_series(call: Call) -> Say:
    """Show what one has of a series, or ask when to remind."""
    which = call.arguments[0]
    leads = call.store.subscriptions.of(call.conversation.id).get(which)
    if leads is None:
        return _ask_when(call, which, new=True)
    series = call.house.series.get(which)
    with_hours = series is not None and series.kind != "broadcast" and series.leads is None
    return say(
        "remind.on",
        *((button("remind.change", "remind.when", which),) if with_hours else ()),
        button("remind.cancel", "stop", which),
        button("button.pause", "pause"),
        back("muistuta"),
        nimi=series_name(which, call.house),
        milloin=_when(series, leads),
        tulossa=coming(promised(call, which, leads)) if _has_dates(series) else "",
    )


@router.button("remind.when")
def change(call: Call) -> Say:
    """Ask anew when to remind."""
    return _ask_when(call, call.arguments[0], new=False)


@router.button("leads")
def remember(call: Call) -> Say:
    """Begin to remind, or change how long before."""
    which, leads = call.arguments[0], int(call.arguments[1])
    series = _open_to_all(call, which)
    if series is None:
        return _gone()
    call.store.subscriptions.add(call.conversation.id, which, leads)
    named = call.conversation.named
    show_name: tuple[Button, ...] = () if named else (button("discreet.allow", "name", "1"),)
    return say(
        "remind.done",
        *show_name,
        button("remind.cancel", "stop", which),
        HOME,
        nimi=series_name(which, call.house),
        milloin=_when(series, leads),
        tulossa=told(promised(call, which, leads)) if _has_dates(series) else "",
        hienovarainen="" if named else Phrase("remind.discreet"),
        tauko=_pause(call),
    )


def _ask_when(call: Call, which: str, *, new: bool) -> Say:
    """Ask how long before, or only whether; who is ``new`` to it is told when it is too late for the next time."""
    series = _open_to_all(call, which)
    if series is None:
        return _gone()
    way_back = back("muistuta", means="no")
    name = series_name(which, call.house)
    yes = button("remind.yes", "leads", which, str(BOTH), means="yes")
    if series.kind == "broadcast":  # it has no "before"
        return say("remind.news", yes, way_back, nimi=name)
    promise = promised(call, which, BOTH)
    note: Value = ""
    if new and promise.missed is not None:
        if promise.first is None and _is_alone(call, promise.missed):  # there is nothing to ask
            return say("remind.too_late", way_back, HOME, nimi=name, kerta=time_of(promise.missed.it))
        note = Lines((missed(promise), Phrase("remind.from_next")))
    if series.leads is not None:  # its organizer has said how long before
        return say("remind.own_lead", yes, way_back, nimi=name, milloin=_when(series, BOTH), huomaa=note)
    buttons = [button(key, "leads", which, str(leads)) for leads, key in CHOICES.items()]
    return say("remind.when", *buttons, way_back, nimi=name, huomaa=note)


def _open_to_all(call: Call, which: str) -> Series | None:
    """Give a series that anyone may hear of; None: it is gone, or its members' own."""
    series = call.house.series.get(which)
    return series if series is not None and series.visibility == "public" else None


def _is_alone(call: Call, kept: Kept) -> bool:
    """Tell whether a date is the only one of its series: an event, and no group."""
    of_it = call.store.calendar.coming(call.now - LATELY, series=kept.it.series, most=2, cancelled=False)
    return len(of_it) == 1


def _others(call: Call, own: Mapping[str, int], ahead: Mapping[str, datetime]) -> list[str]:
    """Give the series that one might choose: those with a date ahead, and news."""
    return [
        each.id
        for each in call.house.series.values()
        if each.visibility == "public"
        and not each.turns_shared  # who takes a turn is reminded of it, and nobody else
        and each.id not in own
        and (each.kind == "broadcast" or each.id in ahead)
    ]


def _by_next(series: Iterable[str], ahead: Mapping[str, datetime]) -> list[str]:
    """Put those first that are soon; what has no date, in the order of the schedule, comes last."""
    some = list(series)
    return [
        *sorted((each for each in some if each in ahead), key=ahead.__getitem__),
        *(each for each in some if each not in ahead),
    ]


def _buttons(call: Call, series: Sequence[str], ahead: Mapping[str, datetime]) -> list[Button]:
    """Make the buttons of series; of those of one name each tells its next day, or its number on one day."""
    buttons = [series_button(each, call.house, "remind") for each in series]
    days = [ahead[each].astimezone(call.house.zone).date() if each in ahead else None for each in series]
    told = list(buttons)
    for place, (which, shown) in enumerate(zip(series, buttons, strict=True)):
        alike = [other for other, each in enumerate(buttons) if each.label == shown.label]
        if len(alike) == 1:
            continue
        words = call.house.series[which].name if which in call.house.series else {call.house.language: which}
        if days[place] is not None and [days[each] for each in alike].count(days[place]) == 1:
            values: dict[str, Value] = {
                "nimi": label(words, SHORT, 2),
                "paiva": When(ahead[which], all_day=True),
            }
            key = "remind.button.day"
        else:
            values = {"nimi": label(words, SHORT, 2), "n": alike.index(place) + 1}
            key = "remind.button.number"
        told[place] = replace(shown, label=Phrase(key, values))
    return told


def _pause(call: Call) -> Phrase | str:
    """Say until when reminders are paused; nothing when they are not."""
    day = end_of_pause(call)
    return "" if day is None else Phrase("remind.paused", {"paiva": day})


def _when(series: Series | None, leads: int) -> Phrase:
    if series is not None and series.kind == "broadcast":
        return Phrase("remind.when_out")
    if series is not None and series.leads:
        return _before(min(series.leads))
    return Phrase(f"{CHOICES[leads]}.when")


def _has_dates(series: Series | None) -> bool:
    """Tell whether one is reminded of it: news comes when it comes."""
    return series is not None and series.kind != "broadcast"


def _before(lead: timedelta) -> Phrase:
    """Word a lead in the largest unit that it is a whole number of."""
    for unit, key in ((timedelta(days=1), "remind.days"), (timedelta(hours=1), "remind.hours_before")):
        if lead >= unit and not lead % unit:
            return Phrase(key, {"n": lead // unit})
    return Phrase("remind.minutes", {"n": lead // timedelta(minutes=1)})


def _gone() -> Say:
    return say("remind.gone", back("muistuta"), HOME)
