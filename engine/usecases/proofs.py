"""Proofs from the live log: that an entry is in it, that an item's entries are all there, that checkpoints hold."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.model.checkpoint import Checkpoint
from engine.model.entry import Entry, TreeHead
from engine.model.errors import NotFound
from engine.ports import UnitOfWork
from engine.rules.ledger import sealed_bytes
from engine.rules.notes import Verify, is_signed, proof_text, read_checkpoint, read_note, read_vkey
from engine.rules.proofs import inclusion_proof, root_at
from engine.usecases.audit import Finding


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry, and the file that proves it to be in the log."""

    entry: Entry
    text: str


def prove_entry(uow: UnitOfWork, index: int) -> Proven:
    """The proof for one entry under the newest checkpoint. Raises NotFound where none covers it."""
    with uow:
        newest = _covering(uow, index)
        entry = next(uow.history.scan(index))
        return _proven(uow, entry, newest)


def prove_item(uow: UnitOfWork, number: str) -> list[Proven]:
    """A proof for each entry of an item, oldest first.

    Each names the leaf of the one before, so that with the newest none can be left out. Raises NotFound.
    """
    with uow:
        item = uow.items.by_numbers([number]).get(number)
        if item is None:
            raise NotFound(f"没有编号为 {number} 的事项", hint="请核对编号")
        entries = uow.history.of_item(item)
        newest = _covering(uow, entries[-1].index)
        return [_proven(uow, entry, newest) for entry in entries]


def _covering(uow: UnitOfWork, index: int) -> Checkpoint:
    newest = uow.checkpoints.newest()
    if newest is None or not 0 <= index < newest.head.size:
        signed = newest.head.size if newest else 0
        hint = "请先 duban audit checkpoint" if index >= 0 else "序号从 0 起"
        raise NotFound(f"第 {index} 条还没有签入检查点（已签 {signed} 条）", hint=hint)
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
