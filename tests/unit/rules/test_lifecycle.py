"""Moves: what is allowed, what is refused with every reason, and what a move does to the item."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.model.actor import Capacity, Role, system_actor
from engine.model.definition import Effect, Stage
from engine.model.errors import NotPermitted, Refused
from engine.model.guards import (
    BeforeHardStop,
    BeyondHardStop,
    ChildrenClosed,
    EverySection,
    EveryUnitReported,
    NotAfter,
    NotBefore,
    PredecessorStarted,
)
from engine.model.item import Contribution, Delegation, Item
from engine.model.reasons import CATALOGUE, ReasonCode
from engine.model.transition import Attempt, Evidence, Surroundings, Transition
from engine.rules.lifecycle import decide, machine_of, why_not
from tests.builders import (
    BUREAU,
    NOON,
    UNIT,
    a_definition,
    a_move,
    a_person,
    an_actor,
    an_attempt,
    an_item,
    around,
)

SAMPLE = a_definition()
OWNER = an_actor(1)
OFFICE = an_actor(2, Role.OFFICE, unit=BUREAU)
BEYOND = a_definition(
    a_move(
        "grant_extension",
        "working",
        who=("office_director", "leading_group"),
        effects=(Effect.GRANT_EXTENSION,),
        guards=(BeyondHardStop((Role.LEADING_GROUP,)),),
    )
)
PROOF = Evidence(sha256="ab" * 32, name="照片.jpg", size=10)


def happen(attempt: Attempt, item: Item | None = None, facts: Surroundings | None = None) -> Transition:
    return decide(SAMPLE, item or an_item(), attempt, NOON, facts or around())


def codes(attempt: Attempt, item: Item | None = None, facts: Surroundings | None = None) -> list[ReasonCode]:
    return [r.code for r in why_not(SAMPLE, item or an_item(), attempt, NOON, facts or around())]


def test_a_move_without_target_keeps_the_state_and_writes_its_fields() -> None:
    done = happen(an_attempt("progress", OWNER, fields={"progress": "已完成一半", "percent": 50}))

    assert (done.after.state, done.after.version) == ("working", 4)
    assert done.after.fields["percent"] == 50
    assert Contribution(a_person(1), Capacity.PERFORMER) in done.after.contributions
    assert done.after.entered_at == done.before.entered_at if done.before else False


def test_every_reason_is_given_at_once() -> None:
    stranger = an_actor(7, Role.OFFICER, unit="unit_b")

    refused = codes(an_attempt("hand_in", stranger, fields={"nonsense": "x"}))

    assert refused == [
        ReasonCode.NOT_STANDING,
        ReasonCode.FIELD_UNKNOWN,
        ReasonCode.FIELD_MISSING,
        ReasonCode.EVIDENCE_MISSING,
    ]


def test_only_a_wrong_asker_is_not_permitted() -> None:
    with pytest.raises(NotPermitted) as caught:
        happen(an_attempt("progress", an_actor(7, Role.OFFICER)))

    assert caught.value.reasons[0].way_out == "应由owner办理"


def test_an_unknown_verb_names_the_verbs_that_are_there() -> None:
    with pytest.raises(Refused) as caught:
        happen(an_attempt("teleport", OWNER))

    assert caught.value.reasons[0].code is ReasonCode.UNKNOWN_VERB
    assert "progress" in caught.value.reasons[0].way_out


def test_a_verb_of_another_state_says_which_state_the_item_is_in() -> None:
    assert codes(an_attempt("approve", OFFICE)) == [ReasonCode.WRONG_STATE]


def test_a_return_goes_to_the_named_state_with_a_reason_and_is_counted() -> None:
    item = an_item(state="reviewing", stage=Stage.REVIEWING)

    assert codes(an_attempt("return", OFFICE), item) == [ReasonCode.REASON_MISSING, ReasonCode.TARGET_MISSING]
    assert codes(an_attempt("return", OFFICE, reason="佐证不足", target="closed"), item) == [
        ReasonCode.TARGET_UNKNOWN
    ]

    done = happen(an_attempt("return", OFFICE, reason="佐证不足", target="working"), item)
    assert (done.after.state, done.after.stage, done.after.returned_count) == ("working", Stage.RECTIFYING, 1)


@pytest.mark.parametrize(
    "capacity", [Capacity.PERFORMER, Capacity.DELEGATOR, Capacity.UPLOADER, Capacity.EXTENSION_APPROVER]
)
def test_a_contributor_in_any_capacity_may_not_review(capacity: Capacity) -> None:
    item = an_item(state="reviewing", contributions=frozenset({Contribution(OFFICE.person, capacity)}))

    assert codes(an_attempt("approve", OFFICE), item) == [ReasonCode.NOT_INDEPENDENT]


def test_a_substitute_does_not_launder_separation_of_duties() -> None:
    item = an_item(
        state="reviewing", contributions=frozenset({Contribution(a_person(2), Capacity.PERFORMER)})
    )
    substitute = an_actor(5, Role.OFFICE, unit=BUREAU, on_behalf_of=2)

    assert codes(an_attempt("approve", substitute), item) == [ReasonCode.NOT_INDEPENDENT]


def test_an_uploader_becomes_a_contributor_by_the_same_move() -> None:
    item = an_item(fields={"problem": "x", "progress": "完成"})

    done = happen(an_attempt("hand_in", OWNER, evidence=(PROOF,)), item)

    assert done.after.state == "reviewing"
    assert done.after.evidence_count == 1
    assert Contribution(a_person(1), Capacity.UPLOADER) in done.after.contributions


def test_a_delegate_acts_for_the_owner_until_the_last_day() -> None:
    delegate = an_actor(6)
    item = an_item(delegation=Delegation(a_person(6), date(2020, 5, 6)))

    done = happen(an_attempt("progress", delegate), item)
    assert (done.standing, done.on_behalf_of) == ("delegate", a_person(1))

    late = replace(item, delegation=Delegation(a_person(6), date(2020, 5, 5)))
    assert codes(an_attempt("progress", delegate), late) == [ReasonCode.NOT_STANDING]


def test_a_substitute_of_the_owner_is_recorded_as_acting_for_the_owner() -> None:
    done = happen(an_attempt("progress", an_actor(8, Role.OFFICER, on_behalf_of=1)))

    assert (done.standing, done.on_behalf_of) == ("owner", a_person(1))
    assert {c.person for c in done.after.contributions} == {a_person(8), a_person(1)}


def test_delegating_needs_whom_and_until_when() -> None:
    assert codes(an_attempt("delegate", OWNER)) == [ReasonCode.INPUT_MISSING, ReasonCode.INPUT_MISSING]


def test_an_unknown_assignee_is_refused() -> None:
    head, item = an_actor(3, Role.UNIT_HEAD), an_item(state="draft", owner=None)
    attempt = an_attempt("assign", head, assignee=a_person(99))

    assert codes(attempt, item, around(assignee_exists=False)) == [ReasonCode.INPUT_UNKNOWN]
    assert happen(attempt, item).after.owner == a_person(99)


def test_an_extension_is_asked_before_expiry_and_decided_by_somebody_else() -> None:
    asked = happen(an_attempt("apply_extension", OWNER, due_on=date(2020, 8, 1))).after
    assert asked.extension is not None
    assert codes(an_attempt("apply_extension", OWNER, due_on=date(2020, 8, 1)), asked) == [
        ReasonCode.EXTENSION_OPEN
    ]

    director = an_actor(4, Role.OFFICE_DIRECTOR, unit=BUREAU)
    granted = happen(an_attempt("grant_extension", director), asked)
    assert granted.after.fields["due_on"] == "2020-08-01"
    assert granted.due_on == date(2020, 8, 1)
    assert granted.after.extension is None


def test_nobody_grants_an_extension_that_is_their_own() -> None:
    asked = happen(an_attempt("apply_extension", OWNER, due_on=date(2020, 8, 1))).after
    own = an_actor(1, Role.OFFICE_DIRECTOR, unit=BUREAU)
    for_them = an_actor(4, Role.OFFICE_DIRECTOR, unit=BUREAU, on_behalf_of=1)

    assert OWNER.person == own.person
    assert codes(an_attempt("grant_extension", own), asked) == [ReasonCode.EXTENSION_OWN]
    assert codes(an_attempt("grant_extension", for_them), asked) == [ReasonCode.EXTENSION_OWN]


def test_an_extension_after_expiry_or_to_an_earlier_day_is_refused() -> None:
    expired = around(due_at={"work": NOON - timedelta(days=1)})
    assert codes(an_attempt("apply_extension", OWNER, due_on=date(2020, 8, 1)), facts=expired) == [
        ReasonCode.CLOCK_EXPIRED
    ]
    assert codes(an_attempt("apply_extension", OWNER, due_on=date(2020, 6, 1))) == [
        ReasonCode.EXTENSION_NOT_LATER
    ]


def test_only_the_leading_group_grants_an_extension_beyond_the_hard_stop() -> None:
    asked = happen(an_attempt("apply_extension", OWNER, due_on=date(2020, 12, 1))).after
    director, leader = (
        an_actor(4, Role.OFFICE_DIRECTOR, unit=BUREAU),
        an_actor(5, Role.OFFICE_DIRECTOR, Role.LEADING_GROUP, unit=BUREAU),
    )

    (why,) = why_not(BEYOND, asked, an_attempt("grant_extension", director), NOON, around())
    assert (why.code, why.facts["day"], why.facts["stop"]) == (
        ReasonCode.EXTENSION_BEYOND, "2020-12-01", "2020-11-30",
    )  # fmt: skip
    assert why_not(BEYOND, asked, an_attempt("grant_extension", leader), NOON, around()) == ()
    within = happen(an_attempt("apply_extension", OWNER, due_on=date(2020, 11, 30))).after
    assert why_not(BEYOND, within, an_attempt("grant_extension", director), NOON, around()) == ()


def test_countersigning_moves_with_the_last_signature() -> None:
    item = an_item(state="countersigning", assisting=(UNIT, "unit_b"))
    first, second = an_actor(3, Role.UNIT_HEAD), an_actor(4, Role.UNIT_HEAD, unit="unit_b")

    one = happen(an_attempt("sign", first), item)
    assert (one.after.state, one.is_complete) == ("countersigning", False)
    assert codes(an_attempt("sign", first), one.after) == [ReasonCode.ALREADY_SIGNED]

    two = happen(an_attempt("sign", second), one.after)
    assert (two.after.state, two.is_complete, two.after.votes) == ("closed", True, ())
    assert two.after.closed_at == NOON


@pytest.mark.parametrize(
    ("guard", "facts", "code"),
    [
        (NotBefore(date(2020, 5, 7)), {}, ReasonCode.TOO_EARLY),
        (NotAfter(date(2020, 5, 5)), {}, ReasonCode.TOO_LATE),
        (ChildrenClosed(), {"open_children": 2}, ReasonCode.CHILDREN_OPEN),
        (PredecessorStarted(), {"predecessor_started": False}, ReasonCode.PREDECESSOR_NOT_STARTED),
        (BeforeHardStop("due_on"), {"hard_stop_on": date(2020, 6, 29)}, ReasonCode.FIELD_TOO_LATE),
        (EverySection("problem"), {"sections": ("情况",)}, ReasonCode.SECTION_MISSING),
        (
            EveryUnitReported("item", "nil_return"),
            {"silent_units": ("示例一派出所",)},
            ReasonCode.UNITS_SILENT,
        ),
    ],
)
def test_a_guard_refuses_with_its_reason(guard: object, facts: dict[str, object], code: ReasonCode) -> None:
    definition = a_definition(a_move("go", "working", "reviewing", guards=(guard,)))
    item = an_item(fields={"due_on": "2020-06-30", "gate": "every_unit_reported"})

    reasons = why_not(definition, item, an_attempt("go", OWNER), NOON, around(**facts))

    assert [r.code for r in reasons] == [code]
    assert "{" not in reasons[0].why + reasons[0].way_out


def test_a_red_supervision_order_cannot_rise_further() -> None:
    definition = a_definition(a_move("escalate", "working", who=("system",), effects=(Effect.LEVEL_UP,)))
    clock, level = system_actor("sweep"), []
    item = an_item(fields={"level": "blue"})

    while not why_not(definition, item, an_attempt("escalate", clock), NOON, around()):
        item = decide(definition, item, an_attempt("escalate", clock), NOON, around()).after
        level.append(item.fields["level"])

    assert level == ["yellow", "red"]
    assert item.contributions == frozenset()


def test_the_machine_is_built_once_and_holds_no_item() -> None:
    assert machine_of(SAMPLE) is machine_of(SAMPLE)
    assert machine_of(SAMPLE).models == []


def test_every_reason_has_its_sentence() -> None:
    assert set(CATALOGUE) == set(ReasonCode)
