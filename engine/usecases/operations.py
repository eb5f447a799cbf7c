"""What befalls the installation itself and belongs in its history."""

from collections.abc import Mapping
from datetime import datetime

from engine.model.actor import system_actor
from engine.model.entry import EntryDraft, EntryFlag, EntryKind
from engine.ports import UnitOfWork
from engine.rules.ledger import ZERO, Json, canonical
from engine.usecases.again import again

OPERATOR = system_actor("db")


@again
def note_operation(uow: UnitOfWork, now: datetime, what: str, facts: Mapping[str, Json]) -> None:
    """Enter that the schema was migrated or a backup was restored."""
    draft = EntryDraft(
        kind=EntryKind.MIGRATION,
        what=what,
        flags=EntryFlag.NONE,
        item=None,
        item_version=0,
        actor=OPERATOR.person,
        payload=canonical({"type": "operation", "what": what, "system": OPERATOR.system, **facts}),
        salt=uow.entropy.salt(),
        previous=ZERO,
    )
    with uow:
        uow.history.append([draft], now)
        uow.commit()
