"""What befalls the installation itself and belongs in its history."""

import json
from collections.abc import Mapping
from datetime import datetime

from engine.model.actor import system_actor
from engine.model.entry import EntryKind
from engine.ports import UnitOfWork
from engine.rules.ledger import Json
from engine.usecases.again import again
from engine.usecases.beside import beside_items

OPERATOR = system_actor("db")
SETTINGS = "settings"


@again
def note_operation(uow: UnitOfWork, now: datetime, what: str, facts: Mapping[str, Json]) -> None:
    """Enter that the schema was migrated, or a backup was made or restored."""
    with uow:
        uow.history.append([beside_items(uow, EntryKind.MIGRATION, what, OPERATOR, facts)], now)
        uow.commit()


@again
def note_settings(uow: UnitOfWork, now: datetime, facts: Mapping[str, Json]) -> None:
    """Enter the settings that decide what people are told, where they are not those that were entered last."""
    with uow:
        newest = uow.history.newest(SETTINGS)
        draft = beside_items(uow, EntryKind.OPERATIONS, SETTINGS, OPERATOR, facts)
        if (
            newest is None
            or newest.payload is None
            or json.loads(newest.payload) != json.loads(draft.payload)
        ):
            uow.history.append([draft], now)
            uow.commit()
