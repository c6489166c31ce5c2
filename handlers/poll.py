"""kysely: the open polls, one question at a time, answered by a thumb.

An answer may be changed while the poll is open, also by editing what one said, and is none if that is taken back.

Six buttons are allowed, and five options with "En vastaa" would leave no way home.  So there "En vastaa" leads to a
screen of its own: home with nothing kept, or not to be asked again.  Whoever answers takes no step more, and all options
stay in sight (on pages, those of the first would be chosen more often).
"""

from typing import Final

from bot.actions.open_poll import is_public, poll_of
from bot.content.model import Poll
from bot.messages import Button, Phrase, Say, button, say
from bot.router import Call, Router
from bot.store.polls import Round
from handlers.menus import HOME, MOST_BUTTONS, back, named, page, page_number

router = Router()

DECLINE: Final = "-"  # "En vastaa" on its button; no option is called so
LONGEST_NUMBER: Final = 12  # digits of a link; no round has a longer one, and the database takes 18


@router.command("kysely")
@router.button("kysely")
def polls(call: Call) -> Say:
    """Ask the first round that is open and not answered yet; or the one that a link leads to."""
    if call.text.isdecimal():
        return _one(call, int(call.text[:LONGEST_NUMBER]))
    rounds = _open(call)
    for asked, poll in rounds:
        if not _answered(call, asked):
            return _question(asked, poll)
    if not rounds:
        return say("poll.none", HOME)
    if len(rounds) == 1:
        return _answered_before(rounds[0][0])
    buttons = [named(poll.q, "poll.again", str(asked.id)) for asked, poll in rounds]
    more = button("button.more", "kysely")
    return say("poll.all_answered", *page(buttons, page_number(call), more=more, way_back=HOME))


@router.button("poll")
def one(call: Call) -> Say:
    """Ask a round, or say that it was answered already."""
    return _one(call, int(call.arguments[0]))


@router.button("poll.again")
def again(call: Call) -> Say:
    """Ask a round anew: while it is open, an answer may be changed."""
    found = _find(call, int(call.arguments[0]))
    return found if isinstance(found, Say) else _question(*found)


@router.button("poll.leave")
def leave(call: Call) -> Say:
    """Let somebody go without an answer: for now, with nothing kept, or for good."""
    found = _find(call, int(call.arguments[0]))
    if isinstance(found, Say):
        return found
    number = str(found[0].id)
    return say("poll.leave", _answer("poll.never", "vote", number, DECLINE), back("poll.again", number), HOME)


@router.button("vote", secret=True)
def vote(call: Call) -> Say:
    """Keep an answer in place of an earlier one, and give thanks; of a change, say that it was one, and not to what.

    The hot path: the store is asked for what decides and for what else is open, and no more.
    """
    found = _find(call, int(call.arguments[0]))
    if isinstance(found, Say):
        return found
    asked, poll = found
    answer, before = call.arguments[1], _answered(call, asked)
    if answer == DECLINE:
        call.store.polls.vote(asked.id, call.conversation.id, None, events=_events(call))
        thanks = "poll.declined"
    elif any(option.value == answer for option in poll.options):
        call.store.polls.vote(asked.id, call.conversation.id, answer, events=_events(call))
        own = f"poll.{poll.id}.thanks" if poll.thanks else "poll.thanks"
        thanks = "poll.changed" if before else own
    else:
        return say("button.old", HOME)
    others = any(other.id != asked.id and not _answered(call, other) for other, _ in _open(call))
    following = (button("poll.next", "kysely"),) if others else ()
    return say(thanks, *following, _change(asked), HOME)


@router.event("edited")
def edited(call: Call) -> Say | None:
    """Ask again what the edited words answered; None: they were no vote, or the counts alone are left of it."""
    voted = call.store.polls.voted_by(call.earlier, call.conversation.id)
    if voted is None:
        return None
    found = _find(call, voted.round)
    return found if isinstance(found, Say) else _question(*found, key="poll.not_an_option")


@router.event("withdrawn")
def withdrawn(call: Call) -> Say | None:
    """Take a vote back whose words were taken back; what was said in place of others is no vote any more."""
    voted = call.store.polls.voted_by(call.earlier, call.conversation.id)
    asked = None if voted is None or not voted.stands else call.store.polls.get(voted.round)
    if asked is None or not asked.is_open(call.now):
        return None
    call.store.polls.withdraw(asked.id, call.conversation.id)
    return say("poll.withdrawn")


def _events(call: Call) -> tuple[str, ...]:
    """Give the keys of what may be edited or taken back later: these words, and those that they are the edit of."""
    if not call.retractable:
        return ()
    return (call.key, call.earlier) if call.earlier else (call.key,)


def _one(call: Call, number: int) -> Say:
    found = _find(call, number)
    if isinstance(found, Say):
        return found
    return _answered_before(found[0]) if _answered(call, found[0]) else _question(*found)


def _find(call: Call, number: int) -> tuple[Round, Poll] | Say:
    """Give a round that can be answered now, with its poll; else the words to say why not."""
    asked = call.store.polls.get(number)
    poll = None if asked is None else _poll(call, asked)
    if asked is None or poll is None:
        return say("poll.unknown", HOME)
    return (asked, poll) if asked.is_open(call.now) else say("poll.closed", HOME)


def _open(call: Call) -> list[tuple[Round, Poll]]:
    """Give what can be answered now, the oldest first."""
    rounds = call.store.polls.open_rounds(call.now)
    return [(asked, poll) for asked in rounds if (poll := _poll(call, asked)) is not None]


def _poll(call: Call, asked: Round) -> Poll | None:
    """Give the poll of a round; None: it cannot be asked, or is for members and this is none (T-17)."""
    poll = poll_of(asked, call.house)
    if poll is None or is_public(poll, call.house):
        return poll
    own = call.store.subscriptions.of(call.conversation.id)
    return poll if any(series in own for series in poll.audience) else None


def _answered(call: Call, asked: Round) -> bool:
    return call.store.polls.has_voted(asked.id, call.conversation.id)


def _question(asked: Round, poll: Poll, *, key: str = "poll.question") -> Say:
    """Ask; "En vastaa" is always there, and the way home: where there is no room for it, behind "En vastaa"."""
    number = str(asked.id)
    decline = f"poll.{poll.id}.decline" if poll.decline else "poll.decline"
    options = [
        _answer(f"poll.{poll.id}.option.{option.value}", "vote", number, option.value)
        for option in poll.options
    ]
    if len(options) + 2 > MOST_BUTTONS:
        ways_out: tuple[Button, ...] = (_answer(decline, "poll.leave", number),)
    else:
        ways_out = (_answer(decline, "vote", number, DECLINE), HOME)
    return say(key, *options, *ways_out, kysymys=Phrase(f"poll.{poll.id}.q"))


def _answer(key: str, action: str, *arguments: str) -> Button:
    return Button(Phrase(key), action, arguments, answer=True)


def _answered_before(asked: Round) -> Say:
    return say("poll.answered", _change(asked), HOME)


def _change(asked: Round) -> Button:
    return button("poll.change", "poll.again", str(asked.id))
