"""Score sheets of every unit of a campaign, computed afresh from what is stored."""

from collections import defaultdict
from datetime import datetime

from engine.model.deadline import Deadline
from engine.model.entry import Entry
from engine.model.ids import ItemId
from engine.ports import UnitOfWork
from engine.rules.assessment import Record, ScoreSheet, sheet_of

COUNTED = ("item", "report")


def score_sheets(uow: UnitOfWork, now: datetime, campaign: str) -> list[ScoreSheet]:
    """One sheet for each unit that handles cases, in the order of the annex."""
    with uow:
        scheme = uow.campaigns.get(campaign).scheme
        records = _records(uow, campaign)
        units = [unit for unit in uow.people.units() if unit.handles_cases]
        return [sheet_of(scheme, (unit.code, unit.name), records[unit.code], now) for unit in units]


def _records(uow: UnitOfWork, campaign: str) -> dict[str, list[Record]]:
    items = [item for kind in COUNTED for item in uow.items.of_campaign(campaign, kind)]
    wanted = {item.id for item in items}
    deadlines: dict[ItemId, list[Deadline]] = defaultdict(list)
    for deadline in uow.deadlines.scan():
        if deadline.item in wanted:
            deadlines[deadline.item].append(deadline)
    entries: dict[ItemId, list[Entry]] = defaultdict(list)
    for entry in uow.history.scan():
        if entry.item in wanted and entry.item is not None:
            entries[entry.item].append(entry)
    records: dict[str, list[Record]] = defaultdict(list)
    for item in items:
        records[item.unit].append(Record(item=item, deadlines=deadlines[item.id], entries=entries[item.id]))
    return records
