"""tietoni: everything that is kept about somebody, in plain words and as a file."""

import json
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.recurrence import instant
from bot.core.reminders import DAY_BEFORE, HOURS_BEFORE
from bot.messages import File, Phrase, Say, When, button, say
from bot.router import Call, Router
from handlers.areas import chosen_areas, names_of_areas
from handlers.menus import HOME, back, command, end_of_pause, names_of, speaks

router = Router()


@router.command("tietoni")
@router.button("tietoni")
def my_data(call: Call) -> Say:
    """Tell what is kept, and give it as a file."""
    known, series = call.conversation, tuple(call.store.subscriptions.of(call.conversation.id))
    pause = end_of_pause(call)
    text = Phrase(
        "mydata.view",
        {
            "kieli": Phrase(f"language.{speaks(call)}"),
            "muistutukset": names_of(series, call.house) if series else Phrase("mydata.nothing"),
            "tauko": "" if pause is None else Phrase("mydata.paused", {"paiva": pause}),
            "rooli": Phrase("mydata.organizer") if known.role == "organizer" else "",
        },
    )
    buttons = (button("button.read_more", "mydata.counts"), command("poista_tietoni"), HOME)
    return Say(text, buttons, file=File("vertti.json", "application/json", _as_json(call)))


@router.button("mydata.counts")
def counts(call: Call) -> Say:
    """Tell since when we know each other, and how many messages there are."""
    kept = _kept(call)
    organizer = call.conversation.role == "organizer"
    return say(
        "mydata.counts",
        button("button.read_more", "mydata.dates" if _takes_part(kept) else "mydata.more"),
        back("tietoni"),
        HOME,
        tulit=_day(kept["since"], call.house.zone),
        viimeksi=_day(kept["last_seen"], call.house.zone),
        lahdossa=kept["messages_waiting"],
        lahteneet=kept["messages_of_14_days"],
        kysymys=Phrase("mydata.question") if kept["open_question"] else "",
        rooli=Phrase("mydata.news", {"tiedotteita": len(kept["news"])}) if organizer else "",
    )


@router.button("mydata.dates")
def dates(call: Call) -> Say:
    """Tell in how many dates somebody takes part, and of which areas they hear; which dates, the file says."""
    kept = _kept(call)
    counted = {"paikat": "places", "vuorot": "turns", "ensikerrat": "first_times"}
    return say(
        "mydata.taking_part",
        button("button.read_more", "mydata.more"),
        back("mydata.counts"),
        HOME,
        alueet=Phrase("mydata.areas", {"alueet": names_of_areas(call)}) if chosen_areas(call) else "",
        **{
            name: Phrase(f"mydata.{key}", {"maara": len(kept[key])}) if kept[key] else ""
            for name, key in counted.items()
        },
    )


@router.button("mydata.more")
def more(call: Call) -> Say:
    """Tell what the platform sees, and how answers to polls are kept."""
    del call
    return say(
        "mydata.more",
        command("poista_tietoni"),
        back("mydata.counts"),
        HOME,
        lyhyesti=Phrase("privacy_short"),
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


def _takes_part(kept: dict[str, Any]) -> bool:
    return any(kept[each] for each in ("places", "turns", "first_times", "areas"))


def _date(call: Call, occurrence: int) -> dict[str, Any]:
    """Name a date by its series and its start."""
    kept = call.store.calendar.get(occurrence)
    assert kept is not None  # what is kept of it would be gone with it
    return {"series": kept.it.series, "start": _local(kept.it.start, call.house.zone)}


def _day(day: str, zone: ZoneInfo) -> When:
    """Word a day that is kept as an ISO date."""
    return When(instant(date.fromisoformat(day), time(12), zone), all_day=True)


def _local(at: datetime, zone: ZoneInfo) -> str:
    """Write an instant by the clock on the wall, with its offset."""
    return at.astimezone(zone).isoformat()
