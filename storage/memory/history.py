"""The append-only log."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from engine.model.entry import Entry, EntryDraft, LogHead
from engine.model.ids import ItemId, PersonId
from engine.model.inspection import Stretch
from engine.rules.ledger import sealed
from engine.rules.proofs import WIDTH
from engine.rules.tree import append_leaf, root_of
from storage.memory.work import Work


class MemoryHistory:
    """Fulfils `History`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def append(self, drafts: Sequence[EntryDraft], now: datetime) -> list[Entry]:
        """See `History.append`."""
        with self._work.writing() as tables:
            entries = sealed(drafts, tables.head, now)
            for new in entries:
                frontier = append_leaf(tables.head.frontier, new.index, new.leaf)
                tables.head = LogHead(size=new.index + 1, at=new.at, frontier=frontier)
                tables.entries.add(new)
        return entries

    def head(self) -> LogHead:
        """See `History.head`."""
        return self._work.tables.head

    def of_item(self, item: ItemId) -> list[Entry]:
        """See `History.of_item`."""
        return [entry for entry in self._work.tables.entries if entry.item == item]

    def by_actor(self, actor: PersonId, before: int | None, limit: int) -> list[Entry]:
        """See `History.by_actor`."""
        own = [
            entry for entry in self._work.tables.entries if entry.actor == actor and entry.item is not None
        ]
        earlier = [entry for entry in own if before is None or entry.index < before]
        return earlier[::-1][:limit]

    def page(self, before: int, limit: int) -> list[Entry]:
        """See `History.page`."""
        return self.search(Stretch(first=0, before=before, limit=limit))

    def scan(self, start: int = 0, end: int | None = None) -> Iterator[Entry]:
        """See `History.scan`."""
        return islice(
            list(self._work.tables.entries), max(start, 0), max(end, 0) if end is not None else None
        )

    def by_items(self, start: int = 0, end: int | None = None) -> Iterator[Entry]:
        """See `History.by_items`."""
        on_items = ((entry.item, entry.index, entry) for entry in self.scan(start, end) if entry.item)
        return (entry for _, _, entry in sorted(on_items, key=lambda found: found[:2]))

    def search(self, wanted: Stretch) -> list[Entry]:
        """See `History.search`."""
        backwards = reversed([*self.scan(wanted.first, wanted.before)])
        return [*islice(filter(wanted.holds, backwards), wanted.limit)]

    def index_at(self, at: datetime) -> int:
        """See `History.index_at`."""
        return bisect_left(list(self._work.tables.entries), at, key=lambda entry: entry.at)

    def newest(self, what: str) -> Entry | None:
        """See `History.newest`."""
        entries = reversed(list(self._work.tables.entries))
        return next((entry for entry in entries if entry.what == what), None)

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """See `History.hashes`."""
        return hashes_of([entry.leaf for entry in self._work.tables.entries], level, first, count)


def hashes_of(leaves: Sequence[bytes], level: int, first: int, count: int) -> list[bytes]:
    """The hashes of those of these subtrees that are perfect."""
    size = WIDTH**level
    starts = range(first * size, (first + count) * size, size)
    return [_root(leaves[start : start + size]) for start in starts if start + size <= len(leaves)]


def _root(leaves: Sequence[bytes]) -> bytes:
    frontier: tuple[bytes, ...] = ()
    for size, leaf in enumerate(leaves):
        frontier = append_leaf(frontier, size, leaf)
    return root_of(frontier)
