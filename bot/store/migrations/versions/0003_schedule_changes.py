"""Keep what organizers change of the schedule, and what people say of its dates.

Revision: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "schedule_override",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("organizer", sa.BigInteger(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("uid", sa.String(), nullable=True),
        sa.Column("recurrence_id", sa.String(), nullable=True),
        sa.Column("series", sa.String(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("start", sa.BigInteger(), nullable=True),
        sa.Column("end", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("shift", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "schedule_override_active",
        "schedule_override",
        ["source", "uid"],
        unique=False,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )

    op.create_table(
        "calendar_feed",
        sa.Column("conversation", number, autoincrement=False, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["conversation"], ["conversation.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("conversation"),
        sa.UniqueConstraint("secret"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "chosen_area",
        sa.Column("conversation", number, autoincrement=False, nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["conversation"], ["conversation.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("conversation", "area"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "newcomer",
        sa.Column("occurrence", number, autoincrement=False, nullable=False),
        sa.Column("conversation", number, autoincrement=False, nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["conversation"], ["conversation.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["occurrence"], ["occurrence.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("occurrence", "conversation"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_newcomer_conversation"), "newcomer", ["conversation"], unique=False)
    op.create_index(op.f("ix_newcomer_due"), "newcomer", ["due"], unique=False)

    op.create_table(
        "schedule_change",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("occurrence", number, autoincrement=False, nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("settles", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.Column("told_with", sa.BigInteger(), nullable=True),
        sa.Column("reached", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["occurrence"], ["occurrence.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_schedule_change_occurrence"), "schedule_change", ["occurrence"], unique=False)
    op.create_index(op.f("ix_schedule_change_due"), "schedule_change", ["due"], unique=False)
    op.create_index(
        "schedule_change_waiting",
        "schedule_change",
        ["occurrence"],
        unique=True,
        sqlite_where=sa.text("told_with IS NULL"),
        postgresql_where=sa.text("told_with IS NULL"),
    )
    op.create_index(
        "schedule_change_told",
        "schedule_change",
        ["told_with"],
        unique=False,
        sqlite_where=sa.text("told_with IS NOT NULL"),
        postgresql_where=sa.text("told_with IS NOT NULL"),
    )

    op.create_table(
        "shared_turn",
        sa.Column("occurrence", number, autoincrement=False, nullable=False),
        sa.Column("conversation", number, autoincrement=False, nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.Column("reminded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["conversation"], ["conversation.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["occurrence"], ["occurrence.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("occurrence"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_shared_turn_conversation"), "shared_turn", ["conversation"], unique=False)

    op.create_table(
        "sign_up",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("occurrence", number, autoincrement=False, nullable=False),
        sa.Column("conversation", number, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("offered_until", sa.BigInteger(), nullable=True),
        sa.Column("reminded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["conversation"], ["conversation.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["occurrence"], ["occurrence.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sign_up_conversation"), "sign_up", ["conversation"], unique=False)
    op.create_index(
        "sign_up_offered",
        "sign_up",
        ["offered_until"],
        unique=False,
        sqlite_where=sa.text("state = 'offered'"),
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.create_index("sign_up_once", "sign_up", ["occurrence", "conversation"], unique=True)

    # A lane has come in between: what waits keeps its own.
    op.execute("UPDATE outbox SET lane = lane + 1 WHERE lane >= 1")

    op.add_column("occurrence", sa.Column("area", sa.String(), nullable=True))
    op.add_column("occurrence", sa.Column("said", sa.String(), nullable=True))
    op.add_column("occurrence", sa.Column("override", sa.BigInteger(), nullable=True))
    op.add_column("occurrence", sa.Column("told", sa.String(), nullable=True))
    op.add_column("occurrence", sa.Column("sequence", sa.Integer(), server_default="0", nullable=False))
    op.add_column("occurrence", sa.Column("changed", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Go back to the one before."""
    op.execute("UPDATE outbox SET lane = lane - 1 WHERE lane >= 2")
    for column in ("changed", "sequence", "told", "override", "said", "area"):
        op.drop_column("occurrence", column)
    for table in ("sign_up", "shared_turn", "schedule_change", "newcomer", "chosen_area", "calendar_feed"):
        op.drop_table(table)
    op.drop_table("schedule_override")
