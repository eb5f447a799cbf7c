"""Candidates for criticism in a bulletin (通报批评): the clock and the returns mark them, a person decides."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.model.actor import Actor, Role
from engine.model.calendar import LOCAL
from engine.model.criticism import Candidate, Mark, Verdict
from engine.model.entry import EntryFlag, EntryKind
from engine.model.errors import NotPermitted, Refused
from engine.model.item import Item
from engine.model.reasons import Reason, ReasonCode, reason
from engine.ports import UnitOfWork
from engine.rules.accounts import roles_of
from engine.rules.copies import changed
from engine.rules.standing import Standing, require, standing_of
from engine.usecases.again import again
from engine.usecases.noting import Note, note
from engine.usecases.queries import find_within, visible_units

DECIDERS: Final = (Role.OFFICE_DIRECTOR, Role.LEADING_GROUP)
"""Who may put a candidate into the bulletin, or leave it out."""
CRITICISM: Final = {Verdict.ISSUED: "criticism_issued", Verdict.DROPPED: "criticism_dropped"}
"""What the entry of each verdict is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideCriticism:
    """A verdict on every mark of an item that has none yet, with its reason."""

    number: str
    verdict: Verdict
    reason: str
    actor: Actor


def list_candidates(
    uow: UnitOfWork, asker: Actor, *, after: str | None = None, limit: int = 50
) -> list[Candidate]:
    """The marks that wait for a verdict in the units of the asker, in the order of the numbers."""
    with uow:
        return uow.criticisms.waiting(visible_units(uow, asker), after, limit)


def list_issued(uow: UnitOfWork, asker: Actor, limit: int = 50) -> list[Candidate]:
    """What went into the bulletin from the units of the asker, the newest verdict first."""
    with uow:
        return uow.criticisms.issued(visible_units(uow, asker), limit)


def may_decide(actor: Actor) -> bool:
    """Whether somebody holds a post that decides, in whichever unit."""
    return not roles_of(actor).isdisjoint(DECIDERS)


@again
def decide_criticism(uow: UnitOfWork, now: datetime, command: DecideCriticism) -> list[Mark]:
    """Decide on an item, with one entry; returns its marks with the verdict.

    Raises NotPermitted, NotFound, Refused, Conflict.
    """
    require(command.actor, DECIDERS, "不能作出通报批评决定")
    with uow:
        (item,) = find_within(uow, command.actor, [command.number])
        waiting = [mark for mark in uow.criticisms.of_item(item.id) if mark.verdict is None]
        standing = _require(uow, now, command, item, waiting)
        decided = [changed(mark, verdict=command.verdict, decided_at=now) for mark in waiting]
        uow.criticisms.decide(decided)
        note(uow, now, item.id, _entry(command, waiting, standing))
        uow.commit()
    return decided


def _require(
    uow: UnitOfWork, now: datetime, command: DecideCriticism, item: Item, waiting: list[Mark]
) -> Standing:
    day = now.astimezone(LOCAL).date()
    standing = standing_of(command.actor, DECIDERS, uow.people.lineage(item.unit), item, day)
    reasons = tuple(_reasons(command, standing, waiting))
    if reasons or standing is None:
        only_standing = all(each.code is ReasonCode.NOT_STANDING for each in reasons)
        raise (NotPermitted if only_standing else Refused)(f"不能对 {item.number} 作出通报批评决定", reasons)
    return standing


def _reasons(command: DecideCriticism, standing: Standing | None, waiting: list[Mark]) -> Iterator[Reason]:
    if standing is None:
        yield reason(ReasonCode.NOT_STANDING, who="、".join(DECIDERS))
    if not command.reason.strip():
        yield reason(ReasonCode.REASON_MISSING)
    if not waiting:
        yield reason(ReasonCode.NO_CANDIDATE)


def _entry(command: DecideCriticism, marks: list[Mark], standing: Standing) -> Note:
    what = CRITICISM[command.verdict]
    return Note(
        kind=EntryKind.OPERATIONS,
        what=what,
        payload={
            "type": what,
            "causes": [mark.cause for mark in marks],
            "reason": command.reason,
            "actor": {"standing": standing.name, "for": standing.on_behalf_of, "system": None},
        },
        actor=command.actor.person,
        flags=EntryFlag.BY_DELEGATE if standing.on_behalf_of else EntryFlag.NONE,
    )
