"""From what was said to what it means, what changes and what is answered: one transaction each.

What a message means is decided in this order: crisis words; a button, or a label shown just now; an
explicit command; the open question; a bare command word; the FAQ.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from bot.clock import Clock
from bot.core.phrases import Asked, Vocabulary, fold, number_of
from bot.core.plain_text import clean
from bot.errors import StoreError, UserError
from bot.i18n import Reader, Wording
from bot.messages import Button, Incoming, Leave, Place, Say, button, say
from bot.router import Answer, Ask, Call, House, Route, Router
from bot.store import Store
from bot.store.dialogues import NOTHING_OPEN, Dialogue
from bot.store.engine import Database
from bot.store.models import to_day
from bot.store.people import Conversation

log = structlog.get_logger()

LONGEST = 4000  # characters of one message that we try to understand
FLOOD = 20  # messages of one person ...
FLOOD_WINDOW = timedelta(seconds=10)  # ... in this time, and the person is asked to slow down (T-30)


@dataclass(frozen=True, slots=True)
class Understanding:
    """All that is needed to find out what a message means and who answers it."""

    router: Router
    house: House
    wording: Wording
    vocabulary: Vocabulary
    is_crisis: Callable[[str], bool]


class Dispatch:
    """Takes batches from transports; returns when they are committed."""

    def __init__(self, database: Database, understanding: Understanding, clock: Clock) -> None:
        self._database = database
        self._understanding = understanding
        self._clock = clock
        self._flood = Flood()

    async def accept(self, batch: Sequence[Incoming]) -> None:
        """Let each update have its effect, once; a failing one is apologized for and stops no other.

        Raises:
            StoreError: the batch could not be kept; hand it over again.
        """
        now = self._clock()
        verdicts = [self._flood.verdict(incoming, now) for incoming in batch]
        outcomes = await self._database.write_all(
            [
                partial(take, self._understanding, incoming, verdict, now)
                for incoming, verdict in zip(batch, verdicts, strict=True)
            ]
        )
        for incoming, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, StoreError):
                raise outcome
            if isinstance(outcome, Exception):
                log.error("handler.failed", platform=incoming.where.platform, error=type(outcome).__name__)
                await self._database.write(partial(apologize, self._understanding, incoming, now))


def take(understanding: Understanding, incoming: Incoming, flood: str, now: datetime, store: Store) -> None:
    """Let one update have its effect, once, in the writer's thread; ``flood`` is the verdict of `Flood`."""
    if not store.books.first_time(incoming.where.platform, incoming.id, to_day(now)):
        return
    if incoming.what == "unwanted" or flood == "drop" or not incoming.addressed:
        return
    turn = _turn(understanding, store, incoming, now)
    if flood == "warn":
        turn.answer(say("trouble.slow_down"))
    else:
        turn.take()


def apologize(understanding: Understanding, incoming: Incoming, now: datetime, store: Store) -> None:
    """Say sorry for an update whose handler failed; nothing of it was kept, and it will not come again."""
    if store.books.first_time(incoming.where.platform, incoming.id, to_day(now)):
        store.books.add("handler.failed", to_day(now))
        _turn(understanding, store, incoming, now).answer(say("trouble.sorry", HOME))


def _turn(understanding: Understanding, store: Store, incoming: Incoming, now: datetime) -> "_Turn":
    conversation = store.people.meet(incoming.where, language=incoming.language, now=now)
    return _Turn(understanding, store, incoming, conversation, now)


HOME = button("button.home", "home")


