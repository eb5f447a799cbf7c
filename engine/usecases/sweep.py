"""Fires the rungs that have come due. Any process may sweep at any time: storing a firing is the claim.

Due deadlines are taken in chunks, one transaction each. A chunk that fails is taken again one deadline at a time, and
a deadline that fails alone is put off for an hour, so that one poisoned row never holds up the others.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from operator import itemgetter

from engine.model.actor import system_actor
from engine.model.calendar import LOCAL
from engine.model.clock import RungEffect, RungEffectKind
from engine.model.deadline import Deadline, Firing
from engine.model.definition import Definition
from engine.model.entry import EntryDraft, EntryFlag, EntryKind
from engine.model.errors import Refused
from engine.model.ids import NOBODY, ItemId
from engine.model.item import Item, NewItem
from engine.model.notice import Notice
from engine.model.transition import Attempt
from engine.ports import UnitOfWork
from engine.rules.copies import changed
from engine.rules.escalation import Reached, reached
from engine.rules.ledger import canonical
from engine.rules.replay import instant
from engine.rules.telling import Telling, facts_of, notice_for
from engine.usecases.again import again
from engine.usecases.items import move_within, open_within
from engine.usecases.telling import Directory

CHUNK = 200
SUPERVISES = "supervises"
_PUT_OFF = timedelta(hours=1)
_ACTOR = system_actor("sweep")

Begin = Callable[[], UnitOfWork]


@dataclass(frozen=True, slots=True)
class Escalation:
    """One deadline whose rungs were reached: the item, what was reached, and whom it told."""

    item: Item
    deadline: Deadline
    reached: Reached
    recipients: int


def sweep(begin: Begin, now: datetime) -> Iterator[Escalation]:
    """Fire everything due at `now`, earliest first; yields each escalation once it is durable.

    begin: gives a fresh unit of work for each transaction.
    """
    while True:
        try:
            fired, seen = _chunk(begin(), now, CHUNK)
        except Exception:  # noqa: BLE001 - whatever a row raises, its neighbours must still be fired
            fired, seen = _one_by_one(begin, now)
        yield from fired
        if not seen:
            return


def _one_by_one(begin: Begin, now: datetime) -> tuple[list[Escalation], int]:
    with begin() as uow:
        count = len(uow.deadlines.due(now, CHUNK))
    fired: list[Escalation] = []
    for _ in range(count):
        try:
            fired += _chunk(begin(), now, 1)[0]
        except Exception:  # noqa: BLE001 - the row that raises is put off, not the sweep
            _put_off(begin(), now)
    return fired, count


@again
def _put_off(uow: UnitOfWork, now: datetime) -> None:
    with uow:
        due = _due(uow, now, uow.deadlines.due(now, 1))
        uow.deadlines.advance([changed(deadline, next_at=now + _PUT_OFF) for deadline in due])
        uow.commit()


@again
def _chunk(uow: UnitOfWork, now: datetime, limit: int) -> tuple[list[Escalation], int]:
    with uow:
        ids = uow.deadlines.due(now, limit)
        if not ids:
            return [], 0
        items = uow.items.get(sorted(ids))
        due = _due(uow, now, ids)
        cases = list(_cases(uow, due, items, now))
        _rest(uow, now, due, cases)
        escalations = _fire(uow, now, cases) if cases else []
        uow.commit()
    return escalations, len(ids)


@dataclass(frozen=True, slots=True)
class _Case:
    item: Item
    definition: Definition
    deadline: Deadline
    reached: Reached


def _due(uow: UnitOfWork, now: datetime, items: Sequence[ItemId]) -> list[Deadline]:
    """What is due on these items, earliest first; read after they were locked, so that it still stands."""
    running = chain.from_iterable(uow.deadlines.open_of(items).values())
    due = [(d.next_at, d.item, d.clock, d) for d in running if d.next_at is not None and d.next_at <= now]
    return [deadline for *_, deadline in sorted(due, key=itemgetter(0, 1, 2))]


def _cases(
    uow: UnitOfWork, due: Sequence[Deadline], items: dict[ItemId, Item], now: datetime
) -> Iterator[_Case]:
    for deadline in due:
        item = items[deadline.item]
        definition = uow.definitions.get(item.definition)
        ladder = definition.ladders_by_id[definition.clocks_by_id[deadline.clock].ladder]
        if step := reached(ladder, deadline, now, uow.calendar):
            yield _Case(item, definition, deadline, step)


def _rest(uow: UnitOfWork, now: datetime, due: Sequence[Deadline], cases: Sequence[_Case]) -> None:
    """Put off what is due by its row but not by its rule (a calendar has changed since): it must not spin."""
    if len(cases) == len(due):
        return
    fired = {_place(case.deadline) for case in cases}
    idle = [changed(one, next_at=now + _PUT_OFF) for one in due if _place(one) not in fired]
    uow.deadlines.advance(idle)


def _place(of: Deadline | Firing) -> tuple[ItemId, str, int]:
    return of.item, of.clock, of.revision


def _fire(uow: UnitOfWork, now: datetime, cases: Sequence[_Case]) -> list[Escalation]:
    claimed = uow.deadlines.claim([firing for case in cases for firing in _firings(case, now)])
    ours = {_place(firing) for firing in claimed}
    won = [case for case in cases if _place(case.deadline) in ours]
    uow.deadlines.advance(
        [changed(c.deadline, next_rung=c.reached.next_rung, next_at=c.reached.next_at) for c in cases]
    )
    items = _record(uow, now, won)
    directory = Directory(uow, now)
    told = {id(case): list(_notices(directory, case, now)) for case in won}
    uow.notices.write([notice for notices in told.values() for notice in notices], uow.channels)
    for case in won:
        _effects(uow, now, case)
    return [Escalation(items[case.item.id], case.deadline, case.reached, len(told[id(case)])) for case in won]


def _firings(case: _Case, now: datetime) -> list[Firing]:
    deadline, speaker = case.deadline, case.reached.speaker.id
    return [
        Firing(
            item=deadline.item,
            clock=deadline.clock,
            revision=deadline.revision,
            rung=rung.id,
            spoken_by=speaker,
            fired_at=now,
        )
        for rung in case.reached.rungs
    ]


def _record(uow: UnitOfWork, now: datetime, cases: Sequence[_Case]) -> dict[ItemId, Item]:
    chained: set[ItemId] = set()
    drafts: list[EntryDraft] = []
    for case in cases:
        drafts.append(_draft(uow, case, b"" if case.item.id in chained else case.item.head))
        chained.add(case.item.id)
    entries = uow.history.append(drafts, now)
    items = {
        case.item.id: changed(case.item, head=entry.leaf) for case, entry in zip(cases, entries, strict=True)
    }
    uow.items.rehead(list(items.values()))
    return items


def _draft(uow: UnitOfWork, case: _Case, previous: bytes) -> EntryDraft:
    deadline, step = case.deadline, case.reached
    payload = canonical(
        {
            "type": "firing",
            "clock": deadline.clock,
            "revision": deadline.revision,
            "rung": step.speaker.id,
            "rungs": [rung.id for rung in step.rungs],
            "due": instant(deadline.due_at),
            "effects": [effect.kind.value for rung in step.rungs for effect in rung.effects],
        }
    )
    return EntryDraft(
        kind=EntryKind.FIRING,
        what=step.speaker.id,
        flags=EntryFlag.NONE,
        item=case.item.id,
        item_version=case.item.version,
        actor=NOBODY,
        payload=payload,
        salt=uow.entropy.salt(),
        previous=previous,
    )


def _notices(directory: Directory, case: _Case, now: datetime) -> Iterator[Notice]:
    rung, deadline = case.reached.speaker, case.deadline
    telling = Telling(
        kind=rung.notice,
        cause=("rung", deadline.clock, deadline.revision, rung.id),
        limit=(deadline.clock, deadline.revision),
        facts={
            **facts_of(case.definition, case.item),
            "clock": case.definition.clocks_by_id[deadline.clock].label,
            "rung": rung.label,
            "lamp": rung.lamp.value,
            "due": f"{deadline.due_at.astimezone(LOCAL):%Y-%m-%d %H:%M}",
            "proof": deadline.proof,
            "days_left": (deadline.due_at - now).days,
            "skipped": "、".join(step.label for step in case.reached.rungs[:-1]),
        },
    )
    for person in directory.recipients(case.item, rung.tell):
        yield notice_for(case.item, person, telling, now)


def _effects(uow: UnitOfWork, now: datetime, case: _Case) -> None:
    for rung in case.reached.rungs:
        for effect in rung.effects:
            _effect(uow, now, case, effect)


def _effect(uow: UnitOfWork, now: datetime, case: _Case, effect: RungEffect) -> None:
    if effect.kind is RungEffectKind.MOVE and effect.verb:
        _move(uow, now, case, effect.verb)
    elif effect.kind is RungEffectKind.OPEN_SUPERVISION_ORDER:
        _supervise(uow, now, case)


def _move(uow: UnitOfWork, now: datetime, case: _Case, verb: str) -> None:
    deadline = case.deadline
    key = f"{deadline.item}/{deadline.clock}/{deadline.revision}/{verb}"
    try:
        move_within(uow, now, [Attempt(item=case.item.id, verb=verb, actor=_ACTOR, key=key)])
    except Refused:
        return  # the rung has spoken; a move that is not open any more (a red order cannot rise) is no error


def _supervise(uow: UnitOfWork, now: datetime, case: _Case) -> None:
    item = case.item
    ref = uow.campaigns.get(item.campaign).definitions.get("supervision_order")
    running = any(c.link == SUPERVISES and c.closed_at is None for c in uow.items.children(item.id))
    if ref is None or running:
        return
    demand = f"{item.number}“{item.title}”{case.reached.speaker.label}未办结，请限期办理并回复。"
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
    open_within(uow, now, [new], _ACTOR)
