"""How features announce themselves: the marks, and what a handler is called with.

A feature is a module of `handlers/` or `schedules/` with a ``router = Router()``; modules are discovered, not
listed.  Handlers, jobs and endings are plain functions that run in the store's writer thread, inside one
transaction; errands are plain functions that run outside, with a read-only view.
"""

import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, Literal
from zoneinfo import ZoneInfo

from bot.content import Content
from bot.core.occurrences import Words
from bot.core.quiet_hours import QuietHours
from bot.core.series import Series
from bot.errors import VerttiError
from bot.i18n import Wording
from bot.messages import Button, Leave, Say
from bot.store import Store
from bot.store.errands import Errand
from bot.store.people import Conversation


class Memory:
    """Words that must never reach the disk: at most one a conversation, for ten minutes at most."""

    LASTS = timedelta(minutes=10)

    def __init__(self) -> None:
        self._kept: dict[int, tuple[datetime, str]] = {}

    def keep(self, conversation: int, text: str, now: datetime) -> None:
        """Remember, in place of what was remembered before."""
        self._kept = {who: kept for who, kept in self._kept.items() if kept[0] > now}
        self._kept[conversation] = (now + self.LASTS, text)

    def peek(self, conversation: int, now: datetime) -> str | None:
        """Give what is remembered; None: nothing, or too long ago.

        A handler may run twice (a retry; a reading first, while nothing can be written), so it looks here and
        forgets only once that is committed.
        """
        kept = self._kept.get(conversation)
        return None if kept is None or kept[0] <= now else kept[1]

    def forget(self, conversation: int) -> None:
        """Forget what is remembered."""
        self._kept.pop(conversation, None)


