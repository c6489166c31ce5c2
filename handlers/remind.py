"""muistuta: of what one is reminded, and how long before."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from bot.core.reminders import BOTH, DAY_BEFORE, HOURS_BEFORE
from bot.core.series import Series
from bot.messages import Button, Phrase, Say, button, say
from bot.router import Call, Router
from handlers.menus import HOME, back, end_of_pause, names_of, page, page_number, series_button, series_name
from handlers.promised import coming, missed, promised, told

router = Router()

CHOICES: Final[Mapping[int, str]] = MappingProxyType(
    {DAY_BEFORE: "remind.day", HOURS_BEFORE: "remind.hours", BOTH: "remind.both"}
)


@router.command("muistuta")
@router.button("muistuta")
def reminders(call: Call) -> Say:
    """Show of what one is reminded, and what else there is."""
    own = call.store.subscriptions.of(call.conversation.id)
    buttons = [series_button(each, call.house, "remind") for each in (*own, *_others(call, own))]
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
    note = missed(promised(call, which, BOTH)) if new else ""
    if series.leads is not None:  # its organizer has said how long before
        return say("remind.own_lead", yes, way_back, nimi=name, milloin=_when(series, BOTH), huomaa=note)
    buttons = [button(key, "leads", which, str(leads)) for leads, key in CHOICES.items()]
    return say("remind.when", *buttons, way_back, nimi=name, huomaa=note)


def _open_to_all(call: Call, which: str) -> Series | None:
    """Give a series that anyone may hear of; None: it is gone, or its members' own."""
    series = call.house.series.get(which)
    return series if series is not None and series.visibility == "public" else None


def _others(call: Call, own: Mapping[str, int]) -> list[str]:
    """Give the series that one might choose, in the order of the schedule: those with a date ahead, and news."""
    ahead = call.store.calendar.series_ahead(call.now)
    return [
        each.id
        for each in call.house.series.values()
        if each.visibility == "public"
        and not each.turns_shared  # who takes a turn is reminded of it, and nobody else
        and each.id not in own
        and (each.kind == "broadcast" or each.id in ahead)
    ]


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
