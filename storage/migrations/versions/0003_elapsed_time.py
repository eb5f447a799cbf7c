"""Where the elapsed time of a deadline counts from, and an index over the items that are not closed.

Deadlines armed before this migration leave it open: their time counts from where they began.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("deadline", sa.Column("counts_from", sa.BigInteger(), nullable=True))
    is_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_item_open", "item", ["campaign", "number"], sqlite_where=is_open, postgresql_where=is_open
    )
