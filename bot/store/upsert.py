"""INSERT … ON CONFLICT, which SQLite and PostgreSQL write alike.

SQLAlchemy has it once for each dialect, and to load PostgreSQL's takes 2 MiB.  This is SQLite's, with the one thing
more that PostgreSQL's compiler asks of it.
"""

from typing import Any, Self

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite.dml import OnConflictDoNothing, OnConflictDoUpdate


class _DoNothing(OnConflictDoNothing):
    inherit_cache = True
    constraint_target = None  # PostgreSQL can name the constraint; we name its columns


class _DoUpdate(OnConflictDoUpdate):
    inherit_cache = True
    constraint_target = None


class Insert(sqlite.Insert):
    """An INSERT that says what becomes of a row whose key is there already."""

    inherit_cache = True

    def on_conflict_do_nothing(self, *args: Any, **options: Any) -> Self:
        """Leave the row that is there; arguments as SQLAlchemy's."""
        return self.ext(_DoNothing(*args, **options))

    def on_conflict_do_update(self, *args: Any, **options: Any) -> Self:
        """Change the row that is there; arguments as SQLAlchemy's."""
        return self.ext(_DoUpdate(*args, **options))


def insert(table: Table) -> Insert:
    """Begin an INSERT."""
    return Insert(table)
