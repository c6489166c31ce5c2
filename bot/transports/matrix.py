"""Matrix: one account on an organization's own homeserver.

This is the door between our event loop and the thread in which the account lives (matrix_thread.py says why); what
is behind it is told in matrix_reader.py (what comes in) and matrix_account.py (what goes out).
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog

from bot.clock import monotonic
from bot.errors import SendError, StoreError, Throttled, TransportStopped, Unreachable
from bot.logs import place_of
from bot.messages import Outgoing, Pace, Phrase, Place
from bot.store.engine import Database
from bot.store.vault import Vault
from bot.transports import Accept
from bot.transports.matrix_account import PLATFORM, Account
from bot.transports.matrix_crypto import Crypto
from bot.transports.matrix_device import Device, open_device, told_of_loss
from bot.transports.matrix_http import LOGGED_OUT, TOKEN_REFUSED, MatrixHttp, MatrixRefused
from bot.transports.matrix_invitations import server_of
from bot.transports.matrix_limits import Sends
from bot.transports.matrix_reader import Reader
from bot.transports.matrix_signing import seeds_for, sign_device
from bot.transports.matrix_thread import Aside

log = structlog.get_logger()
T = TypeVar("T")

MOST_TEXT: Final = 4000  # characters; an event may have 64 KiB, and says everything twice
FIRST_PAUSE: Final = timedelta(milliseconds=250)
LONGEST_PAUSE: Final = timedelta(seconds=3)  # a homeserver that is back is heard within five seconds
LONGEST_REST: Final = 60.0  # seconds: whoever reads once a minute is not too fast, whatever was asked for
LONGEST_OWN: Final = timedelta(seconds=1)  # what the own disk cannot take strains no network


@dataclass(frozen=True, slots=True)
class MatrixSettings:
    """What an operator sets."""

    homeserver: str
    user: str
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    allow: tuple[str, ...] = ()


class Matrix:
    """One account.  ``tell`` is called with what the organizers should know, from our loop."""

    platform = PLATFORM
    max_text = MOST_TEXT
    needs_store = False
    # The homeserver says when it is too fast; eight at once keep a Synapse busy.  Nobody's phone is flooded: there is
    # one conversation in a room, and what it says stands in order.  It takes the same key once.
    pace = Pace(
        per_second=1000,
        chat_gap=timedelta(),
        group_most=1000,
        in_flight=8,
        written_within=timedelta(milliseconds=50),
    )

    def __init__(
        self,
        settings: MatrixSettings,
        folder: Path,
        vault: Vault,
        database: Database,
        *,
        tell: Callable[[Phrase], Awaitable[None]] | None = None,
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._vault = vault
        self._database = database
        self._tell = tell
        self._aside = Aside("matrix")
        self._account: Account | None = None
        self._reader: Reader | None = None
        self._opening: asyncio.Lock | None = None  # of the account's own loop
        self._trouble: str | None = None
        self._bookmark = ""
        self._stopped: TransportStopped | None = None
        self._not_before = 0.0  # until then the homeserver lets nobody in
        self._kept: str | None = None  # the place that the bookmark names

    @property
    def waiting(self) -> str | None:
        """What receiving waits out just now."""
        return self._trouble

    # ---- the door -----------------------------------------------------------------------------------

    async def open(self) -> None:
        """Log in and learn of all rooms, if that has not happened yet; `receive` and `send` do so by themselves.

        Raises:
            Throttled, Unreachable: not now.
            TransportStopped: a person must mend something.
        """
        loop = asyncio.get_running_loop()

        async def go() -> None:
            await self._opened(loop)

        await self._there(go())

    async def receive(self, accept: Accept) -> None:
        """Read until cancelled."""
        loop = asyncio.get_running_loop()

        async def accept_outside(batch: Any) -> None:
            await _over(loop, accept(batch))

        await self._there(self._read(accept_outside, loop))

    async def send(self, message: Outgoing) -> str:
        """Say it; nothing is ever said in the clear where people rely on encryption."""
        loop = asyncio.get_running_loop()

        async def say() -> str:
            account = await self._opened(loop)
            return await account.send(message)

        return await self._there(say())

    async def leave(self, where: Place) -> None:
        """Leave a group, silently."""
        loop = asyncio.get_running_loop()

        async def go() -> None:
            await (await self._opened(loop)).leave(where)

        await self._there(go())

    def deep_link(self, payload: str) -> str | None:  # noqa: ARG002 - Matrix has no payloads
        """Give the address that opens a conversation with the bot."""
        user = self._account.me if self._account is not None else self._settings.user
        return f"https://matrix.to/#/{user}" if user.startswith("@") else None

    async def close(self) -> None:
        """Let go of connections, keys and the thread."""
        if self._account is not None:
            await self._aside.do(self._account.close())
        self._account = self._reader = None
        await self._aside.close()

    async def _there(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the account's own thread."""
        try:
            return await self._aside.do(work)
        except TransportStopped as error:
            if error.fault == TOKEN_REFUSED and not self._settings.token:
                raise TransportStopped(LOGGED_OUT) from None
            raise

    # ---- behind it: in the account's own thread -----------------------------------------------------

    async def _read(self, accept: Callable[[Any], Awaitable[None]], loop: asyncio.AbstractEventLoop) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._opened(loop)
                assert self._reader is not None
                await self._read_on(self._reader, accept, loop)
            except (SendError, StoreError) as error:
                pause = await self._wait_out(error, pause)
            except TransportStopped:
                raise
            except Exception as error:  # noqa: BLE001 - what nobody foresaw is asked for again, and stops nothing else
                log.error(  # noqa: TRY400
                    "matrix.reading_failed",
                    platform=PLATFORM,
                    error=type(error).__name__,
                    where=place_of(error),
                )
                pause = await self._wait_out(Unreachable(type(error).__name__), pause)
            else:
                pause = FIRST_PAUSE
                self._is_over()

    async def _read_on(
        self, reader: Reader, accept: Callable[[Any], Awaitable[None]], loop: asyncio.AbstractEventLoop
    ) -> None:
        """Read one answer, have it accepted, and keep the place."""
        sync = await reader.sync()
        self._is_over()
        batch = await reader.understand(sync)
        pause = FIRST_PAUSE
        while True:  # what could not be kept is handed over again: it is not asked for twice
            try:
                if batch:
                    await accept(batch)
                reader.accepted(sync)
                if not reader.pending:
                    await _over(loop, self._keep_place(reader.since))
            except StoreError as error:
                pause = min(await self._wait_out(error, pause), LONGEST_OWN)
            else:
                return

    async def _opened(self, loop: asyncio.AbstractEventLoop) -> Account:
        """Open the account once: its device, its keys, and where we were."""
        self._opening = self._opening or asyncio.Lock()
        async with self._opening:
            if self._account is None:
                self._refuse_to_hammer()
                try:
                    self._account = await self._open(loop)
                except TransportStopped as error:
                    self._stopped = error
                    raise
                except Throttled as error:
                    self._not_before = monotonic() + error.seconds
                    raise
                except StoreError as error:  # nothing has been said, and it can be tried again
                    raise Unreachable(type(error).__name__) from None
            return self._account

    def _refuse_to_hammer(self) -> None:
        """Ask for no login that is refused anyway, however many messages wait: homeservers lock accounts for that.

        Raises:
            TransportStopped, Throttled: as the last time.
        """
        if self._stopped is not None:
            raise self._stopped
        wait = self._not_before - monotonic()
        if wait > 0:
            raise Throttled(wait)

    async def _open(self, loop: asyncio.AbstractEventLoop) -> Account:
        """Open the device, its keys, and the rooms as they are now."""
        settings = self._settings
        opened = await open_device(
            settings.homeserver,
            settings.user,
            settings.password,
            settings.token,
            self._folder,
            self._vault,
        )
        device = opened.device
        http = MatrixHttp(device.homeserver, device.access_token)
        crypto = Crypto(http, device.user_id, device.device_id, self._folder, device.secret)
        allowed = frozenset(settings.allow or (server_of(device.user_id),))
        account = Account(http, device, crypto, allowed, Sends(self._folder))
        try:
            await crypto.keep_up()
            await self._sign(http, device, crypto)
            since = await _over(loop, self._place(device.user_id))
            reader = Reader(account, since, await _names(http, device.user_id))
            await reader.prepare()
            # Where we have read before, a device that is new stands for one that is lost, whatever else was lost with it.
            lost = opened.lost or (opened.fresh and since is not None)
            if lost and self._tell is not None:
                await _over(loop, self._tell(Phrase("matrix.keys_lost")))
                await told_of_loss(self._folder, self._vault)
        except BaseException:
            await account.close()
            raise
        account.start()
        self._reader = reader
        return account

    async def _sign(self, http: MatrixHttp, device: Device, crypto: Crypto) -> None:
        """Have the account vouch for the device, so that every client speaks with it."""
        seeds = seeds_for(self._vault, device.user_id)
        signing = await sign_device(http, device, crypto.fingerprint, seeds, self._settings.password)
        if signing.fault is not None:
            log.warning(
                "matrix.signing", platform=PLATFORM, fault=signing.fault.what, mend=signing.fault.mend
            )

    async def _place(self, user_id: str) -> str | None:
        """Give the place from which to read on.  It is the account's, whatever its device."""
        name = self._bookmark = f"matrix {self._vault.tag(user_id)}"
        return await self._database.read(lambda store: store.books.bookmark(name))

    async def _keep_place(self, since: str | None) -> None:
        if since is not None and since != self._kept:
            await self._database.write(lambda store: store.books.set_bookmark(self._bookmark, since))
            self._kept = since

    async def _wait_out(self, error: SendError | StoreError, pause: timedelta) -> timedelta:
        """Wait; give how long to wait the next time."""
        if self._trouble is None:
            log.warning("matrix.trouble", platform=PLATFORM, error=type(error).__name__)
        self._trouble = type(error).__name__
        seconds = error.seconds if isinstance(error, Throttled) else pause.total_seconds()
        await asyncio.sleep(min(seconds, LONGEST_REST))
        return min(pause * 2, LONGEST_PAUSE)

    def _is_over(self) -> None:
        if self._trouble is not None:
            self._trouble = None
            log.info("matrix.trouble_over", platform=PLATFORM)


async def _names(http: MatrixHttp, user_id: str) -> tuple[str, ...]:
    """Give what people call us: the name in the account's id, and the one that is shown."""
    name = user_id.removeprefix("@").partition(":")[0]
    try:
        shown = (await http.get("profile", user_id, "displayname")).get("displayname")
    except MatrixRefused:
        shown = None
    return (name, shown) if isinstance(shown, str) and shown else (name,)


async def _over(loop: asyncio.AbstractEventLoop, work: Awaitable[T]) -> T:
    """Run something in the loop that the transport was called from."""

    async def there() -> T:
        return await work

    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(there(), loop))
