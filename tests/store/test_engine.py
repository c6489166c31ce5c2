import asyncio
import contextlib
import os
import sqlite3
import stat
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count

import psycopg
import pytest
from sqlalchemy import insert, make_url

from bot.errors import ReadOnlyError, SetupError, StoreError
from bot.messages import Place, say
from bot.store import MANY_CHANGES, models
from bot.store.engine import MOST_AT_ONCE, Database
from bot.store.models import to_day
from bot.store.people import Conversation
from bot.store.vault import Vault
from tests.support import empty_database

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
KEY = bytes(32)


@pytest.fixture
def database(url):
    database = Database(url, Vault(KEY))
    database.open()
    yield database
    database.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lite.db"


@pytest.fixture
def lite(path):
    """A database on SQLite, for the faults that only files have."""
    database = Database(f"sqlite:///{path}", Vault(KEY))
    database.open()
    yield database
    database.close()


@pytest.fixture
def pg(empty_postgres_url):
    database = Database(empty_postgres_url, Vault(KEY))
    database.open()
    yield database
    database.close()


def meet(address):
    return lambda store: store.people.meet(Place("web", address), language=None, now=NOW)


def people(store):
    return store.people.count()


async def until(holds, seconds=10.0):
    """Wait until something holds; a test whose moment never comes fails."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.005)


class Gate:
    """A piece of work that keeps the writer until it is opened."""

    def __init__(self):
        self._opened = threading.Event()
        self.reached = threading.Event()

    def __call__(self, store):
        self.reached.set()
        assert self._opened.wait(10)

    def open(self):
        self._opened.set()


# ---- what is written is written ------------------------------------------------------------------------------


async def test_what_was_written_is_there_after_a_restart(database, url):
    await database.write(meet("anna"))
    database.close()
    again = Database(url, Vault(KEY))
    again.open()

    known = await again.read(lambda store: store.people.find(Place("web", "anna")))

    again.close()
    assert known is not None
    assert known.place == Place("web", "anna")


async def test_many_writers_at_once_all_get_their_answer(database):
    met = await asyncio.gather(*(database.write(meet(str(number))) for number in range(500)))

    assert len({person.id for person in met}) == 500


async def test_what_waits_is_committed_at_once(database):
    gate, commits = Gate(), []
    first = asyncio.ensure_future(database.write(gate))
    await until(gate.reached.is_set)

    def work(number, store):
        store.after_commit(partial(commits.append, number))

    for number in range(10):
        database.submit(partial(work, number))
    committed_early = list(commits)
    gate.open()
    await first
    await database.write(people)
    await database.write(people)

    assert committed_early == []
    assert commits == list(range(10))


async def test_an_order_larger_than_a_batch_is_done_whole(database):
    many = MOST_AT_ONCE + 44

    outcomes = await database.write_all([lambda _, number=number: number for number in range(many)])

    assert outcomes == list(range(many))
    assert await database.write_all([]) == []


async def test_pieces_are_done_in_the_order_in_which_they_came(database):
    done = []

    await asyncio.gather(
        *(database.write(lambda _, number=number: done.append(number)) for number in range(400))
    )

    assert done == list(range(400))


async def test_another_thread_can_have_something_written_and_wait(database):
    met = await asyncio.to_thread(lambda: database.submit(meet("anna")).result(10))

    assert met.place == Place("web", "anna")


async def test_another_thread_hears_of_a_failure(database):
    with pytest.raises(ZeroDivisionError):
        await asyncio.to_thread(lambda: database.submit(lambda _: 1 / 0).result(10))


# ---- pieces that fail ----------------------------------------------------------------------------------------


async def test_a_failing_piece_takes_nothing_with_it(database):
    def fails(store):
        meet("bertil")(store)
        raise ZeroDivisionError

    outcomes = await database.write_all([meet("anna"), fails, meet("cecilia")])
    number = await database.read(people)

    assert [type(each).__name__ for each in outcomes] == ["Conversation", "ZeroDivisionError", "Conversation"]
    assert number == 2


async def test_the_one_who_waits_hears_of_a_failure(database):
    with pytest.raises(ZeroDivisionError):
        await database.write(lambda _: 1 / 0)


async def test_a_failing_piece_says_nothing_and_calls_nobody(database):
    heard = []

    def fails(store):
        anna = meet("anna")(store)
        store.outbox.push(anna, "lost", say("home"), now=NOW)
        store.after_commit(partial(heard.append, "failed"))
        raise ZeroDivisionError

    def follows(store):
        anna = meet("anna")(store)
        store.outbox.push(anna, "kept", say("home"), now=NOW)
        store.after_commit(partial(heard.append, "kept"))

    await database.write_all([fails, follows])
    waiting = await database.write(lambda store: store.delivery.claim("web", now=NOW, most=9))

    assert heard == ["kept"]
    assert [row.key for row in waiting] == ["kept"]


async def test_what_an_earlier_piece_wanted_said_outlives_a_later_one_that_looked_and_failed(database):
    """The later one has had the earlier one's rows written, under its own savepoint."""

    def speaks(store):
        store.outbox.push(meet("anna")(store), "kept", say("home"), now=NOW)

    def fails(store):
        assert store.outbox.next_due() == NOW
        raise ZeroDivisionError

    await database.write_all([speaks, fails])
    waiting = await database.write(lambda store: store.delivery.claim("web", now=NOW, most=9))

    assert [row.key for row in waiting] == ["kept"]


