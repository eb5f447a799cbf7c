"""Bringing a signed head out of the house, so that nobody at the server can take it back; each time is an entry."""

from dataclasses import dataclass
from datetime import datetime

from engine.model.actor import Actor, Role
from engine.model.calendar import LOCAL
from engine.model.checkpoint import AnchorWay, Checkpoint, Note, VerifierKey
from engine.model.entry import Entry, EntryKind
from engine.model.errors import NotFound
from engine.model.item import Item
from engine.ports import UnitOfWork
from engine.rules.ledger import Json
from engine.rules.notes import read_note, vkey_of
from engine.rules.printed import printed
from engine.rules.standing import require
from engine.rules.telling import Telling, facts_of, notice_for
from engine.usecases.again import again
from engine.usecases.beside import beside_items
from engine.usecases.checkpoints import newest_checkpoint
from engine.usecases.telling import Directory

READERS = (
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.SECURITY_OFFICER,
    Role.OFFICE_DIRECTOR,
    Role.LEADING_GROUP,
)
"""Who may bring a checkpoint out of the house and cosignatures back in."""
NOTICE = "checkpoint_anchored"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A checkpoint on its way out: how, and to whom or where."""

    checkpoint: Checkpoint
    way: AnchorWay
    to: str


def to_bring_out(uow: UnitOfWork, actor: Actor) -> tuple[Checkpoint, str]:
    """The newest checkpoint and the key in force, for whoever may bring it out. Raises NotPermitted, NotFound."""
    require(actor, READERS, "不能锚定检查点")
    newest = newest_checkpoint(uow)
    with uow:
        return newest, uow.checkpoints.keys()[-1].vkey


@again
def enter_anchor(uow: UnitOfWork, now: datetime, actor: Actor, anchor: Anchor) -> Entry:
    """Enter that a checkpoint was brought out of the house. Raises NotPermitted."""
    require(actor, READERS, "不能锚定检查点")
    with uow:
        entry = _enter(uow, now, actor, anchor)
        uow.commit()
    return entry


@again
def tell_leaders(uow: UnitOfWork, now: datetime, actor: Actor, checkpoint: Checkpoint) -> int:
    """Tell everybody in the leading group the head of the log, through every channel; returns how many are told.

    Raises NotPermitted, NotFound where no campaign with a phase is loaded that the notice could belong to.
    """
    require(actor, READERS, "不能锚定检查点")
    with uow:
        item = _phase_of_bureau(uow)
        people = Directory(uow, now).recipients(item, (Role.LEADING_GROUP.value,))
        head = checkpoint.head
        facts: dict[str, str | int | None] = {
            **facts_of(uow.definitions.get(item.definition), item),
            "reason": f"截至 {checkpoint.at.astimezone(LOCAL):%Y-%m-%d %H:%M}，历史共 {head.size} 条，"
            f"校验行 {printed(head)}，公钥 {uow.checkpoints.keys()[-1].vkey}",
            "note": checkpoint.note,
        }
        telling = Telling(kind=NOTICE, cause=("checkpoint", checkpoint.position), facts=facts)
        uow.notices.write([notice_for(item, person, telling, now) for person in people], uow.channels)
        _enter(uow, now, actor, Anchor(checkpoint, AnchorWay.MAIL, "、".join(people)))
        uow.commit()
    return len(people)


def _phase_of_bureau(uow: UnitOfWork) -> Item:
    """The phase of the newest campaign's bureau that runs, or its last."""
    for campaign in reversed(uow.campaigns.ids()):
        bureau = uow.campaigns.get(campaign).bureau
        if phases := [item for item in uow.items.of_campaign(campaign, "phase") if item.unit == bureau]:
            return next((item for item in phases if item.closed_at is None), phases[-1])
    raise NotFound("没有可附通知的阶段", hint="请先载入方案；或改用 --way file、--way paper")


@again
def enter_cosignature(
    uow: UnitOfWork, now: datetime, actor: Actor, key: VerifierKey, note: Note
) -> Checkpoint:
    """Enter an auditor's signature below a checkpoint; it must have been verified before.

    Raises NotPermitted, NotFound where the checkpoint is none of this log.
    """
    require(actor, READERS, "不能登记联署")
    line = next(s for s in note.signatures if s.name == key.name)
    with uow:
        found = [each for each in uow.checkpoints.every() if read_note(each.note).text == note.text]
        if not found:
            raise NotFound("不能登记联署：这不是本历史签过的检查点", hint="请核对文件")
        facts: dict[str, Json] = {
            "size": found[-1].head.size,
            "root": found[-1].head.root.hex(),
            "vkey": vkey_of(key),
            "line": (line.key_id + line.made).hex(),
        }
        uow.history.append([beside_items(uow, EntryKind.CHECKPOINT, "cosignature", actor, facts)], now)
        uow.commit()
    return found[-1]


def _enter(uow: UnitOfWork, now: datetime, actor: Actor, anchor: Anchor) -> Entry:
    head = anchor.checkpoint.head
    facts: dict[str, Json] = {
        "way": anchor.way.value,
        "size": head.size,
        "root": head.root.hex(),
        "to": anchor.to,
    }
    draft = beside_items(uow, EntryKind.CHECKPOINT, "anchor", actor, facts)
    return uow.history.append([draft], now)[0]
