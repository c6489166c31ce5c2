"""What people say in their own words: an answer, "Tarkoititko …?", or an honest "I do not know".

The words of an unanswered question stay in memory, ten minutes at most, until the asker says that an editor may
see them (without the asker).
"""

import secrets
from dataclasses import replace
from functools import partial
from typing import Final

from bot.core.matching import NoIdea, Sure, Unsure, Verdict, meant
from bot.core.phrases import fold
from bot.core.quiet_hours import next_allowed
from bot.messages import Button, Phrase, Say, button, say
from bot.router import Answer, Call, Router
from bot.store.models import to_day
from handlers.masking import masked
from handlers.menus import HOME, NO_HOME, command, routes, speaks
from handlers.named_events import called_by_name
from handlers.questions import answered

router = Router()

IDENTITY: Final = 8  # bytes at random, of a question: so few that a button can carry them
ASKS: Final = 3  # letters: "who", "vad", "bus"; what is shorter ("ei", "no") asks nothing
SAYS_SOMETHING: Final = (
    4  # letters; what is shorter and unknown ("7", "ok", a thumb) is no question for an editor
)


@router.otherwise
def own_words(call: Call) -> Answer:
    """Answer what is meant, in whatever language it is said; where that is not sure, look for an event, then ask.

    None: it is the edit of something said before, and asks nothing that we know.
    """
    verdict, language = meant(call.text, call.house.content.matchers, speaks(call))
    verdict = _for_everybody(verdict)
    if isinstance(verdict, Sure):
        foreign = [] if language == speaks(call) else [button(f"language.{language}", "language", language)]
        return _answer(call, verdict.id, *foreign)
    called = called_by_name(call)
    if called is not None:
        return called
    if isinstance(verdict, NoIdea) and call.earlier:
        return None  # an edit that asks nothing
    if len(fold(call.text)) < (ASKS if isinstance(verdict, Unsure) else SAYS_SOMETHING):
        return say("not_understood", command("apua"), HOME)
    call.house.memory.keep(call.conversation.id, call.text, call.now)
    if isinstance(verdict, Unsure):
        likely = [_question_button(each) for each in verdict.ids]
        if len(likely) == 1:
            likely = [replace(likely[0], means="yes")]
        return say("ask.did_you_mean", *likely, button("ask.none_of_these", "ask.none", means="no"), HOME)
    return none_of_these(call)


@router.button("ask.none")
def none_of_these(call: Call) -> Say:
    """Say that we do not know, and offer to show the question to an editor."""
    del call
    show = button("ask.show_it", "ask.show", means="yes")
    return say("ask.no_idea", show, command("ihminen"), NO_HOME, en_ymmartanyt=Phrase("not_understood"))


@router.button("ask.show")
def show_to_editors(call: Call) -> Say:
    """Keep the question for the organizers (asked_questions.py), and tell them of it: the words, and not who asked."""
    me = call.conversation.id
    words = call.house.memory.peek(me, call.now)
    if words is None:
        return say("ask.lost", HOME)
    call.store.after_commit(partial(call.house.memory.forget, me))
    text, identity = masked(words), secrets.token_hex(IDENTITY)
    if not call.store.questions.keep(identity, speaks(call), text, to_day(call.now)):
        return say("ask.shown", HOME)  # pressed twice at once, or somebody else asked the same
    awake = next_allowed(call.now, call.house.quiet_hours, call.house.zone)
    for organizer in call.store.people.organizers():
        call.store.outbox.push(
            organizer,
            f"question:{identity}:{organizer.id}",
            say("ask.for_editor", button("organizer.button.questions", "asked"), HOME, kysymys=text),
            now=call.now,
            not_before=awake,
        )
    return say("ask.shown", HOME)


def _for_everybody(verdict: Verdict) -> Verdict:
    """Leave out what is not for everybody, or not built yet."""
    match verdict:
        case Sure(key) if not _answerable(key):
            return NoIdea()
        case Unsure(keys):
            left = tuple(key for key in keys if _answerable(key))
            return Unsure(left) if left else NoIdea()
    return verdict


def _answerable(key: str) -> bool:
    kind, _, name = key.partition(".")
    route = routes().commands.get(name)
    return kind == "faq" or (route is not None and not route.organizers)


def _answer(call: Call, key: str, *others: Button) -> Answer:
    kind, _, name = key.partition(".")
    if kind == "faq":
        return answered(call, name, *others)
    return routes().commands[name].handler(replace(call, text=""))


def _question_button(key: str) -> Button:
    kind, _, name = key.partition(".")
    return button(f"faq.{name}.short", "faq", name) if kind == "faq" else command(name)
