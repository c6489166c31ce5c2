"""The tables of the running paths; the schedule has its own in schedule_models.py, the rare paths theirs in records.py.

Plain SQLAlchemy: SQLModel would load a mapper of objects that no statement here needs, 6 MiB.

Instants are integers, milliseconds since 1970 in UTC (`Instant`): one type on SQLite and
PostgreSQL, sorted as numbers; days are integers too.  Texts in several languages and what shall be said are JSON.
No table holds a name; addresses are sealed (vault.py).
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    text,
)
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def to_ms(instant: datetime) -> int:
    """Give the milliseconds since 1970, rounded down."""
    return (instant - EPOCH) // MILLISECOND


def from_ms(number: int) -> datetime:
    """Give the instant in UTC."""
    return EPOCH + number * MILLISECOND


def to_day(instant: datetime) -> int:
    """Give the day's number since 1970 (UTC): as fine as a time may be where a person could be guessed."""
    return (instant - EPOCH).days


def from_day(day: int) -> datetime:
    """Give the instant at which a day begins."""
    return EPOCH + timedelta(days=day)


class Instant(TypeDecorator[datetime]):
    """An aware datetime in UTC, kept as milliseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002, D102
        return None if value is None else to_ms(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102
        return None if value is None else from_ms(value)


# SQLite makes an id only of INTEGER, PostgreSQL should not run out of them.
BigId = BigInteger().with_variant(Integer, "sqlite")

# SQLite would give the id of a deleted row to the next one: buttons, keys and logs name what they mean by its id.
NO_ID_TWICE: dict[str, Any] = {"sqlite_autoincrement": True}
BY_KEY: dict[str, Any] = {"sqlite_with_rowid": False}  # rows lie in the order of their key: no second index

metadata = MetaData()


def id_column() -> Column[int]:
    """Make the column that numbers the rows."""
    return Column("id", BigId, primary_key=True, autoincrement=True)


def must(name: str, kind: Any, *constraints: ForeignKey, **options: Any) -> Column[Any]:
    """Make a column that is never empty."""
    return Column(name, kind, *constraints, nullable=False, **options)


def owner(name: str, table: str | None = None, *, key: bool = False, index: bool = False) -> Column[int]:
    """Make a column that names the row of another table (None: of its own name) which this row goes with."""
    there = ForeignKey(f"{table or name}.id", ondelete="CASCADE")
    return must(name, BigId, there, primary_key=key, index=index, autoincrement=False)


def of_some(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Make an index of those rows only for which a condition holds."""
    return Index(name, *columns, sqlite_where=text(where), unique=unique)


def on_postgresql() -> None:
    """Let the indexes' conditions hold on PostgreSQL too: to say so loads its dialect, 2 MiB that SQLite spares."""
    for table in metadata.sorted_tables:
        for index in table.indexes:
            index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]


# A person's private chat, a group or a channel.  All that is kept about somebody hangs on it.
conversation = Table(
    "conversation",
    metadata,
    id_column(),
    must("platform", String),
    must("kind", String),  # private, group, channel
    must("lookup", LargeBinary, unique=True),
    must("address", LargeBinary),  # sealed
    Column("language", String),  # None: never chosen, the platform's word or the default holds
    must("named", Boolean),  # may a push name the group? (T-02)
    Column("role", String),  # organizer
    must("state", String),  # active; silent: nothing is pushed; leaving: erased but for a goodbye
    Column("reason", String),  # why it is silent: blocked, kicked ...
    Column("paused_until", Instant),
    must("consented", Integer),  # the day of the first word
    must("last_seen", Integer),  # a day
    of_some("conversation_leaving", "state", where="state = 'leaving'"),
    **NO_ID_TWICE,
)

# Who hears of which series.
subscription = Table(
    "subscription",
    metadata,
    owner("conversation", key=True),
    Column("series", String, primary_key=True),
    must("leads", Integer),  # bits, 1 the day before, 2 two hours before (reminders.py)
    Index("subscription_by_series", "series", "conversation"),
    **BY_KEY,
)

_WAITING = "state = 0 AND resume IS NULL"

