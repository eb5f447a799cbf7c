"""What is left of erased entries, and a lock that opens for an erasure that the newest entry tells of, and no other."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

FIXED = " AND ".join(
    f"NEW.{name} = OLD.{name}"
    for name in (
        *("position", "at", "kind", "what", "flags", "item_version"),
        *("actor", "previous", "commitment", "leaf"),
    )
)
KINDS = "OLD.kind IN (1, 2, 3, 6, 8, 9)"
ERASES = f"OLD.payload IS NOT NULL AND NEW.payload IS NULL AND NEW.salt IS NULL AND {KINDS} AND {FIXED}"
NEWEST = "FROM entry ORDER BY position DESC LIMIT 1"
SQLITE = (
    "DROP TRIGGER entry_is_fixed",
    f"""CREATE TRIGGER entry_is_fixed BEFORE UPDATE ON entry
    WHEN NOT ({ERASES} AND NEW.item IS OLD.item AND (SELECT kind {NEWEST}) = 8 AND OLD.position IN (
        SELECT value FROM json_each((SELECT CAST(payload AS TEXT) {NEWEST}), '$.indexes')))
    BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END""",  # noqa: S608 - constants of this file
)
POSTGRESQL = (
    "DROP TRIGGER entry_is_fixed ON entry",
    f"""CREATE FUNCTION entry_erase() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE newest RECORD;
    BEGIN
        SELECT kind, payload INTO newest {NEWEST};
        IF {ERASES} AND NEW.item IS NOT DISTINCT FROM OLD.item AND newest.kind = 8
            AND convert_from(newest.payload, 'UTF8')::jsonb -> 'indexes' @> to_jsonb(OLD.position) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'entry is append-only';
    END $$""",  # noqa: S608 - as above
    "CREATE TRIGGER entry_is_fixed BEFORE UPDATE ON entry FOR EACH ROW EXECUTE FUNCTION entry_erase()",
)


def upgrade() -> None:
    op.create_table(
        "redaction",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("erased_by", sa.BigInteger(), nullable=False),
        sa.Column("remains", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("erased_by > position", name=op.f("ck_redaction_erased_by")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_redaction")),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(sa.text(statement.replace(":", "\\:")))
