"""The table of access tokens."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Table, Text

from storage.metadata import metadata

token = Table(
    "token",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger, nullable=True),
    Column("used_at", BigInteger, nullable=True),
    CheckConstraint("length(digest) = 64", name="digest"),
    CheckConstraint("expires_at > made_at", name="expires_at"),
    Index("uq_token_digest", "digest", unique=True),
    Index(None, "person"),
)
