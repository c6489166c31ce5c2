"""One account's counter: what waits there, how fast it goes, and what to do when it is refused."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from math import inf

import structlog

from bot.clock import Clock
from bot.core.lineup import LineUp
from bot.core.pacing import AccountPacer, Backoff, ChatPaces
from bot.core.parking import Parking
from bot.core.unstored import Unstored
from bot.errors import Fault, Moved, Refused, Silent, Throttled, TransportStopped, Unreachable
from bot.ledger import LOOK_EVERY, SOON, Effect, Ledger
from bot.logs import place_of
from bot.messages import Lane, Leave, Outgoing
from bot.store import Store
from bot.store.delivery import Finished
from bot.store.outbox import DROPPED, FAILED, SENT, WAITING, Ready
from bot.translator import Translator
from bot.transports import Transport

log = structlog.get_logger()

AHEAD = 48  # rows claimed ahead of the pace: about a second and a half of Telegram's
MOST_IN_HAND = 1000  # rows of chats that rest for a moment and keep nobody else waiting
LONG_PAUSE = (
    5.0  # seconds: a longer one is waited for in the table, so that what is revoked can still be dropped
)
LAST_WORDS = 5.0  # seconds that what is on its way may take when we stop
ATTEMPTS = 12  # with the backoff below: about half an hour, then the row has failed
BACKOFF = Backoff(first=1.0, most=300.0)
OUTAGE = 3  # failures in a row, of whatever row: the platform is away, and one row at a time finds out when it is back
OUTAGE_BACKOFF = Backoff(first=0.5, most=3.0)


class Counter:
    """One account's counter."""

    def __init__(
        self,
        transport: Transport,
        ledger: Ledger,
        translator: Translator,
        clock: Clock,
        monotonic: Callable[[], float],
    ) -> None:
        self.transport = transport
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
        self._line: LineUp[Ready] = LineUp(len(Lane))
        self._out = 0
        self._failures = 0  # in a row
        self._scouts: dict[int, int] = {}  # by conversation, which of these failures was its last
        self._refused_until = 0.0  # by the last 429 in a private chat
        self._parking = Parking()  # of conversations whose rows wait in the table
        self._unstored = Unstored()
        self._something = asyncio.Event()
        self._look = asyncio.Event()
        self._deliveries: set[asyncio.Task[None]] = set()
        self.stopped: Fault | None = None

    # ---- coming in --------------------------------------------------------------------------------

    def hand(self, ready: Ready) -> None:
        """Take a reply straight from the commit that made it."""
        match self._unstored.comes_stored(ready.key):
            case "new":
                self._line_up(ready)
            case "said":
                self._ledger.note(Finished(ready.key, SENT))
            case "in line":
                pass  # from now on as any other row

    def say_unstored(self, ready: Ready) -> None:
        """Say something that is not in the outbox (yet), once; what becomes of it is written down nowhere."""
        if self.stopped is None and self._unstored.comes_ahead(ready.key):
            self._line_up(ready)

    def look(self) -> None:
        """Look for due rows now."""
        self._look.set()

    async def run(self) -> None:
        """Serve until cancelled, or until the account itself is refused; the other counters go on."""
        feeding = asyncio.create_task(self._feed())
        try:
            while self.stopped is None:
                self._something.clear()
                await _wait(self._something, self._send_what_may_go())
        finally:
            feeding.cancel()

    async def settle(self) -> None:
        """Let what is on its way arrive, for a few seconds; the rest goes back to the table."""
        if self._deliveries:
            await asyncio.wait(self._deliveries, timeout=LAST_WORDS)
        self._give_all_back()

    def _line_up(self, ready: Ready) -> None:
        if self.stopped is not None or self._pause() > LONG_PAUSE:
            self._give_back(ready)
            return
        self._line.add(ready.conversation, ready.lane, ready)
        self._something.set()

    # ---- from the table -----------------------------------------------------------------------------

    async def _feed(self) -> None:
        """Claim due rows as the line gets short."""
        while True:
            self._look.clear()
            await _wait(self._look, await self._claim())

    async def _claim(self) -> float:
        """Claim some rows if there is room and we may speak; give the seconds until the next look."""
        ahead = 1 if self._away else AHEAD
        if (pause := self._pause()) > SOON:
            return min(pause, LOOK_EVERY)
        if self._line.awake() + (self._out if self._away else 0) >= ahead or len(self._line) >= MOST_IN_HAND:
            return SOON
        rows, again = await self._ledger.claim(self.transport.platform, AHEAD)
        if self._away:
            rows = self._scout(rows)
        now = self._clock()
        for row in rows:
            until = self._parking.until(row.conversation, now=now)
            if until is None:
                self._line_up(row)
            else:  # what was to be said before it waits until then
                self._give_back(row, until)
        return again

    def _scout(self, rows: list[Ready]) -> list[Ready]:
        """Keep the one row that finds out whether the platform is back, each time another conversation's.

        A few whose own place is out of order must not be taken for the platform for ever.
        """
        if not rows:
            return rows
        scout = min(rows, key=lambda row: self._scouts.get(row.conversation, 0))
        for row in rows:
            if row is not scout:
                self._give_back(row)
        return [scout]

    @property
    def _away(self) -> bool:
        return self._failures >= OUTAGE

    def _pause(self) -> float:
        """Give the seconds until the account may speak; while every slot is out, which is a moment, none."""
        now = self._monotonic()
        slot = self._account.earliest(now)
        return 0.0 if slot == inf else slot - now

    # ---- going out --------------------------------------------------------------------------------

    def _send_what_may_go(self) -> float | None:
        """Send; give the seconds until there may be more to do, None: when something comes."""
        while self._line and self._out < (1 if self._away else self.transport.pace.in_flight):
            now = self._monotonic()
            slot = self._account.earliest(now)
            if slot > now:
                return None if slot == inf else slot - now
            taken = self._line.next(now)
            if taken is None:
                wake = self._line.next_wake(now)
                return None if wake is None else wake - now
            _, ready = taken
            free = self._chats.earliest(ready.conversation, now)
            if free > now:
                self._rest(ready, free - now)
            else:
                self._send(ready, now)
        return None

    def _rest(self, ready: Ready, seconds: float) -> None:
        """Let a conversation rest: for a moment in the line, for longer in the table."""
        if seconds > LONG_PAUSE:
            self._park(ready, seconds)
            self._line.back(ready.conversation)
        else:
            self._line.put_back(ready.conversation, self._lane(ready), ready)
            self._line.back(ready.conversation, until=self._monotonic() + seconds)

    def _send(self, ready: Ready, now: float) -> None:
        """Send the next part of a row whose turn has come."""
        moment = self._clock()
        if not self._ledger.may_go(ready, moment):
            self._give_back(ready)
            self._line.back(ready.conversation)
            return
        if ready.useful_until is not None and ready.useful_until <= moment:
            self._end(ready, DROPPED, reason="too_late")
            self._line.back(ready.conversation)
            return
        try:
            parts = [] if isinstance(ready.say, Leave) else self._parts(ready, moment)
        except Exception as error:  # noqa: BLE001 - one message without words never stops the others
            self._failed(ready, error)
            self._line.back(ready.conversation)
            return
        self._account.take(now)
        self._out += 1
        delivery = asyncio.create_task(self._deliver(ready, parts))
        self._deliveries.add(delivery)
        delivery.add_done_callback(self._deliveries.discard)

    def _parts(self, ready: Ready, now: datetime) -> list[Outgoing]:
        """Give the messages of a row that are still to be said, one at least."""
        parts = self._translator.outgoing(ready, now=now, max_text=self.transport.max_text)[ready.parts :]
        if not parts:
            message = "there is nothing to say"
            raise ValueError(message)
        return parts

    async def _deliver(self, ready: Ready, parts: list[Outgoing]) -> None:
        until: float | None = None
        try:
            until = await self._attempt(ready, parts)
        finally:
            self._out -= 1
            self._line.back(ready.conversation, until=until)
            self._something.set()

    async def _attempt(self, ready: Ready, parts: list[Outgoing]) -> float | None:
        """Say one message and note the outcome; give until when this conversation rests."""
        now = self._monotonic()
        self._chats.sent(ready.conversation, now, group=ready.place.kind != "private")
        self._account.sent(now)
        self._something.set()
        try:
            message_id = await self.transport.send(parts[0]) if parts else await self._leave(ready)
        except Throttled as error:
            return self._throttled(ready, error)
        except Unreachable:
            return self._unreachable(ready)
        except Moved as error:
            self._moved(ready, error.address)
        except Silent as error:
            self._answered()
            silenced = partial(_silence, ready.conversation, error.reason)
            self._end(ready, FAILED, reason=error.reason, effect=silenced)
        except Refused:
            self._answered()
            log.error("send.refused", platform=self.transport.platform)  # noqa: TRY400 - the type says it
            self._end(ready, FAILED, reason="refused")
        except TransportStopped as error:
            self._close(ready, error.fault)
        except Exception as error:  # noqa: BLE001 - one message that nobody foresaw never stops the others
            self._failed(ready, error)
        else:
            self._answered()
            if len(parts) > 1:
                self._line.put_back(ready.conversation, Lane.REPLY, replace(ready, parts=ready.parts + 1))
            else:
                self._end(ready, SENT, message_id=message_id)
        return None

    async def _leave(self, ready: Ready) -> str:
        await self.transport.leave(ready.place)
        return ""

    def _answered(self) -> None:
        """Note that the platform is there."""
        if self._away:
            self._look.set()
        self._failures = 0
        self._scouts.clear()

    # ---- when it is refused -----------------------------------------------------------------------

    def _throttled(self, ready: Ready, error: Throttled) -> float | None:
        """Wait as long as we are told.

        Most platforms do not say which of its limits was hit.  A group's is its own; the first private chat that is
        refused may have hit its own too, so it alone rests; when another is refused meanwhile, it is the account.
        """
        now, seconds = self._monotonic(), error.seconds
        group = ready.place.kind != "private"
        self._chats.refused(ready.conversation, now, seconds, group=group)
        if error.whose == "account":
            self._account.refused(now, seconds)
        elif error.whose is None and not group:
            if self._refused_until > now:
                self._account.refused(now, seconds)
            self._refused_until = max(self._refused_until, now + seconds)
        if seconds > LONG_PAUSE:
            self._park(ready, seconds)
            if self._pause() > LONG_PAUSE:
                self._give_all_back()
            return None
        self._line.put_back(ready.conversation, self._lane(ready), ready)
        return now + seconds

    def _unreachable(self, ready: Ready) -> float | None:
        """Try again later; when it is the platform that is away, that is no fault of this row."""
        jitter = random.random()  # noqa: S311 - spreads attempts, keeps no secret
        now = self._monotonic()
        self._failures += 1
        self._scouts[ready.conversation] = self._failures
        if self._away:
            self._account.pause(now, OUTAGE_BACKOFF.delay(self._failures - OUTAGE + 1, jitter=jitter))
            self._give_back(ready)
            self._give_all_back()
            return None
        tried = replace(ready, attempts=ready.attempts + 1)
        if tried.attempts >= ATTEMPTS:
            self._end(ready, FAILED, reason="unreachable")
            return None
        delay = BACKOFF.delay(tried.attempts, jitter=jitter)
        if delay > LONG_PAUSE:
            self._park(tried, delay)
            return None
        self._line.put_back(ready.conversation, self._lane(tried), tried)
        return now + delay

    def _moved(self, ready: Ready, address: str) -> None:
        """Follow a group to its new address and say it there."""
        tried = replace(ready, attempts=ready.attempts + 1, place=replace(ready.place, address=address))
        if tried.attempts >= ATTEMPTS:
            self._end(ready, FAILED, reason="moved")
            return
        self._line.put_back(ready.conversation, self._lane(tried), tried)
        self._ledger.follow(lambda store: store.people.move(ready.conversation, address))

    def _failed(self, ready: Ready, error: Exception) -> None:
        platform, name = self.transport.platform, type(error).__name__
        log.error("send.failed", platform=platform, error=name, where=place_of(error))
        self._end(ready, FAILED, reason="fault")

    def _close(self, ready: Ready, fault: Fault) -> None:
        """Stop: the account itself is refused; everything goes back to the table."""
        self.stopped = fault
        log.error("transport.stopped", platform=self.transport.platform)
        self._give_back(ready)
        self._give_all_back()

    # ---- what becomes of rows -----------------------------------------------------------------------

    @staticmethod
    def _lane(ready: Ready) -> Lane:
        """Give the lane of a row; what is half said is said to its end before anything else."""
        return Lane.REPLY if ready.parts else ready.lane

    def _park(self, ready: Ready, seconds: float) -> None:
        """Give all that waits for a conversation back to the table, for longer than we keep it in hand."""
        until = self._parking.park(ready.conversation, seconds, now=self._clock())
        for each in (ready, *self._line.take_conversation(ready.conversation)):
            self._give_back(each, until)

    def _give_all_back(self) -> None:
        for _, ready in self._line.drain():
            self._give_back(ready)

    def _give_back(self, ready: Ready, resume: datetime | None = None) -> None:
        self._end(ready, WAITING, resume=resume)

    def _end(
        self,
        ready: Ready,
        state: int,
        *,
        message_id: str | None = None,
        reason: str | None = None,
        resume: datetime | None = None,
        effect: Effect | None = None,
    ) -> None:
        """Note what became of a row; of what is said ahead of its commit, whether it was said."""
        if not self._unstored.ended(ready.key, said=state == SENT):
            finished = Finished(ready.key, state, message_id, reason, resume, ready.attempts, ready.parts)
            among_others = state == SENT and self._out > 1
            within = self.transport.pace.written_within.total_seconds() if among_others else 0.0
            self._ledger.note(finished, effect, within=within)


def _silence(conversation: int, reason: str, store: Store) -> None:
    store.people.silence(conversation, reason)


async def _wait(event: asyncio.Event, seconds: float | None) -> None:
    """Wait for an event, but no longer than so many seconds (None: however long it takes)."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
