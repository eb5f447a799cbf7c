"""Proofs from the live log: that an entry is in it, that an item's entries are all there, that checkpoints hold."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.model.checkpoint import Checkpoint
from engine.model.entry import Entry, TreeHead
from engine.model.errors import Invalid, NotFound, Problem
from engine.ports import UnitOfWork
from engine.rules.ledger import sealed_bytes
from engine.rules.notes import (
    Verify,
    growth_text,
    is_signed,
    proof_text,
    read_checkpoint,
    read_note,
    read_vkey,
)
from engine.rules.proofs import consistency_proof, inclusion_proof, root_at
from engine.usecases.audit import Finding
from engine.usecases.inspecting import Inspector, Sight, entry_in_sight
from engine.usecases.queries import find_within


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry, and the file that proves it to be in the log."""

    entry: Entry
    text: str


def prove_entry(by: Inspector, index: int) -> Proven:
    """The proof for one entry under the newest checkpoint, for whoever may read that entry.

    Raises NotPermitted; NotFound where there is none that the asker may see, or no checkpoint covers it.
    """
    with by.look_into_log("proof", {"index": index}) as uow:
        entry = entry_in_sight(uow, Sight(uow, by.asker), index)
        return _proven(uow, entry, _covering(uow, index))


def prove_item(by: Inspector, number: str) -> list[Proven]:
    """A proof for each entry of an item, oldest first, for whoever may see the item.

    Each names the leaf of the one before, so that with the newest none can be left out. Raises NotFound.
    """
    with by.look("proof", {"number": number}) as uow:
        (item,) = find_within(uow, by.asker, [number])
        entries = uow.history.of_item(item.id)
        newest = _covering(uow, entries[-1].index)
        return [_proven(uow, entry, newest) for entry in entries]


def prove_growth(by: Inspector, old: int) -> str:
    """The file that proves the newest checkpoint to continue the log of `old` entries, for whoever reads the log.

    Raises NotPermitted; Invalid below 1, for of an empty log nothing can be proven; NotFound where no checkpoint is as
    large.
    """
    with by.look_into_log("proof", {"since": old}) as uow:
        if old < 1:
            told = "应为先前检查点的条数，至少是 1"
            raise Invalid("没有证明", (Problem(where="先前条数", text=told, hint="抄校验行里短横前的数字"),))
        newest = _covering(uow, old - 1)
        return growth_text(old, consistency_proof(old, newest.head.size, uow.history.hashes), newest.note)


def _covering(uow: UnitOfWork, index: int) -> Checkpoint:
    newest = uow.checkpoints.newest()
    if newest is None or index >= newest.head.size:
        signed = newest.head.size if newest else 0
        raise NotFound(
            f"第 {index} 条还没有签入检查点（已签 {signed} 条）", hint="请先 duban audit checkpoint"
        )
    return newest


def _proven(uow: UnitOfWork, entry: Entry, newest: Checkpoint) -> Proven:
    proof = inclusion_proof(entry.index, newest.head.size, uow.history.hashes)
    return Proven(entry, proof_text(entry.index, sealed_bytes(entry), proof, newest.note))


def examine_checkpoints(uow: UnitOfWork, verify: Verify) -> Iterator[Finding]:
    """Every checkpoint that does not hold for the log as it stands: its root, its key, its signature."""
    with uow:
        size, keys = uow.history.head().size, uow.checkpoints.keys()
        for each in uow.checkpoints.every():
            subject = f"第 {each.position} 条"
            known = [key.vkey for key in keys if key.position < each.position]
            note = read_note(each.note)
            if read_checkpoint(note.text)[1] != each.head or each.head.size > size:
                yield Finding("I4", subject, "检查点与它的签名内容不符，或比历史还长")
            elif each.head != TreeHead(each.head.size, root_at(each.head.size, uow.history.hashes)):
                yield Finding("I4", subject, f"历史的前 {each.head.size} 条已不是签名时的样子")
            if not known or not is_signed(note, read_vkey(known[-1]), verify):
                yield Finding("I4", subject, "检查点没有当时密钥的有效签名")
