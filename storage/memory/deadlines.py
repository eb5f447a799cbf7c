"""Armed clocks and the firing of their rungs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from engine.model.deadline import Deadline, Firing
from engine.model.ids import ItemId
from storage.memory.rows import by_item, deadline_key
from storage.memory.work import Work
from storage.refusals import too_late


class MemoryDeadlines:
    """Fulfils `Deadlines`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def open_of(self, items: Sequence[ItemId]) -> dict[ItemId, list[Deadline]]:
        """See `Deadlines.open_of`."""
        return by_item(items, self._open())

    def latest_of(self, items: Sequence[ItemId]) -> dict[ItemId, list[Deadline]]:
        """See `Deadlines.latest_of`."""
        newest = {(one.item, one.clock): one for one in self.scan()}
        return by_item(items, newest.values())

    def end(self, deadlines: Sequence[Deadline]) -> None:
        """See `Deadlines.end`."""
        self._change(deadlines, lambda old, new: replace(old, outcome=new.outcome, ended_at=new.ended_at))

    def arm(self, deadlines: Sequence[Deadline]) -> None:
        """See `Deadlines.arm`."""
        with self._work.writing() as tables:
            for new in deadlines:
                tables.deadlines.add(new)

    def due(self, now: datetime, limit: int) -> list[ItemId]:
        """See `Deadlines.due`."""
        steps = [(one.next_at, deadline_key(one)) for one in self._open() if one.next_at is not None]
        reached = sorted(step for step in steps if step[0] <= now)[:limit]
        return list(dict.fromkeys(item for _, (item, *_) in reached))

    def next_at(self) -> datetime | None:
        """See `Deadlines.next_at`."""
        return min((one.next_at for one in self._open() if one.next_at is not None), default=None)

    def claim(self, firings: Sequence[Firing]) -> list[Firing]:
        """See `Deadlines.claim`."""
        with self._work.writing() as tables:
            return [new for new in firings if tables.firings.add_new(new)]

    def advance(self, deadlines: Sequence[Deadline]) -> None:
        """See `Deadlines.advance`."""
        self._change(deadlines, lambda old, new: replace(old, next_rung=new.next_rung, next_at=new.next_at))

    def of_item(self, item: ItemId) -> list[Deadline]:
        """See `Deadlines.of_item`."""
        return sorted((one for one in self.scan() if one.item == item), key=lambda one: one.armed_at)

    def firings_of(self, item: ItemId) -> list[Firing]:
        """See `Deadlines.firings_of`."""
        return [one for one in self.scan_firings() if one.item == item]

    def revisions_of(self, items: Sequence[ItemId]) -> dict[ItemId, list[Deadline]]:
        """See `Deadlines.revisions_of`."""
        return by_item(items, self.scan())

    def fired_on(self, items: Sequence[ItemId]) -> dict[ItemId, list[Firing]]:
        """See `Deadlines.fired_on`."""
        return by_item(items, self.scan_firings())

    def running(self, after: ItemId, limit: int) -> list[ItemId]:
        """See `Deadlines.running`."""
        return sorted({one.item for one in self._open() if one.item > after})[:limit]

    def scan(self) -> Iterator[Deadline]:
        """See `Deadlines.scan`."""
        return iter(sorted(self._work.tables.deadlines, key=deadline_key))

    def scan_firings(self) -> Iterator[Firing]:
        """See `Deadlines.scan_firings`."""
        firings = self._work.tables.firings
        return iter(sorted(firings, key=lambda one: (one.fired_at, deadline_key(one), one.rung)))

    def _open(self) -> Iterator[Deadline]:
        return (one for one in self.scan() if one.outcome is None)

    def _change(
        self, deadlines: Sequence[Deadline], changed: Callable[[Deadline, Deadline], Deadline]
    ) -> None:
        with self._work.writing() as tables:
            for new in deadlines:
                old = tables.deadlines.get(deadline_key(new))
                if old is None or old.outcome is not None:
                    raise too_late("时限已变")
                tables.deadlines.put(changed(old, new))