class _Turn:
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
        self._before = Dialogue()

    def take(self) -> None:
        match self._incoming.what:
            case "button":
                self._pressed()
            case "text":
                self._said(clean(self._incoming.text))
            case "moved":
                self._store.people.move(self._where.id, self._incoming.text)
            case "removed":
                self._store.people.silence(self._where.id, "removed")
                self._event("removed")
            case "added" | "unreadable":
                self._event(self._incoming.what)
            case _:
                pass

    # ---- what it means ----------------------------------------------------------------------------

    def _pressed(self) -> None:
        pressed = self._store.vault.open_button(self._where.id, self._incoming.button)
        route = None if pressed is None else self._router.buttons.get(pressed[0])
        if pressed is None or route is None:
            self.answer(say("button.old", HOME))
            return
        self._run(route, arguments=pressed[1])

    def _said(self, text: str) -> None:
        if not text:
            return
        self._before = self._store.dialogues.of(self._where.id, now=self._now)
        question = None if self._before.question is None else self._router.answers.get(self._before.question)
        asked = self._with.vocabulary.command_of(text, forgive=question is None)
        if self._is_crisis(text, asked, question):
            emergency = self._router.emergency
            assert emergency is not None
            self._run(emergency)
            return
        if len(text) > LONGEST:
            self.answer(say("trouble.too_long", HOME, n=LONGEST))
            return
        if (chosen := self._choice(text)) is not None:
            route = self._router.buttons.get(chosen.action)
            if route is not None:
                self._run(route, arguments=chosen.arguments)
                return
        if asked is not None and (asked.how == "marked" or question is None) and self._command(asked):
            return
        if question is not None:
            self._run(question, text=text, state=self._before.state)
        elif self._where.private and self._router.fallback is not None:
            self._run(self._router.fallback, text=text)

    def _is_crisis(self, text: str, asked: Asked | None, question: Route | None) -> bool:
        """Is it a cry for help?  An organizer's own announcement that says "hätä" is none."""
        if self._router.emergency is None or not self._with.is_crisis(text):
            return False
        route = None if asked is None else self._router.commands.get(asked.name)
        organizers = (route is not None and route.organizers) or (
            question is not None and question.organizers
        )
        return not (organizers and self._person_role() == "organizer")

    def _choice(self, text: str) -> Button | None:
        """Find the button that a number or its own words choose."""
        choices = self._before.choices
        if not choices:
            return None
        number = number_of(text)
        if number is not None:
            return choices[number - 1] if 1 <= number <= len(choices) else None
        reader = Reader(self._where.language or self._with.house.language, self._with.house.zone, self._now)
        said = fold(text)
        words = self._with.wording
        return next((each for each in choices if said and fold(words.say(each.label, reader)) == said), None)

    def _command(self, asked: Asked) -> bool:
        """Run a command; False: it is not there for this person."""
        name, rest = asked.name, asked.rest
        if name == "aloita" and rest:  # a deep link: /start seuraava, /start kysely-12
            linked, _, more = rest.partition("-")
            if linked in self._router.commands:
                name, rest = linked, more
        route = self._router.commands.get(name)
        if route is None:
            if asked.how == "forgiven" or not self._where.private:
                return False
            self.answer(say("trouble.not_yet", HOME))
            return True
        if route.organizers and self._person_role() != "organizer":
            return False
        self._run(route, text=rest, command=name)
        return True

    def _event(self, what: Any) -> None:
        route = self._router.events.get(what)
        if route is not None:
            self._run(route)

    # ---- running it -------------------------------------------------------------------------------

    def _run(
        self,
        route: Route,
        *,
        text: str = "",
        arguments: tuple[str, ...] = (),
        state: Any = None,
        command: str = "",
    ) -> None:
        person = self._person()
        if route.organizers and (person is None or person.role != "organizer"):
            self.answer(say("button.old", HOME) if self._where.private else None)
            return
        where = self._where
        if not where.private and not route.in_groups:
            # What is personal is answered in private; where we may not write first, a button leads there.
            if person is None:
                link = Button(say("button.private").text, deep_link=command or "aloita")
                self.answer(say("group.private", link))
                return
            where = person
        call = Call(
            store=self._store,
            now=self._now,
            house=self._with.house,
            key=_key(self._incoming),
            conversation=where,
            person=person,
            text=text,
            arguments=arguments,
            state=state or {},
        )
        try:
            answer = route.handler(call)
        except UserError as error:
            answer = Say(error.phrase, (HOME,))
        self._respond(where, answer)

    def answer(self, answer: Answer) -> None:
        """Answer where it was said."""
        self._respond(self._where, answer)

    def _respond(self, conversation: Conversation, answer: Answer) -> None:
        """Queue the answer, and make its question and choices what is open."""
        conversation = self._store.people.refreshed(conversation)
        parts: Sequence[Say | Ask | Leave] = (
            () if answer is None else (answer,) if isinstance(answer, Say | Ask | Leave) else answer
        )
        dialogue = NOTHING_OPEN
        for number, part in enumerate(parts):
            message = part.say if isinstance(part, Ask) else part
            key = f"{_key(self._incoming)}:{number}"
            self._store.outbox.reply(conversation, key, message, now=self._now)
            if isinstance(part, Ask):
                dialogue = Dialogue(part.question, dict(part.state), part.say.buttons)
            elif isinstance(part, Say):
                dialogue = replace(dialogue, choices=part.buttons)
        if conversation.state != "leaving" and dialogue != self._before:
            self._store.dialogues.put(conversation.id, dialogue, now=self._now)

    def _person(self) -> Conversation | None:
        """Give the private conversation of who spoke; None: unknown, or never met in private."""
        if self._where.private:
            return self._where
        sender = self._incoming.sender
        found = None if sender is None else self._store.people.find(sender)
        return found if found is not None and found.state == "active" else None

    def _person_role(self) -> str | None:
        person = self._person()
        return None if person is None else person.role


class Flood:
    """Who says more than a person can mean (T-30): a handful of numbers a talker, in memory only."""

    def __init__(self) -> None:
        self._recent: OrderedDict[Place, deque[datetime]] = OrderedDict()  # the longest silent first

    def verdict(self, incoming: Incoming, now: datetime) -> str:
        """Give "take", "warn" for the first message too many, then "drop" until it is quiet again."""
        who = incoming.sender or incoming.where
        self._forget(now)
        times = self._recent.setdefault(who, deque(maxlen=FLOOD + 1))
        self._recent.move_to_end(who)
        while times and now - times[0] >= FLOOD_WINDOW:
            times.popleft()
        times.append(now)
        if len(times) < FLOOD:
            return "take"
        return "warn" if len(times) == FLOOD else "drop"

    def _forget(self, now: datetime) -> None:
        """Forget who has been quiet for the whole window: one may come with each call, so two must go."""
        for _ in range(min(2, len(self._recent))):
            if now - next(iter(self._recent.values()))[-1] < FLOOD_WINDOW:
                return
            self._recent.popitem(last=False)


def _key(incoming: Incoming) -> str:
    return f"{incoming.where.platform}:{incoming.id}"
