"""Every guard of the closed set on both sides of its line: what just passes, and what just does not."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, get_args

import pytest

from engine.model.actor import WORK, Actor, Capacity, Role
from engine.model.guards import (
    AfterExpiry,
    BeforeExpiry,
    BeforeHardStop,
    BeyondHardStop,
    ChildrenClosed,
    Countersign,
    CountersignMode,
    EverySection,
    EveryUnitReported,
    ExtensionPending,
    Guard,
    Independent,
    NoExtensionPending,
    NotAfter,
    NotBefore,
    PredecessorStarted,
    RequiredEvidence,
    RequiredFields,
)
from engine.model.item import Contribution, ExtensionRequest, Item, Vote
from engine.model.reasons import Reason, ReasonCode
from engine.model.transition import Evidence
from engine.rules.lifecycle import decide, why_not
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

OWNER = an_actor(1)
LEADER = an_actor(5, Role.LEADING_GROUP, unit=BUREAU)
DIRECTOR = an_actor(4, Role.OFFICE_DIRECTOR, unit=BUREAU)
TODAY = date(2020, 5, 6)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
STOP = date(2020, 11, 30)
PROOF = Evidence(sha256="ab" * 32, name="照片.jpg", size=10)
MORE_PROOF = Evidence(sha256="cd" * 32, name="台账.pdf", size=10)


def asked_until(day: date) -> ExtensionRequest:
    return ExtensionRequest(clock="work", due_on=day, applicant=a_person(1))


@dataclass(frozen=True)
class Case:
    """A guard under some circumstances; `code` is its reason against the move, None when it lets it pass."""

    guard: Guard
    code: ReasonCode | None
    item: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    asks: dict[str, Any] = field(default_factory=dict)
    actor: Actor = OWNER
    now: datetime = NOON


def work_of(*capacities: Capacity, number: int = 1) -> dict[str, Any]:
    return {"contributions": frozenset(Contribution(a_person(number), each) for each in capacities)}


def filled(**fields: object) -> dict[str, Any]:
    return {"fields": {"problem": "x", "due_on": "2020-06-30", **fields}}


CASES = {
    "field filled": Case(RequiredFields(("progress",)), None, filled(progress="完成")),
    "field filled by the move": Case(RequiredFields(("progress",)), None, asks={"fields": {"progress": "完成"}}),
    "field zero": Case(RequiredFields(("percent",)), None, filled(percent=0)),
    "field missing": Case(RequiredFields(("progress",)), ReasonCode.FIELD_MISSING),
    "field empty": Case(RequiredFields(("progress",)), ReasonCode.FIELD_MISSING, filled(progress="")),
    "field emptied by the move": Case(
        RequiredFields(("progress",)),
        ReasonCode.FIELD_MISSING,
        filled(progress="完成"),
        asks={"fields": {"progress": ""}},
    ),
    "evidence before": Case(RequiredEvidence(2), None, {"evidence_count": 2}),
    "evidence before and now": Case(RequiredEvidence(2), None, {"evidence_count": 1}, asks={"evidence": (PROOF,)}),
    "evidence now": Case(RequiredEvidence(2), None, asks={"evidence": (PROOF, MORE_PROOF)}),
    "evidence short": Case(RequiredEvidence(2), ReasonCode.EVIDENCE_MISSING, {"evidence_count": 1}),
    "independent stranger": Case(Independent(WORK), None, work_of(*WORK, number=2)),
    "independent in another capacity": Case(Independent((Capacity.PERFORMER,)), None, work_of(Capacity.UPLOADER)),
    **{
        f"dependent as {capacity}": Case(Independent(WORK), ReasonCode.NOT_INDEPENDENT, work_of(capacity))
        for capacity in WORK
    },
    "on the first day": Case(NotBefore(TODAY), None),
    "a day early": Case(NotBefore(TODAY + DAY), ReasonCode.TOO_EARLY),
    "on the last day": Case(NotAfter(TODAY), None),
    "a day late": Case(NotAfter(TODAY - DAY), ReasonCode.TOO_LATE),
    "local day, not that of UTC": Case(NotBefore(TODAY), None, now=NOON.replace(day=5, hour=16)),
    "before the local day": Case(
        NotBefore(TODAY), ReasonCode.TOO_EARLY, now=NOON.replace(day=5, hour=16) - TICK
    ),
    "due on the hard stop": Case(BeforeHardStop("due_on"), None, filled(due_on="2020-11-30")),
    "due after the hard stop": Case(
        BeforeHardStop("due_on"), ReasonCode.FIELD_TOO_LATE, filled(due_on="2020-12-01")
    ),
    "no hard stop": Case(
        BeforeHardStop("due_on"), None, filled(due_on="2031-12-01"), facts={"hard_stop_on": None}
    ),
    "extension to the hard stop": Case(
        BeyondHardStop((Role.LEADING_GROUP,)), None, {"extension": asked_until(STOP)}, actor=DIRECTOR
    ),
    "extension beyond, by the director": Case(
        BeyondHardStop((Role.LEADING_GROUP,)),
        ReasonCode.EXTENSION_BEYOND,
        {"extension": asked_until(STOP + DAY)},
        actor=DIRECTOR,
    ),
    "extension beyond, by the leading group": Case(
        BeyondHardStop((Role.LEADING_GROUP,)), None, {"extension": asked_until(STOP + DAY)}, actor=LEADER
    ),
    "extension beyond, by the leading group of elsewhere": Case(
        BeyondHardStop((Role.LEADING_GROUP,)),
        ReasonCode.EXTENSION_BEYOND,
        {"extension": asked_until(STOP + DAY)},
        actor=an_actor(6, Role.LEADING_GROUP, unit="unit_b"),
    ),
    "every section": Case(
        EverySection("progress"), None, filled(progress="一、情况\n写了。\n二、问题\n写了。"),
        facts={"sections": ("情况", "问题")},
    ),
    "a section missing": Case(
        EverySection("progress"), ReasonCode.SECTION_MISSING, filled(progress="一、情况\n写了。"),
        facts={"sections": ("情况", "问题")},
    ),
    "no section named": Case(EverySection("progress"), None),
    "children closed": Case(ChildrenClosed(), None, facts={"open_children": 0}),
    "a child open": Case(ChildrenClosed(), ReasonCode.CHILDREN_OPEN, facts={"open_children": 1}),
    "predecessor started": Case(PredecessorStarted(), None, facts={"predecessor_started": True}),
    "predecessor not started": Case(
        PredecessorStarted(), ReasonCode.PREDECESSOR_NOT_STARTED, facts={"predecessor_started": False}
    ),
    "every unit heard": Case(
        EveryUnitReported("item", "nil_return"), None, filled(gate="every_unit_reported"), {"silent_units": ()}
    ),
    "a unit silent": Case(
        EveryUnitReported("item", "nil_return"),
        ReasonCode.UNITS_SILENT,
        filled(gate="every_unit_reported"),
        {"silent_units": ("示例一派出所",)},
    ),
    "a unit silent without a gate": Case(
        EveryUnitReported("item", "nil_return"), None, facts={"silent_units": ("示例一派出所",)}
    ),
    "extension pending": Case(ExtensionPending(), None, {"extension": asked_until(STOP)}),
    "nothing to decide": Case(ExtensionPending(), ReasonCode.NO_EXTENSION),
    "nothing pending": Case(NoExtensionPending(), None),
    "already pending": Case(
        NoExtensionPending(), ReasonCode.EXTENSION_OPEN, {"extension": asked_until(STOP)}
    ),
    "just before expiry": Case(BeforeExpiry("work"), None, facts={"due_at": {"work": NOON + TICK}}),
    "at expiry": Case(BeforeExpiry("work"), ReasonCode.CLOCK_EXPIRED, facts={"due_at": {"work": NOON}}),
    "no clock to extend": Case(BeforeExpiry("work"), ReasonCode.CLOCK_EXPIRED, facts={"due_at": {}}),
    "expired now": Case(AfterExpiry(("work",)), None, facts={"due_at": {"work": NOON}}),
    "not yet expired": Case(
        AfterExpiry(("work",)), ReasonCode.CLOCK_RUNNING, facts={"due_at": {"work": NOON + TICK}}
    ),
    "no clock to expire": Case(AfterExpiry(("work",)), ReasonCode.CLOCK_RUNNING, facts={"due_at": {}}),
}  # fmt: skip


def refusals(case: Case) -> tuple[Reason, ...]:
    move = a_move("go", "working", "reviewing", who=("owner", "office_director", "leading_group"),
                  sets=("progress", "percent"), guards=(case.guard,))  # fmt: skip
    item = an_item(**{"owner": case.actor.person, **case.item})
    attempt = an_attempt("go", case.actor, **case.asks)
    return why_not(a_definition(move), item, attempt, case.now, around(**case.facts))


def reasons_of(case: Case) -> list[ReasonCode]:
    return [r.code for r in refusals(case)]


@pytest.mark.parametrize("name", CASES)
def test_a_guard_draws_its_line_exactly(name: str):
    case = CASES[name]

    assert reasons_of(case) == ([] if case.code is None else [case.code])


def test_every_guard_is_seen_to_let_pass_and_to_refuse():
    passing = {type(case.guard) for case in CASES.values() if case.code is None}
    refusing = {type(case.guard) for case in CASES.values() if case.code is not None}

    assert passing | {Countersign} == set(get_args(Guard))
    assert refusing | {Countersign} == set(get_args(Guard))


TOLD = {
    "field missing": ("“进展”没有填写", "请用 --set progress=… 补上"),
    "evidence short": ("佐证材料不足：需要 2 份，现有 1 份", "请用 --evidence 文件 附上"),
    "a day early": ("未到时间：2020-05-07 起方可办理", "请届时再办"),
    "a day late": ("已过时间：2020-05-05 后不再办理", "请报领导小组办公室处理"),
    "due after the hard stop": (
        "“完成时限”晚于 2020-11-30",
        "请改为不晚于 2020-11-30 的日期；确需延后的另行申请延期",
    ),
    "extension beyond, by the director": (
        "申请延至 2020-12-01，晚于方案规定的完成日 2020-11-30",
        "应由leading_group批准",
    ),
    "a section missing": (
        "“进展”缺少方案要求的部分：问题",
        "请每一部分另起一行，以其名称开头，例如“问题：……”",
    ),
    "a child open": ("还有 1 件下级事项没有办结", "请先办结下级事项"),
    "a unit silent": (
        "还有 1 个单位既无问题也无零报告：示例一派出所",
        "请催报，或由该单位签报零报告",
    ),
    "not yet expired": (
        "整改时限还没有逾期，不能升级",
        "逾期仍未回复、又无经批准的理由的，方可升级",
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_refusal_names_what_it_is_about(name: str):
    (refused,) = refusals(CASES[name])

    assert (refused.why, refused.way_out) == TOLD[name]


def told(guard: Guard, *, item: dict[str, Any] | None = None, **facts: Any) -> str:
    """Why the guard stands against the move, in one sentence."""
    (refused,) = refusals(Case(guard, None, item or {}, facts))
    return refused.why + refused.way_out


def test_what_is_several_is_told_one_after_the_other():
    silent = told(
        EveryUnitReported("item", "nil_return"),
        item=filled(gate="every_unit_reported"),
        silent_units=("示例一派出所", "示例二派出所"),
    )

    assert "示例一派出所、示例二派出所" in silent
    assert "情况、问题" in told(EverySection("progress"), sections=("情况", "问题"))
    assert "“情况：" in told(EverySection("progress"), sections=("情况", "问题"))
    assert "整改时限、整改时限" in told(AfterExpiry(("work", "work")), due_at={})
    assert "leading_group、office" in told(
        BeyondHardStop((Role.LEADING_GROUP, Role.OFFICE)), item={"extension": asked_until(STOP + DAY)}
    )


def test_who_is_dependent_is_told_by_name_with_each_capacity_once():
    both = frozenset(
        Contribution(a_person(number), each)
        for number in (1, 2)
        for each in (Capacity.UPLOADER, Capacity.PERFORMER)
    )
    substitute = an_actor(1, Role.OFFICE_DIRECTOR, on_behalf_of=2)

    (refused,) = refusals(
        Case(Independent(WORK), None, {"contributions": both, "owner": a_person(2)}, actor=substitute)
    )

    assert refused.why == "示例人员01参与过此事项（performer、uploader），不能再办理"


def test_whoever_stands_in_for_a_contributor_is_dependent():
    work = work_of(Capacity.PERFORMER, number=2)

    def standing_in_for(number):
        substitute = an_actor(1, Role.OFFICE_DIRECTOR, on_behalf_of=number)
        return reasons_of(Case(Independent(WORK), None, work | {"owner": a_person(number)}, actor=substitute))

    assert standing_in_for(2) == [ReasonCode.NOT_INDEPENDENT]
    assert standing_in_for(3) == []


def test_one_clock_that_is_over_is_enough_to_rise_and_one_that_runs_enough_to_extend():
    over, running = NOON - TICK, NOON + TICK
    rise = AfterExpiry(("work", "other"))

    assert reasons_of(Case(rise, None, facts={"due_at": {"work": running, "other": over}})) == []
    assert reasons_of(Case(rise, None, facts={"due_at": {"other": over}})) == []
    assert (
        reasons_of(Case(BeforeExpiry("work"), None, facts={"due_at": {"work": running, "other": over}})) == []
    )
    assert reasons_of(
        Case(BeforeExpiry("work"), None, facts={"due_at": {"work": over, "other": running}})
    ) == [ReasonCode.CLOCK_EXPIRED]


def test_a_date_that_is_none_is_not_held_against_the_hard_stop():
    assert reasons_of(Case(BeforeHardStop("due_on"), None, filled(due_on=None))) == []
    assert reasons_of(Case(BeyondHardStop((Role.LEADING_GROUP,)), None)) == []
    free = {"extension": asked_until(STOP + DAY)}
    assert reasons_of(Case(BeyondHardStop((Role.LEADING_GROUP,)), None, free, {"hard_stop_on": None})) == []


HEADS = {
    unit: an_actor(number, Role.UNIT_HEAD, unit=unit)
    for number, unit in enumerate((UNIT, "unit_b", "unit_c"), 11)
}


def signed(guard: Countersign, *units: str) -> tuple[list[str], Item]:
    """What came of the heads of these units signing one after the other, each as a state or a reason."""
    definition = a_definition(a_move("sign", "countersigning", "closed", guards=(guard,)))
    item, came = an_item(state="countersigning", assisting=tuple(HEADS)), []
    for unit in units:
        attempt = an_attempt("sign", HEADS[unit])
        against = why_not(definition, item, attempt, NOON, around())
        if not against:
            item = decide(definition, item, attempt, NOON, around()).after
        came.append(against[0].code.value if against else item.state)
    return came, item


OPEN, SHUT = "countersigning", "closed"
WAIT, AGAIN = ReasonCode.NOT_YOUR_TURN.value, ReasonCode.ALREADY_SIGNED.value
A, B, C = HEADS


@pytest.mark.parametrize(
    ("guard", "order", "came"),
    [
        (Countersign(CountersignMode.ALL), (C, A, B), [OPEN, OPEN, SHUT]),
        (Countersign(CountersignMode.ALL), (A, A, B, C), [OPEN, AGAIN, OPEN, SHUT]),
        (Countersign(CountersignMode.ANY), (B,), [SHUT]),
        (Countersign(CountersignMode.QUORUM, quorum=2), (C, A), [OPEN, SHUT]),
        (Countersign(CountersignMode.QUORUM, quorum=2), (C, C, B), [OPEN, AGAIN, SHUT]),
        (Countersign(CountersignMode.QUORUM, quorum=9), (A, B, C), [OPEN, OPEN, SHUT]),
        (Countersign(CountersignMode.IN_ORDER), (A, B, C), [OPEN, OPEN, SHUT]),
        (Countersign(CountersignMode.IN_ORDER), (B, A, C, B, C), [WAIT, OPEN, WAIT, OPEN, SHUT]),
    ],
)
def test_signatures_complete_the_set_as_its_mode_says(
    guard: Countersign, order: tuple[str, ...], came: list[str]
):
    states, item = signed(guard, *order)

    assert states == came
    assert item.votes == ()


def test_nobody_signs_for_a_party_that_is_not_theirs():
    definition = a_definition(
        a_move(
            "sign", "countersigning", "closed", guards=(Countersign(CountersignMode.ALL, ("leading_group",)),)
        )
    )
    item = an_item(state="countersigning")

    refused = why_not(definition, item, an_attempt("sign", HEADS[A]), NOON, around())

    assert {r.code for r in refused} == {ReasonCode.NOT_STANDING}
    assert decide(definition, item, an_attempt("sign", LEADER), NOON, around()).after.state == SHUT


def test_one_person_never_signs_for_two_parties():
    both = ("leading_group", "office_director")
    definition = a_definition(
        a_move("sign", "countersigning", "closed", guards=(Countersign(CountersignMode.ALL, both),))
    )
    person = an_actor(7, Role.LEADING_GROUP, Role.OFFICE_DIRECTOR, unit=BUREAU)
    first = decide(
        definition, an_item(state="countersigning"), an_attempt("sign", person), NOON, around()
    ).after

    assert [r.code for r in why_not(definition, first, an_attempt("sign", person), NOON, around())] == [
        ReasonCode.ALREADY_SIGNED
    ]


SIGNING = Countersign(CountersignMode.IN_ORDER, ("leading_group", "assisting_units", "office_director"))


def refused_to_sign(actor: Actor, item: Item, guard: Countersign = SIGNING) -> list[str]:
    definition = a_definition(a_move("sign", "countersigning", "closed", guards=(guard,), who=("office",)))
    return [r.why + r.way_out for r in why_not(definition, item, an_attempt("sign", actor), NOON, around())]


def test_whoever_signs_for_two_parties_signs_for_the_one_that_is_missing():
    guard = Countersign(CountersignMode.ALL, ("leading_group", "office_director"))
    definition = a_definition(a_move("sign", "countersigning", "closed", guards=(guard,), who=("office",)))
    item = an_item(state="countersigning", votes=(Vote("leading_group", LEADER.person),))
    both = an_actor(7, Role.LEADING_GROUP, Role.OFFICE_DIRECTOR, unit=BUREAU)

    done = decide(definition, item, an_attempt("sign", both), NOON, around())

    assert (done.after.state, done.standing, done.on_behalf_of) == (SHUT, "office_director", None)


def test_parties_are_told_in_their_order():
    item = an_item(state="countersigning", assisting=(UNIT, "unit_b"))

    assert refused_to_sign(DIRECTOR, item) == ["会签依次进行，现在应由leading_group签请等待"]
    signed_once = an_item(
        state="countersigning", assisting=(UNIT, "unit_b"), votes=(Vote("leading_group", LEADER.person),)
    )
    assert refused_to_sign(DIRECTOR, signed_once) == ["会签依次进行，现在应由unit:unit_a签请等待"]
    assert refused_to_sign(LEADER, signed_once) == ["leading_group已经签过无需重复"]
    assert refused_to_sign(HEADS[B], signed_once) == ["会签依次进行，现在应由unit:unit_a签请等待"]
    assert refused_to_sign(HEADS[A], signed_once) == []
    assert refused_to_sign(OWNER, item)[-1].endswith(
        "应由leading_group、unit:unit_a、unit:unit_b、office_director办理"
    )


def test_only_the_head_of_the_unit_itself_signs_for_it():
    item = an_item(state="countersigning", assisting=(UNIT,))
    guard = Countersign(CountersignMode.ALL)

    assert refused_to_sign(an_actor(11, Role.UNIT_HEAD), item, guard) == []
    for other in (an_actor(12, Role.UNIT_HEAD, unit="unit_b"), an_actor(13, Role.OFFICER)):
        assert refused_to_sign(other, item, guard)[-1].endswith("应由unit:unit_a办理")


def test_where_nobody_is_named_the_signature_of_whoever_may_is_enough():
    guard = Countersign(CountersignMode.ALL)
    definition = a_definition(a_move("sign", "countersigning", "closed", guards=(guard,)))
    item = an_item(state="countersigning", votes=())

    done = decide(definition, item, an_attempt("sign", OWNER), NOON, around())

    assert (done.after.state, done.standing, done.is_complete) == (SHUT, "owner", True)


def test_a_signature_that_does_not_complete_is_kept_with_its_signer():
    item = signed(Countersign(CountersignMode.ALL), C)[1]

    assert item.votes == (Vote(f"unit:{C}", HEADS[C].person),)
