"""Read queries for tables and pages."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from engine.model.deadline import Deadline, Outcome
from engine.model.definition import Stage
from engine.model.ids import ItemId, PersonId, UnitCode
from engine.model.item import Item
from engine.model.views import Holding, ItemFilter, ItemRow, ReportRow, StageCount
from storage.memory.work import Work


def _is_own(item: Item, asker: PersonId | None) -> bool:
    return asker is not None and asker in (item.owner, item.opener, item.reviewer)


def _is_behind(item: Item, wanted: ItemFilter) -> bool:
    after = wanted.after or ""
    return item.number < after if wanted.newest_first else item.number > after


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
    "units": lambda item, wanted: item.unit in (wanted.units or ()) or _is_own(item, wanted.asker),
    "title": lambda item, wanted: (wanted.title or "") in item.title,
    "after": _is_behind,
}


class MemoryViews:
    """Fulfils `Views`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def items(self, wanted: ItemFilter) -> list[ItemRow]:
        """See `Views.items`."""
        due = self._due()
        found = sorted(self._narrowed(wanted), key=lambda item: item.number, reverse=wanted.newest_first)
        return [self._row(item, due.get(item.id)) for item in found[: wanted.limit]]

    def due(self, wanted: ItemFilter, until: datetime) -> list[Deadline]:
        """See `Views.due`."""
        ids = {item.id for item in self._narrowed(wanted)}
        found = [one for one in self._running() if one.item in ids and one.due_at < until]
        return sorted(found, key=lambda one: (one.due_at, one.item, one.clock))[: wanted.limit]

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

    def open_items(self, campaign: str, units: frozenset[UnitCode], limit: int) -> list[ItemId]:
        """See `Views.open_items`."""
        found = sorted(self._open_in(campaign, units), key=lambda item: item.number)
        return [item.id for item in found[:limit]]

    def urgent_items(self, campaign: str, units: frozenset[UnitCode], limit: int) -> list[ItemId]:
        """See `Views.urgent_items`."""
        ids = {item.id for item in self._open_in(campaign, units)}
        found = sorted((one.due_at, one.item) for one in self._running() if one.item in ids)
        return [item for _, item in found[:limit]]

    def reports(
        self, campaign: str, clock: str, units: frozenset[UnitCode], duty: str | None = None
    ) -> list[ReportRow]:
        """See `Views.reports`."""
        found = [
            (item, self._spoken_for(item, clock))
            for item in self._work.tables.items
            if item.campaign == campaign and item.definition.id == "report" and item.unit in units
        ]
        return [
            _report_row(item, limit)
            for item, limit in found
            if limit and item.period and item.duty and duty in (None, item.duty)
        ]

    def integrity(self) -> list[str]:
        """See `Views.integrity`."""
        return []

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

    def _open_in(self, campaign: str, units: frozenset[UnitCode]) -> list[Item]:
        items = self._work.tables.items
        return [
            one for one in items if one.campaign == campaign and one.closed_at is None and one.unit in units
        ]

    def _spoken_for(self, item: Item, clock: str) -> Deadline | None:
        """The limit that was met first, else the newest."""
        limits = [one for one in self._work.tables.deadlines if (one.item, one.clock) == (item.id, clock)]
        met = [one for one in limits if one.outcome is Outcome.MET]
        newest = max(limits, key=lambda one: one.revision, default=None)
        return min(met, key=lambda one: one.revision, default=newest)

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


def _report_row(item: Item, limit: Deadline) -> ReportRow:
    return ReportRow(
        number=item.number,
        unit=item.unit,
        duty=item.duty or "",
        period=item.period or "",
        state=item.state,
        as_of=item.as_of,
        due_at=limit.due_at,
        submitted_at=limit.ended_at if limit.outcome is Outcome.MET else None,
    )


def _most_first(counted: tuple[tuple[UnitCode, PersonId | None], int]) -> tuple[object, ...]:
    (unit, owner), count = counted
    return -count, unit, owner or ""
