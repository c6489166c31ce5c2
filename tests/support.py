"""A house to test in: the real dispatch, the real SQLite, the sample content, and people who talk.

    chat = Chat()
    chat.says("anna", "seuraava")[0].text
    chat.presses("anna", "Muistuta minua")
    chat.ticks(to=chat.now + timedelta(days=1))

Everything runs in this thread; time is ``chat.now`` and moves only when the test moves it.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.core.quiet_hours import next_allowed
from bot.dispatch import Flood
from bot.furnishing import Furnished, furnish
from bot.meaning import DeclinedError
from bot.messages import Incoming, Lane, Leave, Place, ShownButton, ShownPicture
from bot.router import Tick, Trip
from bot.settings import Settings
from bot.store import Store
from bot.store.connection import connect
from bot.store.delivery import Finished
from bot.store.engine import Database
from bot.store.outbox import SENT, Ready
from bot.store.records import Record
from bot.store.vault import Vault
from bot.translator import Translator
from bot.turns import answer_instead, take

CONTENT = Path(__file__).parent.parent / "content"
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)  # a Saturday, noon in Helsinki
MAX_TEXT = 4096


@lru_cache(maxsize=4)
def sample_house(content: Path = CONTENT) -> Furnished:
    """The sample content as an organization would run it (quiet hours 20–09, Finnish)."""
    return furnish(Settings(content_dir=content, _env_file=None))


def open_store(url: str = "sqlite://", vault: Vault | None = None) -> Store:
    """A writing store on a fresh database, without the writer's thread."""
    engine = connect(url)
    Record.metadata.create_all(engine)
    return Store(engine.connect(), vault or Vault(bytes(range(32))))


@cache
def _empty_database() -> bytes:
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/vertti.db", Vault(bytes(32)))
        database.open()
        database.close()
        return Path(folder, "vertti.db").read_bytes()


def empty_database(path: Path) -> str:
    """Make a database whose tables are there and empty, faster than by migrating; give its address."""
    path.write_bytes(_empty_database())
    return f"sqlite:///{path}"


@dataclass(frozen=True)
class Heard:
    """One message as a person gets it."""

    who: str
    text: str
    buttons: tuple[str, ...] = ()
    lane: Lane = Lane.REPLY
    shown: tuple[ShownButton, ...] = field(default=(), repr=False, compare=False)
    file: str | None = field(default=None, repr=False)
    picture: ShownPicture | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Left:
    """The bot left a group."""

    who: str


