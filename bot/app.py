"""The composition root: the only place that names concrete classes, starts them and stops them."""

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
import uvicorn
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import monotonic, now
from bot.core.quiet_hours import next_allowed
from bot.courier import Courier
from bot.dispatch import Dispatch
from bot.errands import Errands
from bot.errors import Fault, SetupError, TransportStopped
from bot.furnishing import Furnished
from bot.i18n import LANGUAGES, Reader
from bot.meaning import HOME
from bot.messages import Phrase, Say
from bot.router import DailyJob, Tick
from bot.settings import Settings
from bot.store import Store
from bot.store.engine import Database
from bot.store.vault import Vault, open_vault
from bot.sweep import Sweep
from bot.translator import Translator
from bot.transports import Transport
from handlers.menus import is_offered

log = structlog.get_logger()

KEY_FILE = "vertti.key"
FIRST_ERRANDS = 2.0  # seconds
GROUP_COMMANDS = ("seuraa", "seuraava", "tapahtumat", "kysely", "apua")


@dataclass(frozen=True, slots=True)
class Port:
    """Where the web page listens: taken before anything else starts, so that a taken port is a clear fault."""

    socket: socket.socket
    host: str
    number: int

    @property
    def address(self) -> str:
        """The address to open."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.number}"


def open_port(settings: Settings) -> Port:
    """Take the port of the web page.

    Raises:
        SetupError: it is taken, or the host is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in settings.web_host else socket.AF_INET
    # The protocol is named, else asyncio leaves Nagle's delay on: 40 ms for each answer.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.web_host, settings.web_port))
    except OSError as error:
        listening.close()
        what = f"the page cannot listen on {settings.web_host}:{settings.web_port} ({error.strerror})"
        raise SetupError(
            [Fault("VERTTI_WEB_PORT", what, "Choose another port, or stop what uses this one")]
        ) from None
    listening.listen(128)
    return Port(listening, settings.web_host, listening.getsockname()[1])


