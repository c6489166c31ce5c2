"""tulokset: what closed polls found out, as far as it may be shown."""

from typing import Final

from bot.actions.open_poll import poll_of
from bot.actions.poll_results import closed_polls, results_of, worded
from bot.messages import Lines, Phrase, Say, When, button, say
from bot.router import Call, Router
from handlers.menus import HOME, back

router = Router()

ROWS: Final = 4  # polls at a time: with the ways back there is no room for more buttons


@router.command("tulokset", organizers=True)
@router.button("tulokset", organizers=True)
def choose(call: Call) -> Say:
    """List the polls closed last, with the day; the one there is at once."""
    found = closed_polls(call.store, call.house, most=ROWS)
    if not found:
        return say("results.none", back("organizer"), HOME)
    if len(found) == 1:
        return _show(call, found[0][0].id)
    rows = [
        Phrase(
            "results.choice",
            {"n": number, "kysymys": Phrase(f"poll.{poll.id}.q"), "aika": When(asked.opened, all_day=True)},
        )
        for number, (asked, poll) in enumerate(found, start=1)
    ]
    buttons = [
        button("results.button.poll", "results", str(asked.id), n=number)
        for number, (asked, _) in enumerate(found, start=1)
    ]
    return say("results.which", *buttons, back("organizer"), HOME, rivit=Lines(tuple(rows)))


@router.button("results", organizers=True)
def show(call: Call) -> Say:
    """Show one poll's results."""
    return _show(call, int(call.arguments[0]))


def _show(call: Call, number: int) -> Say:
    asked = call.store.polls.get(number)
    poll = None if asked is None else poll_of(asked, call.house)
    if asked is None or poll is None:
        return say("poll.unknown", HOME)
    if asked.closed is None:
        return say("results.open", back("organizer"), HOME)
    results = results_of(call.store, call.house, asked, poll)
    return Say(worded(poll, results), (back("organizer"), HOME))
