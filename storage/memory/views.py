"""Read queries for tables and pages."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from engine.model.definition import Stage
from engine.model.ids import ItemId, PersonId, UnitCode
from engine.model.item import Item
from engine.model.views import Holding, ItemFilter, ItemRow, StageCount
from storage.memory.work import Work

NARROWED: dict[str, Callable[[Item, ItemFilter], bool]] = {
    "kind": lambda item, wanted: item.definition.id == wanted.kind,
    "campaign": lambda item, wanted: item.campaign == wanted.campaign,
    "stage": lambda item, wanted: item.stage is wanted.stage,
    "state": lambda item, wanted: item.state == wanted.state,
    "unit": lambda item, wanted: item.unit == wanted.unit,
    "owner": lambda item, wanted: item.owner == wanted.owner,
    "units": lambda item, wanted: item.unit in (wanted.units or ()) or _is_own(item, wanted.asker),
    "after": lambda item, wanted: item.number > (wanted.after or ""),
}


class MemoryViews:
    """Fulfils `Views`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def items(self, wanted: ItemFilter) -> list[ItemRow]:
        """See `Views.items`."""
        due = self._due()
        tests = [test for name, test in NARROWED.items() if getattr(wanted, name) is not None]
        found = [item for item in self._work.tables.items if all(test(item, wanted) for test in tests)]
        if wanted.overdue_at is not None:
            found = [item for item in found if item.id in due and due[item.id] < wanted.overdue_at]
        found.sort(key=lambda item: item.number)
        return [self._row(item, due.get(item.id)) for item in found[: wanted.limit]]

    def stage_counts(self, campaign: str) -> list[StageCount]:
        """See `Views.stage_counts`."""
        items = (item for item in self._work.tables.items if item.campaign == campaign)
        counts = Counter((item.definition.id, item.unit, item.stage) for item in items)
        return [
            StageCount(kind=kind, unit=unit, unit_name=self._unit_name(unit), stage=stage, count=count)
            for (kind, unit, stage), count in sorted(counts.items(), key=self._in_order)
        ]

    def holdings(self, campaign: str, now: datetime) -> list[Holding]:
        """See `Views.holdings`."""
        due = self._due()
        items = self._work.tables.items
        held = [item for item in items if item.campaign == campaign and item.closed_at is None]
        late = Counter((item.unit, item.owner) for item in held if item.id in due and due[item.id] < now)
        counts = Counter((item.unit, item.owner) for item in held)
        return [
            Holding(
                person=owner,
                name=self._name(owner) or "",
                unit_name=self._unit_name(unit),
                open_count=count,
                overdue_count=late[unit, owner],
            )
            for (unit, owner), count in sorted(counts.items(), key=_most_first)
        ]

    def integrity(self) -> list[str]:
        """See `Views.integrity`."""
        return []

    def _due(self) -> dict[ItemId, datetime]:
        """The earliest running clock of each item."""
        running = [one for one in self._work.tables.deadlines if one.outcome is None]
        return {one.item: one.due_at for one in sorted(running, key=lambda one: one.due_at, reverse=True)}

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

    def _in_order(self, counted: tuple[tuple[str, UnitCode, Stage], int]) -> tuple[object, ...]:
        (kind, code, stage), _ = counted
        unit = self._work.tables.units.get(code)
        return kind, unit is None, unit.ordinal if unit else 0, code, stage.value


def _is_own(item: Item, asker: PersonId | None) -> bool:
    return asker is not None and asker in (item.owner, item.opener, item.reviewer)


def _most_first(counted: tuple[tuple[UnitCode, PersonId | None], int]) -> tuple[object, ...]:
    (unit, owner), count = counted
    return -count, unit, owner is None, owner or ""
