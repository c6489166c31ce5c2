"""One writer: a thread with one connection that commits whatever is waiting at once (group commit).

Each piece of work runs under a savepoint of its own, so that one failing piece takes nothing with it;
its waiter hears of it only after the commit.  Reads that may be slow have a second, read-only connection.
"""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import monotonic
from bot.errors import Fault, ReadOnlyError, SetupError, StoreError
from bot.store import Store
from bot.store.connection import connect, is_read_only, keep_private, migrate, passing_fault
from bot.store.vault import Vault

log = structlog.get_logger()

T = TypeVar("T")
Work = Callable[[Store], T]

MOST_AT_ONCE = 256  # pieces in one commit: what waits longer than that has company enough
PATIENCE = 0.5  # seconds between two tries while the disk is full or the database locked
REST = 0.02  # seconds without orders, after which the log is written back: else a commit does it, while people wait
SCRUB_AGAIN = 10.0  # seconds until the file is rewritten that somebody else was reading


@dataclass(slots=True)
class _Order:
    """The works of one who waits, and where what becomes of them is told."""

    works: Sequence[Work[Any]]
    waiter: "asyncio.Future[list[Any]] | Future[Any]"  # the latter of one piece, for other threads


class Database:
    """Where everything is kept.  `open` first; then `write` and `read` from any task."""

    def __init__(self, url: str, vault: Vault) -> None:
        self._url = url
        self._vault = vault
        self._waiting: deque[_Order] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None
        self._lost = False  # the writer's connection
        self._scrub_at = 0.0
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="reader")
        self._read_store: Store | None = None
        self._engine: Engine | None = None
        self._faults: tuple[type[Exception], ...] = ()  # what SQLAlchemy and the driver raise
        self.trouble: str | None = None  # the fault that holds up the writer, for /health

    @property
    def url(self) -> str:
        """The SQLAlchemy URL (never logged: it may hold a password)."""
        return self._url

    def open(self) -> None:
        """Bring the tables up to date and start the writer.  Blocks; call it before the loop starts.

        Raises:
            SetupError: the database cannot be reached or used, or another key sealed what is in it.
        """
        self._engine = connect(self._url)
        assert self._engine.dialect.dbapi is not None
        self._faults = (SQLAlchemyError, self._engine.dialect.dbapi.Error)
        try:
            store = self._open_store(self._engine)
        except (OSError, *self._faults) as error:
            self._engine.dispose()
            raise SetupError([_unusable(error)]) from None
        self._thread = threading.Thread(target=self._run, args=(store,), name="writer", daemon=True)
        self._thread.start()

    def _open_store(self, engine: Engine) -> Store:
        keep_private(self._url)
        migrate(engine)
        with contextlib.ExitStack() as on_failure:
            store = Store(engine.connect(), self._vault)
            on_failure.callback(engine.dispose)
            on_failure.callback(store.close)
            store.begin(write=False)
            store.people.check_key()
            store.polls.scrub_wanted = store.polls.needs_scrub()
            store.rollback()
            on_failure.pop_all()
        return store

    def close(self) -> None:
        """Commit what is waiting, then stop.  What cannot be committed now fails."""
        with self._wake:
            if self._closing:
                return
            self._closing = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()
        self._readers.submit(self._close_reader).result()
        self._readers.shutdown()
        if self._engine is not None:
            self._engine.dispose()

    # ---- asking for work ----------------------------------------------------------------------------

    async def write(self, work: Work[T]) -> T:
        """Run a piece of work in the writer's next transaction; return after the commit.

        It is done even when nobody waits for it any more.

        Raises:
            Exception: what the piece raised; nothing of it was kept.
            StoreError: the database is closing.
        """
        (outcome,) = await self.queue([work])
        if isinstance(outcome, BaseException):
            raise outcome
        result: T = outcome
        return result

    async def write_all(self, works: Sequence[Work[Any]]) -> list[Any]:
        """Run many pieces, with one wake-up each way; a failed piece's exception stands in its place."""
        return await self.queue(works) if works else []

    def queue(self, works: Sequence[Work[Any]]) -> "asyncio.Future[list[Any]]":
        """Queue pieces of work in order; what becomes of them is known after the commit, as by `write_all`."""
        waiter: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._put(_Order(works, waiter))
        return waiter

    def submit(self, work: Work[T]) -> Future[T]:
        """Queue a piece of work from any thread."""
        waiter: Future[T] = Future()
        self._put(_Order([work], waiter))
        return waiter

    def _put(self, order: _Order) -> None:
        with self._wake:
            if self._closing:
                message = "the database is closing"
                raise StoreError(message)
            self._waiting.append(order)
            self._wake.notify()

    async def read(self, work: Work[T]) -> T:
        """Run a piece of work on the read-only connection.

        Raises:
            Exception: what the piece raised.
            ReadOnlyError: the work tried to write.
            StoreError: the database cannot be read now.
        """
        return await asyncio.get_running_loop().run_in_executor(self._readers, partial(self._read, work))

    def read_here(self, work: Work[T]) -> T:
        """Do as `read`, from a thread other than the event loop's, which waits."""
        return self._readers.submit(self._read, work).result()

    # ---- the writer thread ------------------------------------------------------------------------

    def _run(self, store: Store) -> None:
        while orders := self._next_orders(store):
            works = [work for order in orders for work in order.works]
            outcomes = iter(self._work_off(store, works))
            _tell([(order.waiter, list(islice(outcomes, len(order.works)))) for order in orders])
            if store.polls.scrub_wanted and monotonic() >= self._scrub_at:
                self._scrub(store)
        store.close()

    def _next_orders(self, store: Store) -> list[_Order]:
        """Wait for orders and take some that hold no more than `MOST_AT_ONCE` pieces, if one alone does not."""
        if store.log_is_long() and not self._is_wanted(within=REST):
            with contextlib.suppress(*self._faults):  # then SQLite does it with a later commit
                store.write_back()
        self._is_wanted(within=None)
        with self._wake:
            taken: list[_Order] = []
            pieces = 0
            while self._waiting and (not taken or pieces + len(self._waiting[0].works) <= MOST_AT_ONCE):
                taken.append(self._waiting.popleft())
                pieces += len(taken[-1].works)
            return taken

    def _is_wanted(self, within: float | None) -> bool:
        """Wait for an order, or the end, so many seconds; None: until it comes."""
        with self._wake:
            return bool(self._wake.wait_for(lambda: self._waiting or self._closing, within))

    def _work_off(self, store: Store, works: Sequence[Work[Any]]) -> list[Any]:
        """Run and commit pieces; give for each its result or the exception that undid it.

        A fault that passes is waited out.  Where one piece spoils the commit of all, each gets its own.
        """
        while True:
            try:
                return self._transaction(store, works)
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
                self._roll_back(store)
                fault = passing_fault(error)
                if fault is not None:
                    # Whether a server is still there nobody can tell: the next try has another connection.
                    self._lost = store.dialect != "sqlite"
                    if self._wait_out(fault):
                        continue
                    return [StoreError(fault)] * len(works)
                if len(works) == 1:
                    return [error]
                return [outcome for work in works for outcome in self._work_off(store, [work])]

    def _transaction(self, store: Store, works: Sequence[Work[Any]]) -> list[Any]:
        if self._lost:
            assert self._engine is not None
            store.reconnect(self._engine.connect())
            self._lost = False
        store.begin()
        outcomes = [_run_piece(store, work) for work in works]
        store.commit()
        if self.trouble is not None:
            log.info("store.goes_on")
            self.trouble = None
        store.committed()
        return outcomes

    def _roll_back(self, store: Store) -> None:
        try:
            store.rollback()
        except self._faults:
            self._lost = True

    def _wait_out(self, fault: str) -> bool:
        """Wait a moment before the next try; False: the database is closing, and there is none."""
        if self.trouble is None:
            log.warning("store.held_up", error=fault)
        self.trouble = fault
        with self._wake:
            return not self._wake.wait_for(lambda: self._closing, PATIENCE)

    def _scrub(self, store: Store) -> None:
        """Leave nothing of what was deleted in the file or its log (T-11).

        Until it is done a bookmark stands, so that it is tried again, by the next start too.
        """
        self._scrub_at = monotonic() + SCRUB_AGAIN
        try:
            done = store.scrub()
        except self._faults as error:
            log.warning("store.unscrubbed", error=type(error).__name__)
            return
        if done:
            self._work_off(store, [lambda store: store.polls.scrubbed()])

    # ---- the reader thread ------------------------------------------------------------------------

    def _read(self, work: Work[T]) -> T:
        assert self._engine is not None
        try:
            store = self._reader(self._engine)
            store.begin(write=False)
            try:
                return work(store)
            finally:
                store.rollback()
        except self._faults as error:
            if is_read_only(error):
                message = "this was for reading only"
                raise ReadOnlyError(message) from None
            if (
                passing_fault(error) is not None
            ):  # the connection may be gone: the next one who asks gets another
                self._close_reader()
            raise StoreError(type(error).__name__) from None

    def _reader(self, engine: Engine) -> Store:
        if self._read_store is None:
            connection = engine.connect()
            read_only = {
                "sqlite": "PRAGMA query_only = ON",
                "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
            }
            connection.exec_driver_sql(read_only[connection.dialect.name])
            connection.commit()
            self._read_store = Store(connection, self._vault)
        return self._read_store

    def _close_reader(self) -> None:
        store, self._read_store = self._read_store, None
        if store is not None:
            store.close()


