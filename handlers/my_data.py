"""tietoni: everything that is kept about somebody, in plain words and as a file."""

import json
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.actions.describe import time_of
from bot.core.recurrence import instant
from bot.core.reminders import DAY_BEFORE, HOURS_BEFORE
from bot.messages import File, Phrase, Say, Value, When, button, say
from bot.router import Call, Router
from bot.store.calendar import Kept
from handlers.areas import chosen_areas, names_of_areas
from handlers.menus import HOME, back, command, end_of_pause, names_of, speaks

router = Router()


@router.command("tietoni")
@router.button("tietoni")
def my_data(call: Call) -> list[Say]:
    """Tell what is kept, then where somebody takes part, and give all as a file."""
    known, series = call.conversation, tuple(call.store.subscriptions.of(call.conversation.id))
    pause = end_of_pause(call)
    held = _held(call)
    of_file = Phrase("mydata.file")
    text = Phrase(
        "mydata.view",
        {
            "kieli": Phrase(f"language.{speaks(call)}"),
            "muistutukset": names_of(series, call.house) if series else Phrase("mydata.nothing"),
            "tauko": "" if pause is None else Phrase("mydata.paused", {"paiva": pause}),
            "rooli": Phrase("mydata.organizer") if known.role == "organizer" else "",
            "tiedosto": "" if held else of_file,
        },
    )
    buttons = (button("button.read_more", "mydata.counts"), command("poista_tietoni"), HOME)
    file = File("vertti.json", "application/json", _as_json(call))
    if not held:
        return [Say(text, buttons, file=file)]
    taking_part = Phrase("mydata.taking_part", held | {"tiedosto": of_file})
    return [Say(text), Say(taking_part, buttons, file=file)]


@router.button("mydata.counts")
def counts(call: Call) -> Say:
    """Tell since when we know each other, and how many messages there are."""
    kept = _kept(call)
    organizer = call.conversation.role == "organizer"
    return say(
        "mydata.counts",
        button("button.read_more", "mydata.more"),
        back("tietoni"),
        HOME,
        tulit=_day(kept["since"], call.house.zone),
        viimeksi=_day(kept["last_seen"], call.house.zone),
        lahdossa=kept["messages_waiting"],
        lahteneet=kept["messages_of_14_days"],
        kysymys=Phrase("mydata.question") if kept["open_question"] else "",
        rooli=Phrase("mydata.news", {"tiedotteita": len(kept["news"])}) if organizer else "",
    )


@router.button("mydata.more")
def more(call: Call) -> Say:
    """Tell what the platform sees, and how answers to polls are kept."""
    return say(
        "mydata.more",
        command("poista_tietoni"),
        back("mydata.counts"),
        HOME,
        lyhyesti=Phrase("privacy_short"),
        poistuvat=Phrase("mydata.until") if _held(call) else "",
    )


def _as_json(call: Call) -> str:
    return json.dumps(_kept(call), ensure_ascii=False, indent=2)


def _kept(call: Call) -> dict[str, Any]:
    """Collect all that is kept, as plain JSON values under names that a program can read too.

    Of polls only that one has answered: what, nobody can tell.
    """
    store, me, zone = call.store, call.conversation.id, call.house.zone
    pause = call.conversation.paused_until
    reminders = [
        {
            "series": series,
            "day_before": bool(leads & DAY_BEFORE),
            "hours_before": bool(leads & HOURS_BEFORE),
        }
        for series, leads in store.subscriptions.of(me).items()
    ]
    feed = store.feeds.of(me)
    open_now = store.dialogues.of(me, now=call.now)
    waiting = store.outbox.waiting_for(me) + store.news.on_its_way_to(me) + len(store.web.unread(me))
    return store.people.kept_about(me) | {
        "paused_until": None if pause is None else _local(pause, zone),
        "reminders": reminders,
        "open_polls_answered": [
            each.poll for each in store.polls.open_rounds(call.now) if store.polls.has_voted(each.id, me)
        ],
        "places": [_date(call, each.occurrence) | {"state": each.state} for each in store.sign_ups.of(me)],
        "turns": [_date(call, each) for each in store.shared_turns.of(me)],
        "first_times": [_date(call, each) for each in store.newcomers.of(me)],
        "areas": sorted(store.areas.of(me)),
        "calendar_address": None if feed is None else {"named": feed.named},
        "open_question": open_now.question,
        "buttons_shown_last": len(open_now.choices),
        "messages_waiting": waiting,
        "messages_of_14_days": store.outbox.finished_of(me),
        "news": [
            {"text": each.text, "series": each.series, "audience": each.audience}
            for each in store.news.written_by(me)
        ],
        "organizer_log": [
            {"at": _local(at, zone), "act": act, "audience": audience}
            for at, act, audience in store.organizers.log_of(me)
        ],
    }


def _held(call: Call) -> dict[str, Value]:
    """Word what somebody has beside reminders, a line each; empty: nothing of the kind."""
    store, me = call.store, call.conversation.id
    signed_up = store.sign_ups.of(me)
    waits = len(signed_up) == 1 and signed_up[0].state == "waiting"
    lines: dict[str, Value] = {
        "paikat": _counted(
            call,
            [each.occurrence for each in signed_up],
            "mydata.queue" if waits else "mydata.place",
            "mydata.places",
        ),
        "vuorot": _counted(call, store.shared_turns.of(me), "mydata.turn", "mydata.turns"),
        "ensikerrat": _counted(call, store.newcomers.of(me), "mydata.first_time", "mydata.first_times"),
        "kalenteri": "" if store.feeds.of(me) is None else Phrase("mydata.calendar"),
        "alueet": Phrase("mydata.areas", {"alueet": names_of_areas(call)}) if chosen_areas(call) else "",
    }
    return lines if any(lines.values()) else {}


def _counted(call: Call, dates: Sequence[int], one: str, several: str) -> Value:
    """Say when the one date is, or how many there are; nothing, where there is none."""
    if len(dates) != 1:
        return Phrase(several, {"maara": len(dates)}) if dates else ""
    return Phrase(one, {"aika": time_of(_kept_date(call, dates[0]).it)})


def _date(call: Call, occurrence: int) -> dict[str, Any]:
    """Name a date by its series and its start."""
    it = _kept_date(call, occurrence).it
    return {"series": it.series, "start": _local(it.start, call.house.zone)}


def _kept_date(call: Call, occurrence: int) -> Kept:
    kept = call.store.calendar.get(occurrence)
    assert kept is not None  # what is kept of it would be gone with it
    return kept


def _day(day: str, zone: ZoneInfo) -> When:
    """Word a day that is kept as an ISO date."""
    return When(instant(date.fromisoformat(day), time(12), zone), all_day=True)


def _local(at: datetime, zone: ZoneInfo) -> str:
    """Write an instant by the clock on the wall, with its offset."""
    return at.astimezone(zone).isoformat()
