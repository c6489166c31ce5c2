"""Remember the dates whose lists must be looked at.

Revision: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "unsettled",
        sa.Column(
            "occurrence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["occurrence"], ["occurrence.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("occurrence"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_table("unsettled")