class Chat:
    """People, groups and a clock around one store."""

    def __init__(
        self,
        furnished: Furnished | None = None,
        *,
        now: datetime = NOW,
        platform: str = "telegram",
        **traits: bool,
    ) -> None:
        """Open the house; ``traits`` stand in all that comes in: ``reachable``, ``retractable``."""
        self.traits = traits
        self.furnished = furnished or sample_house()
        memory = type(self.furnished.house.memory)()
        self.house = replace(self.furnished.house, memory=memory)
        self.understanding = replace(self.furnished.understanding, house=self.house)
        self.now = now
        self.platform = platform
        self.store = open_store()
        self.store.outbox.on_ready = self._collect
        self.heard: list[Heard | Left] = []
        self._ids = itertools.count(1)
        self.said_last: dict[str, str] = {}  # by whom -> the id of that update
        self._last_buttons: dict[str, tuple[ShownButton, ...]] = {}
        self._all_buttons: dict[str, dict[str, ShownButton]] = {}
        self._ready: list[Ready] = []
        self._flood = Flood()
        self._translator = Translator(
            self.furnished.wording,
            self.store.vault,
            self.house.language,
            self.house.zone,
            content_dir=self.house.content_dir,
        )
        self.starts()

    # ---- people -----------------------------------------------------------------------------------

    def place(self, who: str) -> Place:
        """Where somebody is: a name that begins with "group" or "channel" is one."""
        kind = next((kind for kind in ("group", "channel") if who.startswith(kind)), "private")
        return Place(self.platform, who, kind)

    def says(
        self, who: str, text: str, *, into: str | None = None, language: str | None = "fi"
    ) -> list[Heard]:
        """Somebody types, in private or into a group; give what everybody hears of it."""
        return self.happens("text", who, text=text, into=into, language=language)

    def presses(self, who: str, label: str, *, into: str | None = None) -> list[Heard]:
        """Somebody presses a button by its label: the newest one they have with these words."""
        where = into or who
        shown = self._all_buttons.get(where, {}).get(label)
        assert shown is not None, f"no button {label!r}; there are {sorted(self._all_buttons.get(where, {}))}"
        return self.sends_button(who, shown.data, into=into)

    def sends_button(self, who: str, data: str, *, into: str | None = None) -> list[Heard]:
        """Somebody sends the data of a button, genuine or not."""
        return self.happens("button", who, button=data, into=into)

    def edits(
        self, who: str, text: str, *, earlier: str | None = None, into: str | None = None
    ) -> list[Heard]:
        """Somebody edits an earlier update, the last of theirs that was no edit if none is named."""
        return self.happens("text", who, text=text, into=into, edits=earlier or self.said_last[who])

    def takes_back(self, who: str, *, earlier: str | None = None) -> list[Heard]:
        """Somebody takes an earlier update back, the last of theirs that was no edit if none is named."""
        return self.happens("withdrawn", who, text=earlier or self.said_last[who])

    def happens(self, what: str, who: str, *, into: str | None = None, **values: object) -> list[Heard]:
        """Anything that a transport can tell of."""
        where, number = self.place(into or who), str(next(self._ids))
        if what in {"text", "button"} and not values.get("edits"):
            self.said_last[who] = number
        values = {**self.traits, **values}
        return self.comes(Incoming(id=number, where=where, sender=self.place(who), what=what, **values))

    def comes(self, incoming: Incoming) -> list[Heard]:
        """Let one update come in, as a transport hands it over."""
        start = len(self.heard)
        verdict = self._flood.verdict(incoming, self.now)
        try:
            with self.transaction() as store:
                take(self.understanding, incoming, verdict, self.now, store)
        except DeclinedError as declined:
            with self.transaction() as store:
                answer_instead(incoming, declined, self.now, store)
        self.deliver()
        return self.heard[start:]

    # ---- the store --------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[Store]:
        """One piece of work, as the writer would run it."""
        self.store.begin()
        self.store.savepoint()
        try:
            yield self.store
        except BaseException:
            self.store.rollback()
            raise
        self.store.release_savepoint()
        self.store.commit()
        self.store.committed()

    def conversation(self, who: str):
        """Somebody's conversation; None: unknown."""
        with self.transaction() as store:
            return store.people.find(self.place(who))

    def make_organizer(self, who: str) -> None:
        """Give somebody the role, as a code would."""
        with self.transaction() as store:
            known = store.people.meet(self.place(who), language="fi", now=self.now)
            store.people.set_role(known.id, "organizer")

    # ---- time -------------------------------------------------------------------------------------

    def starts(self) -> None:
        """What happens at each start: rounds open, the schedule is read."""
        for start in self.understanding.router.starts:
            with self.transaction() as store:
                start(Tick(store, self.now, self.house))
        self.runs_errands()
        self.deliver()

    def runs_errands(self) -> None:
        """Do the slow work that waits."""
        for _ in range(20):
            with self.transaction() as store:
                due = store.errands.due(self.now)
            if not due:
                return
            for errand in due:
                kind = self.understanding.router.errands[errand.kind]
                result = kind.run(Trip(errand, self.now, self.house, self._look))
                left = self._end(kind, errand, result)
                while left is not None:
                    left = self._end(kind, errand, left)

    def _end(self, kind, errand, result):
        with self.transaction() as store:
            left = kind.ending(Tick(store, self.now, self.house), errand, result)
            if left is None:
                store.errands.done(errand.id)
            return left

    def ticks(self, *, to: datetime | None = None, step: timedelta | None = None) -> list[Heard]:
        """Move the clock, in one jump or in steps, and run what is due; give what everybody hears."""
        start = len(self.heard)
        target = to or self.now
        while True:
            self.now = min(self.now + step, target) if step else target
            self._run_due_jobs()
            self.runs_errands()
            self.deliver()
            if self.now >= target:
                return self.heard[start:]

    def _run_due_jobs(self) -> None:
        for job in self.understanding.router.due_jobs:
            for _ in range(500):
                with self.transaction() as store:
                    due = job.next_due(store)
                    if due is None or due > self.now:
                        break
                    if not job.run(Tick(store, self.now, self.house)):
                        break

    def _look(self, work):
        with self.transaction() as store:
            return work(store)

    # ---- delivery ---------------------------------------------------------------------------------

    def deliver(self) -> None:
        """Say everything that is due, as the courier would."""
        while True:
            ready, self._ready = self._ready, []
            allowed = next_allowed(self.now, self.house.quiet_hours, self.house.zone)
            quiet_until = allowed if allowed > self.now else None
            with self.transaction() as store:
                ready += store.delivery.claim(self.platform, now=self.now, most=1000, quiet_until=quiet_until)
            if not ready:
                return
            for row in ready:
                self._hear(row)
            with self.transaction() as store:
                store.delivery.finish(
                    [Finished(row.key, SENT, message_id="1") for row in ready], now=self.now
                )

    def _hear(self, row: Ready) -> None:
        who = row.place.address
        if isinstance(row.say, Leave):
            self.heard.append(Left(who))
            return
        for message in self._translator.outgoing(row, now=self.now, max_text=MAX_TEXT):
            labels = tuple(button.label for button in message.buttons)
            file = None if message.file is None else message.file.content
            self.heard.append(
                Heard(who, message.text, labels, row.lane, message.buttons, file, message.picture)
            )
            if message.buttons:
                self._last_buttons[who] = message.buttons
                self._all_buttons.setdefault(who, {}).update({each.label: each for each in message.buttons})

    def _collect(self, rows: list[Ready]) -> None:
        self._ready.extend(rows)


__all__ = ["CONTENT", "NOW", "Chat", "Heard", "Left", "open_store", "sample_house"]
