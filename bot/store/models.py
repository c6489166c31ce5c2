"""The tables.

Instants are integers, milliseconds since 1970 in UTC (`Instant`): one type on SQLite and
PostgreSQL, sorted as numbers; days are integers too.  Texts in several languages and what shall be said are JSON.
No table holds a name; addresses are sealed (vault.py).
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Column, Dialect, ForeignKey, Index, Integer, LargeBinary, text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

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
NO_ID_TWICE = {"sqlite_autoincrement": True}


def _id() -> Column[int]:
    return Column("id", BigId, primary_key=True, autoincrement=True)


def _conversation(*, key: bool = False, index: bool = False) -> Column[int]:
    return Column(
        "conversation",
        BigId,
        ForeignKey("conversation.id", ondelete="CASCADE"),
        primary_key=key,
        nullable=False,
        index=index,
        autoincrement=False,
    )


class Conversation(SQLModel, table=True):
    """A person's private chat, a group or a channel.  All that is kept about somebody hangs on it."""

    __table_args__ = (
        Index(
            "conversation_leaving",
            "state",
            sqlite_where=text("state = 'leaving'"),
            postgresql_where=text("state = 'leaving'"),
        ),
        NO_ID_TWICE,
    )

    id: int | None = Field(default=None, sa_column=_id())
    platform: str
    kind: str  # private, group, channel
    lookup: bytes = Field(sa_column=Column(LargeBinary, unique=True, nullable=False))
    address: bytes  # sealed
    language: str | None = None  # None: never chosen, the platform's word or the default holds
    named: bool = False  # may a push name the group? (T-02)
    role: str | None = None  # organizer
    state: str = "active"  # active; silent: nothing is pushed; leaving: erased but for a goodbye
    reason: str | None = None  # why it is silent: blocked, kicked ...
    paused_until: datetime | None = Field(default=None, sa_type=Instant)
    consented: int  # the day of the first word
    last_seen: int  # a day


class Subscription(SQLModel, table=True):
    """Who hears of which series.  ``leads``: bits, 1 the day before, 2 two hours before (reminders.py)."""

    __table_args__ = (Index("subscription_by_series", "series", "conversation"), {"sqlite_with_rowid": False})

    conversation: int = Field(sa_column=_conversation(key=True))
    series: str = Field(primary_key=True)
    leads: int


class Occurrence(SQLModel, table=True):
    """The schedule as last read, 400 days ahead."""

    __table_args__ = (
        Index("occurrence_identity", "source", "uid", "recurrence_id", unique=True),
        NO_ID_TWICE,
    )

    id: int | None = Field(default=None, sa_column=_id())
    source: str
    uid: str
    recurrence_id: str  # empty when it never was part of a series
    start: datetime = Field(sa_type=Instant, index=True)
    end: datetime = Field(sa_type=Instant)
    all_day: bool
    status: str
    series: str | None = Field(default=None, index=True)
    variant: str | None = None
    title: str  # JSON, language -> text
    place: str  # JSON
    visibility: str
    kind: str
    signup: bool
    leads: str | None = None  # JSON, seconds


class Alarm(SQLModel, table=True):
    """When the subscribers of an occurrence are reminded."""

    __table_args__ = (
        Index("alarm_due", "due", "id", sqlite_where=text("state = 0"), postgresql_where=text("state = 0")),
        Index("alarm_identity", "occurrence", "start", "lead", unique=True),
    )

    id: int | None = Field(default=None, sa_column=_id())
    occurrence: int = Field(
        sa_column=Column(
            "occurrence",
            BigId,
            ForeignKey("occurrence.id", ondelete="CASCADE"),
            nullable=False,
            autoincrement=False,
        )
    )
    start: datetime = Field(sa_type=Instant)  # of the occurrence, as it was when this alarm was set
    lead: int  # seconds
    choices: int  # the bits of the leads it serves (reminders.py)
    due: datetime = Field(sa_type=Instant)
    state: int = 0  # 0 waiting, 1 fired, 2 dropped
    # Its rows are made piece by piece: up to this conversation they are there.
    reached: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})


_WAITING = text("state = 0 AND resume IS NULL")


