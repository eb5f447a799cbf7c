"""Signed heads of the log and the keys they are signed with."""

from sqlalchemy import bindparam, insert, select

from engine.model.checkpoint import Checkpoint, LogKey
from engine.model.entry import EntryKind, TreeHead
from storage.log_tables import checkpoint, entry, log_key
from storage.prepared import Prepared, Row, Session
from storage.rows import instant, row_of_checkpoint, row_of_key
from storage.tables import item

ADD = Prepared(insert(checkpoint))
EVERY = Prepared(select(checkpoint).order_by(checkpoint.c.position))
NEWEST = Prepared(select(checkpoint).order_by(checkpoint.c.position.desc()).limit(1))
OF_CAUSE = Prepared(select(checkpoint.c.position).where(checkpoint.c.cause == bindparam("cause")))
ADD_KEY = Prepared(insert(log_key))
KEYS = Prepared(select(log_key).order_by(log_key.c.position))
PHASE_MOVED = Prepared(
    select(entry.c.position)
    .select_from(entry.join(item, item.c.id == entry.c.item))
    .where(
        entry.c.position >= bindparam("start"),
        entry.c.kind == int(EntryKind.TRANSITION),
        entry.c.item_version > 1,
        item.c.definition_id == "phase",
    )
    .order_by(entry.c.position)
    .limit(1)
)


class SqlCheckpoints:
    """Fulfils `Checkpoints`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, new: Checkpoint) -> None:
        """See `Checkpoints.add`."""
        self._session.run(ADD, **row_of_checkpoint(new))

    def newest(self) -> Checkpoint | None:
        """See `Checkpoints.newest`."""
        row = self._session.one(NEWEST)
        return None if row is None else _checkpoint(row)

    def every(self) -> list[Checkpoint]:
        """See `Checkpoints.every`."""
        return [_checkpoint(row) for row in self._session.rows(EVERY)]

    def has(self, cause: str) -> bool:
        """See `Checkpoints.has`."""
        return self._session.one(OF_CAUSE, cause=cause) is not None

    def add_key(self, key: LogKey) -> None:
        """See `Checkpoints.add_key`."""
        self._session.run(ADD_KEY, **row_of_key(key))

    def keys(self) -> list[LogKey]:
        """See `Checkpoints.keys`."""
        return [LogKey(row["position"], row["vkey"]) for row in self._session.rows(KEYS)]

    def phase_moved_since(self, position: int) -> int | None:
        """See `Checkpoints.phase_moved_since`."""
        row = self._session.one(PHASE_MOVED, start=position)
        return None if row is None else int(row["position"])


def _checkpoint(row: Row) -> Checkpoint:
    return Checkpoint(
        position=row["position"],
        head=TreeHead(row["size"], row["root"]),
        cause=row["cause"],
        note=row["note"],
        at=instant(row["at"]),
    )
