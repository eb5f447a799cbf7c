"""Drafts entries that belong to no item."""

from collections.abc import Mapping

from engine.model.actor import Actor
from engine.model.entry import EntryDraft, EntryFlag, EntryKind
from engine.ports import UnitOfWork
from engine.rules.ledger import ZERO, Json, canonical


def beside_items(
    uow: UnitOfWork, kind: EntryKind, what: str, actor: Actor, facts: Mapping[str, Json]
) -> EntryDraft:
    """An entry that belongs to no item."""
    return EntryDraft(
        kind=kind,
        what=what,
        flags=EntryFlag.NONE,
        item=None,
        item_version=0,
        actor=actor.person,
        payload=canonical({"type": what, "system": actor.system, **facts}),
        salt=uow.entropy.salt(),
        previous=ZERO,
    )
