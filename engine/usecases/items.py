"""Opening and moving items: each function is one transaction, its last line commits."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from engine.model.actor import Actor
from engine.model.calendar import LOCAL
from engine.model.definition import Definition, Effect
from engine.model.errors import Conflict, NotFound, Refused
from engine.model.guards import (
    AfterExpiry,
    BeforeExpiry,
    BeforeHardStop,
    BeyondHardStop,
    ChildrenClosed,
    EverySection,
    EveryUnitReported,
    Guard,
    PredecessorStarted,
)
from engine.model.ids import ItemId, PersonId
from engine.model.item import Item, NewItem
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.transition import Attempt, Surroundings, Transition
from engine.ports import UnitOfWork
from engine.rules.ledger import Json, canonical
from engine.rules.lifecycle import decide, why_not
from engine.rules.opening import Opening, decide_opening
from engine.usecases.again import again, again_by_key
from engine.usecases.escalating import Hands
from engine.usecases.firing import due_among, fire
from engine.usecases.levels import raise_levels
from engine.usecases.papers import numbered
from engine.usecases.recording import Limits, record
from engine.usecases.self_review import note_self_reviews

Stand = tuple[dict[ItemId, Item], Limits]
"""Items that are held, and the newest limits of those that are to be moved."""
Before = Callable[[UnitOfWork, datetime, dict[ItemId, Item], Sequence[ItemId]], Stand]
"""What happens to held items before they are moved."""
Key = tuple[PersonId, str]
"""Whose answer is kept, and under which key of theirs."""


@again
def open_items(uow: UnitOfWork, now: datetime, news: Sequence[NewItem], actor: Actor) -> list[Item]:
    """Open items of one kind, all or none; returns them in order. Raises Refused, Conflict, NotFound."""
    with uow:
        items = open_within(uow, now, news, actor)
        uow.commit()
    return items


@again_by_key
def open_once(uow: UnitOfWork, now: datetime, new: NewItem, actor: Actor, key: str) -> Item:
    """Open an item under a key of the actor's: asked again with the same key, it is the item that was opened then.

    Raises Refused, Conflict (the key was used for something else), NotFound.
    """
    told: list[Json] = [new.campaign, new.definition.id, new.unit, new.title, new.parent, new.category]
    told += [f"{new.as_of}", {name: f"{value}" for name, value in new.fields.items()}, key]
    asked = sha256(canonical(told))
    with uow:
        found = uow.replies.find([(actor.person, key)]).get((actor.person, key))
        if found is not None:
            return _opened_before(uow, found, asked.hexdigest())
        (item,) = open_within(uow, now, [new], actor)
        uow.replies.keep([(actor.person, key, asked.hexdigest(), _answer(item))], now)
        uow.commit()
    return item


def _opened_before(uow: UnitOfWork, found: tuple[str, str], asked: str) -> Item:
    if found[0] != asked:
        raise Conflict("同一操作编号已用于别的内容", hint="请换一个操作编号再办")
    item = ItemId(json.loads(found[1])["item"])
    return uow.items.get([item])[item]


def open_within(uow: UnitOfWork, now: datetime, news: Sequence[NewItem], actor: Actor) -> list[Item]:
    """Open items inside a unit of work that somebody else commits."""
    transitions: list[Transition] = []
    lineages = {unit: uow.people.lineage(unit) for unit in {new.unit for new in news}}
    categories = {name: _categories(uow, name) for name in {new.campaign for new in news if new.category}}
    for ref in dict.fromkeys(new.definition for new in news):
        definition = uow.definitions.get(ref)
        same = [new for new in news if new.definition == ref]
        numbers = uow.items.allot_numbers(definition.number_prefix, now.astimezone(LOCAL).year, len(same))
        for new, number in zip(same, numbers, strict=True):
            around = Surroundings(
                lineage=lineages[new.unit],
                unit_exists=bool(lineages[new.unit]),
                categories=categories.get(new.campaign, ()),
            )
            opening = Opening(new=new, actor=actor, at=now, id=ItemId(uow.entropy.new_id(now)), number=number)
            transitions.append(decide_opening(definition, opening, around))
    return record(uow, now, [numbered(uow, done) for done in transitions], {})


def _categories(uow: UnitOfWork, campaign: str) -> tuple[str, ...]:
    known = uow.campaigns.get(campaign).categories
    return tuple(code for each in known for code in (each.code, *(part.code for part in each.parts)))


def move_item(uow: UnitOfWork, now: datetime, attempt: Attempt) -> Item:
    """Move one item; returns it as it then stands. See `move_items`."""
    return move_items(uow, now, [attempt])[0]


@again_by_key
def move_items(uow: UnitOfWork, now: datetime, attempts: Sequence[Attempt]) -> list[Item]:
    """Move distinct items, all or none; returns them as they then stand.

    The same key from the same person returns the first answer again; with other content it is a Conflict.
    Raises NotFound, Conflict (somebody was faster), Refused (every reason); that somebody tried to review
    their own work is then an entry.
    """
    try:
        with uow:
            items = move_within(uow, now, attempts)
            uow.commit()
    except Refused as refused:
        _note_refused(uow, now, attempts, refused)
        raise
    return items


def _note_refused(uow: UnitOfWork, now: datetime, attempts: Sequence[Attempt], refused: Refused) -> None:
    if any(each.code is ReasonCode.NOT_INDEPENDENT for each in refused.reasons):
        note_self_reviews(uow, now, _not_independent(uow, now, attempts))


def _not_independent(uow: UnitOfWork, now: datetime, attempts: Sequence[Attempt]) -> list[Attempt]:
    return [
        attempt
        for attempt in attempts
        if any(r.code is ReasonCode.NOT_INDEPENDENT for r in reasons_against(uow, now, attempt))
    ]


def move_within(uow: UnitOfWork, now: datetime, attempts: Sequence[Attempt]) -> list[Item]:
    """Move items inside a unit of work that somebody else commits; what came due before is fired first."""
    return _moved(uow, now, attempts, _caught_up)


def _moved(uow: UnitOfWork, now: datetime, attempts: Sequence[Attempt], before: Before) -> list[Item]:
    known = uow.items.get([attempt.item for attempt in attempts])  # locked before the keys are looked up
    asked = {_key(attempt): _request_hash(attempt) for attempt in attempts}
    answered = _answered(uow, asked)
    fresh = [attempt for attempt in attempts if _key(attempt) not in answered]
    known, limits = before(uow, now, known, [one.item for one in fresh if one.item in known])
    decided = [_decided(uow, known, attempt, now, is_batch=len(attempts) > 1) for attempt in fresh]
    transitions = [numbered(uow, done) for done in decided]
    moved = {item.id: item for item in record(uow, now, transitions, limits)}
    replies = [(*_key(one), asked[_key(one)], _answer(moved[one.item])) for one in fresh]
    uow.replies.keep(replies, now)
    for done in transitions:
        follow_up(uow, now, done)
    raised = [done.after.id for done in transitions if raise_levels(uow, now, done, HANDS)]
    moved |= uow.items.get(raised) if raised else {}
    return [moved.get(attempt.item) or known[attempt.item] for attempt in attempts]


def _caught_up(uow: UnitOfWork, now: datetime, known: dict[ItemId, Item], ids: Sequence[ItemId]) -> Stand:
    """Fire what came due before the move; returns the items as they then stand, and their newest limits.

    A move must not end a limit whose rungs nobody has fired: what it leads to may not hang on how soon was swept.
    """
    limits = uow.deadlines.latest_of(ids) if ids else {}
    while due := due_among(limits, now):
        fire(uow, now, due, known, HANDS)
        known = known | uow.items.get(sorted({limit.item for limit in due}))
        limits = uow.deadlines.latest_of(ids)
    return known, limits


def _move_for_the_clock(uow: UnitOfWork, now: datetime, attempts: Sequence[Attempt]) -> list[Item]:
    """The same for a rung or a level that is just being reached: whoever reached it goes on with what is due."""
    return _moved(uow, now, attempts, _as_they_stand)


def _as_they_stand(
    uow: UnitOfWork, _now: datetime, known: dict[ItemId, Item], ids: Sequence[ItemId]
) -> Stand:
    return known, uow.deadlines.latest_of(ids) if ids else {}


HANDS = Hands(open=open_within, move=_move_for_the_clock)
"""How rungs and levels open and move items."""


def reasons_against(uow: UnitOfWork, now: datetime, attempt: Attempt) -> tuple[Reason, ...]:
    """Why a move would be refused, asked without making it; empty when it is open."""
    with uow:
        item = uow.items.get([attempt.item]).get(attempt.item)
        if item is None:
            raise NotFound("没有这件事项")
        definition = uow.definitions.get(item.definition)
        return why_not(definition, item, attempt, now, surroundings(uow, definition, item, attempt))


def check_move(uow: UnitOfWork, now: datetime, attempt: Attempt) -> None:
    """Raises whatever making the move would raise; nothing where its key was answered already.

    What a refusal enters is entered here too, so the unit of work is one that writes.
    """
    try:
        with uow:
            known = uow.items.get([attempt.item])
            if not uow.replies.find([_key(attempt)]):
                _decided(uow, known, attempt, now, is_batch=False)
    except Refused as refused:
        _note_refused(uow, now, [attempt], refused)
        raise


def _key(attempt: Attempt) -> Key:
    return attempt.actor.person, attempt.key


def _request_hash(attempt: Attempt) -> str:
    asked: dict[str, Json] = {
        "item": attempt.item,
        "verb": attempt.verb,
        "reason": attempt.reason,
        "fields": {name: f"{value!r}" for name, value in attempt.fields.items()},
        "evidence": [evidence.sha256 for evidence in attempt.evidence],
        "target": attempt.target,
        "people": [attempt.assignee, attempt.unit, attempt.other],
        "days": [str(attempt.until_on), str(attempt.due_on), str(attempt.claimed_on)],
        "parts": [*attempt.parts],
    }
    return sha256(canonical(asked)).hexdigest()


def _answer(item: Item) -> str:
    return canonical({"item": item.id, "version": item.version, "state": item.state}).decode()


def _answered(uow: UnitOfWork, asked: Mapping[Key, str]) -> set[Key]:
    found = uow.replies.find(list(asked))
    if any(first != asked[key] for key, (first, _) in found.items()):
        raise Conflict("同一操作编号已用于别的内容", hint="请换一个操作编号再办")
    return set(found)


def _decided(
    uow: UnitOfWork, known: dict[ItemId, Item], attempt: Attempt, now: datetime, *, is_batch: bool
) -> Transition:
    item = known.get(attempt.item)
    if item is None:
        raise NotFound("没有这件事项")
    definition = uow.definitions.get(item.definition)
    if attempt.expected_version not in (None, item.version):
        state = definition.states_by_id[item.state].label
        raise Conflict(f"{item.number} 已被他人办理，现为“{state}”", hint="请重新查看后再办")
    if is_batch:
        _check_batch(definition, item, attempt)
    return decide(definition, item, attempt, now, surroundings(uow, definition, item, attempt))


def _check_batch(definition: Definition, item: Item, attempt: Attempt) -> None:
    move = definition.moves_by_place.get((item.state, attempt.verb))
    if move is not None and not move.batch:
        raise Refused(f"不能成批办理“{move.label}”", (reason(ReasonCode.BATCH_NOT_ALLOWED),))


def surroundings(uow: UnitOfWork, definition: Definition, item: Item, attempt: Attempt) -> Surroundings:
    """The facts around an item that the attempted move asks for, and no others."""
    around = Surroundings(
        lineage=uow.people.lineage(item.unit),
        assignee_exists=attempt.assignee is None or bool(uow.people.by_id([attempt.assignee])),
        unit_exists=attempt.unit is None or bool(uow.people.lineage(attempt.unit)),
    )
    move = definition.moves_by_place.get((item.state, attempt.verb))
    if move is None:
        return around
    for guard in move.guards:
        around = _with_facts(uow, definition, item, guard, around)
    if Effect.APPLY_EXTENSION in move.effects:
        around = replace(around, due_at=_due_at(uow, item))
    return around


def _with_facts(
    uow: UnitOfWork, definition: Definition, item: Item, guard: Guard, around: Surroundings
) -> Surroundings:
    match guard:
        case ChildrenClosed():
            return replace(around, open_children=uow.items.count_open_children(item.id))
        case PredecessorStarted():
            return replace(around, predecessor_started=_predecessor_started(uow, definition, item))
        case EveryUnitReported():
            return replace(around, silent_units=_silent_units(uow, item, guard))
        case BeforeHardStop() | BeyondHardStop() | EverySection():
            plan = uow.campaigns.get(item.campaign)
            sections = next((duty.sections for duty in plan.duties if duty.code == item.duty), ())
            return replace(around, hard_stop_on=plan.hard_stop_on, sections=sections)
        case BeforeExpiry() | AfterExpiry():
            return replace(around, due_at=_due_at(uow, item))
    return around


def _due_at(uow: UnitOfWork, item: Item) -> dict[str, datetime]:
    return {deadline.clock: deadline.due_at for deadline in uow.deadlines.open_of([item.id])[item.id]}


def _predecessor_started(uow: UnitOfWork, definition: Definition, item: Item) -> bool:
    """The phase before has begun in the same unit, or, where it runs elsewhere, in any unit."""
    follows, kind = item.fields.get("follows"), item.definition.id
    if not isinstance(follows, str) or not follows:
        return True
    own = uow.items.of_plan(item.campaign, kind, follows, item.unit)
    before = (
        [own] if own else [one for one in uow.items.of_campaign(item.campaign, kind) if one.duty == follows]
    )
    return not before or any(one.state != definition.initial for one in before)


def _silent_units(uow: UnitOfWork, item: Item, guard: EveryUnitReported) -> tuple[str, ...]:
    spoken = uow.items.units_with(item.campaign, guard.kind)
    spoken |= uow.items.units_with(item.campaign, "report", guard.nil_duty)
    return tuple(unit.name for unit in uow.people.units() if unit.handles_cases and unit.code not in spoken)


def follow_up(uow: UnitOfWork, now: datetime, done: Transition) -> list[Item]:
    """Open the items a transition calls for: the parts of a split, the new life of a relapse."""
    item = done.after
    definition = uow.definitions.get(item.definition)
    effects = {effect for move in definition.moves_by_verb.get(done.verb, ()) for effect in move.effects}
    titles = done.parts if Effect.SPLIT in effects else (item.title,) if Effect.RELAPSE in effects else ()
    link = "part" if Effect.SPLIT in effects else "relapse"
    news = [_follower(item, title, link) for title in titles]
    return open_within(uow, now, news, done.actor) if news else []


def _follower(item: Item, title: str, link: str) -> NewItem:
    kept = {"problem", "gate"} if link == "relapse" else set()
    fields = {name: value for name, value in item.fields.items() if name in kept}
    return NewItem(
        definition=item.definition,
        campaign=item.campaign,
        unit=item.unit,
        title=title,
        fields=fields or {"problem": title},
        parent=item.id,
        link=link,
        category=item.category,
    )
