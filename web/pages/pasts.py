"""An item's former states in words."""

from collections.abc import Mapping
from typing import Final

from engine.rules.ledger import Json
from engine.usecases.queries import ItemDetail
from runtime.inspection_words import attribute, value
from runtime.words import LAMPS

SHOWN: Final = (
    "title",
    "unit",
    "state",
    "stage",
    "owner",
    "reviewer",
    "opener",
    "returned_count",
    "evidence_count",
    "closed_at",
    "as_of",
)
"""What of an item is shown besides its fields, in this order."""


def told_fields(detail: ItemDetail, document: Mapping[str, Json]) -> dict[str, str]:
    """Labels with values, as far as they mean something to a reader."""
    definition = detail.definition
    found = {
        attribute(name, definition): value(name, document[name], definition, detail.names)
        for name in SHOWN
        if document.get(name)
    }
    for field in definition.fields:
        given = document.get(f"field:{field.id}")
        if given not in (None, ""):
            found[field.label] = LAMPS.get(f"{given}", f"{given}") if field.choices else f"{given}"
    return found
