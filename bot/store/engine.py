"""One writer: a thread with one connection that commits whatever is waiting at once (group commit).

Each piece of work runs under a savepoint of its own, so that one failing piece takes nothing with it;
its waiter hears of it only after the commit.  Reads that may be slow have a second, read-only connection.
"""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from bot.clock import monotonic
from bot.errors import ReadOnlyError, StoreError
from bot.store import Store
from bot.store.vault import Vault

log = structlog.get_logger()

T = TypeVar("T")
Work = Callable[[Store], T]

MIGRATIONS = Path(__file__).parent / "migrations"
MOST_AT_ONCE = 256  # pieces in one commit: what waits longer than that has company enough
BUSY_SECONDS = 5  # how long SQLite itself waits for another process before we try again
PATIENCE = 0.5  # seconds between two tries while the disk is full or the database locked
SCRUB_WAITS = 100  # milliseconds that a scrub waits for a reader to be done ...
SCRUB_AGAIN = 10.0  # ... and seconds until it tries again


class Database:
    """Where everything is kept.  `open` first; then `write` and `read` from any task."""

    def __init__(self, url: str, vault: Vault) -> None:
        self._url = url
        self._vault = vault
        self._waiting: deque[tuple[Work[Any], Future[Any]]] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="reader")
        self._read_store: Store | None = None
        self._engine: Engine | None = None
        self.trouble: str | None = None  # the class of the fault that holds up the writer, for /health

    @property
    def url(self) -> str:
        """The SQLAlchemy URL (never logged: it may hold a password)."""
        return self._url

    def open(self) -> None:
        """Bring the tables up to date and start the writer.  Blocks; call it before the loop starts."""
        self._engine = connect(self._url)
        migrate(self._engine)
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Commit what is waiting, then stop."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()
        self._readers.submit(self._close_reader).result()
        self._readers.shutdown()
        if self._engine is not None:
            self._engine.dispose()

    async def write(self, work: Work[T]) -> T:
        """Run a piece of work in the writer's next transaction; return after the commit.

        Raises:
            Exception: what the piece raised; nothing of it was kept.
            StoreError: the database is closing.
        """
        return await asyncio.wrap_future(self.submit(work))

    def submit(self, work: Work[T]) -> Future[T]:
        """Queue a piece of work from any thread."""
        future: Future[T] = Future()
        with self._wake:
            if self._closing:
                message = "the database is closing"
                raise StoreError(message)
            self._waiting.append((work, future))
            self._wake.notify()
        return future

    async def write_all(self, works: list[Work[Any]]) -> list[Any]:
        """Queue many pieces with one wake-up each way; a failed piece's exception stands in its place."""
        if not works:
            return []
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        gathered = _Gathered(len(works), lambda results: loop.call_soon_threadsafe(_settle, done, results))
        with self._wake:
            if self._closing:
                message = "the database is closing"
                raise StoreError(message)
            self._waiting.extend((work, gathered.place(index)) for index, work in enumerate(works))
            self._wake.notify()
        results: list[Any] = await done
        return results

    async def read(self, work: Work[T]) -> T:
        """Run a piece of work on the read-only connection.

        Raises:
            ReadOnlyError: the work tried to write.
        """
        return await asyncio.get_running_loop().run_in_executor(self._readers, partial(self._read, work))

    def read_here(self, work: Work[T]) -> T:
        """Do as `read`, from a thread other than the event loop's, which waits."""
        return self._readers.submit(self._read, work).result()

    # ---- the writer thread ------------------------------------------------------------------------

    def _run(self) -> None:
        assert self._engine is not None
        with self._engine.connect() as connection:
            store = Store(connection, self._vault)
            store.begin(write=False)
            store.polls.scrub_wanted = store.polls.needs_scrub()
            store.rollback()
            not_before = 0.0
            while batch := self._next_batch():
                batch = [piece for piece in batch if piece[1].set_running_or_notify_cancel()]
                while not self._commit(store, batch):
                    with self._wake:
                        self._wake.wait(PATIENCE)
                if (
                    store.polls.scrub_wanted
                    and monotonic() >= not_before
                    and not self.scrub(connection, store)
                ):
                    not_before = monotonic() + SCRUB_AGAIN

    def _next_batch(self) -> list[tuple[Work[Any], Future[Any]]]:
        with self._wake:
            while not self._waiting:
                if self._closing:
                    return []
                self._wake.wait()
            most = min(len(self._waiting), MOST_AT_ONCE)
            return [self._waiting.popleft() for _ in range(most)]

    def _commit(self, store: Store, batch: list[tuple[Work[Any], Future[Any]]]) -> bool:
        """Run and commit a batch.  False: the database cannot take it now, nothing was kept, try again."""
        try:
            store.begin()
            outcomes = [_run_piece(store, work) for work, _ in batch]
            store.commit()
        except (DBAPIError, sqlite3.Error) as error:
            store.rollback()
            if hold_up(error) and not self._closing:
                if self.trouble is None:
                    log.warning("store.held_up", error=type(error).__name__)
                self.trouble = type(error).__name__
                return False
            for _, future in batch:
                future.set_exception(StoreError(type(error).__name__))
            return True
        self.trouble = None
        store.committed()
        for (_, future), (result, failure) in zip(batch, outcomes, strict=True):
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(failure)
        return True

    def scrub(self, connection: Connection, store: Store) -> bool:
        """Leave nothing of what was deleted in the file or its log: rewrite the one, empty the other (T-11).

        Runs in the writer's thread between two batches.  False: somebody else holds the database; try again
        later.  Until it is done a bookmark stands, so that the next start tries again too.
        """
        if connection.dialect.name != "sqlite":
            store.polls.scrub_wanted = False
            return True
        try:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {SCRUB_WAITS}")
            connection.exec_driver_sql("VACUUM")
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
            connection.rollback()  # SQLAlchemy thinks that it began something
            if not busy:
                store.begin()
                store.polls.scrubbed()
                store.commit()
                store.committed()
        except (DBAPIError, sqlite3.Error) as error:
            store.rollback()
            log.warning("store.unscrubbed", error=type(error).__name__)
            return False
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
            connection.rollback()
        return not busy

    # ---- the reader thread ------------------------------------------------------------------------

    def _read(self, work: Work[T]) -> T:
        if self._read_store is None:
            assert self._engine is not None
            connection = self._engine.connect()
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only = ON")
            else:
                connection.exec_driver_sql("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
            connection.commit()
            self._read_store = Store(connection, self._vault)
        store = self._read_store
        store.begin(write=False)
        try:
            return work(store)
        except (DBAPIError, sqlite3.Error) as error:
            if "readonly" in str(error) or "read-only" in str(error):
                message = "this was for reading only"
                raise ReadOnlyError(message) from None
            raise
        finally:
            store.rollback()

    def _close_reader(self) -> None:
        if self._read_store is not None:
            self._read_store.close()


def _run_piece(store: Store, work: Work[Any]) -> tuple[Any, Exception | None]:
    """Run one piece under its savepoint; give its result, or what it raised and left undone.

    What holds up the whole database passes through: the batch is rolled back and runs again.
    """
    store.savepoint()
    try:
        result = work(store)
    except Exception as error:
        if isinstance(error, DBAPIError | sqlite3.Error) and hold_up(error):
            raise
        store.rollback_to_savepoint()
        return None, error
    store.release_savepoint()
    return result, None


class _Gathered:
    """Many futures' results as one list, handed over when the last is there."""

    def __init__(self, number: int, done: Callable[[list[Any]], object]) -> None:
        self._results: list[Any] = [None] * number
        self._missing = number
        self._done = done

    def place(self, index: int) -> Any:
        return _Place(self, index)

    def put(self, index: int, result: Any) -> None:
        self._results[index] = result
        self._missing -= 1
        if self._missing == 0:
            self._done(self._results)


class _Place:
    """What the writer sees of a place in the list: a future's setters."""

    __slots__ = ("_gathered", "_index")

    def __init__(self, gathered: _Gathered, index: int) -> None:
        self._gathered = gathered
        self._index = index

    def set_running_or_notify_cancel(self) -> bool:
        return True

    def set_result(self, result: Any) -> None:
        self._gathered.put(self._index, result)

    def set_exception(self, error: BaseException) -> None:
        self._gathered.put(self._index, error)


def _settle(future: asyncio.Future[list[Any]], results: list[Any]) -> None:
    if not future.done():
        future.set_result(results)


def hold_up(error: BaseException) -> bool:
    """Tell a fault that passes (full disk, locked by another process) from one that stays."""
    fault = getattr(error, "orig", error)
    text = str(fault)
    return isinstance(fault, sqlite3.OperationalError) and any(
        part in text for part in ("locked", "disk is full", "disk I/O", "unable to open", "connection")
    )


def connect(url: str) -> Engine:
    """Make the engine: SQLite in WAL with FULL durability, or PostgreSQL through psycopg."""
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    memory = url in ("sqlite://", "sqlite:///:memory:")
    engine = create_engine(
        url,
        poolclass=StaticPool if memory else None,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        # isolation_level None: we say BEGIN ourselves; the driver's own habit breaks savepoints.
        cursor = connection.cursor()
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",  # what was deleted is overwritten: an erased person is gone
            "temp_store = MEMORY",
            "cache_size = -8000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def _revision(engine: Engine) -> str | None:
    """Give the revision that the tables are at; None: there are none yet."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        found: str | None = connection.exec_driver_sql(
            "SELECT version_num FROM alembic_version"
        ).scalar_one_or_none()
        return found


def migrate(engine: Engine) -> None:
    """Bring the tables to the newest revision (Alembic)."""
    if _revision(engine) == max(path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/*.py")):
        return
    from alembic import command  # noqa: PLC0415 - 40 ms and 10 MiB that only a change of tables needs
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
