"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SQLITE = (
    """CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry
    BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END""",
    """CREATE TRIGGER entry_is_added BEFORE INSERT ON entry
    WHEN EXISTS (SELECT 1 FROM entry WHERE position = NEW.position)
    BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END""",
    """CREATE TRIGGER entry_is_fixed BEFORE UPDATE ON entry
    WHEN NOT (NEW.payload IS NULL AND NEW.salt IS NULL AND NEW.position = OLD.position AND NEW.at = OLD.at
        AND NEW.kind = OLD.kind AND NEW.what = OLD.what AND NEW.flags = OLD.flags AND NEW.item IS OLD.item
        AND NEW.item_version = OLD.item_version AND NEW.actor = OLD.actor AND NEW.previous = OLD.previous
        AND NEW.commitment = OLD.commitment AND NEW.leaf = OLD.leaf)
    BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'entry is append-only'; END $$""",
    """CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry FOR EACH ROW EXECUTE FUNCTION entry_refuse()""",
    """CREATE TRIGGER entry_is_whole BEFORE TRUNCATE ON entry FOR EACH STATEMENT EXECUTE FUNCTION entry_refuse()""",
    """CREATE TRIGGER entry_is_fixed BEFORE UPDATE ON entry FOR EACH ROW
    WHEN (NOT (NEW.payload IS NULL AND NEW.salt IS NULL AND NEW.position = OLD.position AND NEW.at = OLD.at
        AND NEW.kind = OLD.kind AND NEW.what = OLD.what AND NEW.flags = OLD.flags
        AND NEW.item IS NOT DISTINCT FROM OLD.item
        AND NEW.item_version = OLD.item_version AND NEW.actor = OLD.actor AND NEW.previous = OLD.previous
        AND NEW.commitment = OLD.commitment AND NEW.leaf = OLD.leaf))
    EXECUTE FUNCTION entry_refuse()""",
)


