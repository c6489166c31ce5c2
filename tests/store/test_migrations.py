"""The migrations lead to the tables of models.py and records.py, from nothing and from each revision, on both engines."""

import sqlite3
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from bot.messages import Place, say
from bot.store import Store
from bot.store.connection import MIGRATIONS, connect, migrate
from bot.store.records import Record
from bot.store.vault import Vault
from tests.support import empty_database

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    """A database without any table."""
    if request.param == "sqlite":
        engine = connect(f"sqlite:///{tmp_path / 'vertti.db'}")
    else:
        engine = connect(request.getfixturevalue("postgres").create_bare("bare"))
    yield engine
    engine.dispose()


def config(open_connection):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = open_connection
    return config


def differences(engine):
    with engine.connect() as open_connection:
        context = MigrationContext.configure(open_connection, opts={"compare_type": True})
        return compare_metadata(context, Record.metadata)


def test_from_nothing_they_lead_to_the_tables_of_the_models(engine):
    migrate(engine)

    assert differences(engine) == []


def test_indexes_are_made_with_their_conditions(engine):
    """Without these, looking for what is due would read everything that was ever sent."""
    migrate(engine)

    with engine.connect() as open_connection:
        query = {
            "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'",
            "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%WHERE%'",
        }[engine.dialect.name]
        made = {name for name, _ in open_connection.execute(text(query))}
    wanted = {
        index.name
        for table in Record.metadata.sorted_tables
        for index in table.indexes
        if index.dialect_options[engine.dialect.name]["where"] is not None
    }

    assert made == wanted
    assert {"outbox_waiting", "outbox_due", "alarm_due"} <= made


def test_they_go_back_to_nothing_and_up_again(engine):
    migrate(engine)
    with engine.connect() as open_connection:
        command.downgrade(config(open_connection), "base")
    left = set(inspect(engine).get_table_names()) - {"alembic_version", "sqlite_sequence"}
    migrate(engine)

    assert left == set()
    assert differences(engine) == []


def test_what_waits_is_there_after_each_step_up_and_down(engine):
    """R-18: a house in use is brought to the newest tables, and back to the first."""
    with engine.connect() as open_connection:
        command.upgrade(config(open_connection), "0001")
    anna = Place("telegram", "anna")
    found = []
    with engine.connect() as open_connection:
        store = Store(open_connection, Vault(bytes(32)))
        store.begin()
        known = store.people.meet(anna, language="fi", now=NOW)
        store.outbox.push(known, "waits", say("home"), now=NOW)
        store.polls.open("hymio", "torstai", now=NOW, closes=NOW)
        store.commit()
    for step in ("head", "0001", "head"):
        with engine.connect() as open_connection:
            go = command.upgrade if step == "head" else command.downgrade
            go(config(open_connection), step)
        with engine.connect() as open_connection:
            store = Store(open_connection, Vault(bytes(32)))
            store.begin()
            (row,) = store.delivery.claim("telegram", now=NOW, most=9)
            found.append((row.key, row.place, store.polls.get(1).poll))
            store.rollback()

    assert found == [("waits", anna, "hymio")] * 3


def test_what_waits_keeps_its_lane_when_one_comes_in_between(engine):
    def lanes():
        with engine.connect() as open_connection:
            return list(open_connection.execute(text("SELECT lane FROM outbox ORDER BY id")).scalars())

    with engine.connect() as open_connection:
        command.upgrade(config(open_connection), "0002")
    with engine.connect() as open_connection, open_connection.begin():
        open_connection.execute(
            text(
                "INSERT INTO conversation (platform, kind, lookup, address, named, state, consented, last_seen)"
                " VALUES ('telegram', 'private', '1', '1', false, 'active', 1, 1)"
            )
        )
        for lane in range(4):
            values = f"'{lane}', 1, 'telegram', {lane}, 0, '', 0, 0"
            open_connection.execute(
                text(
                    "INSERT INTO outbox (key, conversation, platform, lane, not_before, what, state, attempts)"
                    f" VALUES ({values})"
                )
            )
    found = [lanes()]
    for step in ("head", "0002"):
        with engine.connect() as open_connection:
            (command.upgrade if step == "head" else command.downgrade)(config(open_connection), step)
        found.append(lanes())

    assert found == [[0, 1, 2, 3], [0, 2, 3, 4], [0, 1, 2, 3]]


def test_a_second_time_they_change_nothing(engine):
    migrate(engine)
    migrate(engine)

    assert differences(engine) == []


def test_they_stand_in_one_line():
    script = ScriptDirectory(str(MIGRATIONS))

    assert len(script.get_heads()) == 1
    files = {path.stem.partition("_")[0] for path in MIGRATIONS.glob("versions/*.py")}
    assert files == {revision.revision for revision in script.walk_revisions()}
    assert script.get_current_head() == max(files), (
        "the newest has the greatest number: the start asks for no more"
    )


def test_they_name_nothing_of_our_models():
    """A migration outlives the models: what it says must stand by itself."""
    for path in MIGRATIONS.glob("versions/*.py"):
        text = path.read_text(encoding="utf-8")
        assert "bot." not in text
        assert "sqlmodel" not in text


def test_no_column_can_hold_a_name():
    """Not one that says so, at least; what a platform calls people is never kept (D2)."""
    columns = {column.name for table in Record.metadata.sorted_tables for column in table.columns}

    assert not columns & {"username", "first_name", "last_name", "phone", "photo", "email"}
    assert {
        (table.name, column.name) for table in Record.metadata.sorted_tables for column in table.columns if "name" in column.name
    } == {("bookmark", "name"), ("calendar_feed", "named"), ("conversation", "named"), ("counter", "name")}  # fmt: skip


def test_a_copied_empty_database_is_one_that_was_migrated(tmp_path):
    engine = connect(empty_database(tmp_path / "copy.db"))

    assert differences(engine) == []
    engine.dispose()
    assert sqlite3.connect(tmp_path / "copy.db").execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_store_runs_on_what_they_made(engine):
    migrate(engine)
    with engine.connect() as open_connection:
        store = Store(open_connection, Vault(bytes(32)))
        store.begin()
        store.books.add("migrated", 1)
        assert store.books.count("migrated") == 1
        store.rollback()
