"""The append-only log."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from engine.model.entry import Entry, EntryDraft, EntryFlag, LogHead
from engine.model.errors import Broken
from engine.model.ids import ItemId, PersonId
from engine.model.inspection import Stretch
from engine.rules.ledger import sealed
from engine.rules.proofs import completed
from engine.rules.tree import HASH_BYTES, edge_with, joined
from storage.log_tables import entry, log_head, redaction, tree_hash
from storage.prepared import Prepared, Row, Session
from storage.rows import entry_of_row, instant, micros, row_of_entry

HEAD = Prepared(select(log_head.c.size, log_head.c.at, log_head.c.frontier))
LOCK = Prepared(select(log_head.c.size, log_head.c.at, log_head.c.frontier).with_for_update())
MOVE_HEAD = Prepared(
    update(log_head).values(size=bindparam("size"), at=bindparam("at"), frontier=bindparam("frontier"))
)
ADD = Prepared(insert(entry))
WHOLE = select(entry, redaction.c.remains, redaction.c.erased_by).outerjoin_from(
    entry, redaction, redaction.c.position == entry.c.position
)
"""Entries, and what is left of those that were erased."""
OF_ITEM = Prepared(WHOLE.where(entry.c.item == bindparam("item")).order_by(entry.c.position))
BY_ACTOR = Prepared(
    WHOLE.where(
        entry.c.actor == bindparam("actor"), entry.c.position < bindparam("before"), entry.c.item.is_not(None)
    )
    .order_by(entry.c.position.desc())
    .limit(bindparam("limit"))
)
SCAN = Prepared(
    WHOLE.where(entry.c.position >= bindparam("start"), entry.c.position < bindparam("end")).order_by(
        entry.c.position
    )
)
BY_ITEMS = Prepared(
    WHOLE.where(
        entry.c.item.is_not(None),
        entry.c.position + 0 >= bindparam("start"),  # plain, SQLite would narrow by it and sort the whole log
        entry.c.position + 0 < bindparam("end"),
    ).order_by(entry.c.item, entry.c.position)
)
INSTANT = Prepared(select(entry.c.at).where(entry.c.position == bindparam("position")))
NARROWED = {
    "item": entry.c.item == bindparam("item"),
    "actor": entry.c.actor == bindparam("actor"),
    "what": entry.c.what == bindparam("what"),
    "flags": entry.c.flags.bitwise_and(bindparam("flags")) != 0,
}
BACKWARD = (
    WHOLE.where(entry.c.position >= bindparam("first"), entry.c.position < bindparam("before"))
    .order_by(entry.c.position.desc())
    .limit(bindparam("limit"))
)
_searches: dict[frozenset[str], Prepared] = {}
NEWEST = Prepared(WHOLE.where(entry.c.what == bindparam("what")).order_by(entry.c.position.desc()).limit(1))
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
        return self.search(Stretch(first=0, before=before, limit=limit))

    def scan(self, start: int = 0, end: int | None = None) -> Iterator[Entry]:
        """See `History.scan`. Without an end up to the newest that is stored, whatever the head says."""
        last = _BEYOND if end is None else end
        return map(entry_of_row, self._session.stream(SCAN, start=start, end=last))

    def by_items(self, start: int = 0, end: int | None = None) -> Iterator[Entry]:
        """See `History.by_items`."""
        last = _BEYOND if end is None else end
        return map(entry_of_row, self._session.stream(BY_ITEMS, start=start, end=last))

    def search(self, wanted: Stretch) -> list[Entry]:
        """See `History.search`."""
        given = {name: getattr(wanted, name) for name in NARROWED}
        given = {name: value for name, value in given.items() if value not in (None, EntryFlag.NONE)}
        names = frozenset(given)
        if names not in _searches:
            _searches[names] = Prepared(BACKWARD.where(*[NARROWED[name] for name in sorted(names)]))
        places = {"first": wanted.first, "before": wanted.before, "limit": wanted.limit}
        return [entry_of_row(row) for row in self._session.rows(_searches[names], **given, **places)]

    def index_at(self, at: datetime) -> int:
        """See `History.index_at`. Times never fall, so halving finds the place."""
        asked = micros(at)
        return bisect_left(range(self.head().size), asked, key=self._instant)

    def _instant(self, position: int) -> int:
        row = self._session.one(INSTANT, position=position)
        if row is None:
            raise Broken(f"历史缺少第 {position} 条")
        found: int = row["at"]
        return found

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