@pytest.mark.parametrize(
    "ending", [SystemExit, KeyboardInterrupt, asyncio.CancelledError, GeneratorExit, StopIteration]
)
async def test_nothing_that_a_piece_raises_ends_the_writer_or_its_waiter(database, ending):
    def fails(store):
        meet("bertil")(store)
        raise ending

    with pytest.raises(RuntimeError):
        await database.write(fails)

    await database.write(meet("anna"))
    assert await database.read(people) == 1


async def test_a_piece_that_spoils_the_commit_of_all_spoils_its_own_only(database):
    """A row for nobody is found out when the rows are written, after all pieces have run."""

    def for_nobody(store):
        store.outbox.invite(4711, "web", "lost", say("home"), not_before=NOW, useful_until=NOW)

    outcomes = await database.write_all([meet("anna"), for_nobody, meet("bertil")])
    number = await database.read(people)

    kinds = [type(each) for each in outcomes]
    assert kinds[0] == kinds[2] == Conversation
    assert issubclass(kinds[1], sqlite3.IntegrityError | psycopg.IntegrityError)
    assert number == 2


async def test_an_exception_of_the_database_names_nobody(database):
    def twice(store):
        for _ in range(2):
            store.run(a_conversation("kanarialintu"))

    (outcome,) = await database.write_all([twice])

    assert type(outcome).__name__ == "IntegrityError"
    assert "INSERT INTO conversation" in str(outcome)
    assert "kanarialintu" not in f"{outcome} {outcome!r}"


def a_conversation(language):
    return insert(models.conversation).values(
        platform="web", kind="private", lookup=b"same", address=b"x", language=language, named=False,
        state="active", consented=0, last_seen=0,
    )  # fmt: skip


async def test_a_listener_that_fails_after_the_commit_stops_nobody(database, capsys):
    heard = []

    def work(store):
        store.after_commit(lambda: 1 / 0)
        store.after_commit(partial(heard.append, "later"))
        return "done"

    outcome = await database.write(work)

    assert outcome == "done"
    assert heard == ["later"]
    assert "store.listener_failed" in capsys.readouterr().err
    assert await database.write(lambda _: "alive") == "alive"


async def test_a_waiter_that_is_cancelled_leaves_the_work_done_and_the_writer_alive(database):
    gate = Gate()
    first = asyncio.ensure_future(database.write(gate))
    await until(gate.reached.is_set)
    second = asyncio.ensure_future(database.write(meet("anna")))
    await asyncio.sleep(0)

    first.cancel()
    second.cancel()
    gate.open()
    await database.write(meet("bertil"))

    assert await database.read(people) == 2


def test_a_loop_that_has_gone_home_does_not_end_the_writer(database):
    gate = Gate()

    async def leaves():
        waiting = database.queue([gate])
        await until(gate.reached.is_set)
        waiting.cancel()

    asyncio.run(leaves())
    gate.open()

    assert database.submit(lambda _: "alive").result(10) == "alive"


