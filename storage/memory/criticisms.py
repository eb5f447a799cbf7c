"""Candidates for criticism in a bulletin, and what was decided on them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.model.criticism import Candidate, Mark, Verdict
from engine.model.ids import ItemId, UnitCode
from engine.model.item import Item
from storage.memory.work import Work
from storage.refusals import too_late


class MemoryCriticisms:
    """Fulfils `Criticisms`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def mark(self, marks: Sequence[Mark]) -> list[Mark]:
        """See `Criticisms.mark`."""
        with self._work.writing() as tables:
            return [new for new in marks if tables.marks.add_new(new)]

    def of_item(self, item: ItemId) -> list[Mark]:
        """See `Criticisms.of_item`."""
        return [one for one in self.scan() if one.item == item]

    def decide(self, marks: Sequence[Mark]) -> None:
        """See `Criticisms.decide`."""
        with self._work.writing() as tables:
            for new in marks:
                old = tables.marks.get((new.item, new.cause))
                if old is None or old.verdict is not None:
                    raise too_late("这些候选已由他人决定")
                tables.marks.put(replace(old, verdict=new.verdict, decided_at=new.decided_at))

    def waiting(self, units: frozenset[UnitCode], after: str | None, limit: int) -> list[Candidate]:
        """See `Criticisms.waiting`."""
        marked = [(self._work.tables.items.get(one.item), one) for one in self.scan() if one.verdict is None]
        found = [(item, one) for item, one in marked if item and item.unit in units]
        found = [(item, one) for item, one in found if item.number > (after or "")]
        found.sort(key=lambda pair: pair[0].number)
        return [self._candidate(item, one) for item, one in found[:limit]]

    def issued(self, units: frozenset[UnitCode], limit: int) -> list[Candidate]:
        """See `Criticisms.issued`."""
        marked = ((self._work.tables.items.get(one.item), one) for one in self.scan())
        found = [
            self._candidate(item, one)
            for item, one in marked
            if item and item.unit in units and one.verdict is Verdict.ISSUED
        ]
        found.sort(key=lambda one: (one.number, one.cause))
        return sorted(found, key=lambda one: one.decided_at or one.marked_at, reverse=True)[:limit]

    def scan(self) -> Iterator[Mark]:
        """See `Criticisms.scan`."""
        return iter(sorted(self._work.tables.marks, key=lambda one: (one.marked_at, one.item, one.cause)))

    def _candidate(self, item: Item, one: Mark) -> Candidate:
        unit = self._work.tables.units.get(item.unit)
        return Candidate(
            number=item.number,
            title=item.title,
            unit=item.unit,
            unit_name=unit.name if unit else item.unit,
            cause=one.cause,
            label=one.label,
            marked_at=one.marked_at,
            decided_at=one.decided_at,
        )
