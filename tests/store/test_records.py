"""Sessions inside the writer's transaction: what fails in one, and what holds it up, is treated like everything else."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from itertools import count

import pytest
from sqlalchemy.exc import IntegrityError

from bot.errors import ReadOnlyError, StoreError
from bot.messages import Place
from bot.store.engine import Database
from bot.store.records import OpenQuestion, session
from bot.store.vault import Vault

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.fixture
def database(url):
    database = Database(url, Vault(bytes(32)))
    database.open()
    yield database
    database.close()


@pytest.fixture
def lite(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'lite.db'}", Vault(bytes(32)))
    database.open()
    yield database
    database.close()


@pytest.fixture
def pg(empty_postgres_url):
    database = Database(empty_postgres_url, Vault(bytes(32)))
    database.open()
    yield database
    database.close()


def ask(identity, text):
    return lambda store: store.questions.keep(identity, "fi", text, 20_000)


def meet(address):
    return lambda store: store.people.meet(Place("web", address), language=None, now=NOW)


def asked(store):
    return [text for _, text in store.questions.all()]


async def test_a_record_that_is_refused_undoes_its_piece_and_no_other(database):
    def refused(store):
        meet("undone")(store)
        ask("a", "Toinen?")(store)

    outcomes = await database.write_all([meet("anna"), ask("a", "Onko kahvia?"), refused, meet("bertil")])

    assert [type(each) for each in outcomes if isinstance(each, Exception)] == [IntegrityError]
    assert await database.read(lambda store: (store.people.count(), asked(store))) == (2, ["Onko kahvia?"])


def test_whoever_gets_over_a_refused_record_keeps_what_went_before(store):
    meet("anna")(store)
    ask("a", "Onko kahvia?")(store)
    with pytest.raises(IntegrityError):
        ask("a", "Toinen?")(store)
    ask("b", "Kolmas?")(store)

    assert (store.people.count(), asked(store)) == (1, ["Onko kahvia?", "Kolmas?"])


async def test_a_piece_that_fails_takes_its_records_with_it(database):
    def fails(store):
        ask("a", "Onko kahvia?")(store)
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(fails)

    assert await database.read(asked) == []


def test_what_statements_did_before_is_seen_by_a_session_and_the_other_way_round(store):
    ask("a", "Onko kahvia?")(store)
    ask("b", "Missä?")(store)
    store.books.forget_questions(20_000)
    before = asked(store)
    store.books.forget_questions(20_001)

    assert (before, asked(store)) == (["Onko kahvia?", "Missä?"], [])


async def test_who_may_only_read_cannot_keep_a_record(database):
    with pytest.raises(ReadOnlyError):
        await database.read(ask("a", "Onko kahvia?"))

    assert await database.read(asked) == []


async def test_a_record_waits_until_the_disk_has_room(lite):
    tries = count()

    def ends_at_first(store):
        pages = store._cursor.execute("PRAGMA page_count").fetchone()[0] if next(tries) == 0 else 100_000
        store._cursor.execute(f"PRAGMA max_page_count = {pages}")
        ask("a", "x" * 100_000)(store)

    outcomes = await lite.write_all([meet("anna"), ends_at_first, meet("bertil")])

    assert not any(isinstance(each, Exception) for each in outcomes)
    assert (next(tries), lite.trouble) == (2, None)
    assert await lite.read(lambda store: (store.people.count(), len(asked(store)))) == (2, 1)


@pytest.mark.parametrize("within", [False, True], ids=["before a session", "within a session"])
async def test_a_record_whose_connection_is_lost_is_kept_over_the_next_one(pg, postgres, within):
    tries = count()

    def hangs_up(store):
        if next(tries) == 0:
            postgres.admin.execute(
                "SELECT pg_terminate_backend(%s)", [store._cursor.connection.info.backend_pid]
            )

    def work(store):
        if not within:
            hangs_up(store)
        with session(store) as records:
            records.add(OpenQuestion(id="a", language="fi", text="Onko kahvia?", day=1))
            if within:
                hangs_up(store)

    outcomes = await asyncio.wait_for(pg.write_all([meet("anna"), work, meet("bertil")]), 20)

    assert not any(isinstance(each, StoreError) for each in outcomes)
    assert next(tries) == 2
    assert await pg.read(lambda store: (store.people.count(), asked(store))) == (2, ["Onko kahvia?"])


def test_what_a_house_does_every_day_and_night_goes_without_sqlmodel(tmp_path):
    """Starting on no tables, being met, looking for organizers, a night: 6 MiB less than with it."""
    program = (
        "import sys, bot.app\n"
        "from datetime import UTC, datetime\n"
        "from bot.messages import Place\n"
        "from bot.router import Tick\n"
        "from bot.store.engine import Database\n"
        "from bot.store.vault import Vault\n"
        "from schedules.retention import forget\n"
        f"database = Database('sqlite:///{tmp_path / 'vertti.db'}', Vault(bytes(32)))\n"
        "database.open()\n"
        "now = datetime(2026, 11, 21, 10, tzinfo=UTC)\n"
        "def a_day(store):\n"
        "    store.people.meet(Place('web', 'anna'), language='fi', now=now)\n"
        "    store.people.organizers()\n"
        "    forget(Tick(store, now, None))\n"
        "database.submit(a_day).result()\n"
        "print('a day:', *sorted({'sqlmodel', 'sqlalchemy.orm'} & set(sys.modules)))\n"
        "database.submit(lambda store: store.organizers.invite(now=now)).result()\n"
        "print('a code:', *sorted({'sqlmodel', 'sqlalchemy.orm'} & set(sys.modules)))\n"
        "database.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == ["a day:", "a code: sqlalchemy.orm sqlmodel"]