# ---- reading -------------------------------------------------------------------------------------------------


async def test_the_reading_connection_cannot_write(database):
    await database.write(meet("anna"))

    with pytest.raises(ReadOnlyError):
        await database.read(meet("bertil"))

    assert await database.read(people) == 1


async def test_what_a_reader_wanted_said_is_never_said(database):
    anna = await database.write(meet("anna"))

    await database.read(lambda store: store.outbox.push(anna, "lost", say("home"), now=NOW))

    assert await database.read(lambda store: store.outbox.waiting_for(anna.id)) == 0


async def test_a_reader_sees_what_is_committed_and_no_more(database):
    gate = Gate()

    def work(store):
        meet("anna")(store)
        gate(store)

    writing = asyncio.ensure_future(database.write(work))
    await until(gate.reached.is_set)
    before = await database.read(people)
    gate.open()
    await writing

    assert before == 0
    assert await database.read(people) == 1


async def test_another_thread_can_read(database):
    await database.write(meet("anna"))

    assert await asyncio.to_thread(database.read_here, people) == 1


async def test_a_read_that_fails_is_followed_by_one_that_works(database):
    def broken(store):
        store._cursor.execute("SELECT nothing FROM nowhere")

    with pytest.raises(StoreError):
        await database.read(broken)
    with pytest.raises(ZeroDivisionError):
        await database.read(lambda _: 1 / 0)

    assert await database.read(people) == 0


# ---- what holds up the writer --------------------------------------------------------------------------------


async def test_a_database_locked_by_another_process_is_waited_for(lite, path):
    await lite.write(meet("anna"))
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.4, lambda: other.execute("COMMIT")).start()
    began = time.monotonic()

    await lite.write(meet("bertil"))
    waited = time.monotonic() - began

    other.close()
    assert waited >= 0.3
    assert await lite.read(people) == 2


async def test_a_lock_that_outlasts_sqlites_own_patience_is_waited_for_all_the_same(lite, path):
    await lite.write(lambda store: store._cursor.execute("PRAGMA busy_timeout = 20") and None)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.ensure_future(lite.write(meet("anna")))

    await until(lambda: lite.trouble is not None)
    trouble, readable = lite.trouble, await lite.read(people)
    other.execute("COMMIT")
    await asyncio.wait_for(writing, 5)

    other.close()
    assert trouble == "SQLITE_BUSY"
    assert readable == 0
    assert lite.trouble is None
    assert await lite.read(people) == 1


class Disk:
    """A disk for a database that can be made to end where the file ends."""

    def __init__(self, database):
        self._database = database
        self._cursor = None

    async def ends_here(self):
        def work(store):
            self._cursor = store._cursor
            pages = self._cursor.execute("PRAGMA page_count").fetchone()[0]
            self._cursor.execute(f"PRAGMA max_page_count = {pages}")

        await self._database.write(work)

    def grows(self):
        self._cursor.execute("PRAGMA max_page_count = 100000")


def keep(size):
    return lambda store: store.books.set_bookmark("big", "x" * size)


async def test_a_full_disk_loses_nothing_and_is_got_over(lite, path, capsys):
    disk = Disk(lite)
    await disk.ends_here()
    writing = asyncio.ensure_future(lite.write_all([meet("anna"), keep(1_000_000), meet("bertil")]))

    await until(lambda: lite.trouble is not None)
    await asyncio.sleep(1.2)  # more than two tries
    trouble, done, readable = lite.trouble, writing.done(), await lite.read(people)
    disk.grows()
    outcomes = await asyncio.wait_for(writing, 5)

    said = capsys.readouterr().err
    assert (trouble, done, readable) == ("SQLITE_FULL", False, 0)
    assert len(outcomes) == 3
    assert lite.trouble is None
    assert await lite.read(people) == 2
    assert said.count("store.held_up") == 1, "one alarm"
    assert said.count("store.goes_on") == 1
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_pieces_run_once_in_effect_however_often_they_were_tried(lite):
    disk, tries = Disk(lite), count()
    await disk.ends_here()

    def work(store):
        next(tries)
        store.books.add("counted", to_day(NOW))
        store.outbox.push(meet("anna")(store), "once", say("home"), now=NOW)
        keep(1_000_000)(store)

    writing = asyncio.ensure_future(lite.write(work))
    await asyncio.sleep(1.2)
    disk.grows()
    await asyncio.wait_for(writing, 5)
    claimed = await lite.write(lambda store: store.delivery.claim("web", now=NOW, most=9))

    assert next(tries) > 1
    assert await lite.read(lambda store: store.books.count("counted")) == 1
    assert [row.key for row in claimed] == ["once"]


