"""The tables of the history, which is only ever appended to."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, Table, Text

from storage.metadata import metadata

entry = Table(
    "entry",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", BigInteger, nullable=False),
    Column("what", Text, nullable=False),
    Column("flags", BigInteger, nullable=False),
    Column("item", Text, nullable=True),
    Column("item_version", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("payload", LargeBinary, nullable=True),
    Column("salt", LargeBinary, nullable=True),
    CheckConstraint("position >= 0", name="position"),
    CheckConstraint("length(leaf) = 32 AND length(commitment) = 32 AND length(previous) = 32", name="hashes"),
    CheckConstraint("(payload IS NULL) = (salt IS NULL)", name="redacted"),
    Index(None, "item", "position"),
    Index(None, "actor", "position"),
)

redaction = Table(
    "redaction",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("erased_by", BigInteger, nullable=False),
    Column("remains", LargeBinary, nullable=False),
    CheckConstraint("erased_by > position", name="erased_by"),
)

log_head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="single"),
)

tree_hash = Table(
    "tree_hash",
    metadata,
    Column("level", BigInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("level >= 1 AND position >= 0", name="place"),
    CheckConstraint("length(hash) = 32", name="hash"),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("cause", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    CheckConstraint("size >= 0 AND size <= position", name="size"),
    CheckConstraint("length(root) = 32", name="root"),
    Index("uq_checkpoint_cause", "cause", unique=True),
)

log_key = Table(
    "log_key",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("vkey", Text, nullable=False),
    Index("uq_log_key_vkey", "vkey", unique=True),
)
