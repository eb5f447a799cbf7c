"""The tables of what items reach besides the rungs of their limits: levels of quality, candidates for criticism."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Table, Text, text

from storage.metadata import metadata


def _of_item() -> Column[str]:
    known = ForeignKey("item.id", deferrable=True, initially="DEFERRED")
    return Column("item", Text, known, primary_key=True)


level = Table(
    "level",
    metadata,
    _of_item(),
    Column("level", Text, primary_key=True),
    Column("raised_at", BigInteger, nullable=False),
)

WAITING = text("verdict IS NULL")
ISSUED = text("verdict = 'issued'")

criticism = Table(
    "criticism",
    metadata,
    _of_item(),
    Column("cause", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("marked_at", BigInteger, nullable=False),
    Column("verdict", Text, nullable=True),
    Column("decided_at", BigInteger, nullable=True),
    CheckConstraint("verdict IS NULL OR verdict IN ('issued', 'dropped')", name="verdict"),
    CheckConstraint("(verdict IS NULL) = (decided_at IS NULL)", name="decided"),
    Index("ix_criticism_waiting", "item", sqlite_where=WAITING, postgresql_where=WAITING),
    Index("ix_criticism_issued", "decided_at", sqlite_where=ISSUED, postgresql_where=ISSUED),
)