async def test_closing_while_the_disk_is_full_fails_what_waits(lite):
    disk = Disk(lite)
    await disk.ends_here()
    writing = asyncio.ensure_future(lite.write(keep(1_000_000)))
    await until(lambda: lite.trouble is not None)

    await asyncio.to_thread(lite.close)

    with pytest.raises(StoreError):
        await writing


async def test_a_lost_connection_is_made_anew_and_nothing_is_lost(pg, postgres):
    await pg.write(meet("anna"))
    await pg.read(people)
    name = make_url(pg.url).database

    def hang_up():
        postgres.admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )

    hang_up()
    await asyncio.wait_for(pg.write(meet("bertil")), 10)
    with pytest.raises(
        StoreError
    ):  # the reader hears of it when it asks; the next one who asks gets an answer
        await pg.read(people)

    assert await pg.read(people) == 2
    assert pg.trouble is None


async def test_a_connection_lost_in_the_middle_takes_the_whole_batch_with_it_and_it_runs_again(pg, postgres):
    tries = count()

    def hangs_up(store):
        if next(tries) == 0:
            pid = store._cursor.connection.info.backend_pid
            postgres.admin.execute("SELECT pg_terminate_backend(%s)", [pid])
        store.people.count()

    await pg.write_all([meet("anna"), hangs_up, meet("bertil")])

    assert next(tries) == 2
    assert await pg.read(people) == 2


@pytest.mark.parametrize("outage", [psycopg.errors.DiskFull, psycopg.errors.AdminShutdown])
async def test_faults_of_a_server_that_pass_are_waited_out(pg, outage):
    tries = count()

    def fails_at_first(store):
        meet("anna")(store)
        if next(tries) == 0:
            raise outage

    await pg.write(fails_at_first)

    assert await pg.read(people) == 1


# ---- opening and closing -------------------------------------------------------------------------------------


async def test_after_closing_nothing_is_taken_any_more(database):
    database.close()
    database.close()

    with pytest.raises(StoreError):
        await database.write(meet("anna"))


async def test_what_waits_at_closing_is_committed(database, url):
    gate = Gate()
    database.submit(gate)
    waiting = database.submit(meet("anna"))
    threading.Timer(0.1, gate.open).start()

    await asyncio.to_thread(database.close)

    assert waiting.result(0).place == Place("web", "anna")


async def test_sqlite_keeps_every_commit_through_a_loss_of_power(lite):
    pragmas = await lite.write(
        lambda store: [
            store._cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        ]
    )

    assert pragmas == ["wal", 2, 1, 1]


async def test_a_long_log_is_written_back_at_rest(path):
    """Else now and then a commit does it, and takes three times as long as the others."""
    lite = Database(empty_database(path), Vault(KEY))
    lite.open()
    alone = path.with_name("alone.db")

    def in_the_file():
        alone.write_bytes(path.read_bytes())
        with contextlib.closing(sqlite3.connect(alone)) as file:
            return file.execute("SELECT count(*) FROM conversation").fetchone()[0]

    await lite.write(meet("first"))
    await lite.write_all([meet(str(number)) for number in range(MANY_CHANGES)])
    await until(in_the_file)
    await lite.write(meet("last"))
    await asyncio.sleep(0.2)

    assert in_the_file() == MANY_CHANGES + 1, "one row more is not worth it"
    lite.close()


async def test_only_this_user_may_read_the_database(lite, path):
    await lite.write(meet("anna"))

    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}

    assert modes == {"lite.db": 0o600, "lite.db-wal": 0o600, "lite.db-shm": 0o600}


