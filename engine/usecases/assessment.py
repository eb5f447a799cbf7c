"""Score sheets of every unit of a campaign, computed afresh from what is stored."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from engine.model.clock import RungEffectKind
from engine.model.deadline import Deadline
from engine.model.definition import Definition
from engine.model.entry import Entry, EntryKind
from engine.model.ids import ItemId
from engine.ports import UnitOfWork
from engine.rules.assessment import Record, ScoreSheet, sheet_of
from engine.rules.telling import step_label

COUNTED = ("item", "report")
COUNTS = RungEffectKind.COUNT_FOR_ASSESSMENT.value


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
        own = entries[item.id]
        steps = list(_steps(uow.definitions.get(item.definition), own))
        record = Record(item=item, deadlines=deadlines[item.id], entries=own, steps=steps)
        records[item.unit].append(record)
    return records


def _steps(definition: Definition, entries: Sequence[Entry]) -> Iterator[tuple[int, str]]:
    """The entries at which a rung or level was reached that counts, each by the label of what spoke."""
    for entry in entries:
        if entry.kind is EntryKind.FIRING and entry.told:
            payload = json.loads(entry.told)
            for _ in range(payload.get("effects", []).count(COUNTS)):
                yield entry.index, step_label(definition, entry.what, payload)
