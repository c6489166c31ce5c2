"""The tables of the rare paths, as SQLModel classes: what organizers did, and what is kept for them.

SQLAlchemy's mapper of objects costs 6 MiB, which most runs spare: `Store` imports what stands on this module when it is
used for the first time.  What happens each night goes by plain statements (bookkeeping.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Column
from sqlmodel import Field, Session, SQLModel

from bot.store import models
from bot.store.models import BigId, Instant

if TYPE_CHECKING:
    from bot.store import Store


class Record(SQLModel):
    """A row of a table that stands beside those of models.py."""

    metadata = models.metadata


class InviteCode(Record, table=True):
    """A one-time code that makes somebody an organizer; only its hash is kept."""

    __tablename__ = "invite_code"

    hash: bytes = Field(primary_key=True)
    role: str
    expires: datetime = Field(sa_type=Instant)


class OrganizerLog(Record, table=True):
    """What organizers did (T-34): no client, no text, only its hash."""

    __tablename__ = "organizer_log"

    id: int | None = Field(default=None, sa_column=Column("id", BigId, primary_key=True, autoincrement=True))
    at: datetime = Field(sa_type=Instant)
    who: str  # a keyed tag
    act: str
    audience: int | None = None
    text_hash: str | None = None


class OpenQuestion(Record, table=True):
    """A question nobody had an answer to, shown to editors with the asker's leave and without the asker."""

    __tablename__ = "open_question"

    id: str = Field(primary_key=True)  # random: no order
    language: str
    text: str
    day: int


@contextmanager
def session(store: "Store") -> Iterator[Session]:
    """Open a session inside the store's transaction; what it was given is written at its end.

    It has a savepoint of its own, for a session whose statement fails would else undo the whole transaction.
    """
    with Session(store.connection, join_transaction_mode="create_savepoint") as opened, opened.begin():
        yield opened
