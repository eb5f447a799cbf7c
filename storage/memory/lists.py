"""Lists of items. Who may see an item is decided here as in SQL, only one item at a time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from engine.model.deadline import Deadline
from engine.model.ids import ItemId, PersonId, UnitCode
from engine.model.item import Item
from engine.model.views import DuePlace, ItemFilter, ItemRow
from storage.memory.work import Work


def _has_part(item: Item, wanted: ItemFilter) -> bool:
    """Whether its unit, one that assists, or one of its people is among those who may see it."""
    units = wanted.units or frozenset()
    people = {item.owner, item.opener, item.reviewer, _delegate(item)}
    return item.unit in units or not units.isdisjoint(item.assisting) or not wanted.own.isdisjoint(people)


def _delegate(item: Item) -> PersonId | None:
    return item.delegation.person if item.delegation else None


def _is_behind(item: Item, wanted: ItemFilter) -> bool:
    after = wanted.after or ""
    return item.number < after if wanted.newest_first else item.number > after


def _is_within(item: Item, wanted: ItemFilter) -> bool:
    to = wanted.to or ""
    return item.number >= to if wanted.newest_first else item.number <= to


NARROWED: dict[str, Callable[[Item, ItemFilter], bool]] = {
    "ids": lambda item, wanted: item.id in (wanted.ids or ()),
    "kind": lambda item, wanted: item.definition.id == wanted.kind,
    "campaign": lambda item, wanted: item.campaign == wanted.campaign,
    "stage": lambda item, wanted: item.stage is wanted.stage,
    "state": lambda item, wanted: item.state == wanted.state,
    "unit": lambda item, wanted: item.unit == wanted.unit,
    "owner": lambda item, wanted: item.owner == wanted.owner,
    "opener": lambda item, wanted: item.opener == wanted.opener,
    "reviewer": lambda item, wanted: item.reviewer == wanted.reviewer,
    "delegate": lambda item, wanted: _delegate(item) == wanted.delegate,
    "units": _has_part,
    "assisted": lambda item, wanted: not (wanted.assisted or frozenset()).isdisjoint(item.assisting),
    "title": lambda item, wanted: (wanted.title or "") in item.title,
    "after": _is_behind,
    "to": _is_within,
}


class MemoryLists:
    """Fulfils the part of `Views` that lists items."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def items(self, wanted: ItemFilter) -> list[ItemRow]:
        """See `Views.items`."""
        due = self._due()
        return [self._row(item, due.get(item.id)) for item in self._in_order(wanted)[: wanted.limit]]

    def soonest(self, wanted: ItemFilter, behind: DuePlace | None) -> list[ItemRow]:
        """See `Views.soonest`."""
        due = self._due()
        found = sorted((due[item.id], item.id, item) for item in self._narrowed(wanted) if item.id in due)
        rest = [one for one in found if behind is None or one[:2] > (behind.at, behind.item)]
        return [self._row(item, due_at) for due_at, _, item in rest[: wanted.limit]]

    def edge(self, wanted: ItemFilter, count: int) -> str | None:
        """See `Views.edge`."""
        found = self._in_order(replace(wanted, title=None))
        return found[count].number if count < len(found) else None

    def due(self, wanted: ItemFilter, until: datetime) -> list[Deadline]:
        """See `Views.due`."""
        ids = {item.id for item in self._narrowed(wanted)}
        found = [one for one in self._running() if one.item in ids and one.due_at < until]
        return sorted(found, key=lambda one: (one.due_at, one.item, one.clock))[: wanted.limit]

    def _in_order(self, wanted: ItemFilter) -> list[Item]:
        return sorted(self._narrowed(wanted), key=lambda item: item.number, reverse=wanted.newest_first)

    def _due(self) -> dict[ItemId, datetime]:
        """The earliest running clock of each item."""
        running = sorted(self._running(), key=lambda one: one.due_at, reverse=True)
        return {one.item: one.due_at for one in running}

    def _running(self) -> list[Deadline]:
        return [one for one in self._work.tables.deadlines if one.outcome is None]

    def _narrowed(self, wanted: ItemFilter) -> list[Item]:
        tests = [test for name, test in NARROWED.items() if getattr(wanted, name) is not None]
        found = [item for item in self._work.tables.items if all(test(item, wanted) for test in tests)]
        if wanted.overdue_at is None:
            return found
        late = {one.item for one in self._running() if one.due_at < wanted.overdue_at}
        return [item for item in found if item.id in late]

    def _row(self, item: Item, due_at: datetime | None) -> ItemRow:
        return ItemRow(
            id=item.id,
            number=item.number,
            definition=item.definition,
            unit=item.unit,
            unit_name=self._unit_name(item.unit),
            title=item.title,
            state=item.state,
            stage=item.stage,
            owner_name=self._name(item.owner),
            version=item.version,
            due_at=due_at,
            returned_count=item.returned_count,
            closed_at=item.closed_at,
        )

    def _unit_name(self, code: UnitCode) -> str:
        unit = self._work.tables.units.get(code)
        return unit.name if unit else code

    def _name(self, owner: PersonId | None) -> str | None:
        person = self._work.tables.persons.get(owner) if owner else None
        return person.name if person else None
