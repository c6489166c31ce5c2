"""The only SQL.  A `Store` is what one piece of work reads and writes through, inside one transaction."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Connection, Executable

from bot.logs import place_of
from bot.store.areas import Areas
from bot.store.bookkeeping import Bookkeeping
from bot.store.calendar import Calendar
from bot.store.changes import Changes
from bot.store.connection import BUSY_SECONDS
from bot.store.delivery import Delivery
from bot.store.dialogues import Dialogues
from bot.store.errands import Errands
from bot.store.fan_out import FanOut
from bot.store.feeds import Feeds
from bot.store.hot import Hot
from bot.store.newcomers import Newcomers
from bot.store.news import News
from bot.store.outbox import Outbox
from bot.store.overrides import KeptOverrides
from bot.store.people import People
from bot.store.polls import Polls
from bot.store.refreshing import Refreshing
from bot.store.shared_turns import SharedTurns
from bot.store.sign_ups import SignUps
from bot.store.subscriptions import Subscriptions
from bot.store.unsettled import Unsettled
from bot.store.vault import Vault
from bot.store.web_messages import WebMessages

if TYPE_CHECKING:
    from bot.store.organizers import Organizers
    from bot.store.questions import Questions

log = structlog.get_logger()

Row = tuple[Any, ...]

MANY_CHANGES = 100  # rows, after which the log is worth writing back
SCRUB_WAITS = 100  # milliseconds that a rewriting waits for a reader to be done


class Store:
    """Everything that is kept, one attribute a thing.

    It belongs to one connection and one thread; `engine.py` makes two, one that writes and one that reads.
    """

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._dialect = connection.dialect
        self._cursor = connection.connection.cursor()
        self.vault = vault
        self._written_back = 0  # so many rows had been changed when the log was last written back
        self._after_commit: list[Callable[[], object]] = []
        self._work = False  # is there something new to look at after the commit?
        self.on_work: Callable[[], object] | None = None  # called in the writer's thread
        self._mark = 0  # of what is called after the commit: where a piece of work begins
        self.people = People(self)
        self.subscriptions = Subscriptions(self)
        self.calendar = Calendar(self)
        self.refreshing = Refreshing(self)
        self.overrides = KeptOverrides(self)
        self.changes = Changes(self)
        self.polls = Polls(self)
        self.dialogues = Dialogues(self)
        self.outbox = Outbox(self)
        self.fan_out = FanOut(self)
        self.delivery = Delivery(self)
        self.news = News(self)
        self.errands = Errands(self)
        self.feeds = Feeds(self)
        self.sign_ups = SignUps(self)
        self.shared_turns = SharedTurns(self)
        self.newcomers = Newcomers(self)
        self.unsettled = Unsettled(self)
        self.areas = Areas(self)
        self.web = WebMessages(self)
        self.books = Bookkeeping(self)

    @cached_property
    def organizers(self) -> "Organizers":
        """Who may organize, and what organizers did."""
        from bot.store.organizers import Organizers  # noqa: PLC0415 - SQLModel: 6 MiB for what is rare

        return Organizers(self)

    @cached_property
    def questions(self) -> "Questions":
        """What people asked and nobody could answer."""
        from bot.store.questions import Questions  # noqa: PLC0415 - SQLModel: 6 MiB for what is rare

        return Questions(self)

    # ---- statements, for the modules beside this one -------------------------------------------------

    @property
    def dialect(self) -> str:
        """The name of the SQL dialect: sqlite or postgresql."""
        return self._dialect.name

    @property
    def connection(self) -> Connection:
        """What a session of records.py runs on."""
        return self._connection

    def hot(self, statement: Hot, **values: Any) -> None:
        """Run a hot statement that gives nothing back."""
        sql, positions, constants = statement.compiled(self._dialect)
        self._cursor.execute(sql, statement.arguments(positions, constants, values))

    def hot_count(self, statement: Hot, **values: Any) -> int:
        """Run a hot statement; give the number of rows it touched."""
        self.hot(statement, **values)
        return int(self._cursor.rowcount)

    def hot_row(self, statement: Hot, **values: Any) -> Row | None:
        """Run a hot statement; give its first row."""
        self.hot(statement, **values)
        row: Row | None = self._cursor.fetchone()
        return row

    def hot_rows(self, statement: Hot, **values: Any) -> list[Row]:
        """Run a hot statement; give its rows."""
        self.hot(statement, **values)
        return list(self._cursor.fetchall())

    def hot_many(self, statement: Hot, rows: Sequence[dict[str, Any]]) -> None:
        """Run a hot statement once for each row of values."""
        sql, positions, constants = statement.compiled(self._dialect)
        several: Any = [statement.arguments(positions, constants, values) for values in rows]
        self._cursor.executemany(sql, several)

    def run(self, statement: Executable, values: Any = None) -> Any:
        """Run any Core statement."""
        return self._connection.execute(statement, values)

    def wake(self) -> None:
        """Have the courier, the sweep and the errands look again once this transaction is durable."""
        self._work = True

    def after_commit(self, call: Callable[[], object]) -> None:
        """Have something called in the writer's thread once this transaction is durable."""
        self._after_commit.append(call)

    # ---- transactions, for engine.py -------------------------------------------------------------------

    def begin(self, *, write: bool = True) -> None:
        """Begin a transaction; on SQLite take the write lock at once instead of failing half-way."""
        self._connection.begin()
        if self.dialect == "sqlite":
            self._cursor.execute("BEGIN IMMEDIATE" if write else "BEGIN")

    def savepoint(self) -> None:
        """Mark where one piece of work begins."""
        self._cursor.execute("SAVEPOINT piece")
        self._mark = len(self._after_commit)
        self.outbox.mark()

    def release_savepoint(self) -> None:
        """Keep what the piece did."""
        self._cursor.execute("RELEASE SAVEPOINT piece")

    def rollback_to_savepoint(self) -> None:
        """Undo what the piece did."""
        self._cursor.execute("ROLLBACK TO SAVEPOINT piece")
        self._cursor.execute("RELEASE SAVEPOINT piece")
        del self._after_commit[self._mark :]
        self.outbox.forget_since_mark()
        self.polls.forget_keys()

    def commit(self) -> None:
        """Make it durable."""
        self.outbox.flush()
        transaction = self._connection.get_transaction()
        assert transaction is not None
        transaction.commit()

    def rollback(self) -> None:
        """Give up the whole transaction."""
        self._after_commit.clear()
        self._work = False
        self.outbox.forget_all()
        self.polls.forget_keys()
        transaction = self._connection.get_transaction()
        if transaction is not None:
            transaction.rollback()

    def committed(self) -> None:
        """Tell those who waited for the commit; none of them can undo it any more."""
        calls, self._after_commit = [self.outbox.hand_over, *self._after_commit, self._tell_of_work], []
        for call in calls:
            try:
                call()
            except Exception as error:  # noqa: BLE001 - the others hear of it all the same
                log.error("store.listener_failed", error=type(error).__name__, where=place_of(error))  # noqa: TRY400

    def _tell_of_work(self) -> None:
        work, self._work = self._work, False
        if work and self.on_work is not None:
            self.on_work()

    def log_is_long(self) -> bool:
        """Tell whether much has gone into SQLite's log since `write_back`."""
        return self.dialect == "sqlite" and self._changed() - self._written_back >= MANY_CHANGES

    def write_back(self) -> None:
        """Copy SQLite's log into its file, as far as no reader is in the way; between two transactions."""
        self._written_back = self._changed()
        self._cursor.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def _changed(self) -> int:
        driver: Any = self._connection.connection.driver_connection
        return int(driver.total_changes)

    def scrub(self) -> bool:
        """Rewrite what deleted rows lay in and empty the log, between two transactions; False: somebody reads."""
        if self.dialect == "sqlite":
            return self._scrub_sqlite()
        return self._scrub_postgresql()

    def _scrub_sqlite(self) -> bool:
        run = self._cursor.execute
        run(f"PRAGMA busy_timeout = {SCRUB_WAITS}")
        try:
            run("VACUUM")
            run("PRAGMA wal_checkpoint(TRUNCATE)")
            row = self._cursor.fetchone()
            return row is not None and not row[0]
        finally:
            run(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")

    def _scrub_postgresql(self) -> bool:
        driver: Any = self._connection.connection.driver_connection
        driver.autocommit = True  # VACUUM runs in no transaction
        try:
            self._cursor.execute(f"SET lock_timeout = {SCRUB_WAITS}")
            self._cursor.execute("VACUUM (FULL) ballot, vote_event, poll_round")
            self._cursor.execute("RESET lock_timeout")
        finally:
            driver.autocommit = False
        return True

    def reconnect(self, connection: Connection) -> None:
        """Go on over another connection, for the old one was lost with all that was not committed."""
        self._connection.invalidate()
        self._connection.close()
        self._connection = connection
        self._cursor = connection.connection.cursor()

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
