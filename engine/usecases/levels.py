"""Raises an item by quality: returned once too often, it reaches a level at once, in the transaction of the return."""

from collections.abc import Iterator
from datetime import datetime

from engine.model.actor import system_actor
from engine.model.clock import Level
from engine.model.deadline import Raise
from engine.model.definition import Definition
from engine.model.entry import EntryKind
from engine.model.notice import Notice
from engine.model.transition import Transition
from engine.ports import UnitOfWork
from engine.rules.ledger import Json
from engine.rules.telling import LEVEL, Telling, facts_of, notice_for
from engine.usecases.escalating import Hands, Occasion, carry_out
from engine.usecases.noting import Note, note
from engine.usecases.telling import Directory

_ACTOR = system_actor("levels")


def raise_levels(uow: UnitOfWork, now: datetime, done: Transition, hands: Hands) -> bool:
    """Reach the levels that a return reaches, each once in the life of an item; returns whether there were any."""
    item, before = done.after, done.before
    if before is None or before.returned_count == item.returned_count:
        return False
    definition = uow.definitions.get(item.definition)
    reached = [
        level for level in definition.levels if before.returned_count < level.returned <= item.returned_count
    ]
    claimed = {new.level for new in uow.levels.claim([_raise(done, level, now) for level in reached])}
    for level in reached:
        if level.id in claimed:
            _reach(uow, now, done, level, hands)
    return bool(claimed)


def _raise(done: Transition, level: Level, now: datetime) -> Raise:
    return Raise(item=done.after.id, level=level.id, raised_at=now)


def _reach(uow: UnitOfWork, now: datetime, done: Transition, level: Level, hands: Hands) -> None:
    item = done.after
    definition = uow.definitions.get(item.definition)
    payload: dict[str, Json] = {
        "type": LEVEL,
        "rung": level.id,
        "returned": item.returned_count,
        "effects": [effect.name for effect in level.effects],
    }
    note(uow, now, item.id, Note(kind=EntryKind.FIRING, what=level.id, payload=payload))
    uow.notices.write(list(_notices(uow, now, done, level, definition)), uow.channels)
    cause = f"{LEVEL}/{level.id}"
    occasion = Occasion(
        item=item, due=now, place=cause, cause=cause, label=level.label, effects=level.effects, actor=_ACTOR
    )
    carry_out(uow, now, occasion, hands)


def _notices(
    uow: UnitOfWork, now: datetime, done: Transition, level: Level, definition: Definition
) -> Iterator[Notice]:
    telling = Telling(
        kind=level.notice,
        cause=(LEVEL, level.id),
        facts={
            **facts_of(definition, done.after),
            "rung": level.label,
            "lamp": level.lamp.value,
            "reason": done.reason,
        },
    )
    directory = Directory(uow, now)
    directory.seek([done.after])
    for person in directory.recipients(done.after, level.tell):
        yield notice_for(done.after, person, telling, now)
    directory.alert()
