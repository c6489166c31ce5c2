"""Alembic's entry: runs on the connection that `engine.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

from bot.store import models  # noqa: F401 - registers the tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
