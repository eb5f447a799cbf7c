"""Signed heads of the log: which key signs, when a head is signed, and how one is brought out of the house.

Signing happens between two transactions: the head is read in one, signed outside, and entered in the next. What the
signer has once signed it never contradicts: a second worker, a restored backup or a crash in between does no harm.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from engine.model.actor import Actor, Role, system_actor
from engine.model.calendar import LOCAL
from engine.model.checkpoint import Checkpoint, LogKey
from engine.model.entry import EntryKind, TreeHead
from engine.model.errors import Broken, Conflict, NotFound, Unavailable
from engine.ports import UnitOfWork
from engine.ports.checkpoints import Signer
from engine.rules.ledger import Json
from engine.rules.notes import read_checkpoint, read_note
from engine.rules.proofs import consistency_proof, root_at
from engine.rules.standing import require
from engine.rules.tree import root_of
from engine.usecases.again import again
from engine.usecases.beside import beside_items

SIGNER = system_actor("checkpoint")

Begin = Callable[[], UnitOfWork]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """What signing needs: units of work to read and to write, and the signers, in the order of their lines."""

    reading: Begin
    writing: Begin
    signers: Sequence[Signer]


def head_of(uow: UnitOfWork) -> TreeHead:
    """Size and root of the log as it stands in this transaction."""
    head = uow.history.head()
    return TreeHead(head.size, root_of(head.frontier))


@again
def adopt_key(uow: UnitOfWork, now: datetime, vkey: str, actor: Actor) -> LogKey:
    """Put a public key in force from now on; the key before it is replaced.

    Raises NotPermitted unless the actor is the security officer, Conflict where the key has been in force before.
    """
    require(actor, (Role.SECURITY_OFFICER,), "不能启用签名密钥")
    with uow:
        known = uow.checkpoints.keys()
        if any(key.vkey == vkey for key in known):
            raise Conflict("不能启用签名密钥：它已经启用过", hint="duban audit key show 列出启用过的密钥")
        facts: dict[str, Json] = {"vkey": vkey, "replaces": known[-1].vkey if known else None}
        (entry,) = uow.history.append(
            [beside_items(uow, EntryKind.ACCOUNT, "signing_key", actor, facts)], now
        )
        key = LogKey(entry.index, vkey)
        uow.checkpoints.add_key(key)
        uow.commit()
    return key


def make_checkpoint(
    sealing: Sealing, now: datetime, cause: str, actor: Actor = SIGNER, copied: TreeHead | None = None
) -> Checkpoint | None:
    """Sign the head of the log and enter it; None where another process has done so for the same cause.

    Of a log that was `copied` just now the head of the copy is signed, so that nothing signed is missing from it;
    unless more has been signed meanwhile. Raises Unavailable where the key is not in force, Broken where the signer
    refuses: the log is then not what it was, or not what was copied.
    """
    with sealing.reading() as uow:
        if uow.checkpoints.has(cause):
            return None
        note = sign_head(uow, sealing.signers, now, copied)
    try:
        return enter_checkpoint(sealing.writing(), now, note, cause, actor)
    except Conflict:
        return None


def sign_head(
    uow: UnitOfWork, signers: Sequence[Signer], now: datetime, copied: TreeHead | None = None
) -> str:
    """The signed note of a head that is not entered yet; see `make_checkpoint`. Raises Unavailable, Broken."""
    _require_in_force(signers, uow.checkpoints.keys())
    head = _head_to_sign(uow, copied)
    grown = partial(consistency_proof, new=head.size, read=uow.history.hashes)
    first, *others = (signer.sign(head, grown, now) for signer in signers)
    return first + "".join(note.rpartition("\n\n")[2] for note in others)


def _head_to_sign(uow: UnitOfWork, copied: TreeHead | None) -> TreeHead:
    newest = uow.checkpoints.newest()
    if copied is None or (newest and newest.head.size > copied.size):
        return head_of(uow)
    if copied.size > uow.history.head().size or root_at(copied.size, uow.history.hashes) != copied.root:
        raise Broken("拒绝签名：备份里的历史与现有的不同", hint="请先查明原因：duban audit verify")
    return copied


def _require_in_force(signers: Sequence[Signer], keys: Sequence[LogKey]) -> None:
    known = [key.vkey for key in keys]
    if not signers or not known:
        raise Unavailable("还没有可用的签名密钥", hint="先 duban audit key new，再 duban audit key adopt")
    if signers[-1].vkey != known[-1]:
        raise Unavailable(
            f"这把密钥没有启用：{signers[-1].vkey}", hint="由安全管理员运行 duban audit key adopt"
        )


@again
def enter_checkpoint(
    uow: UnitOfWork, now: datetime, note: str, cause: str, actor: Actor = SIGNER
) -> Checkpoint:
    """Store a signed head, with its entry. Raises Conflict where this cause has one already."""
    origin, head = read_checkpoint(read_note(note).text)
    facts: dict[str, Json] = {
        "origin": origin,
        "size": head.size,
        "root": head.root.hex(),
        "cause": cause,
        "note": note,
    }
    with uow:
        (entry,) = uow.history.append(
            [beside_items(uow, EntryKind.CHECKPOINT, "checkpoint", actor, facts)], now
        )
        made = Checkpoint(position=entry.index, head=head, cause=cause, note=note, at=entry.at)
        uow.checkpoints.add(made)
        uow.commit()
    return made


def cause_due(uow: UnitOfWork, now: datetime) -> str | None:
    """Why a checkpoint is due at `now`: none was made today, or a phase has moved since the last one."""
    with uow:
        today = f"daily/{now.astimezone(LOCAL):%Y-%m-%d}"
        newest = uow.checkpoints.newest()
        if newest is None or not uow.checkpoints.has(today):
            return today
        moved = uow.checkpoints.phase_moved_since(newest.head.size)
    return None if moved is None else f"phase/{moved}"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the log is signed: its head, the newest checkpoint, and every key that was in force."""

    head: TreeHead
    newest: Checkpoint | None
    keys: tuple[LogKey, ...]

    @property
    def unsigned(self) -> int:
        """How many entries are newer than the newest checkpoint."""
        return self.head.size - (self.newest.head.size if self.newest else 0)


def standing(uow: UnitOfWork) -> Standing:
    """How far the log is signed."""
    with uow:
        return Standing(head_of(uow), uow.checkpoints.newest(), tuple(uow.checkpoints.keys()))


def newest_checkpoint(uow: UnitOfWork) -> Checkpoint:
    """The newest signed head. Raises NotFound."""
    with uow:
        if newest := uow.checkpoints.newest():
            return newest
    raise NotFound("还没有签过检查点", hint="duban audit checkpoint")
