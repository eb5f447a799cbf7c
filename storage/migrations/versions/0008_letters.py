"""Letters of several notices, deliveries that are withdrawn, and the limit that a notice speaks of."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

WAITING = sa.text("status IN ('pending', 'leased')")
STATUS = "status IN ('pending', 'leased', 'sent', 'dead', 'withdrawn')"


def upgrade() -> None:
    op.add_column("notice", sa.Column("clock", sa.Text(), nullable=True))
    op.add_column("notice", sa.Column("revision", sa.BigInteger(), nullable=True))
    op.drop_index(op.f("ix_delivery_status_not_before"), "delivery")
    op.add_column("delivery", sa.Column("recipient", sa.Text(), nullable=True))
    op.add_column("delivery", sa.Column("letter", sa.Text(), nullable=True))
    op.execute(  # in one go: a row that is updated twice cannot be altered any more on PostgreSQL
        "UPDATE delivery SET letter = CASE WHEN attempts > 0 THEN notice END,"
        " recipient = (SELECT recipient FROM notice WHERE notice.key = delivery.notice)"
    )
    with op.batch_alter_table("delivery") as delivery:
        delivery.alter_column("recipient", existing_type=sa.Text(), nullable=False)
        delivery.drop_constraint(op.f("ck_delivery_status"), type_="check")
        delivery.create_check_constraint(op.f("ck_delivery_status"), STATUS)
    op.create_index(
        op.f("ix_delivery_status_channel_not_before"), "delivery", ["status", "channel", "not_before"]
    )
    for name, columns in (
        ("ix_delivery_waiting", ["channel", "not_before", "notice"]),
        ("ix_delivery_waiting_for", ["channel", "recipient", "not_before"]),
    ):
        op.create_index(name, "delivery", columns, sqlite_where=WAITING, postgresql_where=WAITING)
