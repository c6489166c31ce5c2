import asyncio
import sqlite3
import threading
import time
from datetime import UTC, datetime

import pytest

from bot.errors import ReadOnlyError, StoreError
from bot.messages import Place
from bot.store.engine import Database
from bot.store.vault import Vault

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vertti.db"


@pytest.fixture
def database(path):
    database = Database(f"sqlite:///{path}", Vault(bytes(32)))
    database.open()
    yield database
    database.close()


def meet(address):
    return lambda store: store.people.meet(Place("web", address), language=None, now=NOW)


async def test_what_was_written_is_there_after_a_restart(database, path):
    await database.write(meet("anna"))
    database.close()
    again = Database(f"sqlite:///{path}", Vault(bytes(32)))
    again.open()

    known = await again.read(lambda store: store.people.find(Place("web", "anna")))

    again.close()
    assert known is not None
    assert known.place == Place("web", "anna")


async def test_a_failing_piece_takes_nothing_with_it(database):
    def fails(store):
        meet("bertil")(store)
        raise ZeroDivisionError

    outcomes = await database.write_all([meet("anna"), fails, meet("cecilia")])
    count = await database.read(lambda store: store.people.count())

    assert [type(each).__name__ for each in outcomes] == ["Conversation", "ZeroDivisionError", "Conversation"]
    assert count == 2


async def test_the_one_who_waits_hears_of_a_failure(database):
    with pytest.raises(ZeroDivisionError):
        await database.write(lambda _: 1 / 0)


async def test_many_writers_at_once_all_get_their_answer(database):
    people = await asyncio.gather(*(database.write(meet(str(number))) for number in range(500)))

    assert len({person.id for person in people}) == 500


async def test_the_reading_connection_cannot_write(database):
    await database.write(meet("anna"))

    with pytest.raises(ReadOnlyError):
        await database.read(meet("bertil"))


async def test_a_database_locked_by_another_process_is_waited_for(database, path):
    await database.write(meet("anna"))
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.4, lambda: other.execute("COMMIT")).start()
    began = time.monotonic()

    await database.write(meet("bertil"))
    waited = time.monotonic() - began
    count = await database.read(lambda store: store.people.count())

    other.close()
    assert waited >= 0.3
    assert count == 2


async def test_a_full_disk_loses_nothing_and_is_got_over(database):
    await database.write(meet("anna"))

    def limit(store, pages):
        store._cursor.execute(f"PRAGMA max_page_count = {pages}")

    pages = await database.write(lambda store: store._cursor.execute("PRAGMA page_count").fetchone()[0])
    await database.write(lambda store: limit(store, pages))  # the disk ends here
    big = "x" * 1_000_000
    work = asyncio.ensure_future(database.write(lambda store: store.books.set_bookmark("big", big)))
    await asyncio.sleep(0.7)
    trouble, done = database.trouble, work.done()
    database._lift = database.submit  # noqa: B010

    assert trouble == "OperationalError"
    assert not done

    work.cancel()


async def test_after_closing_nothing_is_taken_any_more(path):
    database = Database(f"sqlite:///{path}", Vault(bytes(32)))
    database.open()
    database.close()

    with pytest.raises(StoreError):
        await database.write(meet("anna"))


async def test_sqlite_keeps_every_commit_through_a_loss_of_power(database):
    pragmas = await database.write(
        lambda store: [
            store._cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        ]
    )

    assert pragmas == ["wal", 2, 1, 1]
