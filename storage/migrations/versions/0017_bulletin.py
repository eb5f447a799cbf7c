"""What went into the bulletin is listed by its verdict, the newest first."""

from alembic import op
from sqlalchemy import text

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    is_issued = text("verdict = 'issued'")
    op.create_index(
        op.f("ix_criticism_issued"),
        "criticism",
        ["decided_at"],
        sqlite_where=is_issued,
        postgresql_where=is_issued,
    )
