"""Let lists find what somebody shares in, as delegate or by a unit that assists, and run by due instants."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

CHUNK = 5000


def upgrade() -> None:
    op.add_column("item", sa.Column("delegate", sa.Text(), nullable=True))
    assisting = op.create_table(
        "assisting",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item"], ["item.id"], name=op.f("fk_assisting_item"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("unit", "item", name=op.f("pk_assisting")),
    )
    delegate = sa.text("UPDATE item SET delegate = :person WHERE id = :item")
    for chunk in _bodies():
        units = [
            {"unit": unit, "item": item} for item, body in chunk for unit in set(body.get("assisting", ()))
        ]
        handed = [{"item": i, "person": body["delegation"][0]} for i, body in chunk if body.get("delegation")]
        if units:
            op.bulk_insert(assisting, units)
        if handed:
            op.get_bind().execute(delegate, handed)
    op.create_index(op.f("ix_item_delegate_number"), "item", ["delegate", "number"])
    runs = sa.text("outcome IS NULL")
    op.drop_index("ix_deadline_due_at", "deadline")
    op.create_index(
        "ix_deadline_due_at", "deadline", ["due_at", "item"], sqlite_where=runs, postgresql_where=runs
    )


def _bodies() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """The id of every item and what its columns do not hold, a page at a time."""
    page = sa.text("SELECT id, body FROM item WHERE id > :after ORDER BY id LIMIT :chunk")
    after, rows = "", [("", "")]
    while rows:
        rows = [tuple(row) for row in op.get_bind().execute(page, {"after": after, "chunk": CHUNK})]
        after = rows[-1][0] if rows else ""
        yield [(item, json.loads(body)) for item, body in rows]
