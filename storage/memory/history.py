"""The append-only log."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from engine.model.entry import Entry, EntryDraft, LogHead
from engine.model.ids import ItemId
from engine.rules.ledger import appended
from storage.memory.work import Work


class MemoryHistory:
    """Fulfils `History`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def append(self, drafts: Sequence[EntryDraft], now: datetime) -> list[Entry]:
        """See `History.append`."""
        with self._work.writing() as tables:
            entries, tables.head = appended(tables.head, drafts, now)
            for new in entries:
                tables.entries.add(new)
        return entries

    def head(self) -> LogHead:
        """See `History.head`."""
        return self._work.tables.head

    def of_item(self, item: ItemId) -> list[Entry]:
        """See `History.of_item`."""
        return [entry for entry in self._work.tables.entries if entry.item == item]

    def scan(self, start: int = 0) -> Iterator[Entry]:
        """See `History.scan`."""
        return islice(list(self._work.tables.entries), start, None)
