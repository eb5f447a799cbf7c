"""An item's former states in words."""

from collections.abc import Mapping

from engine.rules.ledger import Json
from engine.usecases.queries import ItemDetail
from runtime.words import LAMPS, STAGES

LABELS: Mapping[str, str] = {
    "title": "标题",
    "unit": "责任单位",
    "state": "状态",
    "stage": "环节",
    "owner": "责任人",
    "reviewer": "复核人",
    "opener": "填报",
    "returned_count": "退回次数",
    "evidence_count": "佐证份数",
    "closed_at": "办结时间",
    "as_of": "补录日期",
}
"""What of an item is shown besides its fields, in this order."""


def told_fields(detail: ItemDetail, document: Mapping[str, Json]) -> dict[str, str]:
    """Labels with values, as far as they mean something to a reader."""
    found = {
        label: _told(detail, name, document[name]) for name, label in LABELS.items() if document.get(name)
    }
    for field in detail.definition.fields:
        value = document.get(f"field:{field.id}")
        if value not in (None, ""):
            found[field.label] = LAMPS.get(f"{value}", f"{value}") if field.choices else f"{value}"
    return found


def _told(detail: ItemDetail, name: str, value: Json) -> str:
    states = detail.definition.states_by_id
    if name == "state":
        return states[value].label if isinstance(value, str) and value in states else f"{value}"
    if name == "stage":
        return STAGES.get(f"{value}", f"{value}")
    return detail.names.get(f"{value}", f"{value}")
