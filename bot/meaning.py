"""What an update means, and who answers it.

It is decided in this order: crisis words; a button, or a label or number shown just now; a yes or a no to what was asked
just now; an explicit command; the open question; a bare command word; the words of a button of the menus; a number of
no choice; the FAQ.  An edit corrects
the vote that the edited words gave, or asks anew what they asked; it never answers what is open now.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, get_args

from bot.core.phrases import Asked, Vocabulary, fold, is_marked, is_one_of, is_puzzled, number_of
from bot.core.plain_text import clean
from bot.errors import UserError, VerttiError
from bot.i18n import LANGUAGES, Labels, Reader, Wording, labelled
from bot.messages import Button, Incoming, Lane, Leave, Meaning, Phrase, Place, Say, button, say
from bot.router import Answer, Ask, Call, Event, House, Route, Router
from bot.store import Store
from bot.store.dialogues import NOTHING_OPEN, Dialogue
from bot.store.people import Conversation

LONGEST = 4000  # characters of one message that we try to understand
ASKS = 3  # letters, in a group: what is shorter ("ok", a thumb) asks us nothing
# After it "ok" may be said to anything, and by anybody who holds the phone.
PROMPT: Final = timedelta(hours=1)
BEGUN: Final = 2  # words of a button by which it is known; one alone may be the answer to what is asked
ROOM: Final = 6  # buttons under a message (DOMAIN.md, U6)
HELP = "apua"
HOME = button("button.home", "home")


@dataclass(frozen=True, slots=True)
class Understanding:
    """All that is needed to find out what a message means and who answers it."""

    router: Router
    house: House
    wording: Wording
    vocabulary: Vocabulary
    is_crisis: Callable[[str], bool]
    labels: Labels = field(default_factory=dict)  # what always works when typed


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said, and where; ``dialogue`` is what is open from then on, None: what was open stays so."""

    where: Conversation
    messages: tuple[Say | Leave, ...]
    dialogue: Dialogue | None = None


class DeclinedError(VerttiError):
    """A handler raised a `UserError`: what it did is undone, and the reply is said instead."""

    def __init__(self, where: Conversation, phrase: Phrase) -> None:
        super().__init__(phrase.key)
        self.place = where.place
        self.phrase = phrase


def key_of(incoming: Incoming) -> str:
    """Give the key under which an update is known for all time."""
    return f"{incoming.where.platform}:{incoming.id}"


def key_of_earlier(incoming: Incoming) -> str:
    """Give the key of the update that this one edits or takes back; empty: it is about no other."""
    earlier = incoming.edits or (incoming.text if incoming.what == "withdrawn" else "")
    return f"{incoming.where.platform}:{earlier}" if earlier else ""


def meet(store: Store, where: Place, incoming: Incoming, now: datetime) -> Conversation:
    """Meet where something was said, or who said it."""
    language = incoming.language if where.kind == "private" else None  # a group's is nobody's own
    return store.people.meet(where, language=language if language in LANGUAGES else None, now=now)


def reply_of(where: Conversation, answer: Answer) -> Reply:
    """Find what is said, and what is open afterwards: the last question, or the choices shown last."""
    parts: Sequence[Say | Ask | Leave] = (
        () if answer is None else (answer,) if isinstance(answer, Say | Ask | Leave) else answer
    )
    dialogue = NOTHING_OPEN
    for part in parts:
        if isinstance(part, Ask):
            dialogue = Dialogue(part.question, dict(part.state), part.say.buttons)
        elif isinstance(part, Say):
            dialogue = replace(dialogue, choices=part.buttons)
    return Reply(where, tuple(part.say if isinstance(part, Ask) else part for part in parts), dialogue)


def said_between(where: Conversation, shown: Dialogue, message: Say) -> Reply:
    """Say something under a question that stays open, by its buttons: a yes that is typed now may be said to this."""
    no_yes = tuple(replace(each, means=None) if each.means == "yes" else each for each in shown.choices)
    return Reply(where, (message,), replace(shown, choices=no_yes))


def _comes_before(asked: Asked, text: str, question: Route | None) -> bool:
    """Does a command come before the open question?  A bare word may be the answer, mostly."""
    if question is None or asked.how == "marked":
        return True
    if asked.how != "bare" or asked.name in question.keeps:
        return False
    return question.yields_to_any or (question.yields and len(text.split()) == 1)


