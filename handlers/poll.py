"""kysely: the open polls, one question at a time, answered by a thumb."""

from bot.content.model import Poll
from bot.messages import Button, Phrase, Say, button, say
from bot.router import Call, Router
from bot.store.polls import Round
from handlers.menus import HOME, command, named, page, page_number

router = Router()


@router.command("kysely")
@router.button("kysely")
def poll(call: Call) -> Say:
    """Ask what is open and not answered yet; or the one round that a link leads to."""
    if call.text.isdecimal():
        return _one(call, int(call.text))
    rounds = _open(call)
    unanswered = next((each for each in rounds if not _has_voted(call, each)), None)
    if unanswered is not None:
        return _question(call, unanswered)
    if not rounds:
        return say("poll.none", HOME)
    if len(rounds) == 1:
        return _answered_before(rounds[0])
    polls = {each.id: _poll(call, each) for each in rounds}
    buttons = [
        named(known.q, "poll.again", str(each.id)) for each in rounds if (known := polls[each.id]) is not None
    ]
    more = button("button.more", "kysely")
    return say("poll.all_answered", *page(buttons, page_number(call), more=more, way_back=HOME))


@router.button("poll")
def one(call: Call) -> Say:
    """Ask a round, or say that it was answered already."""
    return _one(call, int(call.arguments[0]))


@router.button("poll.again")
def again(call: Call) -> Say:
    """Ask a round that was answered already."""
    asked = call.store.polls.get(int(call.arguments[0]))
    return _refusal(call, asked) or _question(call, asked)


@router.button("vote")
def vote(call: Call) -> Say:
    """Keep an answer, and give thanks; an answer given before is replaced.

    The hot path: nothing is asked of the store but what decides.
    """
