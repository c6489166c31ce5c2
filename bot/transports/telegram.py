"""Telegram: one bot account, by long polling or a webhook.

python-telegram-bot's Updater acknowledges updates when it has fetched them, before anything is kept, and a batch
with one malformed update stops it for good.  So the loop is ours: fetch, hand over, and only then ask for what
comes next, which is what acknowledges.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.content.pictures import read_picture
from bot.errors import Fault, Refused, SendError, Silent, StoreError, Throttled, TransportStopped, Unreachable
from bot.lean import without
from bot.messages import File, Outgoing, Pace, Place, ShownButton, ShownPicture
from bot.transports import Accept

with without("rich", "pygments"):
    from telegram import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats, InputFile

from bot.transports.telegram_http import (
    LONG_POLL,
    PATIENTLY,
    AnotherReader,
    BotApiHttp,
    QuietBot,
    our_errors,
    quiet_the_libraries,
)
from bot.transports.telegram_updates import MALFORMED, PLATFORM, WANTED, Me, number_of, pressed, to_incoming
from bot.transports.telegram_webhook import WebhookSettings, let_in

__all__ = ["BotTexts", "Patience", "Telegram", "WebhookSettings"]

log = structlog.get_logger()

T = TypeVar("T")

MOST_TEXT = 4096  # https://core.telegram.org/bots/api#sendmessage
MOST_CAPTION = 1024
ANSWERS_AT_ONCE = 16  # presses are answered beside the messages and must not crowd them out

NO_PREVIEW = {"is_disabled": True}

_SECOND_READER = Fault(
    "VERTTI_TELEGRAM_TOKEN",
    "another program reads this bot's messages (a second Vertti, or a webhook set elsewhere)",
    "Stop the other program, or make a bot of its own for it at @BotFather; then start Vertti again",
)
_NO_TELEGRAM = Fault(
    "VERTTI_TELEGRAM_API",
    "Telegram does not answer",
    "See that this machine reaches the internet, and that the address is right; Vertti itself tries on by itself",
)
_WEBHOOK_REFUSED = Fault(
    "VERTTI_TELEGRAM_WEBHOOK",
    "Telegram does not take this address",
    "Give an https address on port 443, 80, 88 or 8443 that is open to the internet, or leave it empty",
)


@dataclass(frozen=True, slots=True)
class BotTexts:
    """What Telegram shows of the bot in one language.

    Commands are pairs of a name (1-32 of a-z0-9_) and its help (1-256 characters), in the order of the menu.
    ``description`` (≤ 512) stands in the empty chat, ``short_description`` (≤ 120) in the profile.
    """

    commands: tuple[tuple[str, str], ...]
    group_commands: tuple[tuple[str, str], ...]
    description: str
    short_description: str


@dataclass(frozen=True, slots=True)
class Patience:
    """How trouble is waited out: from ``first`` on twice as long each time, up to ``longest``.

    What the own disk or database cannot take is tried again after ``longest_own`` at most: no network is strained.

    Another reader is borne ``rivals`` times, ``rival_gap`` apart: a restarted process may overlap with itself.
    """

    first: timedelta = timedelta(milliseconds=250)
    longest: timedelta = timedelta(seconds=15)
    longest_own: timedelta = timedelta(seconds=1)
    rivals: int = 5
    rival_gap: timedelta = timedelta(seconds=3)


class Telegram:
    """One bot account.

    ``set_aside`` counts the malformed updates that were passed over.
    """

    platform = PLATFORM
    max_text = MOST_TEXT
    needs_store = False

    def __init__(
        self,
        token: str,
        *,
        api_root: str = "https://api.telegram.org",
        rate: float = 30.0,
        webhook: WebhookSettings | None = None,
        patience: Patience = Patience(),
    ) -> None:
        """Take the account's token and how many messages a second it may send."""
        quiet_the_libraries()
        self.pace = Pace(per_second=rate)
        self.set_aside = 0
        self._http = BotApiHttp(token, api_root)
        self._bot = QuietBot(token, api_root, self._http)
        self._webhook = webhook
        self._patience = patience
        self._trouble = _Trouble(patience)
        self._me: Me | None = None
        self._accept: Accept | None = None  # while a webhook is received
        self._answers: set[asyncio.Task[None]] = set()
        self._answering = asyncio.Semaphore(ANSWERS_AT_ONCE)

    @property
    def waiting(self) -> str | None:
        """What receiving waits out just now."""
        return self._trouble.what

    # ---- in -----------------------------------------------------------------------------------------

    async def receive(self, accept: Accept) -> None:
        """Poll, or be called."""
        await self._patiently(self._identity)
        if self._webhook is None:
            await self._patiently(self._forget_webhook)
            await self._poll(accept)
        else:
            await self._be_called(self._webhook, accept)

    async def _poll(self, accept: Accept) -> None:
        offset, rivals = 0, 0
        while True:
            asked = {"offset": offset, "timeout": LONG_POLL, "allowed_updates": WANTED}
            try:
                updates = await self._http.call("getUpdates", asked, PATIENTLY)
                confirmed = await self._hand_over(updates, accept)
            except AnotherReader:
                rivals += 1
                if rivals > self._patience.rivals:
                    raise TransportStopped(_SECOND_READER) from None
                await asyncio.sleep(self._patience.rival_gap.total_seconds())
            except (Throttled, Unreachable, StoreError) as error:
                await self._trouble.wait_out(error)
            else:
                self._trouble.is_over()
                offset = max(offset, confirmed + 1)
                if not updates:  # a whole wait undisturbed; of updates two rivals would both get some
                    rivals = 0

    async def _be_called(self, webhook: WebhookSettings, accept: Accept) -> None:
        async def set_webhook() -> None:
            with our_errors():
                await self._bot.set_webhook(webhook.url, secret_token=webhook.secret, allowed_updates=WANTED)

        self._accept = accept
        try:
            await self._patiently(set_webhook)
            await asyncio.Event().wait()
        except Refused:
            raise TransportStopped(_WEBHOOK_REFUSED) from None
        finally:
            self._accept = None

    def routes(self) -> list[Route]:
        """Give the route that Telegram calls; none when polling."""
        if self._webhook is None:
            return []
        return [Route(self._webhook.path, self._called, methods=["POST"])]

    async def _called(self, request: Request) -> Response:
        assert self._webhook is not None
        update = await let_in(request, self._webhook.secret)
        if isinstance(update, int):
            return Response(status_code=update)
        if self._accept is None or self._me is None:
            return Response(status_code=503)  # still starting; Telegram calls again
        try:
            await self._hand_over([update], self._accept)
        except Unreachable:
            return Response(status_code=400)
        except StoreError:
            return Response(status_code=503)
        return Response()

    async def _hand_over(self, updates: Any, accept: Accept) -> int:
        """Have them accepted; return the highest number among them, 0 when there is none.

        Raises:
            StoreError: they could not be kept.
            Unreachable: these are no updates, and nothing of it could be acknowledged.
        """
        assert self._me is not None
        if not isinstance(updates, list):
            raise Unreachable
        batch = []
        for update in updates:
            try:
                incoming = to_incoming(update, self._me)
            except MALFORMED as error:
                self.set_aside += 1
                log.warning("telegram.update_set_aside", platform=PLATFORM, error=type(error).__name__)
            else:
                if incoming is not None:
                    batch.append(incoming)
        numbers = [number_of(update) for update in updates]
        if updates and not any(numbers):
            raise Unreachable
        if batch:
            await accept(batch)
        for update in updates:
            if query := pressed(update):
                self._answer(query)
        return max(numbers, default=0)

    def _answer(self, query: str) -> None:
        """Let the pressed button stop glowing, beside everything else."""
        task = asyncio.create_task(self._answer_one(query))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer_one(self, query: str) -> None:
        # Whatever comes of it is no matter: too old, answered before the crash, no network.
        with contextlib.suppress(SendError, TransportStopped):
            async with self._answering:
                await self._http.call("answerCallbackQuery", {"callback_query_id": query})

    # ---- out ----------------------------------------------------------------------------------------

    async def send(self, message: Outgoing) -> str:
        """Send the text, with its picture or its file; a text too long for a caption goes before that."""
        chat, buttons = message.where.address, await self._keyboard(message.buttons)
        if message.picture is not None and len(message.text) <= MOST_CAPTION:
            return await self._send_picture(chat, message.picture, message.text, buttons)
        if message.file is None:
            return await self._send_text(chat, message.text, buttons)
        if len(message.text) <= MOST_CAPTION:
            return await self._send_file(chat, message.file, message.text, buttons)
        number = await self._send_text(chat, message.text, buttons)
        await self._send_file(chat, message.file, "", {})
        return number

    async def _send_text(self, chat: str, text: str, buttons: Mapping[str, Any]) -> str:
        body = {"chat_id": chat, "text": text, "link_preview_options": NO_PREVIEW, **buttons}
        with our_errors():
            sent = await self._http.call("sendMessage", body)
            return str(sent["message_id"])

    async def _send_picture(
        self, chat: str, picture: ShownPicture, text: str, buttons: Mapping[str, Any]
    ) -> str:
        """Send a picture with the text under it; where it cannot be read, or is not taken, the text alone."""
        content = await asyncio.to_thread(read_picture, picture.path)
        if content is None:
            return await self._send_text(chat, text, buttons)
        try:
            with our_errors():
                sent = await self._bot.send_photo(
                    chat, InputFile(content, picture.path.name), caption=text, api_kwargs=dict(buttons)
                )
                return str(sent.message_id)
        except Refused:
            return await self._send_text(chat, text, buttons)

    async def _send_file(self, chat: str, file: File, caption: str, buttons: Mapping[str, Any]) -> str:
        document = InputFile(file.content, file.name)
        document.mimetype = file.media_type  # else guessed from the name
        with our_errors():
            sent = await self._bot.send_document(
                chat, document, caption=caption or None, api_kwargs=dict(buttons)
            )
            return str(sent.message_id)

    async def _keyboard(self, buttons: Sequence[ShownButton]) -> dict[str, Any]:
        """Lay out the buttons, one a row: whole words under a thumb."""
        if not buttons:
            return {}
        if any(button.deep_link for button in buttons):
            await self._identity()
        return {"reply_markup": {"inline_keyboard": [[self._key(button)] for button in buttons]}}

    def _key(self, button: ShownButton) -> dict[str, str]:
        address = button.url or (button.deep_link and self.deep_link(button.deep_link))
        if address:
            return {"text": button.label, "url": address}
        return {"text": button.label, "callback_data": button.data}

    def deep_link(self, payload: str) -> str | None:
        """Give the address; None also as long as Telegram has not told us our name."""
        return None if self._me is None else f"https://t.me/{self._me.username}?start={payload}"

    async def leave(self, where: Place) -> None:
        """Leave; where it is no member any more there is nothing to do."""
        with contextlib.suppress(Silent), our_errors():
            await self._bot.leave_chat(where.address)

    # ---- about the account --------------------------------------------------------------------------

    async def describe(self, texts: Mapping[str, BotTexts], default: str) -> None:
        """Show commands and descriptions in each language; in any other, those of ``default``.

        Telegram is asked what it shows, and told only what differs: changes are rationed.  Trouble of the
        network is waited out.

        Raises:
            Refused: a name or a text is not as `BotTexts` says.
            TransportStopped: the account itself is refused.
        """
        for code, told in ((None, texts[default]), *texts.items()):
            await self._patiently(partial(self._describe, code, told))

    async def _describe(self, code: str | None, told: BotTexts) -> None:
        lists = (
            (BotCommandScopeAllPrivateChats(), told.commands),
            (BotCommandScopeAllGroupChats(), told.group_commands),
        )
        with our_errors():
            for scope, pairs in lists:
                commands = tuple(BotCommand(name, words) for name, words in pairs)
                if await self._bot.get_my_commands(scope, code) != commands:
                    await self._bot.set_my_commands(commands, scope, code)
            if (await self._bot.get_my_description(code)).description != told.description:
                await self._bot.set_my_description(told.description, code)
            shown = await self._bot.get_my_short_description(code)
            if shown.short_description != told.short_description:
                await self._bot.set_my_short_description(told.short_description, code)

    async def check(self) -> Fault | None:
        """Ask Telegram who we are; give what must be mended, None: nothing."""
        try:
            await self._identity()
        except TransportStopped as stopped:
            return stopped.fault
        except SendError:
            return _NO_TELEGRAM
        return None

    async def members_visible(self, where: Place) -> bool | None:
        """Can members see who else is in the group (T-18)?  None: there are no members, or we are not in.

        In a channel nobody but its administrators sees them; a group of the simple kind cannot hide them.
        Trouble is raised as by `send`.
        """
        try:
            with our_errors():
                chat = await self._bot.get_chat(where.address)
        except Silent:
            return None
        if chat.type == chat.PRIVATE:
            return None
        return chat.type != chat.CHANNEL and not chat.has_hidden_members

    async def close(self) -> None:
        """Let go of connections, and of presses not answered yet."""
        answers = tuple(self._answers)
        for task in answers:
            task.cancel()
        await asyncio.gather(*answers, return_exceptions=True)
        await self._http.close()

    async def _identity(self) -> None:
        """Ask once who we are: deep links and commands in groups need our name."""
        if self._me is None:
            with our_errors():
                user = await self._bot.get_me()
            self._me = Me(user.id, user.username or "")

    async def _forget_webhook(self) -> None:
        with our_errors():
            await self._bot.delete_webhook()

    async def _patiently(self, act: Callable[[], Awaitable[T]]) -> T:
        """Do it, as often as it takes until the network lets us."""
        while True:
            try:
                done = await act()
            except (Throttled, Unreachable) as error:
                await self._trouble.wait_out(error)
            else:
                self._trouble.is_over()
                return done


class _Trouble:
    """Waits out what fails again and again, and says so in the log once."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._pause = patience.first
        self.what: str | None = None  # the class of it; None: all is well

    async def wait_out(self, error: SendError | StoreError) -> None:
        if self._pause == self._patience.first:
            log.warning("telegram.trouble", platform=PLATFORM, error=type(error).__name__)
        self.what = type(error).__name__
        pause = self._pause
        if isinstance(error, Throttled):
            pause = timedelta(seconds=error.seconds)
        elif isinstance(error, StoreError):
            pause = min(pause, self._patience.longest_own)
        self._pause = min(self._pause * 2, self._patience.longest)
        await asyncio.sleep(pause.total_seconds())

    def is_over(self) -> None:
        self.what = None
        if self._pause != self._patience.first:
            log.info("telegram.trouble_over", platform=PLATFORM)
            self._pause = self._patience.first
