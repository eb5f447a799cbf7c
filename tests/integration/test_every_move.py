"""Every move of every shipped definition, from each of its states to each of its targets, by each who may make it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest

from engine.model.actor import Actor, Party, Role, system_actor
from engine.model.definition import Definition, FieldDef, FieldType, MoveDef
from engine.model.errors import Refused
from engine.model.guards import AfterExpiry, Countersign, ExtensionPending
from engine.model.item import Delegation, ExtensionRequest, FieldValue, Item
from engine.model.reasons import ReasonCode
from engine.model.transition import Attempt, Surroundings
from engine.rules.countersign import parties_of
from engine.rules.effects import extendable_clock
from engine.rules.lifecycle import decide, why_not
from tests.builders import BUREAU, NOON, UNIT, a_person, an_actor, an_attempt, an_item, around
from workflows.shipped import shipped_definitions

OWNER, DELEGATE, REVIEWER, OPENER, SOMEBODY, SIGNER = range(1, 7)
PARTIES = {
    Party.OWNER: an_actor(OWNER),
    Party.DELEGATE: an_actor(DELEGATE),
    Party.REVIEWER: an_actor(REVIEWER),
    Party.OPENER: an_actor(OPENER),
    Party.SYSTEM: system_actor("sweep"),
}
EVERYBODY = (*Party, *Role)
LATER = date(2020, 11, 1)


class Case(NamedTuple):
    """One way of making one move."""

    definition: Definition
    move: MoveDef
    state: str
    target: str | None
    who: str

    def __str__(self) -> str:
        target = f" → {self.target}" if self.target else ""
        return f"{self.definition.ref.id}: {self.move.verb} in {self.state}{target} by {self.who}"


def cases(definition: Definition) -> Iterator[Case]:
    for move in definition.moves:
        for state in sorted(move.from_states):
            for target in move.to or (None,):
                for who in move.who:
                    yield Case(definition, move, state, target, who)


def value_of(field: FieldDef) -> FieldValue:
    if field.type is FieldType.INTEGER:
        return field.minimum
    if field.type is FieldType.CHOICE:
        return next(choice for choice in field.choices if choice not in field.reserved)
    return "2020-06-30" if field.type is FieldType.DATE else "已写明"


def guards_of(case: Case, kind: type) -> list[Any]:
    return [guard for guard in case.move.guards if isinstance(guard, kind)]


def item_for(case: Case) -> Item:
    """An item that lacks nothing a move may ask of it."""
    pending = guards_of(case, ExtensionPending)
    (state,) = (each for each in case.definition.states if each.id == case.state)
    return an_item(
        definition=case.definition.ref,
        state=case.state,
        stage=state.stage,
        owner=a_person(OWNER),
        opener=a_person(OPENER),
        reviewer=a_person(REVIEWER),
        delegation=Delegation(a_person(DELEGATE), LATER),
        fields={field.id: value_of(field) for field in case.definition.fields},
        evidence_count=9,
        assisting=(UNIT,),
        extension=ExtensionRequest(extendable_clock(case.definition), LATER, a_person(SOMEBODY))
        if pending
        else None,
    )


def facts_for(case: Case) -> Surroundings:
    over = guards_of(case, AfterExpiry)
    due = NOON if over else datetime(2020, 6, 30, 10, tzinfo=UTC)
    return around(due_at={clock.id: due for clock in case.definition.clocks})


def attempt_for(case: Case, actor: Actor) -> Attempt:
    """Everything that an effect may ask for, whether this one does or not."""
    return an_attempt(
        case.move.verb,
        actor,
        reason="情况有变",
        target=case.target,
        assignee=a_person(SOMEBODY),
        until_on=LATER,
        due_on=LATER,
        unit=UNIT,
        other=item_for(case).id,
        parts=("甲", "乙"),
    )


def actor_named(who: str, number: int = SIGNER) -> Actor:
    return PARTIES[Party(who)] if who in tuple(Party) else an_actor(number, Role(who), unit=BUREAU)


def made(case: Case) -> Item:
    """The item after the move, all signatures given where it takes several."""
    item, facts = item_for(case), facts_for(case)
    for guard in guards_of(case, Countersign):
        *first, _ = parties = parties_of(guard, item)
        for number, party in enumerate(first, 20):
            item = decide(case.definition, item, attempt_for(case, signer(party, number)), NOON, facts).after
        return decide(case.definition, item, attempt_for(case, signer(parties[-1], 30)), NOON, facts).after
    return decide(case.definition, item, attempt_for(case, actor_named(case.who)), NOON, facts).after


def signer(party: str, number: int) -> Actor:
    is_unit = party.startswith("unit:")
    return an_actor(number, Role.UNIT_HEAD, unit=UNIT) if is_unit else actor_named(party, number)


DEFINITIONS = pytest.mark.parametrize("definition", shipped_definitions(), ids=lambda each: each.ref.id)


@DEFINITIONS
def test_every_move_is_made_by_each_who_may_and_ends_where_it_says(definition: Definition):
    wrong = []
    for case in cases(definition):
        try:
            after = made(case)
        except Refused as refused:
            wrong.append(f"{case}: {refused}")
            continue
        (target,) = (state for state in definition.states if state.id == (case.target or case.state))
        if (after.state, after.stage) != (target.id, target.stage):
            wrong.append(f"{case}: ended in {after.state}")

    assert not wrong


@DEFINITIONS
def test_nobody_else_makes_it(definition: Definition):
    wrong = [
        f"{case} but by {who}"
        for case in cases(definition)
        for who in EVERYBODY
        if who not in case.move.who and not _is_the_owners(who, case) and not guards_of(case, Countersign)
        if ReasonCode.NOT_STANDING not in reasons(case, actor_named(who))
    ]

    assert not wrong


def _is_the_owners(who: str, case: Case) -> bool:
    """A delegate stands for the owner."""
    return who == Party.DELEGATE and Party.OWNER in case.move.who


@DEFINITIONS
def test_it_is_made_from_no_other_state(definition: Definition):
    wrong = []
    for case in cases(definition):
        elsewhere = {state.id for state in definition.states if state.id not in case.move.from_states}
        for state in elsewhere - _with_the_same_verb(case):
            other = case._replace(state=state)
            if reasons(other, actor_named(case.who)) != {ReasonCode.WRONG_STATE}:
                wrong.append(f"{other}")

    assert not wrong


def _with_the_same_verb(case: Case) -> set[str]:
    return {
        state for move in case.definition.moves if move.verb == case.move.verb for state in move.from_states
    }


def reasons(case: Case, actor: Actor) -> set[ReasonCode]:
    found = why_not(case.definition, item_for(case), attempt_for(case, actor), NOON, facts_for(case))
    return {reason.code for reason in found}
