"""Items as they stand."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType

from engine.model.ids import DefinitionRef, ItemId, UnitCode
from engine.model.item import Item
from storage.memory.tables import Tables
from storage.memory.work import Work
from storage.refusals import overtaken


class MemoryItems:
    """Fulfils `Items`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, ids: Sequence[ItemId]) -> dict[ItemId, Item]:
        """See `Items.get`."""
        return {item.id: item for item in map(self._work.tables.items.get, ids) if item is not None}

    def by_numbers(self, numbers: Sequence[str]) -> dict[str, ItemId]:
        """See `Items.by_numbers`."""
        return {item.number: item.id for item in self._work.tables.items if item.number in numbers}

    def allot(self, series: str, year: int, count: int) -> int:
        """See `Items.allot`."""
        with self._work.writing() as tables:
            last = tables.numbers.get((series, year), 0)
            tables.numbers[series, year] = last + count
        return last + 1

    def allot_numbers(self, prefix: str, year: int, count: int) -> list[str]:
        """See `Items.allot_numbers`."""
        first = self.allot(prefix, year, count)
        return [f"{prefix}-{year}-{number:06d}" for number in range(first, first + count)]

    def add(self, items: Sequence[Item]) -> None:
        """See `Items.add`."""
        with self._work.writing() as tables:
            for new in items:
                tables.items.add(_kept(new))

    def replace(self, items: Sequence[Item]) -> None:
        """See `Items.replace`."""
        with self._work.writing() as tables:
            moved = [item for item in items if _has_moved(tables, item)]
            if len(moved) < len(items):
                raise overtaken(items, self.get([item.id for item in items]).values())

    def rehead(self, items: Sequence[Item]) -> None:
        """See `Items.rehead`."""
        with self._work.writing() as tables:
            for item in items:
                if (old := tables.items.get(item.id)) is not None:
                    tables.items.put(replace(old, head=item.head))

    def children(self, parent: ItemId) -> list[Item]:
        """See `Items.children`."""
        return self._numbered(lambda item: item.parent == parent)

    def count_open_children(self, parent: ItemId) -> int:
        """See `Items.count_open_children`."""
        return sum(child.closed_at is None for child in self.children(parent))

    def of_campaign(self, campaign: str, kind: str) -> list[Item]:
        """See `Items.of_campaign`."""
        return self._numbered(lambda item: (item.campaign, item.definition.id) == (campaign, kind))

    def under(self, campaign: str, ref: DefinitionRef, after: str, limit: int) -> list[Item]:
        """See `Items.under`."""
        found = self.of_campaign(campaign, ref.id)
        return [item for item in found if item.definition == ref and item.number > after][:limit]

    def scan(self) -> Iterator[Item]:
        """See `Items.scan`."""
        return iter(sorted(self._work.tables.items, key=lambda item: item.id))

    def units_with(
        self, campaign: str, kind: str, duty: str | None = None, period: str | None = None
    ) -> frozenset[UnitCode]:
        """See `Items.units_with`."""
        found = self.of_campaign(campaign, kind)
        if duty is not None:
            found = [one for one in found if one.duty == duty and period in (None, one.period or "")]
        return frozenset(one.unit for one in found)

    def count_by_period(self, campaign: str, kind: str) -> dict[tuple[str, str], int]:
        """See `Items.count_by_period`."""
        found = self.of_campaign(campaign, kind)
        return Counter((one.duty, one.period or "") for one in found if one.duty is not None)

    def of_plan(self, campaign: str, kind: str, duty: str, unit: UnitCode, period: str = "") -> Item | None:
        """See `Items.of_plan`."""
        wanted = duty, unit, period
        found = self.of_campaign(campaign, kind)
        return next((item for item in found if (item.duty, item.unit, item.period or "") == wanted), None)

    def _numbered(self, is_wanted: Callable[[Item], bool]) -> list[Item]:
        return sorted(filter(is_wanted, self._work.tables.items), key=lambda item: item.number)


def _has_moved(tables: Tables, item: Item) -> bool:
    old = tables.items.get(item.id)
    if old is None or old.version != item.version - 1:
        return False
    tables.items.put(_kept(item))
    return True


def _kept(item: Item) -> Item:
    """The item as nobody can change it from outside."""
    return replace(item, period=item.period or None, fields=MappingProxyType(dict(item.fields)))
