"""The table of saved filters."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Table, Text

from storage.metadata import metadata

saved_filter = Table(
    "saved_filter",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("unit", Text, nullable=True),
    Column("saved_at", BigInteger, nullable=False),
    CheckConstraint("length(name) > 0", name="name"),
    Index("uq_saved_filter_person_name", "person", "name", unique=True),
    Index(None, "unit", "name"),
)
