"""Enters what befell an item without changing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.model.entry import EntryDraft, EntryFlag, EntryKind
from engine.model.ids import NOBODY, ItemId, PersonId
from engine.ports import UnitOfWork
from engine.rules.copies import changed
from engine.rules.ledger import Json, canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What an entry says; an automatic one unless it names an actor."""

    kind: EntryKind
    what: str
    payload: Mapping[str, Json]
    actor: PersonId = NOBODY
    flags: EntryFlag = EntryFlag.NONE


def note(uow: UnitOfWork, now: datetime, item: ItemId, said: Note) -> None:
    """Append one entry behind whatever was entered on the item before, in this unit of work too. Does not commit."""
    at = uow.items.get([item])[item]
    draft = EntryDraft(
        kind=said.kind,
        what=said.what,
        flags=said.flags,
        item=item,
        item_version=at.version,
        actor=said.actor,
        payload=canonical(said.payload),
        salt=uow.entropy.salt(),
        previous=at.head,
    )
    (entry,) = uow.history.append([draft], now)
    uow.items.rehead([changed(at, head=entry.leaf)])
