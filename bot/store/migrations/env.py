"""Alembic's entry: runs on the connection that `engine.migrate` hands over."""

from typing import Any, Literal

from alembic import context

from bot.store.models import metadata

# A migration outlives the types of our models: Instant, and SQLModel's for text.
PLAIN = {"Instant": "sa.BigInteger()", "AutoString": "sa.String()"}


def plain_types(kind: str, item: Any, _: object) -> str | Literal[False]:
    """Write our own column types as SQLAlchemy's."""
    return PLAIN.get(type(item).__name__, False) if kind == "type" else False


connection = context.config.attributes["connection"]
if context.config.attributes.get("compares", True):  # a start does not: 6 MiB that it spares
    import bot.store.records  # noqa: F401 - the other tables of the metadata
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
    compare_type=True,
    render_item=plain_types,
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