def _run_piece(store: Store, work: Work[Any]) -> Any:
    """Run one piece under its savepoint; give its result, or the exception that undid it.

    What holds up the whole database passes through: the batch is rolled back and runs again.
    """
    store.savepoint()
    try:
        result = work(store)
    except BaseException as error:
        if passing_fault(error) is not None:
            raise
        store.rollback_to_savepoint()
        # What would end a thread or a task (SystemExit, CancelledError) ends neither the writer nor its waiter.
        return error if isinstance(error, Exception) else RuntimeError(type(error).__name__)
    store.release_savepoint()
    return result


def _tell(told: list[tuple[Any, list[Any]]]) -> None:
    """Tell those who wait; those of one event loop with one wake-up."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[list[Any]], list[Any]]]] = {}
    for waiter, outcomes in told:
        if not isinstance(waiter, Future):
            by_loop.setdefault(waiter.get_loop(), []).append((waiter, outcomes))
        elif waiter.set_running_or_notify_cancel():
            (outcome,) = outcomes
            if isinstance(outcome, BaseException):
                waiter.set_exception(outcome)
            else:
                waiter.set_result(outcome)
    for loop, waiters in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, waiters)
        except RuntimeError:
            log.info("store.nobody_waits")  # the loop is closed: what was asked for is done all the same


def _settle(told: list[tuple["asyncio.Future[list[Any]]", list[Any]]]) -> None:
    for waiter, outcomes in told:
        if not waiter.done():
            waiter.set_result(outcomes)


def _unusable(error: Exception) -> Fault:
    if isinstance(error, OSError):
        return Fault(
            "VERTTI_DATA_DIR", f"the database cannot be kept there ({error.strerror})", "See who owns it"
        )
    kind = passing_fault(error) or type(getattr(error, "orig", error)).__name__
    return Fault(
        "VERTTI_DATABASE_URL",
        f"the database cannot be used ({kind})",
        "See that it is there, that nobody else locks it, and that the disk has room",
    )
