"""The migrations make the tables that the models declare."""

import re

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from bot.store.connection import connect, migrate
from bot.store.models import SQLModel


def test_nothing_is_declared_that_no_migration_makes(url):
    engine = connect(url)
    migrate(engine)
    with engine.connect() as connection:
        missing = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    engine.dispose()

    assert missing == []


def test_migrations_see_to_it_that_no_number_is_given_twice_where_the_models_do(tmp_path):
    engine = connect(f"sqlite:///{tmp_path / 'vertti.db'}")
    migrate(engine)
    with engine.connect() as connection:
        made = connection.execute(text("SELECT sql FROM sqlite_master WHERE type = 'table'")).scalars().all()
    engine.dispose()
    by_migration = {re.split(r"\W+", each)[2] for each in made if each and "AUTOINCREMENT" in each}
    declared = {
        table.name
        for table in SQLModel.metadata.sorted_tables
        if table.dialect_options["sqlite"]["autoincrement"]
    }

    assert by_migration == declared == {"broadcast", "conversation", "occurrence", "web_message"}