@dataclass(frozen=True, slots=True)
class House:
    """What stays the same while the process runs: content, settings, where things are."""

    content: Content
    content_dir: Path
    wording: Wording = field(
        repr=False
    )  # for what is written into a file or drawn; messages are worded when they are sent
    series: Mapping[str, Series]
    zone: ZoneInfo
    language: str
    quiet_hours: QuietHours | None
    default_leads: tuple[timedelta, ...]
    calendars: tuple[str, ...] = field(repr=False)  # an address is a credential
    areas: Mapping[str, Words] = field(default_factory=dict)  # id -> name
    smallest_number: int = 5  # k: no number below it is ever shown (DOMAIN.md, E)
    undo: timedelta = timedelta()  # how long confirmed news is held, so that it can be stopped (T-01)
    public_url: str = ""
    calendar_hosts: tuple[str, ...] = ()  # of calendars: may lie in a private network, or speak plain http
    memory: Memory = field(default_factory=Memory)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One thing said to Vertti, as a handler sees it.

    ``key`` names it for all time, so that what is queued because of it is queued once.
    ``conversation`` is where it was said; ``person`` is the private conversation of who said it: the same in a
    private chat, None where the platform does not tell.  ``text`` is what followed the command, or the answer to
    the open question; ``arguments`` those of a pressed button; ``state`` what the open question remembered.
    ``retractable``: can who said it edit it or take it back?  ``earlier`` is the key of the update that this one edits
    or takes back; empty: it is about no other.
    """

    store: Store
    now: datetime
    house: House
    key: str
    conversation: Conversation
    person: Conversation | None
    text: str = field(default="", repr=False)
    arguments: tuple[str, ...] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    retractable: bool = False
    earlier: str = ""

    @property
    def language(self) -> str:
        """The language to answer in."""
        return self.conversation.language or self.house.language

    @property
    def by_organizer(self) -> bool:
        """Is it an organizer who speaks?"""
        return self.person is not None and self.person.role == "organizer"


@dataclass(frozen=True, slots=True)
class Ask:
    """A message that is a question: what the person types next goes to ``@router.answer(question)``.

    ``state`` is what the question needs to remember, plain JSON values, never an answer.
    """

    say: Say
    question: str
    state: Mapping[str, Any] = field(default_factory=dict)


Answer = Say | Ask | Leave | Sequence[Say | Ask | Leave] | None
Handler = Callable[[Call], Answer]
Event = Literal["added", "removed", "unreadable", "undecryptable", "edited", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Tick:
    """One look at the clock, as a job sees it: due is what was set for now or earlier and is not done yet."""

    store: Store
    now: datetime
    house: House


@dataclass(frozen=True, slots=True)
class Route:
    """A handler with what its mark says."""

    handler: Handler
    in_groups: bool = False  # may it answer where others read?
    organizers: bool = False  # only for them; to others it is not there
    secret: bool = False  # what it takes is never taken where others read
    yields: bool = False  # a command word that is all of an answer is none, but the command ...
    yields_to_any: bool = False  # ... or any command, whatever is said with it
    keeps: Collection[str] = ()  # commands whose words are answers all the same


@dataclass(frozen=True, slots=True)
class DueJob:
    """A job that the sweep runs; ``next_due`` tells when, None: nothing is waiting.

    The job gives True when there is more to do at once: it takes at most a few milliseconds at a time.
    """

    name: str
    run: Callable[[Tick], bool]
    next_due: Callable[[Store], datetime | None]


@dataclass(frozen=True, slots=True)
class DailyJob:
    """A job that goes by the calendar, at a wall-clock time of the house; every ``minutes`` when given."""

    name: str
    run: Callable[[Tick], None]
    at: time | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class ErrandRun:
    """What does an errand, outside any transaction, and what takes its result into the store.

    The ending may take only a piece of a large result: it gives what is left, and is called with that in a transaction
    of its own; None: nothing is.
    """

    kind: str
    run: Callable[["Trip"], Any]
    ending: Callable[[Tick, Errand, Any], Any]


@dataclass(frozen=True, slots=True)
class Trip:
    """An errand under way: its values, and ``look`` which reads the store through the read-only connection."""

    errand: Errand
    now: datetime
    house: House
    look: Callable[[Callable[[Store], Any]], Any]


class Router:
    """The marks of one module."""

    def __init__(self) -> None:
        self.commands: dict[str, Route] = {}
        self.buttons: dict[str, Route] = {}
        self.answers: dict[str, Route] = {}
        self.events: dict[Event, Route] = {}
        self.due_jobs: list[DueJob] = []
        self.daily_jobs: list[DailyJob] = []
        self.errands: dict[str, ErrandRun] = {}
        self.starts: list[Callable[[Tick], None]] = []
        self.menus: list[Callable[[House], Iterable[Button]]] = []
        self.fallback: Route | None = None
        self.emergency: Route | None = None

    def command(
        self, name: str, *, in_groups: bool = False, organizers: bool = False
    ) -> Callable[[Handler], Handler]:
        """Mark what answers a command of commands.yaml."""
        return _into(self.commands, name, in_groups=in_groups, organizers=organizers)

    def button(
        self, action: str, *, in_groups: bool = False, organizers: bool = False, secret: bool = False
    ) -> Callable[[Handler], Handler]:
        """Mark what answers a pressed button; ``action`` is 1-16 of a-z and dots."""
        return _into(self.buttons, action, in_groups=in_groups, organizers=organizers, secret=secret)

    def answer(
        self,
        question: str,
        *,
        organizers: bool = False,
        yields: bool = False,
        yields_to_any: bool = False,
        keeps: Collection[str] = (),
    ) -> Callable[[Handler], Handler]:
        """Mark what takes the answer to an open question; where it ``yields``, a lone command word is the command.

        ``yields_to_any`` does so to whatever is said with it too: nobody answers with a sentence there.  The words of
        the commands that it ``keeps`` are answers.
        """
        return _into(
            self.answers,
            question,
            in_groups=True,
            organizers=organizers,
            yields=yields or yields_to_any,
            yields_to_any=yields_to_any,
            keeps=keeps,
        )

    def event(self, what: Event) -> Callable[[Handler], Handler]:
        """Mark what happens when the bot is added, removed, or sent what it cannot read, and to what was said before.

        ``edited`` comes before all other meanings of an edit, but for crisis words.  It asks the question again that
        the earlier words answered: the edit chooses among the answers there, else the question is said.  None: they
        answered none.
        """
        return _into(self.events, what, in_groups=True)

    def menu(self, buttons: Callable[[House], Iterable[Button]]) -> Callable[[House], Iterable[Button]]:
        """Mark what gives the buttons of a menu whose words always work when they are typed, whatever is shown."""
        self.menus.append(buttons)
        return buttons

    def otherwise(self, handler: Handler) -> Handler:
        """Mark what answers when nothing else does; there is one."""
        self.fallback = Route(handler)
        return handler

    def crisis(self, handler: Handler) -> Handler:
        """Mark what answers crisis words, before anything else; there is one."""
        self.emergency = Route(handler, in_groups=True)
        return handler

    def due(
        self, next_due: Callable[[Store], datetime | None]
    ) -> Callable[[Callable[[Tick], bool]], Callable[[Tick], bool]]:
        """Mark a job of the sweep."""

        def mark(job: Callable[[Tick], bool]) -> Callable[[Tick], bool]:
            self.due_jobs.append(DueJob(f"{job.__module__}.{job.__name__}", job, next_due))
            return job

        return mark

    def daily(
        self, *, at: time | None = None, minutes: int | None = None
    ) -> Callable[[Callable[[Tick], None]], Callable[[Tick], None]]:
        """Mark a job that goes by the calendar."""

        def mark(job: Callable[[Tick], None]) -> Callable[[Tick], None]:
            self.daily_jobs.append(DailyJob(f"{job.__module__}.{job.__name__}", job, at, minutes))
            return job

        return mark

    def at_start(self, job: Callable[[Tick], None]) -> Callable[[Tick], None]:
        """Mark what happens once at each start, before anybody is answered."""
        self.starts.append(job)
        return job

    def errand(
        self, kind: str, *, ending: Callable[[Tick, Errand, Any], Any]
    ) -> Callable[[Callable[[Trip], Any]], Callable[[Trip], Any]]:
        """Mark what does the errands of a kind; ``ending`` takes the result into the store."""

        def mark(run: Callable[[Trip], Any]) -> Callable[[Trip], Any]:
            self.errands[kind] = ErrandRun(kind, run, ending)
            return run

        return mark


def _into(table: dict[Any, Route], name: Any, **how: Any) -> Callable[[Handler], Handler]:
    def mark(handler: Handler) -> Handler:
        table[name] = Route(handler, **how)
        return handler

    return mark


class DoublyMarkedError(VerttiError):
    """Two modules mark the same command, button, question or errand."""


def discover(packages: Iterable[ModuleType]) -> Router:
    """Import every module of the packages and join their routers.

    Raises:
        DoublyMarkedError: two of them want the same.
    """
    whole = Router()
    for package in packages:
        for found in sorted(pkgutil.iter_modules(package.__path__), key=lambda each: each.name):
            module = importlib.import_module(f"{package.__name__}.{found.name}")
            router = getattr(module, "router", None)
            if isinstance(router, Router):
                _join(whole, router, found.name)
    return whole


def _join(whole: Router, part: Router, module: str) -> None:
    for table in ("commands", "buttons", "answers", "events", "errands"):
        joined, added = getattr(whole, table), getattr(part, table)
        if twice := joined.keys() & added.keys():
            message = f"{module}: {', '.join(map(str, twice))} is marked elsewhere too"
            raise DoublyMarkedError(message)
        joined.update(added)
    whole.due_jobs += part.due_jobs
    whole.daily_jobs += part.daily_jobs
    whole.starts += part.starts
    whole.menus += part.menus
    for single in ("fallback", "emergency"):
        if (mark := getattr(part, single)) is not None:
            if getattr(whole, single) is not None:
                message = f"{module}: there is one {single} only"
                raise DoublyMarkedError(message)
            setattr(whole, single, mark)
