"""Read queries for tables and pages."""

from collections import Counter
from datetime import datetime

from engine.model.deadline import Deadline, Outcome
from engine.model.definition import Stage
from engine.model.ids import ItemId, PersonId, UnitCode
from engine.model.item import Item
from engine.model.views import Holding, ReportRow, StageCount
from storage.memory.lists import MemoryLists


class MemoryViews(MemoryLists):
    """Fulfils `Views`."""

    def stage_counts(self, campaign: str) -> list[StageCount]:
        """See `Views.stage_counts`."""
        items = (item for item in self._work.tables.items if item.campaign == campaign)
        counts = Counter((item.definition.id, item.unit, item.stage) for item in items)
        return [
            StageCount(kind=kind, unit=unit, unit_name=self._unit_name(unit), stage=stage, count=count)
            for (kind, unit, stage), count in sorted(counts.items(), key=self._by_rank)
        ]

    def state_counts(self) -> dict[tuple[str, str], int]:
        """See `Views.state_counts`."""
        return Counter((item.definition.id, item.state) for item in self._work.tables.items)

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

    def _by_rank(self, counted: tuple[tuple[str, UnitCode, Stage], int]) -> tuple[object, ...]:
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