class Outbox(SQLModel, table=True):
    """One message to one conversation."""

    __table_args__ = (
        # due rows of a lane in order; and what is waiting at all
        Index(
            "outbox_waiting",
            "platform",
            "lane",
            "not_before",
            "id",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index("outbox_due", "not_before", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index(
            "outbox_resting",
            "resume",
            sqlite_where=text("resume IS NOT NULL"),
            postgresql_where=text("resume IS NOT NULL"),
        ),
        Index("outbox_claimed", "lease", sqlite_where=text("state = 1"), postgresql_where=text("state = 1")),
        Index(
            "outbox_broadcast",
            "broadcast",
            "state",
            sqlite_where=text("broadcast IS NOT NULL"),
            postgresql_where=text("broadcast IS NOT NULL"),
        ),
        Index(
            "outbox_finished",
            "finished",
            sqlite_where=text("finished IS NOT NULL"),
            postgresql_where=text("finished IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, sa_column=_id())
    key: str = Field(unique=True)
    conversation: int = Field(sa_column=_conversation(index=True))
    platform: str
    lane: int
    not_before: datetime = Field(sa_type=Instant)
    useful_until: datetime | None = Field(default=None, sa_type=Instant)
    what: str  # JSON of a Say; wiped in the statement that marks delivery
    state: int = 0  # 0 waiting, 1 claimed, 2 sent, 3 failed, 4 dropped
    lease: datetime | None = Field(default=None, sa_type=Instant)
    resume: datetime | None = Field(
        default=None, sa_type=Instant
    )  # a waiting row rests until then, in its place
    attempts: int = 0
    parts: int = Field(
        default=0, sa_column_kwargs={"server_default": "0"}
    )  # said of a text too long for one message
    message_id: str | None = None  # the platform's, after delivery
    reason: str | None = None  # why it failed or was dropped
    broadcast: int | None = None
    series: str | None = None  # of a reminder
    occurrence: int | None = None  # of a reminder
    finished: int | None = None  # a day


class Dialogue(SQLModel, table=True):
    """The one open question of a conversation, and the choices shown last in reply."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    conversation: int = Field(sa_column=_conversation(key=True))
    question: str | None = None
    state: str = "{}"  # JSON, what the question needs to remember; never an answer
    choices: str = "[]"  # JSON, [[label phrase, action, arguments], ...]
    expires: datetime = Field(sa_type=Instant)


class Seen(SQLModel, table=True):
    """Updates that had their effect; a repeat has none."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    platform: str = Field(primary_key=True)
    update_id: str = Field(primary_key=True)
    day: int = Field(index=True)


class Bookmark(SQLModel, table=True):
    """Where a reader goes on after a restart: the sweep's last instant, a platform's token."""

    name: str = Field(primary_key=True)
    value: str


class PollRound(SQLModel, table=True):
    """One time that a poll of content/ is asked."""

    __tablename__ = "poll_round"

    id: int | None = Field(default=None, sa_column=_id())
    poll: str = Field(index=True)
    occasion: str = Field(unique=True)  # what opened it, so that nothing opens it twice
    opened: datetime = Field(sa_type=Instant)
    closes: datetime = Field(sa_type=Instant)
    closed: datetime | None = Field(default=None, sa_type=Instant)
    voter_key: bytes | None = None  # sealed; destroyed at close, and with it the way back to a person
    counts: str | None = None  # JSON, option -> number, from close on
    # People are invited piece by piece: up to this conversation they are; None: nobody is left to invite.
    inviting: int | None = Field(default=None, sa_type=BigInteger)


class Ballot(SQLModel, table=True):
    """An answer while its round is open.  No time, no id of anybody, no order (T-11, T-12)."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    round: int = Field(primary_key=True, sa_type=BigInteger)
    voter: bytes = Field(primary_key=True)  # keyed hash, key destroyed at close
    answer: str | None = None  # None: would rather not say


class InviteCode(SQLModel, table=True):
    """A one-time code that makes somebody an organizer; only its hash is kept."""

    __tablename__ = "invite_code"

    hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    role: str
    expires: datetime = Field(sa_type=Instant)


class OrganizerLog(SQLModel, table=True):
    """What organizers did (T-34): no client, no text, only its hash."""

    __tablename__ = "organizer_log"

    id: int | None = Field(default=None, sa_column=_id())
    at: datetime = Field(sa_type=Instant)
    who: str  # a keyed tag
    act: str
    audience: int | None = None
    text_hash: str | None = None


class Broadcast(SQLModel, table=True):
    """An organizer's news, from the first draft to the report."""

    __table_args__ = (NO_ID_TWICE,)

    id: int | None = Field(default=None, sa_column=_id())
    organizer: int = Field(sa_type=BigInteger)  # conversation
    text: str  # wiped 14 days after it was done
    series: str | None = None  # None: everybody
    state: str = "draft"  # draft, waiting (for a second organizer), sending, sent, reported, stopped
    audience: int = 0  # how many, counted at confirmation
    confirmed: datetime | None = Field(default=None, sa_type=Instant)
    due: datetime | None = Field(default=None, sa_type=Instant)  # when the sweep looks at it next
    approved_by: int | None = Field(default=None, sa_type=BigInteger)  # the second organizer's conversation


class BroadcastAudience(SQLModel, table=True):
    """The audience as frozen at confirmation; the sweep moves it piece by piece to the outbox."""

    __tablename__ = "broadcast_audience"
    __table_args__ = ({"sqlite_with_rowid": False},)

    broadcast: int = Field(primary_key=True, sa_type=BigInteger)
    conversation: int = Field(sa_column=_conversation(key=True, index=True))


class Errand(SQLModel, table=True):
    """Slow or remote work that waits to be done."""

    id: int | None = Field(default=None, sa_column=_id())
    kind: str
    key: str = Field(unique=True)
    values: str  # JSON
    not_before: datetime = Field(sa_type=Instant, index=True)
    attempts: int = 0


class Counter(SQLModel, table=True):
    """What happened how often on which day: reminders dropped, updates set aside ..."""

    name: str = Field(primary_key=True)
    day: int = Field(primary_key=True)
    number: int = 0


class OpenQuestion(SQLModel, table=True):
    """A question nobody had an answer to, shown to editors with the asker's leave and without the asker."""

    __tablename__ = "open_question"

    id: str = Field(primary_key=True)  # random: no order
    language: str
    text: str
    day: int


class WebMessage(SQLModel, table=True):
    """What waits for a chat page to be opened; deleted when the page has it."""

    __tablename__ = "web_message"
    __table_args__ = (NO_ID_TWICE,)  # pages go on from the last id they saw

    id: int | None = Field(default=None, sa_column=_id())
    key: str = Field(unique=True)
    conversation: int = Field(sa_column=_conversation(index=True))
    body: bytes  # sealed JSON: what the page will show
    day: int