class App:
    """One Vertti, from its settings to its last word."""

    def __init__(self, settings: Settings, furnished: Furnished, vault: Vault, port: Port) -> None:
        self.settings = settings
        self.furnished = furnished
        self.port = port
        house = furnished.house
        self.database = Database(settings.database, vault)
        self.web = self._make_web()
        self.telegram = self._make_telegram(vault)
        self.transports: dict[str, Transport] = {self.web.platform: self.web}
        for transport in (self.telegram, self._make_matrix(vault)):
            if transport is not None:
                self.transports[transport.platform] = transport
        translator = Translator(
            furnished.wording, vault, house.language, house.zone, content_dir=house.content_dir
        )
        allowed_from = partial(next_allowed, hours=house.quiet_hours, zone=house.zone)
        self.courier = Courier(
            self.database, self.transports, translator, now, monotonic, allowed_from=allowed_from
        )
        self.dispatch = Dispatch(self.database, furnished.understanding, now, self.courier.say_unstored)
        router = furnished.understanding.router
        self.sweep = Sweep(self.database, router.due_jobs, house, now)
        self.errands = Errands(self.database, router.errands, house, now)
        self.receiving: dict[str, Fault | None] = dict.fromkeys(self.transports)  # why a transport stopped
        self._stop = asyncio.Event()

    # ---- making -----------------------------------------------------------------------------------

    def _make_web(self) -> Any:
        from bot.transports.web import Web  # noqa: PLC0415 - each transport is imported where it is used

        house = self.furnished.house
        return Web(self.database, now, zone=house.zone, language=house.language, public_url=house.public_url)

    def _make_telegram(self, vault: Vault) -> Any:
        token = self.settings.telegram_token.get_secret_value()
        if not token:
            return None
        from bot.transports.telegram import Telegram, WebhookSettings  # noqa: PLC0415

        webhook = None
        if self.settings.telegram_webhook:
            webhook = WebhookSettings(self.settings.telegram_webhook, vault.secret("telegram webhook"))
        return Telegram(
            token, api_root=self.settings.telegram_api, rate=self.settings.telegram_rate, webhook=webhook
        )

    def _make_matrix(self, vault: Vault) -> Any:
        settings = self.settings
        if not settings.matrix_homeserver:
            return None
        from bot.transports.matrix import Matrix, MatrixSettings  # noqa: PLC0415

        account = MatrixSettings(
            settings.matrix_homeserver,
            settings.matrix_user,
            settings.matrix_password.get_secret_value() or None,
            settings.matrix_token.get_secret_value() or None,
            settings.matrix_allow,
        )
        folder = settings.data_dir / "matrix"
        return Matrix(account, folder, vault, self.database, tell=self._tell_organizers)

    # ---- running ----------------------------------------------------------------------------------

    async def run(
        self,
        *,
        ready: Callable[[], object] | None = None,
        beside: Callable[["App"], Coroutine[Any, Any, None]] | None = None,
    ) -> None:
        """Run until told to stop.  ``ready`` is called once people can be answered; ``beside`` runs along."""
        await self._start()
        # Whoever asks first shall find the schedule read; but a slow errand keeps nobody from being answered.
        first_errands = asyncio.create_task(self.errands.once())
        await asyncio.wait([first_errands], timeout=FIRST_ERRANDS)
        try:
            async with _serving(self._web_app(), self.port), asyncio.TaskGroup() as group:
                tasks = [group.create_task(self.courier.run())]
                tasks += [
                    group.create_task(self.sweep.run()),
                    group.create_task(self._run_errands(first_errands)),
                ]
                tasks += [group.create_task(self._receive(name)) for name in self.transports]
                tasks += [group.create_task(self._describe()), group.create_task(self._keep_calendar())]
                if self.settings.heartbeat_url.get_secret_value():
                    tasks.append(group.create_task(self._beat()))
                if beside is not None:
                    tasks.append(group.create_task(beside(self)))
                if ready is not None:
                    ready()
                await self._stop.wait()
                await self.web.close()  # lets open pages go, which would keep the server waiting
                for task in tasks:
                    task.cancel()
        finally:
            for transport in self.transports.values():
                await transport.close()
            self.database.close()

    def stop(self) -> None:
        """End `run`, after the last words."""
        self._stop.set()

    async def _start(self) -> None:
        loop = asyncio.get_running_loop()
        self.database.open()

        def begin(store: Store) -> None:
            store.on_work = partial(loop.call_soon_threadsafe, self._wake)
            moment = now()
            tick = Tick(store, moment, self.furnished.house)
            for start in self.furnished.understanding.router.starts:
                start(tick)

        await self.database.write(begin)

    async def _run_errands(self, first: asyncio.Task[bool]) -> None:
        await first
        await self.errands.run()

    def _wake(self) -> None:
        self.courier.wake()
        self.sweep.wake()
        self.errands.wake()

    async def _tell_organizers(self, phrase: Phrase) -> None:
        """Tell every organizer, in private, what they should know of the house itself."""
        moment = now()

        def tell(store: Store) -> None:
            for organizer in store.people.organizers():
                key = f"house:{phrase.key}:{moment:%Y%m%d%H%M}:{organizer.id}"
                store.outbox.push(organizer, key, Say(phrase, (HOME,)), now=moment)

        await self.database.write(tell)

    async def _receive(self, name: str) -> None:
        """Receive from one platform; when it stops for good, the others go on and /health says why."""
        try:
            await self.transports[name].receive(self.dispatch.accept)
        except TransportStopped as stopped:
            self.receiving[name] = stopped.fault
            log.error("transport.stopped", platform=name, fault=stopped.fault.what, mend=stopped.fault.mend)  # noqa: TRY400

    async def _describe(self) -> None:
        """Register commands and descriptions, in each language; that nobody needs to wait for."""
        if self.telegram is not None:
            try:
                await self.telegram.describe(self._texts(), self.settings.language)
            except Exception as error:  # noqa: BLE001 - without its menu the bot still answers
                log.error("describe.failed", platform=self.telegram.platform, error=type(error).__name__)  # noqa: TRY400

    def _texts(self) -> dict[str, Any]:
        from bot.transports.telegram import BotTexts  # noqa: PLC0415

        house = self.furnished.house
        built = [each for each in house.content.commands if is_offered(each.name, house)]
        shown = [each for each in built if each.who == "all" and not each.hidden]
        texts = {}
        for language in LANGUAGES:
            reader = Reader(language, house.zone, now())
            texts[language] = BotTexts(
                commands=tuple((each.name, each.help[language]) for each in shown),
                group_commands=tuple(
                    (each.name, each.help[language]) for each in built if each.name in GROUP_COMMANDS
                ),
                description=self.furnished.wording.say(Phrase("bot.description"), reader),
                short_description=self.furnished.wording.say(Phrase("bot.short_description"), reader),
            )
        return texts

    async def _keep_calendar(self) -> None:
        """Run the few jobs that go by the calendar."""
        scheduler = AsyncIOScheduler(timezone=self.furnished.house.zone)
        for job in self.furnished.understanding.router.daily_jobs:
            trigger = (
                CronTrigger(hour=job.at.hour, minute=job.at.minute, timezone=self.furnished.house.zone)
                if job.at is not None
                else IntervalTrigger(minutes=job.minutes or 15)
            )
            scheduler.add_job(self._run_daily, trigger, args=(job,), coalesce=True, max_instances=1)
        scheduler.start()
        try:
            await asyncio.Event().wait()
        finally:
            scheduler.shutdown(wait=False)

    async def _run_daily(self, job: DailyJob) -> None:
        moment = now()
        try:
            await self.database.write(lambda store: job.run(Tick(store, moment, self.furnished.house)))
        except Exception as error:  # noqa: BLE001 - tomorrow is another day
            log.error("job.failed", job=job.name, error=type(error).__name__)  # noqa: TRY400

    async def _beat(self) -> None:
        """Tell a dead-man alarm that the sweep still runs."""
        import aiohttp  # noqa: PLC0415

        last: datetime | None = None
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            while True:
                if self.sweep.last is not None and self.sweep.last != last:
                    last = self.sweep.last
                    try:
                        async with session.get(self.settings.heartbeat_url.get_secret_value()):
                            pass
                    except (aiohttp.ClientError, TimeoutError) as error:
                        log.warning("heartbeat.failed", error=type(error).__name__)
                await asyncio.sleep(30)

    # ---- the web ----------------------------------------------------------------------------------

    def _web_app(self) -> Any:
        from bot.web.app import create_app  # noqa: PLC0415

        return create_app(
            transport=self.web,
            database=self.database,
            wording=self.furnished.wording,
            house=self.furnished.house,
            clock=now,
            health=self.health,
            extra_routes=self.telegram.routes() if self.telegram is not None else (),
        )

    async def health(self) -> Any:
        """Give what /health says."""
        from bot.web.health import Health, TransportHealth  # noqa: PLC0415

        moment = now()
        oldest = timedelta()
        if self.database.trouble is None:
            oldest = await self.database.read(lambda store: store.outbox.oldest_due(moment))
        transports = {}
        for name, transport in self.transports.items():
            if (fault := self.receiving[name] or self.courier.counters[name].stopped) is not None:
                transports[name] = TransportHealth("stopped", fault.what)
            elif transport.waiting is not None:
                transports[name] = TransportHealth("waiting", transport.waiting)
            else:
                transports[name] = TransportHealth("running")
        return Health(moment, self.sweep.last, transports, oldest, self.database.trouble)


@asynccontextmanager
async def _serving(web_app: Any, port: Port) -> AsyncIterator[None]:
    """Serve HTTP in this loop; signals are ours."""
    config = uvicorn.Config(
        web_app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[port.socket]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def prepare(settings: Settings, furnished: Furnished) -> App:
    """Open the key and the port, and put the house together; call it inside the loop."""
    vault = open_vault(settings.data_dir / KEY_FILE)
    return App(settings, furnished, vault, open_port(settings))


def calm() -> None:
    """Keep the interpreter from holding the loop up, once everything is there.

    While the writer works the loop has its turn each millisecond, not each five.  What is here now stays, so the
    garbage collector need not go through it, 80 ms each time (measured).  Nor does it go through all that a large
    calendar is while that is read: 20 000 new objects at once are 5 ms.
    """
    sys.setswitchinterval(0.001)
    gc.freeze()
    gc.set_threshold(2_000, 10, 1_000)


async def run_until_signalled(app: App, **along: Any) -> None:
    """Run until SIGTERM or Ctrl-C."""
    loop = asyncio.get_running_loop()
    for which in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(which, app.stop)
    await app.run(**along)
