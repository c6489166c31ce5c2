"""Updates on their way to the bot: kept until confirmed, over polling or a webhook."""

import asyncio
import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from .clock import Clock
from .errors import TERMINATED, WEBHOOK_ACTIVE, conflict, refuse
from .ledger import Question

DAY = 24 * 3600.0
LONGEST_POLL = 50.0
MOST_UPDATES = 100
ASKED_FOR = {"chat_member", "message_reaction", "message_reaction_count"}  # never sent by default
KINDS = ASKED_FOR | {
    *("message", "edited_message", "channel_post", "edited_channel_post", "business_connection"),
    *("business_message", "edited_business_message", "deleted_business_messages", "inline_query"),
    *("chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query", "poll"),
    *("purchased_paid_media", "poll_answer", "my_chat_member", "chat_join_request", "chat_boost"),
    *("removed_chat_boost", "managed_bot"),
}
RAW = "raw"  # what a test feeds as it is


@dataclass(slots=True)
class Update:
    id: int
    kind: str
    body: bytes
    lane: int  # of the webhook: the chat, within which the order is kept
    at: float
    question: Question | None
    done: bool = False


@dataclass(slots=True, kw_only=True)
class Webhook:
    url: str
    secret: str = ""
    most: int = 40  # posts at the same time
    last_error: str = ""
    last_error_date: int = 0
    lanes: dict[int, deque[Update]] = field(default_factory=dict)  # what each chat still waits for
    tasks: set["asyncio.Task[None]"] = field(default_factory=set)
    slots: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.slots = asyncio.Semaphore(self.most)


