"""The only SQL.  A `Store` is what one piece of work reads and writes through, inside one transaction."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Executable

from bot.store.bookkeeping import Bookkeeping
from bot.store.calendar import Calendar
from bot.store.dialogues import Dialogues
from bot.store.errands import Errands
from bot.store.hot import Hot
from bot.store.news import News
from bot.store.organizers import Organizers
from bot.store.outbox import Outbox
from bot.store.people import People
from bot.store.polls import Polls
from bot.store.subscriptions import Subscriptions
from bot.store.vault import Vault
from bot.store.web_messages import WebMessages

Row = tuple[Any, ...]


class Store:
    """Everything that is kept, one attribute a thing.

    It belongs to one connection and one thread; `engine.py` makes two, one that writes and one that reads.
    """

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._dialect = connection.dialect
        self._cursor = connection.connection.cursor()
        self.vault = vault
        self._after_commit: list[Callable[[], object]] = []
        self.people = People(self)
        self.subscriptions = Subscriptions(self)
        self.calendar = Calendar(self)
        self.polls = Polls(self)
        self.dialogues = Dialogues(self)
        self.outbox = Outbox(self)
        self.news = News(self)
        self.organizers = Organizers(self)
        self.errands = Errands(self)
        self.web = WebMessages(self)
        self.books = Bookkeeping(self)

    # ---- statements, for the modules beside this one -------------------------------------------------

    @property
    def dialect(self) -> str:
        """The name of the SQL dialect: sqlite or postgresql."""
        return self._dialect.name

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
        rows: list[Row] = self._cursor.fetchall()
        return rows

    def hot_many(self, statement: Hot, rows: Sequence[dict[str, Any]]) -> None:
        """Run a hot statement once for each row of values."""
        sql, positions, constants = statement.compiled(self._dialect)
        self._cursor.executemany(sql, [statement.arguments(positions, constants, values) for values in rows])

    def run(self, statement: Executable, values: Any = None) -> Any:
        """Run any Core statement: the rare paths."""
        return self._connection.execute(statement, values)

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
        self.outbox.mark()

    def release_savepoint(self) -> None:
        """Keep what the piece did."""
        self._cursor.execute("RELEASE SAVEPOINT piece")

    def rollback_to_savepoint(self) -> None:
        """Undo what the piece did."""
        self._cursor.execute("ROLLBACK TO SAVEPOINT piece")
        self._cursor.execute("RELEASE SAVEPOINT piece")
        self.outbox.forget_since_mark()

    def commit(self) -> None:
        """Make it durable."""
        self.outbox.flush()
        transaction = self._connection.get_transaction()
        assert transaction is not None
        transaction.commit()

    def rollback(self) -> None:
        """Give up the whole transaction."""
        self._after_commit.clear()
        self.outbox.forget_all()
        transaction = self._connection.get_transaction()
        if transaction is not None:
            transaction.rollback()

    def committed(self) -> None:
        """Tell those who waited for the commit."""
        self.outbox.hand_over()
        calls, self._after_commit = self._after_commit, []
        for call in calls:
            call()

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
