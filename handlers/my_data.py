"""tietoni: everything that is kept about somebody, in plain words and as a file."""

import json

from bot.core.reminders import DAY_BEFORE, HOURS_BEFORE
from bot.messages import File, Phrase, Say, button, say
from bot.router import Call, Router
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
    buttons = (button("button.read_more", "mydata.more"), command("poista_tietoni"), HOME)
    return Say(text, buttons, file=File("vertti.json", "application/json", _as_json(call)))


@router.button("mydata.more")
def more(call: Call) -> Say:
    """Tell what the platform sees, and how answers to polls are kept."""
    del call
    return say(
        "mydata.more", command("poista_tietoni"), back("tietoni"), HOME, lyhyesti=Phrase("privacy_short")
    )


def _as_json(call: Call) -> str:
    """Write down what is kept, under names that a program can read too.

    Of polls only that one has answered: what, nobody can tell.
    """
    store, me = call.store, call.conversation.id
    reminders = [
        {
            "series": series,
            "day_before": bool(leads & DAY_BEFORE),
            "hours_before": bool(leads & HOURS_BEFORE),
        }
        for series, leads in store.subscriptions.of(me).items()
    ]
    answered = [each.poll for each in store.polls.open_rounds(call.now) if store.polls.has_voted(each.id, me)]
    kept = store.people.kept_about(me) | {
        "reminders": reminders,
        "open_polls_answered": answered,
        "messages_waiting": store.outbox.waiting_for(me),
    }
    return json.dumps(kept, ensure_ascii=False, indent=2)
