"""The tables of the schedule: its dates, what organizers changed of them, and what people said of them.

Who takes part in what is deleted with the person and with the date, whichever goes first.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from bot.store.models import (
    BY_KEY,
    NO_ID_TWICE,
    Instant,
    id_column,
    metadata,
    must,
    of_some,
    owner,
)

# The schedule as last read, 400 days ahead.
occurrence = Table(
    "occurrence",
    metadata,
    id_column(),
    must("source", String),
    must("uid", String),
    must("recurrence_id", String),  # empty when it never was part of a series
    must("start", Instant, index=True),
    must("end", Instant),
    must("all_day", Boolean),
    must("status", String),
    Column("series", String, index=True),
    Column("variant", String),
    must("title", String),  # JSON, language -> text
    must("place", String),  # JSON
    must("visibility", String),
    must("kind", String),
    must("signup", Boolean),
    Column("leads", String),  # JSON, seconds
    Column("area", String),  # None: of no area, or of all
    Column("said", String),  # JSON: what the source says, where an override lets the row say something else
    Column("override", BigInteger),  # which override that is
    Column("told", String),  # JSON: what people were last told of it, once a change was told
    # For calendar programs (RFC 5545, 3.8.7.4): how often its time, place or status changed, and when it last did.
    must("sequence", Integer, server_default="0"),
    Column("changed", Instant),
    Index("occurrence_identity", "source", "uid", "recurrence_id", unique=True),
    **NO_ID_TWICE,
)

# When the subscribers of an occurrence are reminded.
alarm = Table(
    "alarm",
    metadata,
    id_column(),
    owner("occurrence"),
    must("start", Instant),  # of the occurrence, as it was when this alarm was set
    must("lead", Integer),  # seconds
    must("choices", Integer),  # the bits of the leads it serves (reminders.py)
    must("due", Instant),
    must("state", Integer),  # 0 waiting, 1 fired, 2 dropped
    # Its rows are made piece by piece: up to this conversation they are there.
    must("reached", BigInteger, server_default="0"),
    of_some("alarm_due", "due", "id", where="state = 0"),
    Index("alarm_identity", "occurrence", "start", "lead", unique=True),
)

# What an organizer changed from the chat: of one date, of all from an instant on, or of a span (overrides.py).
schedule_override = Table(
    "schedule_override",
    metadata,
    id_column(),
    must("kind", String),  # cancel, move, place, break, add, turns
    # active, undone, superseded: the source has changed that date since,
    # revoked: to be taken back, since its organizer is one no more
    must("state", String),
    must("organizer", BigInteger),  # conversation
    must("made", Instant),
    Column("source", String),  # None: of any (a break of everything)
    Column("uid", String),
    Column("recurrence_id", String),  # of one date (empty: it never was part of a series); None: of a span
    Column("series", String),
    Column("since", Instant),  # a span, half-open, by the original start
    Column("until", Instant),  # None: for good
    Column("start", Instant),  # the new time, or that of an added event
    Column("end", Instant),
    Column("place", String),  # JSON, the new place
    Column("title", String),  # JSON, of an added event
    Column("shift", Integer),  # by so many turns, talking or activity
    of_some("schedule_override_active", "source", "uid", where="state = 'active'"),
    **NO_ID_TWICE,
)

# A change that waits to be told to those whom it concerns; a change of it before that joins it.
schedule_change = Table(
    "schedule_change",
    metadata,
    id_column(),
    owner("occurrence", index=True),
    Column(
        "before", String
    ),  # JSON: time, place and status as people know them, and the messages that not all got; None: they know nothing
    must("settles", Instant),  # until then it may be taken back
    Column("due", Instant, index=True),  # None: it is told with another, or its rows are made
    # Once its rows are being made: as it is told, with which change, and up to which conversation they are there.
    Column("after", String),
    Column("told_with", BigInteger),
    must("reached", BigInteger, server_default="0"),
    of_some("schedule_change_waiting", "occurrence", where="told_with IS NULL", unique=True),
    of_some("schedule_change_told", "told_with", where="told_with IS NOT NULL"),
    **NO_ID_TWICE,
)

# Who has a place at an occurrence with a limit, and who waits for one, in the order of the ids.
sign_up = Table(
    "sign_up",
    metadata,
    id_column(),
    owner("occurrence"),
    owner("conversation", index=True),
    must("state", String),  # coming, waiting, offered
    Column("offered_until", Instant),
    must("reminded", Boolean),  # False after "Lopeta": the place stays
    Index("sign_up_once", "occurrence", "conversation", unique=True),
    of_some("sign_up_offered", "offered_until", where="state = 'offered'"),
    **NO_ID_TWICE,
)

# Who has taken a shared turn (watering, coffee): one person an occurrence.
shared_turn = Table(
    "shared_turn",
    metadata,
    owner("occurrence", key=True),
    owner("conversation", index=True),
    must("offered", Boolean),  # would its taker like to give it to somebody else?
    must("reminded", Boolean),  # False after "Lopeta": the turn stays
    **BY_KEY,
)

# Who comes for the first time; staff learn only how many.
newcomer = Table(
    "newcomer",
    metadata,
    owner("occurrence", key=True),
    owner("conversation", key=True, index=True),
    Column("due", Instant, index=True),  # when organizers are told the number; None: they were
    **BY_KEY,
)

# A date whose list or turn must be looked at: somebody left it, or the date is another than it was.
unsettled = Table("unsettled", metadata, owner("occurrence", key=True), **BY_KEY)

# Of which areas somebody wants to hear; none chosen: of all.
chosen_area = Table(
    "chosen_area",
    metadata,
    owner("conversation", key=True),
    Column("area", String, primary_key=True),
    **BY_KEY,
)

# Somebody's calendar feed: a number of chance, of which only the key file makes the secret address.
calendar_feed = Table(
    "calendar_feed",
    metadata,
    owner("conversation", key=True),
    must("secret", LargeBinary, unique=True),
    must("named", Boolean),  # may its titles name the group? (T-02)
    **BY_KEY,
)