class Inbox:
    """What waits for the bot."""

    def __init__(self, clock: Clock, *, first_delay: float = 2.0, longest_delay: float = 60.0) -> None:
        self.first_delay = first_delay  # of a webhook's second repeat; the first comes at once
        self.longest_delay = longest_delay
        self.allowed = KINDS - ASKED_FOR
        self.listed: list[str] | None = None
        self.webhook: Webhook | None = None
        self._clock = clock
        self._ids = itertools.count(870_000_001)
        self._waiting: deque[Update] = deque()
        self._poller: asyncio.Future[bool] | None = None  # False: another poll took over
        self._session: aiohttp.ClientSession | None = None

    @property
    def pending(self) -> int:
        self._forget()
        return sum(not update.done for update in self._waiting)

    def put(self, kind: str, content: dict[str, Any], question: Question | None = None) -> int | None:
        """Queue an update; return its id, None when the bot has not asked for this kind."""
        if kind not in self.allowed:
            return None
        number = next(self._ids)
        body = orjson.dumps({"update_id": number, kind: content})
        chat = content.get("chat") or content.get("message", {}).get("chat") or content.get("user") or {}
        self._append(Update(number, kind, body, chat.get("id", 0), self._clock.now(), question))
        return number

    def put_raw(self, update: dict[str, Any]) -> int:
        """Queue something as it is; it gets an update_id when it has none."""
        number = next(self._ids)
        body = orjson.dumps({"update_id": number, **update})
        self._append(Update(number, RAW, body, 0, self._clock.now(), None))
        return number

    def allow(self, kinds: list[str] | None) -> None:
        """Remember allowed_updates: None keeps the list, an empty one is the default set."""
        if kinds is None:
            return
        if not isinstance(kinds, list) or set(kinds) - KINDS:
            refuse("allowed_updates names no known update type")  # ours: Telegram ignores it
        self.listed = kinds
        self.allowed = set(kinds) or KINDS - ASKED_FOR

    async def get_updates(
        self, *, offset: int, limit: int, wait: float, allowed: list[str] | None
    ) -> list[Update]:
        """Confirm what is below the offset and return what comes next, waiting for it if need be.

        Raises:
            ApiError: 409, at once under a webhook, later when another poll takes over.
        """
        if self.webhook:
            raise conflict(WEBHOOK_ACTIVE)
        if self._poller and not self._poller.done():
            self._poller.set_result(False)
        self.allow(allowed)
        self._confirm(offset)
        if not self._waiting and wait > 0:
            self._poller = poller = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(min(wait, LONGEST_POLL)):
                    mine = await poller
            except TimeoutError:
                return []
            if not mine:
                raise conflict(TERMINATED)
        limit = limit if 0 < limit <= MOST_UPDATES else MOST_UPDATES
        given = list(itertools.islice(self._waiting, limit))
        self._note(given)
        return given

    async def set_webhook(self, webhook: Webhook | None, *, drop: bool) -> None:
        """Turn to this webhook, or to polling."""
        if self.webhook:
            for task in self.webhook.tasks:
                task.cancel()
        self._waiting = deque(() if drop else (update for update in self._waiting if not update.done))
        self.webhook = webhook
        if webhook:
            if self._poller and not self._poller.done():
                self._poller.set_result(False)
            for update in self._waiting:
                self._line_up(webhook, update)

    async def close(self) -> None:
        """Let nobody wait any longer."""
        if self._poller and not self._poller.done():
            self._poller.set_result(True)
        tasks = list(self.webhook.tasks) if self.webhook else []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session:
            await self._session.close()

    def _append(self, update: Update) -> None:
        self._waiting.append(update)
        if self._poller and not self._poller.done():
            self._poller.set_result(True)
        if self.webhook:
            self._line_up(self.webhook, update)

    def _confirm(self, offset: int) -> None:
        self._forget()
        if offset < 0:
            while len(self._waiting) > -offset:
                self._waiting.popleft()
        while self._waiting and self._waiting[0].id < offset:
            self._waiting.popleft()

    def _forget(self) -> None:
        """Drop what was delivered, and what is a day old."""
        oldest = self._clock.now() - DAY
        while self._waiting and (self._waiting[0].done or self._waiting[0].at <= oldest):
            self._waiting.popleft().done = True

    def _note(self, given: list[Update]) -> None:
        now = self._clock.now()
        for update in given:
            if update.question and update.question.given_at is None:
                update.question.given_at = now

    # The webhook: one task for each chat with something to deliver.

    def _line_up(self, webhook: Webhook, update: Update) -> None:
        if update.lane in webhook.lanes:
            webhook.lanes[update.lane].append(update)
            return
        webhook.lanes[update.lane] = deque((update,))
        task = asyncio.get_running_loop().create_task(self._deliver(webhook, update.lane))
        webhook.tasks.add(task)
        task.add_done_callback(webhook.tasks.discard)

    async def _deliver(self, webhook: Webhook, lane: int) -> None:
        queue = webhook.lanes[lane]
        while queue:
            await self._deliver_one(webhook, queue[0])
            queue.popleft()
        del webhook.lanes[lane]

    async def _deliver_one(self, webhook: Webhook, update: Update) -> None:
        """Post until it is taken or too old: again at once, then after 2, 4, 8 … seconds."""
        delays = itertools.chain((0.0,), (self.first_delay * 2**power for power in itertools.count()))
        while not update.done:
            self._note([update])
            asked = await self._post(webhook, update)
            if asked is None:
                update.done = True
            else:
                await asyncio.sleep(max(asked, min(next(delays), self.longest_delay)))
                self._forget()

    async def _post(self, webhook: Webhook, update: Update) -> float | None:
        """Return None when the bot took it, else the seconds of its Retry-After or 0."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0)
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=aiohttp.ClientTimeout(total=60)
            )
        headers = {"Content-Type": "application/json"}
        if webhook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret
        try:
            async with (
                webhook.slots,
                self._session.post(webhook.url, data=update.body, headers=headers) as answer,
            ):
                if 200 <= answer.status < 300:
                    return None
                webhook.last_error = f"Wrong response from the webhook: {answer.status} {answer.reason}"
                asked = answer.headers.get("Retry-After", "0")
        except (aiohttp.ClientError, TimeoutError):
            webhook.last_error, asked = "Connection refused", "0"
        webhook.last_error_date = self._clock.date()
        return float(asked) if asked.isdigit() else 0.0
