"""The only one who speaks: takes rows from the outbox and has them said, once, in order, at a bearable pace.

One counter for each platform's account.  A reply is handed over in memory right after its commit; everything
else is claimed from the outbox a little at a time, so that what is revoked is not already on its way.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.clock import Clock
from bot.core.lineup import LineUp
from bot.core.pacing import AccountPacer, Backoff, ChatPaces
from bot.core.splitting import split
from bot.errors import Fault, Moved, Refused, Silent, StoreError, Throttled, TransportStopped, Unreachable
from bot.i18n import Reader, Wording
from bot.messages import Button, Lane, Leave, Outgoing, ShownButton
from bot.store import Store
from bot.store.delivery import Finished
from bot.store.engine import Database
from bot.store.outbox import DROPPED, FAILED, SENT, WAITING, Ready
from bot.store.vault import Vault
from bot.transports import Transport

log = structlog.get_logger()

AHEAD = 48  # rows claimed ahead of the pace: about a second and a half of Telegram's
LOOK_EVERY = 30.0  # seconds: at least so often we look for due rows
LONG_PAUSE = 60.0  # seconds: a longer one is waited for in the table, not in memory
LAST_WORDS = 5.0  # seconds that what is on its way may take when we stop
ATTEMPTS = 12  # with the backoff below: about half an hour, then the row has failed
BACKOFF = Backoff(first=1.0, most=300.0)
OUTAGE = (
    3  # failures in a row, of whatever row: the platform is away, one row at a time finds out when it is back
)
OUTAGE_BACKOFF = Backoff(first=0.5, most=5.0)


@dataclass(frozen=True, slots=True)
class Letter:
    """A row in the courier's hands; ``parts`` of it are already said."""

    ready: Ready
    parts: int = 0


class Translator:
    """Puts what shall be said into the reader's words."""

    def __init__(self, wording: Wording, vault: Vault, language: str, zone: Any) -> None:
        self._wording = wording
        self._vault = vault
        self._language = language
        self._zone = zone

    def outgoing(self, ready: Ready, *, now: datetime, max_text: int) -> list[Outgoing]:
        """Give the messages of a row: one, or several where the text is too long for one.

        The buttons and the file go with the last.
        """
        assert not isinstance(ready.say, Leave)
        say = ready.say
        reader = Reader(ready.language or self._language, self._zone, now)
        phrase = say.discreet if say.discreet is not None and not ready.named else say.text
        texts = split(self._wording.say(phrase, reader), max_text)
        buttons = tuple(self._shown(ready.conversation, button, reader) for button in say.buttons)
        last = len(texts) - 1
        return [
            Outgoing(
                key=ready.key if number == 0 else f"{ready.key}#{number}",
                where=ready.place,
                text=text,
                buttons=buttons if number == last else (),
                file=say.file if number == last else None,
                lane=ready.lane,
            )
            for number, text in enumerate(texts)
        ]

    def _shown(self, conversation: int, button: Button, reader: Reader) -> ShownButton:
        label = self._wording.say(button.label, reader)
        if button.url is not None or button.deep_link is not None:
            return ShownButton(label, url=button.url, deep_link=button.deep_link)
        return ShownButton(label, self._vault.seal_button(conversation, button.action, button.arguments))


class Courier:
    """Counters for all accounts."""

    def __init__(
        self,
        database: Database,
        transports: Mapping[str, Transport],
        translator: Translator,
        clock: Clock,
        monotonic: Callable[[], float],
    ) -> None:
        self._database = database
        self._ledger = Ledger(database, clock)
        self.counters = {
            name: Counter(transport, database, self._ledger, translator, clock, monotonic)
            for name, transport in transports.items()
        }
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> None:
        """Serve until cancelled; then let what is on its way arrive and write down what became of it."""
        self._loop = asyncio.get_running_loop()
        await self._database.write(self._take_over)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._ledger.run())
                for counter in self.counters.values():
                    group.create_task(counter.run())
        finally:
            for counter in self.counters.values():
                await counter.settle()
            await self._ledger.write()

    def wake(self) -> None:
        """Look for due rows now."""
        for counter in self.counters.values():
            counter.look()

    def _take_over(self, store: Store) -> None:
        """Give back what a predecessor had in hand, and have replies handed over from now on."""
        store.delivery.release_expired(None)
        store.outbox.on_ready = self._from_writer

    def _from_writer(self, rows: list[Ready]) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._hand, rows)

    def _hand(self, rows: list[Ready]) -> None:
        for row in rows:
            counter = self.counters.get(row.place.platform)
            if counter is not None:
                counter.hand(row)


