"""What somebody has of a kind is told from an index alone: the kind stands in it, behind the order of the list."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    for whose in ("unit", "owner", "opener", "reviewer", "delegate"):
        op.create_index(
            op.f(f"ix_item_{whose}_number_definition_id"), "item", [whose, "number", "definition_id"]
        )
        op.drop_index(op.f(f"ix_item_{whose}_number"), "item")
