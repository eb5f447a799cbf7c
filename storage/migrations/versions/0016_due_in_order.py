"""Limits of many items fall on the same minute: the index keeps them in the order in which a sweep takes them."""

from alembic import op
from sqlalchemy import text

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    is_open = text("outcome IS NULL")
    op.create_index(
        op.f("ix_deadline_next_at_item"),
        "deadline",
        ["next_at", "item"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.drop_index(op.f("ix_deadline_next_at"), "deadline")
