"""Keep the hash of every 256 neighbours in the history, so that a proof need not read all of it."""

from collections.abc import Iterator
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WIDTH = 256
CHUNK = 5000


def upgrade() -> None:
    made = op.create_table(
        "tree_hash",
        sa.Column("level", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(hash) = 32", name=op.f("ck_tree_hash_hash")),
        sa.CheckConstraint("level >= 1 AND position >= 0", name=op.f("ck_tree_hash_place")),
        sa.PrimaryKeyConstraint("level", "position", name=op.f("pk_tree_hash")),
    )
    level, hashes = 1, [_joined(leaves) for leaves in _leaves() if len(leaves) == WIDTH]
    while hashes:
        for start in range(0, len(hashes), CHUNK):
            numbered = enumerate(hashes[start : start + CHUNK], start)
            op.bulk_insert(made, [{"level": level, "position": n, "hash": found} for n, found in numbered])
        whole = range(0, len(hashes) - WIDTH + 1, WIDTH)
        level, hashes = level + 1, [_joined(hashes[start : start + WIDTH]) for start in whole]


def _leaves() -> Iterator[list[bytes]]:
    """The leaf hashes of every 256 neighbours, a page at a time."""
    page = sa.text("SELECT leaf FROM entry WHERE position >= :first AND position < :end ORDER BY position")
    (size,) = op.get_bind().execute(sa.text("SELECT size FROM log_head")).one()
    for first in range(0, size, WIDTH):
        rows = op.get_bind().execute(page, {"first": first, "end": first + WIDTH})
        yield [bytes(row.leaf) for row in rows]


def _joined(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return hashes[0]
