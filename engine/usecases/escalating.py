"""What follows when a rung or a level is reached: the effects it declares. The sweep and the moves share it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.model.actor import Actor
from engine.model.clock import RungEffect, RungEffectKind
from engine.model.criticism import Mark
from engine.model.entry import EntryKind
from engine.model.errors import Refused
from engine.model.ids import NOBODY
from engine.model.item import Item, NewItem
from engine.model.transition import Attempt
from engine.ports import UnitOfWork
from engine.rules.opening import SUPERVISES, SUPERVISION_ORDER
from engine.usecases.noting import Note, note

MARK_CRITICISM = RungEffectKind.MARK_CRITICISM.value
"""What the entry of a candidate is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Opening and moving items, inside a unit of work that somebody else commits."""

    open: Callable[[UnitOfWork, datetime, Sequence[NewItem], Actor], list[Item]]
    move: Callable[[UnitOfWork, datetime, Sequence[Attempt]], list[Item]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A rung or level that was reached on an item, and the actor in whose name its effects are carried out.

    due: the instant at which it was to be reached, however late it was.
    place: no verb is made twice at one place; a clock with its revision, or a level.
    cause: what a mark says it is for.
    """

    item: Item
    due: datetime
    place: str
    cause: str
    label: str
    effects: tuple[RungEffect, ...]
    actor: Actor


def carry_out(uow: UnitOfWork, now: datetime, occasion: Occasion, hands: Hands) -> None:
    """Do what a rung or level declares. The colour of a lamp and the score are read from the history, not done."""
    for effect in occasion.effects:
        if effect.kind is RungEffectKind.MOVE and effect.verb:
            _move(uow, now, occasion, effect.verb, hands)
        elif effect.kind is RungEffectKind.OPEN_SUPERVISION_ORDER:
            _supervise(uow, now, occasion, hands)
        elif effect.kind is RungEffectKind.MARK_CRITICISM:
            _mark(uow, now, occasion)


def _move(uow: UnitOfWork, now: datetime, occasion: Occasion, verb: str, hands: Hands) -> None:
    key = f"{occasion.item.id}/{occasion.place}/{verb}"
    try:
        hands.move(uow, now, [Attempt(item=occasion.item.id, verb=verb, actor=occasion.actor, key=key)])
    except Refused:
        return  # the rung has spoken; a move that is not open any more (a red order cannot rise) is no error


def _supervise(uow: UnitOfWork, now: datetime, occasion: Occasion, hands: Hands) -> None:
    item = occasion.item
    ref = uow.campaigns.get(item.campaign).definitions.get(SUPERVISION_ORDER)
    if ref is None or any(_speaks_of(child, occasion.due) for child in uow.items.children(item.id)):
        return
    demand = f"{item.number}“{item.title}”{occasion.label}未办结，请限期办理并回复。"
    new = NewItem(
        definition=ref,
        campaign=item.campaign,
        unit=item.unit,
        title=f"督办：{item.title}",
        fields={"level": "blue", "demand": demand},
        parent=item.id,
        link=SUPERVISES,
        category=item.category,
    )
    hands.open(uow, now, [new], occasion.actor)


def _speaks_of(child: Item, at: datetime) -> bool:
    """Whether a person had issued an order that ran at an instant: the clock then adds none.

    What the clock opened does not count: it may have come late, and whether it runs still depends on that.
    """
    is_running = child.opened_at <= at and (child.closed_at is None or child.closed_at > at)
    return child.link == SUPERVISES and child.opener != NOBODY and is_running


def _mark(uow: UnitOfWork, now: datetime, occasion: Occasion) -> None:
    cause = occasion.cause
    mark = Mark(item=occasion.item.id, cause=cause, label=occasion.label, marked_at=now)
    if uow.criticisms.mark([mark]):
        payload = {"type": MARK_CRITICISM, "cause": cause, "label": mark.label}
        note(uow, now, mark.item, Note(kind=EntryKind.OPERATIONS, what=MARK_CRITICISM, payload=payload))
