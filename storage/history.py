"""The append-only log."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from engine.model.entry import Entry, EntryDraft, LogHead
from engine.model.ids import ItemId, PersonId
from engine.rules.ledger import sealed
from engine.rules.proofs import completed
from engine.rules.tree import HASH_BYTES, edge_with, joined
from storage.log_tables import entry, log_head, tree_hash
from storage.prepared import Prepared, Row, Session
from storage.rows import entry_of_row, instant, micros, row_of_entry

HEAD = Prepared(select(log_head.c.size, log_head.c.at, log_head.c.frontier))
LOCK = Prepared(select(log_head.c.size, log_head.c.at, log_head.c.frontier).with_for_update())
MOVE_HEAD = Prepared(
    update(log_head).values(size=bindparam("size"), at=bindparam("at"), frontier=bindparam("frontier"))
)
ADD = Prepared(insert(entry))
OF_ITEM = Prepared(select(entry).where(entry.c.item == bindparam("item")).order_by(entry.c.position))
BY_ACTOR = Prepared(
    select(entry)
    .where(
        entry.c.actor == bindparam("actor"), entry.c.position < bindparam("before"), entry.c.item.is_not(None)
    )
    .order_by(entry.c.position.desc())
    .limit(bindparam("limit"))
)
SCAN = Prepared(select(entry).where(entry.c.position >= bindparam("start")).order_by(entry.c.position))
PAGE = Prepared(
    select(entry)
    .where(entry.c.position < bindparam("before"))
    .order_by(entry.c.position.desc())
    .limit(bindparam("limit"))
)
NEWEST = Prepared(
    select(entry).where(entry.c.what == bindparam("what")).order_by(entry.c.position.desc()).limit(1)
)
ADD_HASH = Prepared(insert(tree_hash))
LEAVES = Prepared(
    select(entry.c.leaf.label("hash"))
    .where(entry.c.position >= bindparam("first"), entry.c.position < bindparam("end"))
    .order_by(entry.c.position)
)
HASHES = Prepared(
    select(tree_hash.c.hash)
    .where(
        tree_hash.c.level == bindparam("level"),
        tree_hash.c.position >= bindparam("first"),
        tree_hash.c.position < bindparam("end"),
    )
    .order_by(tree_hash.c.position)
)
_BEYOND = 2**62


class SqlHistory:
    """Fulfils `History`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def append(self, drafts: Sequence[EntryDraft], now: datetime) -> list[Entry]:
        """See `History.append`."""
        head = self._head(LOCK)
        entries = sealed(drafts, head, now)
        self._session.many(ADD, [row_of_entry(new) for new in entries])
        self._grow(head, entries)
        return entries

    def head(self) -> LogHead:
        """See `History.head`."""
        return self._head(HEAD)

    def of_item(self, item: ItemId) -> list[Entry]:
        """See `History.of_item`."""
        return [entry_of_row(row) for row in self._session.rows(OF_ITEM, item=item)]

    def by_actor(self, actor: PersonId, before: int | None, limit: int) -> list[Entry]:
        """See `History.by_actor`."""
        last = _BEYOND if before is None else before
        rows = self._session.rows(BY_ACTOR, actor=actor, before=last, limit=limit)
        return [entry_of_row(row) for row in rows]

    def page(self, before: int, limit: int) -> list[Entry]:
        """See `History.page`."""
        return [entry_of_row(row) for row in self._session.rows(PAGE, before=before, limit=limit)]

    def scan(self, start: int = 0) -> Iterator[Entry]:
        """See `History.scan`."""
        return map(entry_of_row, self._session.stream(SCAN, start=start))

    def newest(self, what: str) -> Entry | None:
        """See `History.newest`."""
        row = self._session.one(NEWEST, what=what)
        return None if row is None else entry_of_row(row)

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """See `History.hashes`."""
        end = first + count
        if level == 0:
            return [row["hash"] for row in self._session.rows(LEAVES, first=first, end=end)]
        return [row["hash"] for row in self._session.rows(HASHES, level=level, first=first, end=end)]

    def _head(self, statement: Prepared) -> LogHead:
        row = self._session.rows(statement)[0]
        edge: bytes = row["frontier"]
        hashes = (edge[start : start + HASH_BYTES] for start in range(0, len(edge), HASH_BYTES))
        return LogHead(size=row["size"], at=instant(row["at"]), frontier=tuple(hashes))

    def _grow(self, head: LogHead, entries: Sequence[Entry]) -> None:
        frontier, hashes = head.frontier, list[Row]()
        for new in entries:
            made = joined(frontier, new.index, new.leaf)
            frontier = edge_with(frontier, made)
            hashes += [
                {"level": level, "position": position, "hash": found}
                for level, position, found in completed(made, new.index)
            ]
        self._session.many(ADD_HASH, hashes)
        if entries:
            size, at = head.size + len(entries), micros(entries[-1].at)
            self._session.run(MOVE_HEAD, size=size, at=at, frontier=b"".join(frontier))
