"""Counts of items by place, and an index for every list."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

PLACE = ("campaign", "kind", "unit", "owner", "stage")


def upgrade() -> None:
    op.create_table(
        "tally",
        *[sa.Column(name, sa.Text(), nullable=False) for name in PLACE],
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("count >= 0", name=op.f("ck_tally_count")),
        sa.PrimaryKeyConstraint(*PLACE, name=op.f("pk_tally")),
    )
    op.execute(
        "INSERT INTO tally SELECT campaign, definition_id, unit, coalesce(owner, ''), stage, count(*)"
        " FROM item GROUP BY campaign, definition_id, unit, coalesce(owner, ''), stage"
    )
    op.drop_index(op.f("ix_item_campaign_definition_id_unit_stage"), "item")
    op.create_index(op.f("ix_notice_written_at_key"), "notice", ["written_at", "key"])
    for names in (
        ("definition_id", "number"),
        ("definition_id", "stage", "number"),
        ("definition_id", "state", "number"),
        ("opener", "number"),
        ("reviewer", "number"),
    ):
        op.create_index(op.f(f"ix_item_{'_'.join(names)}"), "item", [*names])