def upgrade() -> None:  # noqa: PLR0915 - one statement a table and index
    op.create_table(
        "calendar",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_calendar")),
    )
    op.create_index("uq_calendar_version", "calendar", ["id", "version"], unique=True)
    op.create_table(
        "campaign",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    op.create_table(
        "definition",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_definition_version")),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_definition")),
    )
    op.create_table(
        "entry",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("flags", sa.BigInteger(), nullable=False),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("item_version", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(payload IS NULL) = (salt IS NULL)", name=op.f("ck_entry_redacted")),
        sa.CheckConstraint(
            "length(leaf) = 32 AND length(commitment) = 32 AND length(previous) = 32",
            name=op.f("ck_entry_hashes"),
        ),
        sa.CheckConstraint("position >= 0", name=op.f("ck_entry_position")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_entry")),
    )
    op.create_index(op.f("ix_entry_item_position"), "entry", ["item", "position"], unique=False)
    op.create_table(
        "heartbeat",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "holding",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Text(), nullable=False),
        sa.Column("on_behalf_of", sa.Text(), server_default="", nullable=False),
        sa.Column("until_on", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("person", "post", "from_on", "on_behalf_of", name=op.f("pk_holding")),
    )
    op.create_index(op.f("ix_holding_post_from_on"), "holding", ["post", "from_on"], unique=False)
    op.create_table(
        "item",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("definition_id", sa.Text(), nullable=False),
        sa.Column("definition_version", sa.BigInteger(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("opener", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("reviewer", sa.Text(), nullable=True),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("duty", sa.Text(), nullable=True),
        sa.Column("period", sa.Text(), server_default="", nullable=False),
        sa.Column("as_of", sa.Text(), nullable=True),
        sa.Column("returned_count", sa.BigInteger(), nullable=False),
        sa.Column("evidence_count", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint("(stage = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_item_closed")),
        sa.CheckConstraint(
            "stage IN ('finding', 'rectifying', 'reviewing', 'assessing', 'closed')",
            name=op.f("ck_item_stage"),
        ),
        sa.CheckConstraint("length(id) = 32", name=op.f("ck_item_id")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_item_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
    )
    op.create_index(
        op.f("ix_item_campaign_definition_id_number"),
        "item",
        ["campaign", "definition_id", "number"],
        unique=False,
    )
    op.create_index(
        op.f("ix_item_campaign_definition_id_unit_stage"),
        "item",
        ["campaign", "definition_id", "unit", "stage"],
        unique=False,
    )
    op.create_index(op.f("ix_item_owner_number"), "item", ["owner", "number"], unique=False)
    op.create_index(op.f("ix_item_parent_number"), "item", ["parent", "number"], unique=False)
    op.create_index(op.f("ix_item_unit_number"), "item", ["unit", "number"], unique=False)
    op.create_index("uq_item_number", "item", ["number"], unique=True)
    op.create_index(
        "uq_item_place",
        "item",
        ["campaign", "definition_id", "duty", "unit", "period"],
        unique=True,
        sqlite_where=sa.text("duty IS NOT NULL"),
        postgresql_where=sa.text("duty IS NOT NULL"),
    )
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_log_head_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )
    op.create_table(
        "number_series",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", "year", name=op.f("pk_number_series")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_sample", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("is_sample IN (0, 1)", name=op.f("ck_person_is_sample")),
        sa.CheckConstraint("length(id) = 32", name=op.f("ck_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_index("uq_person_login", "person", ["login"], unique=True)
    op.create_table(
        "post",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_post")),
    )
    op.create_table(
        "post_role",
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("post", "role", name=op.f("pk_post_role")),
    )
    op.create_index(op.f("ix_post_role_role_post"), "post_role", ["role", "post"], unique=False)
    op.create_table(
        "reply",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("key <> ''", name=op.f("ck_reply_key")),
        sa.PrimaryKeyConstraint("person", "key", name=op.f("pk_reply")),
    )
    op.create_table(
        "unit",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("handles_cases", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("handles_cases IN (0, 1)", name=op.f("ck_unit_handles_cases")),
        sa.ForeignKeyConstraint(
            ["parent"], ["unit.code"], name=op.f("fk_unit_parent"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_unit")),
    )
    op.create_table(
        "unit_closure",
        sa.Column("ancestor", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("distance", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("distance >= 0", name=op.f("ck_unit_closure_distance")),
        sa.PrimaryKeyConstraint("ancestor", "unit", name=op.f("pk_unit_closure")),
    )
    op.create_index(op.f("ix_unit_closure_unit_distance"), "unit_closure", ["unit", "distance"], unique=False)
    op.create_table(
        "deadline",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("armed_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("original_due_at", sa.BigInteger(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("is_provisional", sa.BigInteger(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("next_rung", sa.Text(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('met', 'rearmed', 'suspended')", name=op.f("ck_deadline_outcome")
        ),
        sa.CheckConstraint("(next_rung IS NULL) = (next_at IS NULL)", name=op.f("ck_deadline_next")),
        sa.CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_deadline_ended")),
        sa.ForeignKeyConstraint(
            ["item"], ["item.id"], name=op.f("fk_deadline_item"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("item", "clock", "revision", name=op.f("pk_deadline")),
    )
    op.create_index(
        "ix_deadline_due_at",
        "deadline",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_index(
        "ix_deadline_next_at",
        "deadline",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_index(
        "uq_deadline_open",
        "deadline",
        ["item", "clock"],
        unique=True,
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_table(
        "evidence",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("made_on", sa.Text(), nullable=True),
        sa.Column("uploader", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_evidence_sha256")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_evidence_size")),
        sa.ForeignKeyConstraint(
            ["item"], ["item.id"], name=op.f("fk_evidence_item"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("item", "sha256", name=op.f("pk_evidence")),
    )
    op.create_table(
        "notice",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(key) = 64", name=op.f("ck_notice_key")),
        sa.ForeignKeyConstraint(
            ["item"], ["item.id"], name=op.f("fk_notice_item"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notice")),
    )
    op.create_index(
        op.f("ix_notice_item_written_at_key"), "notice", ["item", "written_at", "key"], unique=False
    )
    op.create_index(
        op.f("ix_notice_recipient_written_at_key"), "notice", ["recipient", "written_at", "key"], unique=False
    )
    op.create_table(
        "delivery",
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_delivery_sent")),
        sa.CheckConstraint(
            "status IN ('pending', 'leased', 'sent', 'dead')", name=op.f("ck_delivery_status")
        ),
        sa.ForeignKeyConstraint(
            ["notice"], ["notice.key"], name=op.f("fk_delivery_notice"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("notice", "channel", name=op.f("pk_delivery")),
    )
    op.create_index(op.f("ix_delivery_status_not_before"), "delivery", ["status", "not_before"], unique=False)
    op.create_table(
        "firing",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("spoken_by", sa.Text(), nullable=False),
        sa.Column("fired_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item", "clock", "revision"],
            ["deadline.item", "deadline.clock", "deadline.revision"],
            name=op.f("fk_firing_item_clock_revision"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("item", "clock", "revision", "rung", name=op.f("pk_firing")),
    )
    op.bulk_insert(
        sa.table(
            "log_head",
            sa.column("id"),
            sa.column("size"),
            sa.column("at"),
            sa.column("frontier", sa.LargeBinary),
        ),
        [{"id": 1, "size": 0, "at": 0, "frontier": b""}],
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
