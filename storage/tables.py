"""The tables. Instants are whole µs since 1970 UTC, days YYYY-MM-DD, ids 32 hex digits, flags 0 or 1."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Table,
    Text,
    text,
)

from storage import filter_tables, level_tables, log_tables, token_tables
from storage.metadata import metadata

__all__ = ["filter_tables", "level_tables", "log_tables", "metadata", "token_tables"]


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _perhaps(name: str) -> Column[str]:
    return Column(name, Text, nullable=True)


def _perhaps_number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=True)


def _key(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def _of_item(*, primary_key: bool = False) -> Column[str]:
    known = ForeignKey("item.id", deferrable=True, initially="DEFERRED")
    return Column("item", Text, known, primary_key=primary_key, nullable=False)


definition = Table(
    "definition",
    metadata,
    _key("id"),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    _text("sha256"),
    _text("document"),
    _number("published_at"),
    CheckConstraint("version >= 1", name="version"),
)

campaign = Table(
    "campaign", metadata, _key("id"), _text("sha256"), _text("document"), _text("body"), _number("loaded_at")
)

pin = Table(
    "pin",
    metadata,
    _key("campaign"),
    _key("kind"),
    _number("version"),
    _number("pinned_at"),
    CheckConstraint("version >= 1", name="version"),
)

calendar = Table(
    "calendar",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    _text("id"),
    _number("version"),
    _text("sha256"),
    _text("body"),
    _number("loaded_at"),
    Index("uq_calendar_version", "id", "version", unique=True),
)

unit = Table(
    "unit",
    metadata,
    _key("code"),
    _text("name"),
    Column("parent", Text, ForeignKey("unit.code", deferrable=True, initially="DEFERRED"), nullable=True),
    _number("ordinal"),
    _number("handles_cases"),
    CheckConstraint("handles_cases IN (0, 1)", name="handles_cases"),
)

unit_closure = Table(
    "unit_closure",
    metadata,
    _key("ancestor"),
    _key("unit"),
    _number("distance"),
    CheckConstraint("distance >= 0", name="distance"),
    Index(None, "unit", "distance"),
)

post = Table("post", metadata, _key("code"), _text("unit"), _text("scope"), _text("title"))

post_role = Table("post_role", metadata, _key("post"), _key("role"), Index(None, "role", "post"))

person = Table(
    "person",
    metadata,
    _key("id"),
    _text("login"),
    _text("name"),
    _number("is_sample"),
    CheckConstraint("length(id) = 32", name="id"),
    CheckConstraint("is_sample IN (0, 1)", name="is_sample"),
    Index("uq_person_login", "login", unique=True),
)

holding = Table(
    "holding",
    metadata,
    _key("person"),
    _key("post"),
    _key("from_on"),
    Column("on_behalf_of", Text, primary_key=True, server_default=""),
    _perhaps("until_on"),
    Index(None, "post", "from_on"),
)

item = Table(
    "item",
    metadata,
    _key("id"),
    _text("number"),
    _text("definition_id"),
    _number("definition_version"),
    _text("campaign"),
    _text("unit"),
    _text("title"),
    _text("state"),
    _text("stage"),
    _number("version"),
    Column("head", LargeBinary, nullable=False),
    _number("opened_at"),
    _number("entered_at"),
    _text("opener"),
    _perhaps_number("closed_at"),
    _perhaps("owner"),
    _perhaps("reviewer"),
    _perhaps("delegate"),
    _perhaps("parent"),
    _perhaps("link"),
    _perhaps("category"),
    _perhaps("duty"),
    Column("period", Text, nullable=False, server_default=""),
    _perhaps("as_of"),
    _number("returned_count"),
    _number("evidence_count"),
    _text("body"),
    CheckConstraint("length(id) = 32", name="id"),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("stage IN ('finding', 'rectifying', 'reviewing', 'assessing', 'closed')", name="stage"),
    CheckConstraint("(stage = 'closed') = (closed_at IS NOT NULL)", name="closed"),
    Index("uq_item_number", "number", unique=True),
    Index(
        "uq_item_place",
        "campaign",
        "definition_id",
        "duty",
        "unit",
        "period",
        unique=True,
        sqlite_where=text("duty IS NOT NULL"),
        postgresql_where=text("duty IS NOT NULL"),
    ),
    Index(None, "campaign", "definition_id", "number"),
    Index(None, "definition_id", "number"),
    Index(None, "definition_id", "stage", "number"),
    Index(None, "definition_id", "state", "number"),
    Index(
        "ix_item_open",
        "campaign",
        "number",
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index(None, "unit", "number", "definition_id"),
    Index(None, "owner", "number", "definition_id"),
    Index(None, "opener", "number", "definition_id"),
    Index(None, "reviewer", "number", "definition_id"),
    Index(None, "delegate", "number", "definition_id"),
    Index(None, "parent", "number"),
)

assisting = Table("assisting", metadata, _key("unit"), _of_item(primary_key=True))

tally = Table(
    "tally",
    metadata,
    _key("campaign"),
    _key("kind"),
    _key("unit"),
    _key("owner"),
    _key("stage"),
    _number("count"),
    CheckConstraint("count >= 0", name="count"),
)

number_series = Table(
    "number_series",
    metadata,
    _key("prefix"),
    Column("year", BigInteger, primary_key=True, autoincrement=False),
    _number("last"),
)

OPEN = text("outcome IS NULL")

deadline = Table(
    "deadline",
    metadata,
    _of_item(primary_key=True),
    _key("clock"),
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    _number("armed_at"),
    _number("started_at"),
    _number("due_at"),
    _number("original_due_at"),
    _text("proof"),
    _number("is_provisional"),
    _text("calendar"),
    _perhaps("next_rung"),
    _perhaps_number("next_at"),
    _perhaps("outcome"),
    _perhaps_number("ended_at"),
    _perhaps_number("counts_from"),
    CheckConstraint("outcome IS NULL OR outcome IN ('met', 'rearmed', 'suspended')", name="outcome"),
    CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended"),
    CheckConstraint("(next_rung IS NULL) = (next_at IS NULL)", name="next"),
    Index("uq_deadline_open", "item", "clock", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    Index("ix_deadline_next_at_item", "next_at", "item", sqlite_where=OPEN, postgresql_where=OPEN),
    Index("ix_deadline_due_at", "due_at", "item", sqlite_where=OPEN, postgresql_where=OPEN),
)

firing = Table(
    "firing",
    metadata,
    _key("item"),
    _key("clock"),
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    _key("rung"),
    _text("spoken_by"),
    _number("fired_at"),
    ForeignKeyConstraint(
        ["item", "clock", "revision"],
        ["deadline.item", "deadline.clock", "deadline.revision"],
        deferrable=True,
        initially="DEFERRED",
    ),
)

notice = Table(
    "notice",
    metadata,
    _key("key"),
    _text("kind"),
    _of_item(),
    _text("recipient"),
    _text("facts"),
    _number("written_at"),
    _perhaps("clock"),
    _perhaps_number("revision"),
    CheckConstraint("length(key) = 64", name="key"),
    Index(None, "written_at", "key"),
    Index(None, "recipient", "written_at", "key"),
    Index(None, "item", "written_at", "key"),
)

reading = Table(
    "reading",
    metadata,
    Column("notice", Text, ForeignKey("notice.key", deferrable=True, initially="DEFERRED"), primary_key=True),
    _number("read_at"),
)

WAITING = text("status IN ('pending', 'leased')")

delivery = Table(
    "delivery",
    metadata,
    Column("notice", Text, ForeignKey("notice.key", deferrable=True, initially="DEFERRED"), primary_key=True),
    _key("channel"),
    _text("recipient"),
    _text("status"),
    _number("attempts"),
    _number("token"),
    _number("not_before"),
    _perhaps("letter"),
    _perhaps("worker"),
    _perhaps("last_error"),
    _perhaps_number("sent_at"),
    CheckConstraint("status IN ('pending', 'leased', 'sent', 'dead', 'withdrawn')", name="status"),
    CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent"),
    Index(None, "status", "channel", "not_before"),
    Index(
        "ix_delivery_waiting",
        "channel",
        "not_before",
        "notice",
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    ),
    Index(
        "ix_delivery_waiting_for",
        "channel",
        "recipient",
        "not_before",
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    ),
)

gate = Table(
    "gate",
    metadata,
    _key("channel"),
    _text("recent"),
    _number("failures"),
    _perhaps_number("shut_until"),
    _perhaps("last_error"),
    _perhaps_number("failed_at"),
    CheckConstraint("failures >= 0", name="failures"),
)

reply = Table(
    "reply",
    metadata,
    _key("person"),
    _key("key"),
    _text("request_hash"),
    _text("answer"),
    _number("at"),
    CheckConstraint("key <> ''", name="key"),
)

evidence = Table(
    "evidence",
    metadata,
    _of_item(primary_key=True),
    _key("sha256"),
    _text("name"),
    _number("size"),
    _perhaps("made_on"),
    _text("uploader"),
    _number("at"),
    CheckConstraint("length(sha256) = 64", name="sha256"),
    CheckConstraint("size >= 0", name="size"),
)

account = Table(
    "account",
    metadata,
    _key("person"),
    _text("password_hash"),
    _number("must_change"),
    _number("changed_at"),
    _perhaps_number("disabled_at"),
    Column("secret", LargeBinary, nullable=True),
    _number("step"),
    CheckConstraint("must_change IN (0, 1)", name="must_change"),
    CheckConstraint("step = 0 OR secret IS NOT NULL", name="step"),
)

session = Table(
    "session",
    metadata,
    _key("digest"),
    _text("person"),
    _number("opened_at"),
    _number("seen_at"),
    _number("is_complete"),
    CheckConstraint("length(digest) = 64", name="digest"),
    CheckConstraint("is_complete IN (0, 1)", name="is_complete"),
    Index(None, "person"),
    Index(None, "opened_at"),
)

device = Table("device", metadata, _key("digest"), _key("person"), _number("known_at"), Index(None, "person"))

brake = Table(
    "brake", metadata, _key("subject"), _number("failures"), _number("failed_at"), _number("blocked_until")
)

heartbeat = Table("heartbeat", metadata, _key("worker"), _number("at"), _text("detail"))
