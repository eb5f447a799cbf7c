"""Decides moves. `decide` is total and pure: it returns what happens, or raises Refused with every reason.

The compiled machine is executed by the `transitions` package on a throw-away object that holds nothing but the state
and the answers the conditions ask for; the database is the lock, never the object.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache, partial
from itertools import chain
from typing import cast

from transitions import EventData, Machine, State

from engine.model.actor import Actor, Capacity
from engine.model.calendar import LOCAL
from engine.model.definition import Definition, Effect, MoveDef, Stage
from engine.model.errors import NotPermitted, Refused
from engine.model.guards import Countersign
from engine.model.item import Contribution, Item
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.transition import Attempt, Surroundings, Transition
from engine.rules.copies import changed
from engine.rules.countersign import is_complete, party_of, votes_after
from engine.rules.effects import after_effects, input_reasons
from engine.rules.fields import field_reasons, reserved_reasons
from engine.rules.guards import Case, judge
from engine.rules.standing import Standing, standing_of


class Run:
    """The throw-away object a machine is run on."""

    __slots__ = ("complete", "state", "target")

    def __init__(self, state: str, target: str | None, *, complete: bool) -> None:
        self.state = state
        self.target = target
        self.complete = complete


@lru_cache(maxsize=64)
def machine_of(definition: Definition) -> Machine:
    """The executable machine of a definition, built once. Machines hold no item."""
    states: list[str | Enum | State] = [state.id for state in definition.states]
    machine = Machine(
        model=None, states=states, initial=definition.initial, auto_transitions=False, send_event=True
    )
    for move in definition.moves:
        sources: list[str | Enum | State] = [*sorted(move.from_states)]
        for target in move.to:
            machine.add_transition(move.verb, sources, target, conditions=[partial(_goes_to, target)])
        machine.add_transition(move.verb, sources, None, conditions=[_stays])
    return machine


def _goes_to(target: str, event: EventData) -> bool:
    run = cast(Run, event.model)
    return run.complete and run.target == target


def _stays(event: EventData) -> bool:
    run = cast(Run, event.model)
    return not run.complete or run.target is None


def decide(
    definition: Definition, item: Item, attempt: Attempt, now: datetime, around: Surroundings
) -> Transition:
    """What happens when `attempt` is made on `item` at `now`.

    around: the facts outside the item that the definition's guards ask for.
    Raises Refused (NotPermitted when only the asker is wrong) with all the reasons. Nothing is changed.
    """
    move = _move(definition, item, attempt)
    case = _case(definition, move, _Asked(item, attempt, now), around)
    reasons = tuple(_reasons(move, case))
    standing = case.standing or _signing(move, case)
    if reasons or standing is None:
        raise _refusal(definition, item, move, reasons)
    return _happen(definition, move, case, standing)


def why_not(
    definition: Definition, item: Item, attempt: Attempt, now: datetime, around: Surroundings
) -> tuple[Reason, ...]:
    """The reasons `decide` would refuse with; empty when the move is open."""
    try:
        decide(definition, item, attempt, now, around)
    except Refused as refused:
        return refused.reasons
    return ()


def _move(definition: Definition, item: Item, attempt: Attempt) -> MoveDef:
    if move := definition.moves_by_place.get((item.state, attempt.verb)):
        return move
    state = definition.states_by_id[item.state].label
    allowed = "、".join(f"{m.label}（{m.verb}）" for m in definition.moves_from(item.state)) or "无"
    tried = f"不能对 {item.number} 办理“{attempt.verb}”"
    if known := definition.moves_by_verb.get(attempt.verb):
        wrong = reason(ReasonCode.WRONG_STATE, state=state, verb=known[0].label, allowed=allowed)
        raise Refused(f"不能对 {item.number} 办理“{known[0].label}”", (wrong,))
    raise Refused(tried, (reason(ReasonCode.UNKNOWN_VERB, verb=attempt.verb, allowed=allowed),))


@dataclass(frozen=True, slots=True)
class _Asked:
    item: Item
    attempt: Attempt
    now: datetime


def _case(definition: Definition, move: MoveDef, asked: _Asked, around: Surroundings) -> Case:
    day = asked.now.astimezone(LOCAL).date()
    return Case(
        definition=definition,
        item=asked.item,
        attempt=asked.attempt,
        fields={**asked.item.fields, **asked.attempt.fields},
        standing=standing_of(asked.attempt.actor, move.who, around.lineage, asked.item, day),
        around=around,
        now=asked.now,
        day=day,
    )


def _signing(move: MoveDef, case: Case) -> Standing | None:
    """The standing of a signer: the party signed for."""
    for guard in move.guards:
        if isinstance(guard, Countersign) and (party := party_of(guard, case.item, case.attempt.actor)):
            return Standing(party)
    return None


def _reasons(move: MoveDef, case: Case) -> chain[Reason]:
    return chain(
        _standing_reasons(move, case),
        _form_reasons(move, case.attempt),
        field_reasons(case.definition, move.sets, case.attempt.fields),
        reserved_reasons(case.definition, case.attempt.fields, partial(_may, case)),
        input_reasons(case.definition, move.effects, case.item, case.attempt, case.around),
        chain.from_iterable(judge(guard, case) for guard in move.guards),
        _own_reasons(move, case),
        _day_reasons(move, case),
    )


def _may(case: Case, roles: Sequence[str]) -> bool:
    actor, lineage = case.attempt.actor, case.around.lineage
    return standing_of(actor, roles, lineage, case.item, case.day) is not None


def _standing_reasons(move: MoveDef, case: Case) -> tuple[Reason, ...]:
    if case.standing or _signing(move, case):
        return ()
    return (reason(ReasonCode.NOT_STANDING, who="、".join(move.who)),)


def _own_reasons(move: MoveDef, case: Case) -> tuple[Reason, ...]:
    """Nobody grants more time to themselves, nor through whom they stand in for."""
    asked, actor = case.item.extension, case.attempt.actor
    principal = case.standing.on_behalf_of if case.standing else None
    if Effect.GRANT_EXTENSION in move.effects and asked and asked.applicant in (actor.person, principal):
        return (reason(ReasonCode.EXTENSION_OWN, person=actor.name),)
    return ()


def _day_reasons(move: MoveDef, case: Case) -> tuple[Reason, ...]:
    """Nobody is put in charge until a day that is over."""
    until = case.attempt.until_on
    if Effect.DELEGATE in move.effects and until is not None and until < case.day:
        return (reason(ReasonCode.DAY_OVER, day=until.isoformat()),)
    return ()


def _form_reasons(move: MoveDef, attempt: Attempt) -> tuple[Reason, ...]:
    found: list[Reason] = []
    if move.reason_required and not (attempt.reason or "").strip():
        found.append(reason(ReasonCode.REASON_MISSING))
    targets = "、".join(move.to)
    if len(move.to) > 1 and attempt.target is None:
        found.append(reason(ReasonCode.TARGET_MISSING, targets=targets))
    elif attempt.target is not None and attempt.target not in move.to:
        found.append(
            reason(ReasonCode.TARGET_UNKNOWN, target=attempt.target, targets=targets or "（不改变状态）")
        )
    return tuple(found)


def _refusal(definition: Definition, item: Item, move: MoveDef, reasons: tuple[Reason, ...]) -> Refused:
    tried = f"不能对 {item.number}（{definition.states_by_id[item.state].label}）办理“{move.label}”"
    only_standing = all(r.code is ReasonCode.NOT_STANDING for r in reasons)
    return (NotPermitted if only_standing else Refused)(tried, reasons)


def _happen(definition: Definition, move: MoveDef, case: Case, standing: Standing) -> Transition:
    item, attempt = case.item, case.attempt
    signed, complete = _sign(move, item, attempt.actor)
    target = (attempt.target or move.to[0]) if move.to else None
    state = _state_after(definition, item.state, move.verb, target, complete=complete)
    moved = _moved(signed, state, case, _contributed(move.contributes, attempt, standing))
    after = after_effects(definition, move.effects, moved, attempt) if complete else moved
    due_on = (
        item.extension.due_on if Effect.GRANT_EXTENSION in move.effects and item.extension else attempt.due_on
    )
    return Transition(
        verb=move.verb,
        before=item,
        after=after,
        actor=attempt.actor,
        at=case.now,
        standing=standing.name,
        on_behalf_of=standing.on_behalf_of,
        reason=attempt.reason,
        evidence=attempt.evidence,
        claimed_on=attempt.claimed_on,
        due_on=due_on,
        other=attempt.other,
        parts=attempt.parts,
        is_complete=complete,
    )


@lru_cache(maxsize=4096)
def _state_after(definition: Definition, state: str, verb: str, target: str | None, *, complete: bool) -> str:
    """Where the machine leads from a state. It holds nothing else, so one run answers for all items."""
    run = Run(state, target, complete=complete)
    machine_of(definition).events[verb].trigger(run)
    return run.state


def _sign(move: MoveDef, item: Item, actor: Actor) -> tuple[Item, bool]:
    for guard in move.guards:
        if isinstance(guard, Countersign):
            votes = votes_after(guard, item, actor)
            return changed(item, votes=votes), is_complete(guard, item, votes)
    return item, True


def _moved(item: Item, state: str, case: Case, new: frozenset[Contribution]) -> Item:
    arrives = state != item.state
    stage = case.definition.states_by_id[state].stage
    return changed(
        item,
        version=item.version + 1,
        state=state,
        stage=stage,
        fields=case.fields,
        entered_at=case.now if arrives else item.entered_at,
        closed_at=(item.closed_at or case.now) if stage is Stage.CLOSED else None,
        votes=() if arrives else item.votes,
        contributions=item.contributions | new,
        evidence_count=item.evidence_count + len(case.attempt.evidence),
    )


def _contributed(capacity: Capacity | None, attempt: Attempt, standing: Standing) -> frozenset[Contribution]:
    capacities = [capacity] if capacity else []
    if attempt.evidence:
        capacities.append(Capacity.UPLOADER)
    people = [p for p in (attempt.actor.person, standing.on_behalf_of) if p and not attempt.actor.system]
    return frozenset(Contribution(person, c) for person in people for c in capacities)
