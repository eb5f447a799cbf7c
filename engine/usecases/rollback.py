"""Tells whether a backup would take back what was signed, and enters that somebody accepted it."""

from collections.abc import Sequence
from datetime import datetime

from engine.model.entry import TreeHead
from engine.model.errors import Broken
from engine.ports import UnitOfWork
from engine.rules.ledger import Json
from engine.rules.proofs import root_at
from engine.usecases.checkpoints import head_of
from engine.usecases.operations import note_operation


def newest_lost(uow: UnitOfWork, known: Sequence[TreeHead]) -> TreeHead | None:
    """The largest head known from elsewhere that this log does not reach; None where it reaches them all.

    Raises Broken where one that it reaches is another: this is not the same history.
    """
    with uow:
        size = head_of(uow).size
        for head in known:
            if 0 < head.size <= size and root_at(head.size, uow.history.hashes) != head.root:
                raise Broken(
                    f"这份备份的前 {head.size} 条与签过的不同，未作改动",
                    hint="它不是这份历史的备份，或被改写过。请换一份备份，并查明原因",
                )
    lost = [head for head in known if head.size > size]
    return max(lost, key=lambda head: head.size, default=None)


def note_rollback(uow: UnitOfWork, now: datetime, kept: int, lost: TreeHead) -> None:
    """Enter which entries were given up: those from index `kept` on, up to a head that was signed."""
    facts: dict[str, Json] = {"from": kept, "size": lost.size, "root": lost.root.hex()}
    note_operation(uow, now, "rollback", facts)
