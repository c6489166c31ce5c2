"""Alembic's entry: runs on the connection that `engine.migrate` hands over."""

from typing import Any, Literal

from alembic import context
from sqlmodel import AutoString, SQLModel

from bot.store.models import Instant

PLAIN = {
    AutoString: "sa.String()",
    Instant: "sa.BigInteger()",
}  # a migration outlives the types of our models


def plain_types(kind: str, item: Any, _: object) -> str | Literal[False]:
    """Write our own column types as SQLAlchemy's."""
    return PLAIN.get(type(item), False) if kind == "type" else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
    compare_type=True,
    render_item=plain_types,
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