# One message to one conversation.
outbox = Table(
    "outbox",
    metadata,
    id_column(),
    must("key", String, unique=True),
    owner("conversation", index=True),
    must("platform", String),
    must("lane", Integer),
    must("not_before", Instant),
    Column("useful_until", Instant),
    must("what", String),  # JSON of a Say; wiped in the statement that marks delivery
    must("state", Integer),  # 0 waiting, 1 claimed, 2 sent, 3 failed, 4 dropped
    Column("lease", Instant),
    Column("resume", Instant),  # a waiting row rests until then, in its place
    must("attempts", Integer),
    must("parts", Integer, server_default="0"),  # said of a text too long for one message
    Column("message_id", String),  # the platform's, after delivery
    Column("reason", String),  # why it failed or was dropped
    Column("broadcast", Integer),
    Column("series", String),  # of a reminder
    Column("occurrence", Integer),  # of a reminder
    Column("finished", Integer),  # a day
    # due rows of a lane in order; and what is waiting at all
    of_some("outbox_waiting", "platform", "lane", "not_before", "id", where=_WAITING),
    of_some("outbox_due", "not_before", where=_WAITING),
    of_some("outbox_resting", "resume", where="resume IS NOT NULL"),
    of_some("outbox_claimed", "lease", where="state = 1"),
    of_some("outbox_broadcast", "broadcast", "state", where="broadcast IS NOT NULL"),
    of_some("outbox_finished", "finished", where="finished IS NOT NULL"),
)

# The one open question of a conversation, and the choices shown last in reply.
dialogue = Table(
    "dialogue",
    metadata,
    owner("conversation", key=True),
    Column("question", String),
    must("state", String),  # JSON, what the question needs to remember; never an answer
    must("choices", String),  # JSON, [[label phrase, action, arguments], ...]
    must("expires", Instant),
    **BY_KEY,
)

# Updates that had their effect; a repeat has none.
seen = Table(
    "seen",
    metadata,
    Column("platform", String, primary_key=True),
    Column("update_id", String, primary_key=True),
    must("day", Integer, index=True),
    **BY_KEY,
)

# What is remembered by a name: where a platform's reader goes on, when the sweep was last here ...
bookmark = Table("bookmark", metadata, Column("name", String, primary_key=True), must("value", String))

# One time that a poll of content/ is asked.
poll_round = Table(
    "poll_round",
    metadata,
    id_column(),
    must("poll", String, index=True),
    must("occasion", String, unique=True),  # what opened it, so that nothing opens it twice
    must("opened", Instant),
    must("closes", Instant),
    Column("closed", Instant),
    Column("voter_key", LargeBinary),  # sealed; destroyed at close, and with it the way back to a person
    Column("counts", String),  # JSON, option -> number, from close on
    # People are invited piece by piece: up to this conversation they are; None: nobody is left to invite.
    Column("inviting", BigInteger),
)

# An answer while its round is open.  No time, no id of anybody, no order (T-11, T-12).
ballot = Table(
    "ballot",
    metadata,
    Column("round", BigInteger, primary_key=True),
    Column("voter", LargeBinary, primary_key=True),  # keyed hash, key destroyed at close
    Column("answer", String),  # None: would rather not say
    **BY_KEY,
)

# By which updates somebody voted in an open round, where these can be edited or taken back; never what.  Without the
# round's key it leads to no person and to no ballot.
vote_event = Table(
    "vote_event",
    metadata,
    owner("round", "poll_round", key=True),
    Column("voter", LargeBinary, primary_key=True),  # keyed hash, another one than the ballot's
    Column("event", LargeBinary, primary_key=True),  # keyed hash
    must("stands", Boolean),  # is the ballot as this update said it?
    **BY_KEY,
)

# An organizer's news, from the first draft to the report.
broadcast = Table(
    "broadcast",
    metadata,
    id_column(),
    must("organizer", BigInteger),  # conversation
    must("text", String),  # wiped 14 days after it was done
    Column("series", String),  # None: everybody
    must("state", String),  # draft, waiting (for a second organizer), sending, sent, reported, stopped
    must("audience", Integer),  # how many, counted at confirmation
    Column("confirmed", Instant),
    Column("due", Instant),  # when the sweep looks at it next
    Column("approved_by", BigInteger),  # the second organizer's conversation
    **NO_ID_TWICE,
)

# The audience as frozen at confirmation; the sweep moves it piece by piece to the outbox.
broadcast_audience = Table(
    "broadcast_audience",
    metadata,
    Column("broadcast", BigInteger, primary_key=True),
    owner("conversation", key=True, index=True),
    **BY_KEY,
)

# Slow or remote work that waits to be done.
errand = Table(
    "errand",
    metadata,
    id_column(),
    must("kind", String),
    must("key", String, unique=True),
    must("values", String),  # JSON
    must("not_before", Instant, index=True),
    must("attempts", Integer),
)

# What happened how often on which day: reminders dropped, updates set aside ...
counter = Table(
    "counter",
    metadata,
    Column("name", String, primary_key=True),
    Column("day", Integer, primary_key=True),
    must("number", Integer),
)

# What waits for a chat page to be opened; deleted when the page has it.
web_message = Table(
    "web_message",
    metadata,
    id_column(),
    must("key", String, unique=True),
    owner("conversation", index=True),
    must("body", LargeBinary),  # sealed JSON: what the page will show
    must("day", Integer),
    **NO_ID_TWICE,  # pages go on from the last id they saw
)
