"""How a database is reached: SQLite in WAL with FULL durability, or PostgreSQL through psycopg.

Here too: which of its faults pass by themselves, and how its tables are brought up to date.
"""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, inspect, make_url
from sqlalchemy.pool import StaticPool

from bot.lean import without
from bot.store.models import on_postgresql

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 5  # how long SQLite itself waits for another process before we try again
PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",  # what was deleted is overwritten: an erased person is gone
    "temp_store = MEMORY",
    "cache_size = -8000",
)
# A host that died is noticed in seconds, not in the two hours of TCP itself.
POSTGRESQL = {"connect_timeout": 10, "keepalives_idle": 10, "tcp_user_timeout": 10_000}

_PASSING = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN,
}  # fmt: skip
# SQLSTATE: connection lost, transaction undone, resources used up, locked, shutting down, a standby
_PASSING_STATES = ("08", "40", "53", "55P03", "57P", "25006")


def connect(url: str) -> Engine:
    """Make the engine; nothing is connected yet.  Parameters never stand in its exceptions."""
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
    if not url.startswith("sqlite"):
        on_postgresql()
        return create_engine(url, hide_parameters=True, connect_args=POSTGRESQL)
    memory = make_url(url).database in {None, "", ":memory:"}
    engine = create_engine(
        url,
        hide_parameters=True,
        poolclass=StaticPool if memory else None,
        # isolation_level None: we say BEGIN ourselves; the driver's own habit breaks savepoints.
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    return engine


def keep_private(url: str) -> None:
    """See that only this user may read a SQLite file (T-33); its log and its index follow it."""
    path = make_url(url).database if url.startswith("sqlite") else None
    if path and path != ":memory:":
        Path(path).touch(mode=0o600)
        Path(path).chmod(0o600)


def migrate(engine: Engine) -> None:
    """Bring the tables to the newest revision (Alembic)."""
    if _revision(engine) == max(path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/*.py")):
        return
    with without("pygments"):
        from alembic import command  # noqa: PLC0415 - 40 ms and 7 MiB that only a change of tables needs
        from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        config.attributes.update(connection=connection, compares=False)
        command.upgrade(config, "head")


def _revision(engine: Engine) -> str | None:
    """Give the revision that the tables are at; None: there are none yet."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        found: str | None = connection.exec_driver_sql(
            "SELECT version_num FROM alembic_version"
        ).scalar_one_or_none()
        return found


# ---- faults ----------------------------------------------------------------------------------------------


def passing_fault(error: BaseException) -> str | None:
    """Name a fault that passes by itself: a full disk, a lock, a lost connection.  None: it is none of these."""
    fault = _fault(error)
    if isinstance(fault, sqlite3.Error):
        return str(fault.sqlite_errorname) if _sqlite_code(fault) in _PASSING else None
    if not hasattr(fault, "sqlstate"):
        return None
    import psycopg  # noqa: PLC0415 - it is loaded already: the fault is one of its own

    lost = fault.sqlstate is None and isinstance(fault, psycopg.OperationalError)
    return type(fault).__name__ if lost or (fault.sqlstate or "").startswith(_PASSING_STATES) else None


def is_read_only(error: BaseException) -> bool:
    """Tell whether something tried to write where one may only read."""
    fault = _fault(error)
    if isinstance(fault, sqlite3.Error):
        return _sqlite_code(fault) == sqlite3.SQLITE_READONLY
    return getattr(fault, "sqlstate", None) == "25006"


def _fault(error: BaseException) -> Any:
    """Give the driver's own exception: SQLAlchemy wraps it, a hot statement does not."""
    return getattr(error, "orig", None) or error


def _sqlite_code(fault: sqlite3.Error) -> int:
    """Give the primary result code; 0 for what the driver itself found fault with."""
    return getattr(fault, "sqlite_errorcode", 0) & 0xFF
