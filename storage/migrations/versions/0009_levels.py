"""Levels of quality that were reached, and candidates for criticism in a bulletin."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "level",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item"], ["item.id"], name=op.f("fk_level_item"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("item", "level", name=op.f("pk_level")),
    )
    op.create_table(
        "criticism",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("marked_at", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "verdict IS NULL OR verdict IN ('issued', 'dropped')", name=op.f("ck_criticism_verdict")
        ),
        sa.CheckConstraint("(verdict IS NULL) = (decided_at IS NULL)", name=op.f("ck_criticism_decided")),
        sa.ForeignKeyConstraint(
            ["item"], ["item.id"], name=op.f("fk_criticism_item"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("item", "cause", name=op.f("pk_criticism")),
    )
    waits = sa.text("verdict IS NULL")
    op.create_index("ix_criticism_waiting", "criticism", ["item"], sqlite_where=waits, postgresql_where=waits)
