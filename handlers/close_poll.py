"""sulje: close a poll, for good."""

from bot.actions.close_poll import close_poll, open_polls
from bot.actions.open_poll import poll_of
from bot.messages import Phrase, Say, button, say
from bot.router import Call, Router
from handlers.menus import HOME, back, named, page, page_number

router = Router()


@router.command("sulje", organizers=True)
@router.button("sulje", organizers=True)
def choose(call: Call) -> Say:
    """Show what is open; the one there is at once."""
    found = open_polls(call.store, call.house, now=call.now)
    if not found:
        return say("close.none", back("organizer"), HOME)
    if len(found) == 1:
        return _ask(call, found[0][0].id)
    buttons = [named(poll.q, "close", str(asked.id)) for asked, poll in found]
    more = button("button.more", "sulje")
    return say("close.which", *page(buttons, page_number(call), more=more, way_back=back("organizer")))


@router.button("close", organizers=True)
def ask(call: Call) -> Say:
    """Ask whether this one is meant: it cannot be opened again."""
    return _ask(call, int(call.arguments[0]))


@router.button("close.yes", organizers=True)
def close(call: Call) -> Say:
    """Close it."""
    asked = call.store.polls.get(int(call.arguments[0]))
    if asked is None:
        return say("poll.unknown", HOME)
    close_poll(call.store, call.house, asked, now=call.now, by=call.conversation)
    return say("close.done", button("organizer.button.results", "results", str(asked.id)), HOME)


def _ask(call: Call, number: int) -> Say:
    asked = call.store.polls.get(number)
    poll = None if asked is None else poll_of(asked, call.house)
    if asked is None or poll is None or not asked.is_open(call.now):
        return say("poll.closed", back("organizer"), HOME)
    return say(
        "close.sure",
        button("close.button.yes", "close.yes", str(number), means="yes"),
        back("organizer", means="no"),
        kysymys=Phrase(f"poll.{poll.id}.q"),
    )