class Turn:
    """One update on its way to its handler."""

    def __init__(
        self,
        understanding: Understanding,
        store: Store,
        incoming: Incoming,
        conversation: Conversation,
        now: datetime,
    ) -> None:
        self._with = understanding
        self._router = understanding.router
        self._store = store
        self._incoming = incoming
        self._where = conversation
        self._now = now
        self._before: Dialogue | None = None  # None: nobody has looked

    def take(self) -> Reply | None:
        """Have it handled; give the reply, None: there is none."""
        reply = self._handled()
        if reply is not None and reply.where is self._where and reply.dialogue == self._before:
            return replace(reply, dialogue=None)
        return reply

    def _handled(self) -> Reply | None:  # noqa: PLR0911 - one a kind
        what = self._incoming.what
        match what:
            case "button":
                return self._pressed()
            case "text":
                return self._said(clean(self._incoming.text))
            case "moved":
                self._store.people.move(self._where.id, self._incoming.text)
            case "removed":
                self._store.people.silence(self._where.id, "removed")
                return self._event("removed")
            case "withdrawn":
                reply = self._event("withdrawn")
                return replace(reply, dialogue=None) if reply is not None and reply.messages else None
            case "unreadable":
                return self._unreadable(clean(self._incoming.text))
            case "added" | "undecryptable":
                return self._event(what)
        return None

    # ---- what it means ----------------------------------------------------------------------------

    def _pressed(self) -> Reply | None:
        pressed = self._store.vault.open_button(self._where.id, self._incoming.button)
        route = None if pressed is None else self._router.buttons.get(pressed[0])
        if pressed is None or route is None:
            return reply_of(self._where, say("button.old", HOME))
        return self._run(route, arguments=pressed[1])

    def _said(self, text: str) -> Reply | None:  # noqa: PLR0911 - the meanings, in order
        self._before = self._store.dialogues.of(self._where.id, now=self._now)
        name = self._before.question
        question = None if name is None or not text.strip() else self._router.answers.get(name)
        asked = self._asked(text, question)
        if self._is_crisis(text, asked, question):
            assert self._router.emergency is not None
            return self._run(self._router.emergency)
        if len(text) > LONGEST:
            return reply_of(self._where, say("trouble.too_long", HOME, n=LONGEST))
        if self._incoming.edits:
            return self._edited(text, asked, question)
        chosen = self._choice(text, self._before.choices)
        if chosen is None and (asked is None or asked.how != "marked"):
            chosen = self._decision(text, self._before.choices, asked)
        route = None if chosen is None else self._router.buttons.get(chosen.action)
        if chosen is not None and route is not None:
            return self._run(route, arguments=chosen.arguments)
        called = self._called(text, asked, question)
        if called is not None:
            return called
        if question is not None:
            return self._run(question, text=text, state=self._before.state)
        return self._none_of_these(text, self._before)

    def _called(self, text: str, asked: Asked | None, question: Route | None) -> Reply | None:
        """Run the command, or do what the button of a menu does, that is called by its words; a guess comes last."""
        command = asked if asked is not None and _comes_before(asked, text, question) else None
        if command is not None and command.how != "forgiven" and not command.rest:
            return self._command(command) or self._labelled(text, question)
        reply = self._labelled(text, question)
        return self._command(command) if reply is None and command is not None else reply

    def _labelled(self, text: str, question: Route | None) -> Reply | None:
        """Do what a button of the menus does whose words are typed, be it shown now or not.

        An open question that takes any text takes these words too: they may be the name of a place.
        """
        if not (self._where.private or self._asks_from_a_group(text)):
            return None
        found = labelled(text, self._with.labels, self._reader(self._where).language)
        route = None if found is None else self._router.buttons.get(found.action)
        if found is None or route is None or (route.organizers and self._person_role() != "organizer"):
            return None
        if question is not None and not (
            question.yields_to_any and found.action.replace(".", "_") not in question.keeps
        ):
            return None
        return self._run(route, arguments=found.arguments)

    def _none_of_these(self, text: str, shown: Dialogue) -> Reply | None:
        """Answer what is no command and no choice: own words, or a number that is not on the menu, which stays."""
        number = number_of(text)
        if (
            self._where.private
            and shown.choices
            and number is not None
            and number - 1 not in range(len(shown.choices))
        ):
            return said_between(self._where, shown, say("menu.number", n=len(shown.choices)))
        if self._yes_or_no(text) is not None:
            return self._to_what(shown)
        if self._router.fallback is not None and (self._where.private or self._asks_from_a_group(text)):
            return self._run(self._router.fallback, text=text)
        return None

    def _to_what(self, shown: Dialogue) -> Reply:
        """Say that we do not know what was answered, and show the choices again, unless a second "ok" would decide there."""
        if any(each.means == "yes" for each in shown.choices):
            return reply_of(self._where, say("typed.to_what", HOME))
        choices = shown.choices
        if len(choices) < ROOM and HOME.action not in {each.action for each in choices}:
            choices = (*choices, HOME)
        return Reply(self._where, (say("typed.to_what", *choices),), replace(shown, choices=choices))

    def _asked(self, text: str, question: Route | None) -> Asked | None:
        """Find the command that is asked for; nothing is forgiven while a question is open."""
        if is_puzzled(text):
            return Asked(HELP)
        return self._with.vocabulary.command_of(text[:LONGEST], forgive=question is None)

    def _asks_from_a_group(self, text: str) -> bool:
        """Is it something said to us in own words, by somebody whom we may write to?

        An unknown command may be another bot's, and a number is talk.  What is a choice in their private chat just
        now was meant for there, and may be secret.
        """
        if self._where.place.kind != "group" or not self._incoming.reachable or self._incoming.sender is None:
            return False
        if is_marked(text) or number_of(text) is not None or len(fold(text)) < ASKS:
            return False
        person = self._person()
        open_there = NOTHING_OPEN if person is None else self._store.dialogues.of(person.id, now=self._now)
        return self._choice(text, open_there.choices, person) is None

    def _edited(self, text: str, asked: Asked | None, question: Route | None) -> Reply | None:
        """Correct the vote that the earlier words gave, or ask anew; what is open stays open."""
        again = self._event("edited")
        if again is not None and again.messages:
            return self._corrected(text, again)
        reply = None if question is not None else self._called(text, asked, None)
        if question is None and reply is None and self._where.private and self._router.fallback is not None:
            reply = self._run(self._router.fallback, text=text)
        if reply is not None and reply.messages:
            return reply
        if not self._where.private:
            return None
        assert self._before is not None  # looked at before it is found to be an edit
        return said_between(self._where, self._before, say("edit.write_anew"))

    def _corrected(self, text: str, again: Reply) -> Reply | None:
        """Choose what the edit says among the answers of the question that is asked again; else ask it again."""
        assert again.dialogue is not None
        chosen = self._choice(text, again.dialogue.choices)
        route = None if chosen is None or not chosen.answer else self._router.buttons.get(chosen.action)
        if chosen is None or route is None:
            return again
        return self._run(route, arguments=chosen.arguments)

    def _unreadable(self, caption: str) -> Reply | None:
        """Look for a cry for help under a picture or a voice message; what else stands there is not understood."""
        if self._is_crisis(caption, None, None):
            assert self._router.emergency is not None
            return self._run(self._router.emergency)
        return self._event("unreadable")

    def _is_crisis(self, text: str, asked: Asked | None, question: Route | None) -> bool:
        """Is it a cry for help?  An organizer's own announcement that says "hätä" is none."""
        if self._router.emergency is None or not self._with.is_crisis(text):
            return False
        route = None if asked is None else self._router.commands.get(asked.name)
        organizers = (route is not None and route.organizers) or (
            question is not None and question.organizers
        )
        return not (organizers and self._person_role() == "organizer")

    def _choice(
        self, text: str, choices: tuple[Button, ...], reader_of: Conversation | None = None
    ) -> Button | None:
        """Find the button that a number or its own words choose, here or where those choices are shown.

        The first words are enough where no other begins so; not to say yes or no, nor to answer a poll.
        """
        if not choices:
            return None
        number = number_of(text)
        if number is not None:
            return choices[number - 1] if 1 <= number <= len(choices) else None
        reader = self._reader(reader_of or self._where)
        said = fold(text)
        words = self._with.wording
        labels = [fold(words.say(each.label, reader)) for each in choices]
        if said in labels:
            return choices[labels.index(said)] if said else None
        begun = [each for each, label in zip(choices, labels, strict=True) if label.startswith(f"{said} ")]
        undecided = len(begun) == 1 and begun[0].means is None and not begun[0].answer
        return begun[0] if undecided and len(said.split()) >= BEGUN else None

    def _decision(self, text: str, choices: tuple[Button, ...], asked: Asked | None) -> Button | None:
        """Find the one button that a yes or a no chooses, and which is no poll's answer.

        A yes chooses only what was asked just now.  A no does no harm, and stops what is asked whenever it is said; but
        later a word that is a command too ("peru") is the command.
        """
        decisive = [each for each in choices if each.means is not None and not each.answer]
        said = self._yes_or_no(text) if decisive else None
        meant = [each for each in decisive if each.means == said]
        if len(meant) != 1:
            return None
        at_any_time = said == "no" and (asked is None or not self._may_ask(asked))
        return meant[0] if at_any_time or self._was_asked_just_now() else None

    def _yes_or_no(self, text: str) -> Meaning | None:
        """Tell whether somebody says yes or no in private, in the language in which we speak with them."""
        if not self._where.private:
            return None
        reader, words = self._reader(self._where), self._with.wording
        meanings: tuple[Meaning, ...] = get_args(Meaning)
        return next(
            (each for each in meanings if is_one_of(text, words.say(Phrase(f"typed.{each}"), reader))), None
        )

    def _was_asked_just_now(self) -> bool:
        """Was our last answer a moment ago, with nothing pushed after it?  Else "ok" may be said to the push."""
        last = self._store.outbox.said_last(self._where.id, now=self._now)
        return last is not None and last[0] is Lane.REPLY and self._now - last[1] <= PROMPT

    def _reader(self, of: Conversation) -> Reader:
        return Reader(of.language or self._with.house.language, self._with.house.zone, self._now)

    def _command(self, asked: Asked) -> Reply | None:
        """Run a command; None: it is not there for this person."""
        name, rest = asked.name, asked.rest
        if name == "aloita" and rest:  # a deep link: /start seuraava, /start kysely-12
            linked, _, more = rest.partition("-")
            if linked in self._router.commands:
                name, rest = linked, more
        route = self._router.commands.get(name)
        if route is None:
            known = asked.how != "forgiven" and self._where.private
            return reply_of(self._where, say("trouble.not_yet", HOME)) if known else None
        if not self._may_ask(Asked(name)):
            return None
        return self._run(route, text=rest, command=name)

    def _may_ask(self, asked: Asked) -> bool:
        route = self._router.commands.get(asked.name)
        return route is not None and (not route.organizers or self._person_role() == "organizer")

    def _event(self, what: Event) -> Reply | None:
        route = self._router.events.get(what)
        return None if route is None else self._run(route)

    # ---- running it -------------------------------------------------------------------------------

    def _run(
        self,
        route: Route,
        *,
        text: str = "",
        arguments: tuple[str, ...] = (),
        state: Any = None,
        command: str = "",
    ) -> Reply | None:
        person = self._person()
        where = self._where
        if route.organizers and (person is None or person.role != "organizer"):
            return reply_of(where, say("button.old", HOME)) if where.private else None
        if not where.private and route.secret:
            return None
        if not where.private and not route.in_groups:
            # What is personal is answered in private; where we may not write first, a button leads there.
            person = person or self._reached()
            if person is None:
                link = Button(Phrase("button.private"), deep_link=command or "aloita")
                return reply_of(where, say("group.private", link))
            where = person
        call = Call(
            store=self._store,
            now=self._now,
            house=self._with.house,
            key=key_of(self._incoming),
            conversation=where,
            person=person,
            text=text,
            arguments=arguments,
            state=state or {},
            retractable=self._incoming.retractable,
            earlier=key_of_earlier(self._incoming),
        )
        try:
            return reply_of(where, route.handler(call))
        except UserError as error:
            raise DeclinedError(where, error.phrase) from None

    def _person(self) -> Conversation | None:
        """Give the private conversation of who spoke; None: unknown, or never met in private."""
        if self._where.private:
            return self._where
        sender = self._incoming.sender
        found = None if sender is None else self._store.people.find(sender)
        return found if found is not None and found.state == "active" else None

    def _reached(self) -> Conversation | None:
        """Meet who spoke in a group, where the platform lets us write to them first; None: it does not.

        Whoever asks for something personal speaks to us, so a silence of theirs is over.
        """
        sender = self._incoming.sender
        if sender is None or not self._incoming.reachable:
            return None
        today = self._now.astimezone(self._with.house.zone)
        return meet(self._store, sender, self._incoming, today)

    def _person_role(self) -> str | None:
        person = self._person()
        return None if person is None else person.role