class Ledger:
    """Writes down what became of rows: whatever has gathered while the last commit was under way."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._finished: list[Finished] = []
        self._effects: list[Callable[[Store], object]] = []
        self._wake = asyncio.Event()

    def note(self, finished: Finished, effect: Callable[[Store], object] | None = None) -> None:
        """Note an outcome, and what follows from it for the conversation."""
        self._finished.append(finished)
        if effect is not None:
            self._effects.append(effect)
        self._wake.set()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._wake.wait()
            await self.write()

    async def write(self) -> None:
        """Write what has gathered."""
        self._wake.clear()
        finished, self._finished = self._finished, []
        effects, self._effects = self._effects, []
        now = self._clock()

        def work(store: Store) -> None:
            for effect in effects:
                effect(store)
            store.delivery.finish(finished, now=now)

        if finished:
            await asyncio.shield(self._database.write(work))


class Counter:
    """One account's counter: what waits there, how fast it goes, and what to do when it is refused."""

    def __init__(  # noqa: PLR0917
        self,
        transport: Transport,
        database: Database,
        ledger: Ledger,
        translator: Translator,
        clock: Clock,
        monotonic: Callable[[], float],
    ) -> None:
        self.transport = transport
        self._database = database
        self._ledger = ledger
        self._translator = translator
        self._clock = clock
        self._monotonic = monotonic
        pace = transport.pace
        self._account = AccountPacer(pace.per_second)
        self._chats = ChatPaces(
            gap=pace.chat_gap.total_seconds(),
            burst=pace.chat_burst,
            group_most=pace.group_most,
            group_window=pace.group_window.total_seconds(),
        )
        self._line: LineUp[Letter] = LineUp(len(Lane))
        self._out = 0
        self._failures = 0  # in a row
        self._refused_until = 0.0  # by the last 429 in a private chat
        self._parked: dict[int, datetime] = {}  # conversations whose rows wait in the table
        self._something = asyncio.Event()
        self._look = asyncio.Event()
        self._deliveries: set[asyncio.Task[None]] = set()
        self.stopped: Fault | None = None

    # ---- coming in --------------------------------------------------------------------------------

    def hand(self, ready: Ready) -> None:
        """Take a reply straight from the commit that made it."""
        if self.stopped is not None:
            self._give_back(ready, self._clock())
            return
        self._line.add(ready.conversation, ready.lane, Letter(ready))
        self._something.set()

    def look(self) -> None:
        """Look for due rows now."""
        self._look.set()

    async def run(self) -> None:
        """Serve until cancelled, or until the account itself is refused; the other counters go on."""
        feeding = asyncio.create_task(self._feed())
        try:
            await self._serve()
        finally:
            feeding.cancel()

    async def settle(self) -> None:
        """Let what is on its way arrive, for a few seconds."""
        if self._deliveries:
            await asyncio.wait(self._deliveries, timeout=LAST_WORDS)

    async def _feed(self) -> None:
        """Claim due rows as the line gets short."""
        while True:
            self._look.clear()
            if len(self._line) < AHEAD:
                now = self._clock()
                self._parked = {who: until for who, until in self._parked.items() if until > now}
                rows, following = await self._claim(now, frozenset(self._parked), AHEAD)
                for row in rows:
                    self._line.add(row.conversation, row.lane, Letter(row))
                if rows:
                    self._something.set()
                pause = LOOK_EVERY
                if following is not None:
                    pause = min(pause, max((following - self._clock()).total_seconds(), 0.0))
                if len(rows) == AHEAD:
                    pause = 0.05
            else:
                pause = 0.05
            await _wait(self._look, pause)

    async def _claim(
        self, now: datetime, parked: frozenset[int], most: int
    ) -> tuple[list[Ready], datetime | None]:
        platform = self.transport.platform

        def work(store: Store) -> tuple[list[Ready], datetime | None]:
            rows = store.delivery.claim(platform, now=now, most=most)
            return rows, store.delivery.next_due(platform)

        try:
            return await self._database.write(work)
        except StoreError:
            return [], None

    # ---- going out --------------------------------------------------------------------------------

    async def _serve(self) -> None:
        most_out = self.transport.pace.in_flight
        while self.stopped is None:
            now = self._monotonic()
            if not self._line or self._out >= most_out:
                await _wait(self._something, self._until_wake(now))
                self._something.clear()
                continue
            slot = self._account.earliest(now)
            if slot > now:
                # Whoever comes while we wait for the slot may be the one who gets it.
                await _wait(self._something if slot == float("inf") else None, min(slot - now, 1.0))
                self._something.clear()
                continue
            taken = self._line.next(now)
            if taken is None:
                await _wait(self._something, self._until_wake(now))
                self._something.clear()
                continue
            conversation, letter = taken
            if (free := self._chats.earliest(conversation, now)) > now:
                self._line.put_back(conversation, letter.ready.lane, letter)
                self._line.back(conversation, until=free)
                continue
            self._account.take(now)
            self._out += 1
            delivery = asyncio.create_task(self._deliver(letter))
            self._deliveries.add(delivery)
            delivery.add_done_callback(self._deliveries.discard)

    def _until_wake(self, now: float) -> float:
        wake = self._line.next_wake()
        return LOOK_EVERY if wake is None else max(wake - now, 0.0)

    async def _deliver(self, letter: Letter) -> None:
        ready = letter.ready
        until: float | None = None
        group = ready.place.kind != "private"
        self._chats.sent(ready.conversation, self._monotonic(), group=group)
        self._account.sent(self._monotonic())
        try:
            until = await self._attempt(letter)
        finally:
            self._out -= 1
            self._line.back(ready.conversation, until=until)
            self._something.set()

    async def _attempt(self, letter: Letter) -> float | None:
        """Say it and note the outcome; give until when this conversation rests."""
        ready = letter.ready
        now = self._clock()
        if ready.useful_until is not None and ready.useful_until <= now:
            self._ledger.note(Finished(ready.key, DROPPED, reason="too_late"))
            return None
        try:
            message_id = await self._say(ready, letter)
        except Throttled as error:
            return self._throttled(letter, error.seconds)
        except Moved as error:
            return self._moved(letter, error.address)
        except Silent as error:
            self._failures = 0
            reason = error.reason
            self._ledger.note(
                Finished(ready.key, FAILED, reason=reason),
                lambda store: store.people.silence(ready.conversation, reason),
            )
        except Refused:
            self._failures = 0
            log.error("send.refused", platform=self.transport.platform)  # noqa: TRY400 - the type says it
            self._ledger.note(Finished(ready.key, FAILED, reason="refused"))
        except Unreachable:
            return self._unreachable(letter)
        except TransportStopped as error:
            self._give_back(ready, now)
            self._close(error.fault)
        except Exception as error:  # noqa: BLE001 - one message that nobody foresaw never stops the others
            log.error("send.failed", platform=self.transport.platform, error=type(error).__name__)  # noqa: TRY400
            self._ledger.note(Finished(ready.key, FAILED, reason="fault"))
        else:
            self._failures = 0
            self._ledger.note(Finished(ready.key, SENT, message_id=message_id))
        return None

    async def _say(self, ready: Ready, letter: Letter) -> str:
        if isinstance(ready.say, Leave):
            await self.transport.leave(ready.place)
            return ""
        messages = self._translator.outgoing(ready, now=self._clock(), max_text=self.transport.max_text)
        message_id = ""
        for number, message in enumerate(messages):
            if number < letter.parts:
                continue
            message_id = await self.transport.send(message)
        return message_id

    # ---- when it is refused -----------------------------------------------------------------------

    def _throttled(self, letter: Letter, seconds: float) -> float | None:
        """Wait as long as we are told.

        A platform does not say which of its limits was hit.  A group's is its own; the first private chat that is
        refused may have hit its own too, so it alone rests; when another is refused meanwhile, it is the account.
        """
        now = self._monotonic()
        ready = letter.ready
        group = ready.place.kind != "private"
        self._chats.refused(ready.conversation, now, seconds, group=group)
        if not group:
            if self._refused_until > now:
                self._account.refused(now, seconds)
            self._refused_until = max(self._refused_until, now + seconds)
        if seconds > LONG_PAUSE:
            self._park(letter, self._clock() + timedelta(seconds=seconds))
            return None
        self._line.put_back(ready.conversation, ready.lane, letter)
        return now + seconds

    def _moved(self, letter: Letter, address: str) -> float | None:
        """Follow a group to its new address and say it there."""
        ready = letter.ready
        there = replace(ready, place=replace(ready.place, address=address))
        self._line.put_back(ready.conversation, ready.lane, replace(letter, ready=there))
        self._database.submit(lambda store: store.people.move(ready.conversation, address))
        return None

    def _unreachable(self, letter: Letter) -> float | None:
        """Try again later; when it is the platform that is away, one at a time."""
        ready = replace(letter.ready, attempts=letter.ready.attempts + 1)
        now = self._monotonic()
        self._failures += 1
        jitter = random.random()  # noqa: S311 - spreads attempts, keeps no secret
        if self._failures >= OUTAGE:
            self._account.pause(now, OUTAGE_BACKOFF.delay(self._failures - OUTAGE + 1, jitter=jitter))
            self._line.put_back(ready.conversation, ready.lane, replace(letter, ready=ready))
            return None
        if ready.attempts >= ATTEMPTS:
            self._ledger.note(Finished(ready.key, FAILED, reason="unreachable"))
            return None
        delay = BACKOFF.delay(ready.attempts, jitter=jitter)
        if delay > LONG_PAUSE:
            self._park(letter, self._clock() + timedelta(seconds=delay))
            return None
        self._line.put_back(ready.conversation, ready.lane, replace(letter, ready=ready))
        return now + delay

    def _close(self, fault: Fault) -> None:
        """Stop: the account itself is refused; everything goes back to the table."""
        self.stopped = fault
        log.error("transport.stopped", platform=self.transport.platform)
        for _, letter in list(self._line.drain()):
            self._give_back(letter.ready, self._clock())

    def _park(self, letter: Letter, until: datetime) -> None:
        """Give all that waits for a conversation back to the table, for longer than we keep it in hand."""
        conversation = letter.ready.conversation
        self._parked[conversation] = until
        for each in (letter, *self._line.take_conversation(conversation)):
            self._give_back(each.ready, until)

    def _give_back(self, ready: Ready, not_before: datetime) -> None:
        self._ledger.note(Finished(ready.key, WAITING, not_before=not_before))


async def _wait(event: asyncio.Event | None, seconds: float) -> None:
    """Wait for an event, but no longer than so many seconds."""
    if event is None:
        await asyncio.sleep(seconds)
        return
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