def test_a_database_that_others_could_read_is_closed_to_them(path):
    path.touch(mode=0o644)
    database = Database(f"sqlite:///{path}", Vault(KEY))
    database.open()
    database.close()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_another_key_is_found_out_at_the_start(database, url):
    database.submit(meet("anna")).result(10)
    database.close()

    with pytest.raises(SetupError) as found:
        Database(url, Vault(bytes(31) + b"x")).open()

    assert [fault.where for fault in found.value.faults] == ["vertti.key"]


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("sqlite:////nowhere/at/all.db", "VERTTI_DATA_DIR"),
        ("postgresql://nobody:secret@127.0.0.1:1/none", "VERTTI_DATABASE_URL"),
    ],
)
def test_a_database_that_cannot_be_reached_is_a_fault_with_its_mend(address, where):
    with pytest.raises(SetupError) as found:
        Database(address, Vault(KEY)).open()

    (fault,) = found.value.faults
    assert fault.where == where
    assert "secret" not in str(fault)


def test_a_file_that_is_no_database_is_a_fault_with_its_mend(path):
    path.write_bytes(b"not a database at all, but long enough to look like one" * 20)

    with pytest.raises(SetupError) as found:
        Database(f"sqlite:///{path}", Vault(KEY)).open()

    assert "DatabaseError" in str(found.value.faults[0])


# ---- nothing is left of what was deleted ---------------------------------------------------------------------


async def test_after_a_poll_closed_the_file_is_rewritten(database):
    def close(store):
        asked = store.polls.open("mood", "test", now=NOW, closes=NOW + timedelta(days=1))
        store.polls.close(asked.id, now=NOW)

    await database.write(close)
    await database.write(people)

    left = await database.write(lambda store: (store.polls.scrub_wanted, store.books.bookmark("polls.scrub")))

    assert left == (False, None)


async def test_a_file_that_was_not_rewritten_is_after_the_next_start(database, url):
    await database.write(lambda store: store.books.set_bookmark("polls.scrub", "wanted"))
    database.close()
    again = Database(url, Vault(KEY))
    again.open()
    await again.write(people)

    left = await again.write(lambda store: store.books.bookmark("polls.scrub"))

    again.close()
    assert left is None


async def test_what_was_deleted_is_in_no_file_any_more(lite, path):
    canary = "kanarialintu"
    await lite.write(lambda store: store.books.set_bookmark("secret", canary * 50))
    there = any(canary.encode() in each.read_bytes() for each in path.parent.iterdir())

    def forget(store):
        store._cursor.execute("DELETE FROM bookmark")
        store.polls.scrub_wanted = True

    await lite.write(forget)
    await lite.write(people)

    assert there
    assert not any(canary.encode() in each.read_bytes() for each in path.parent.iterdir())


# ---- long forms ----------------------------------------------------------------------------------------------


@pytest.mark.soak
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
async def test_a_small_disk_that_really_is_full_is_got_over(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], check=True)
    try:
        database = Database(f"sqlite:///{disk / 'vertti.db'}", Vault(KEY))
        database.open()
        await database.write(meet("anna"))
        ballast = disk / "ballast"
        with pytest.raises(OSError, match="No space left"):
            ballast.write_bytes(b"x" * 10_000_000)
        writing = asyncio.ensure_future(database.write_all([keep(2_000_000), meet("bertil")]))
        await until(lambda: database.trouble is not None)
        await asyncio.sleep(2)
        readable = await database.read(people)
        ballast.unlink()
        began = time.monotonic()
        await asyncio.wait_for(writing, 30)
        recovered = time.monotonic() - began
        database.close()
        whole = sqlite3.connect(disk / "vertti.db").execute("PRAGMA integrity_check").fetchone()
    finally:
        subprocess.run(["umount", "-l", disk], check=True)

    assert readable == 1
    assert recovered < 5
    assert whole == ("ok",)


@pytest.mark.soak
async def test_a_lock_of_half_a_minute_loses_nothing(lite, path):
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(30, lambda: other.execute("COMMIT")).start()
    began = time.monotonic()

    await lite.write_all([meet(str(number)) for number in range(100)])

    other.close()
    assert 29 < time.monotonic() - began < 31
    assert await lite.read(people) == 100
