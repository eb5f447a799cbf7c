"""Erases what a campaign has entered once its time is up: item after item, each by an entry, and tells what stays."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from engine.model.actor import Actor
from engine.model.errors import Conflict, Error, NotFound, Refused
from engine.model.redaction import Erasure
from engine.ports import UnitOfWork
from engine.rules.standing import require
from engine.usecases.redaction import ERASERS, EVERYTHING, NothingLeft, Redact, redact
from engine.usecases.retention import due_items


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """Which campaign is to be cleared, why, and by what right."""

    campaign: str
    reason: str
    basis: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Stays:
    """An item of which nothing was erased, and why. `is_empty` where there was nothing left to erase."""

    number: str
    why: str
    is_empty: bool


@dataclass(frozen=True, slots=True)
class Cleared:
    """What was erased of a campaign, and what was not."""

    erasures: tuple[Erasure, ...]
    stays: tuple[Stays, ...]


def items_to_clear(uow: UnitOfWork, now: datetime, command: Clear) -> list[str]:
    """The numbers of the items that `clear_campaign` would go through. Raises NotPermitted, NotFound, Conflict."""
    require(command.actor, ERASERS, "不能清除")
    return due_items(uow, now, command.campaign)


def clear_campaign(
    reading: Callable[[], UnitOfWork], writing: Callable[[], UnitOfWork], now: datetime, command: Clear
) -> Cleared:
    """Erase what can be erased, each item in a transaction of its own. Raises as `items_to_clear`."""
    erasures, stays = list[Erasure](), list[Stays]()
    for number in items_to_clear(reading(), now, command):
        wanted = Redact(
            target=f"{number}:{EVERYTHING}",
            reason=command.reason,
            basis=command.basis,
            actor=command.actor,
        )
        try:
            erasures.append(redact(writing(), now, wanted))
        except (Refused, Conflict, NotFound) as error:
            stays.append(Stays(number, _why(error), isinstance(error, NothingLeft)))
    return Cleared(tuple(erasures), tuple(stays))


def _why(error: Error) -> str:
    return "；".join(each.why for each in error.reasons) if isinstance(error, Refused) else error.message
