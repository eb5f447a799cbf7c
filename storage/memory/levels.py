"""Levels of quality that items have reached."""

from collections.abc import Iterator, Sequence

from engine.model.deadline import Raise
from engine.model.ids import ItemId
from storage.memory.rows import by_item
from storage.memory.work import Work


class MemoryLevels:
    """Fulfils `Levels`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def claim(self, raises: Sequence[Raise]) -> list[Raise]:
        """See `Levels.claim`."""
        with self._work.writing() as tables:
            return [new for new in raises if tables.levels.add_new(new)]

    def raised_on(self, items: Sequence[ItemId]) -> dict[ItemId, list[Raise]]:
        """See `Levels.raised_on`."""
        return by_item(items, self.scan())

    def scan(self) -> Iterator[Raise]:
        """See `Levels.scan`."""
        return iter(sorted(self._work.tables.levels, key=lambda one: (one.raised_at, one.item, one.level)))
