"""Moves: what is allowed, what is refused with every reason, and what a move does to the item."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from engine.model.actor import Actor, Capacity, Role, system_actor
from engine.model.definition import Effect, FieldDef, FieldType, Stage
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
from engine.model.ids import ItemId
from engine.model.item import Contribution, Delegation, Item, Vote
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
    assert str(caught.value).startswith("不能对 YL-2020-000001（working）办理“progress”")
    with pytest.raises(Refused) as other:
        happen(an_attempt("progress", an_actor(7, Role.OFFICER), fields={"nonsense": "x"}))
    assert not isinstance(other.value, NotPermitted)


def test_everybody_who_might_have_is_named() -> None:
    (refused,) = why_not(
        SAMPLE, an_item(state="reviewing"), an_attempt("approve", an_actor(7)), NOON, around()
    )

    assert refused.way_out == "应由office、reviewer办理"


def test_an_unknown_verb_names_the_verbs_that_are_there() -> None:
    with pytest.raises(Refused) as caught:
        happen(an_attempt("teleport", OWNER))

    (why,) = caught.value.reasons
    assert str(caught.value).startswith("不能对 YL-2020-000001 办理“teleport”")
    assert (why.code, why.why) == (ReasonCode.UNKNOWN_VERB, "流程中没有“teleport”这个动作")
    assert why.way_out.startswith("可用动作：progress（progress）、hand_in（hand_in）、")
    (closed,) = why_not(SAMPLE, an_item(state="closed"), an_attempt("teleport", OWNER), NOON, around())
    assert closed.way_out == "可用动作：无"


def test_a_verb_of_another_state_says_which_state_the_item_is_in() -> None:
    with pytest.raises(Refused) as caught:
        happen(an_attempt("approve", OFFICE), an_item(state="countersigning"))

    (why,) = caught.value.reasons
    assert str(caught.value).startswith("不能对 YL-2020-000001 办理“approve”")
    assert (why.code, why.why) == (ReasonCode.WRONG_STATE, "当前为“countersigning”，不能“approve”")
    assert why.way_out == "当前可用动作：sign（sign）"


def test_a_return_goes_to_the_named_state_with_a_reason_and_is_counted() -> None:
    item = an_item(state="reviewing", stage=Stage.REVIEWING)

    assert codes(an_attempt("return", OFFICE), item) == [ReasonCode.REASON_MISSING, ReasonCode.TARGET_MISSING]
    (lost,) = why_not(SAMPLE, item, an_attempt("return", OFFICE, reason=" "), NOON, around())[1:]
    assert lost.way_out == "请从draft、working中选择（--to）"
    (other,) = why_not(
        SAMPLE, item, an_attempt("return", OFFICE, reason="佐证不足", target="closed"), NOON, around()
    )
    assert (other.code, other.why) == (ReasonCode.TARGET_UNKNOWN, "不能到“closed”")
    assert other.way_out == "请从draft、working中选择（--to）"
    (nowhere,) = why_not(SAMPLE, an_item(), an_attempt("progress", OWNER, target="closed"), NOON, around())
    assert nowhere.way_out == "请从（不改变状态）中选择（--to）"

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


def test_nobody_is_delegated_until_a_day_that_is_over() -> None:
    whom = a_person(6)

    over = an_attempt("delegate", OWNER, assignee=whom, until_on=date(2020, 5, 5))
    assert codes(over) == [ReasonCode.DAY_OVER]
    today = an_attempt("delegate", OWNER, assignee=whom, until_on=date(2020, 5, 6))
    assert happen(today).after.delegation == Delegation(whom, date(2020, 5, 6))


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
    (why,) = why_not(SAMPLE, asked, an_attempt("grant_extension", for_them), NOON, around())
    assert (why.code, why.why) == (
        ReasonCode.EXTENSION_OWN, "延期申请是示例人员04提出的，不能由本人批准",
    )  # fmt: skip


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


def test_a_transition_keeps_all_that_was_asked() -> None:
    substitute = an_actor(8, Role.OFFICER, on_behalf_of=1)
    attempt = an_attempt(
        "progress",
        substitute,
        reason="说明",
        evidence=(PROOF,),
        claimed_on=date(2020, 5, 1),
        due_on=date(2020, 7, 1),
        other=ItemId("b" * 32),
        parts=("甲", "乙"),
    )

    done = happen(attempt, item := an_item(votes=(Vote("x", a_person(3)),), closed_at=NOON))

    assert done == Transition(
        verb="progress",
        before=item,
        after=done.after,
        actor=substitute,
        at=NOON,
        standing="owner",
        on_behalf_of=a_person(1),
        reason="说明",
        evidence=(PROOF,),
        claimed_on=date(2020, 5, 1),
        due_on=date(2020, 7, 1),
        other=ItemId("b" * 32),
        parts=("甲", "乙"),
        is_complete=True,
    )
    assert (done.after.votes, done.after.closed_at) == (item.votes, None)


LATER = NOON + timedelta(hours=1)


def test_an_item_enters_a_state_when_it_arrives_there_and_not_again() -> None:
    item = an_item(
        fields={"problem": "x", "progress": "完成"}, evidence_count=1, votes=(Vote("x", a_person(3)),)
    )

    stays = decide(SAMPLE, item, an_attempt("progress", OWNER), LATER, around()).after
    arrives = decide(SAMPLE, item, an_attempt("hand_in", OWNER), LATER, around()).after

    assert (stays.entered_at, stays.votes) == (NOON, item.votes)
    assert (arrives.entered_at, arrives.votes) == (LATER, ())
    assert (arrives.version, arrives.evidence_count, arrives.contributions) == (4, 1, frozenset())


def test_an_item_that_was_closed_keeps_the_instant_at_which_it_first_was() -> None:
    definition = a_definition(a_move("note", "closed"), a_move("reopen", "closed", "working"))
    closed = an_item(state="closed", stage=Stage.CLOSED, closed_at=NOON)

    assert decide(definition, closed, an_attempt("note", OWNER), LATER, around()).after.closed_at == NOON
    assert decide(definition, closed, an_attempt("reopen", OWNER), LATER, around()).after.closed_at is None


def test_a_choice_that_is_reserved_is_open_to_its_roles_only() -> None:
    kind = FieldDef(id="kind", label="类别", type=FieldType.TEXT, reserved={"重大": ("leading_group",)})
    plain = a_definition(a_move("progress", "working", who=("owner", "leading_group"), sets=("kind",)))
    definition = replace(plain, fields=(*plain.fields, kind))
    leader = an_actor(5, Role.LEADING_GROUP, unit=BUREAU)

    def against(actor: Actor, value: str) -> list[ReasonCode]:
        attempt = an_attempt("progress", actor, fields={"kind": value})
        return [r.code for r in why_not(definition, an_item(), attempt, NOON, around())]

    assert against(OWNER, "重大") == [ReasonCode.FIELD_RESERVED]
    assert against(OWNER, "一般") == []
    assert against(leader, "重大") == []
    assert against(an_actor(6, Role.LEADING_GROUP, unit="unit_b"), "重大") == [
        ReasonCode.NOT_STANDING,
        ReasonCode.FIELD_RESERVED,
    ]


def test_a_choice_may_be_reserved_for_a_party_of_the_item() -> None:
    kind = FieldDef(id="kind", label="类别", type=FieldType.TEXT, reserved={"x": ("owner", "delegate")})
    plain = a_definition(a_move("progress", "working", who=("owner", "office"), sets=("kind",)))
    definition = replace(plain, fields=(*plain.fields, kind))
    delegated = an_item(delegation=Delegation(a_person(6), date(2020, 5, 6)))

    def against(actor: Actor, now: datetime = NOON) -> list[ReasonCode]:
        attempt = an_attempt("progress", actor, fields={"kind": "x"})
        return [r.code for r in why_not(definition, delegated, attempt, now, around())]

    assert against(OWNER) == []
    assert against(OFFICE) == [ReasonCode.FIELD_RESERVED]
    assert against(an_actor(6, Role.OFFICE, unit=BUREAU)) == []
    assert ReasonCode.FIELD_RESERVED in against(
        an_actor(6, Role.OFFICE, unit=BUREAU), NOON + timedelta(days=1)
    )


def test_granting_an_extension_tells_the_day_that_was_asked_for() -> None:
    asked = happen(an_attempt("apply_extension", OWNER, due_on=date(2020, 8, 1))).after
    director = an_actor(4, Role.OFFICE_DIRECTOR, unit=BUREAU)

    attempt = an_attempt("grant_extension", director, due_on=date(2020, 9, 1))
    assert happen(attempt, asked).due_on == date(2020, 8, 1)
    assert happen(an_attempt("progress", OWNER, due_on=date(2020, 9, 1)), asked).due_on == date(2020, 9, 1)
    assert happen(an_attempt("progress", OWNER), asked).due_on is None


def test_what_nobody_contributes_to_leaves_no_contributor() -> None:
    plain = a_definition(a_move("look", "working"))
    kept = Contribution(a_person(5), Capacity.CHECKER)
    item = an_item(contributions=frozenset({kept}))

    looked = decide(plain, item, an_attempt("look", OWNER), NOON, around()).after
    shown = decide(plain, item, an_attempt("look", OWNER, evidence=(PROOF,)), NOON, around()).after

    assert looked.contributions == {kept}
    assert shown.contributions == {kept, Contribution(a_person(1), Capacity.UPLOADER)}


def test_a_machine_knows_the_states_and_verbs_of_its_definition_and_no_others() -> None:
    machine = machine_of(SAMPLE)

    assert list(machine.states) == [state.id for state in SAMPLE.states]
    assert set(machine.events) == {move.verb for move in SAMPLE.moves}
    assert machine.initial == "draft"


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
