"""Small values for tests: a definition, people and items that say only what a test is about."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from engine.model.actor import WORK, Actor, Capacity, HeldPost, Role
from engine.model.clock import Anchor, ClockDef, DueRule, Roll
from engine.model.definition import Definition, Effect, FieldDef, FieldType, MoveDef, Stage, StateDef
from engine.model.guards import (
    BeforeExpiry,
    Countersign,
    CountersignMode,
    ExtensionPending,
    Independent,
    NoExtensionPending,
    RequiredEvidence,
    RequiredFields,
)
from engine.model.ids import DefinitionRef, ItemId, PersonId, PostCode, UnitCode
from engine.model.item import Item
from engine.model.transition import Attempt, Surroundings

NOON = datetime(2020, 5, 6, 4, 0, tzinfo=UTC)
UNIT = UnitCode("unit_a")
BUREAU = UnitCode("bureau")


def a_person(number: int) -> PersonId:
    """The id of sample person `number`."""
    return PersonId(f"{number:032x}")


def an_actor(number: int, *roles: Role, unit: str = UNIT, on_behalf_of: int | None = None) -> Actor:
    """A person who holds one post with these roles."""
    principal = None if on_behalf_of is None else a_person(on_behalf_of)
    post = HeldPost(
        post=PostCode("post"),
        unit=UnitCode(unit),
        scope=UnitCode(unit),
        roles=frozenset(roles),
        on_behalf_of=principal,
    )
    return Actor(person=a_person(number), name=f"示例人员{number:02d}", posts=(post,))


def a_move(verb: str, source: str, *to: str, who: tuple[str, ...] = ("owner",), **more: Any) -> MoveDef:
    """A move that needs nothing but a standing."""
    plain: dict[str, Any] = {
        "reason_required": False,
        "sets": (),
        "guards": (),
        "effects": (),
        "contributes": None,
        "tells": (),
        "batch": False,
    }
    return MoveDef(
        verb=verb, label=verb, from_states=frozenset({source}), to=to, who=who, **{**plain, **more}
    )


def _state(name: str, stage: Stage, *, final: bool = False) -> StateDef:
    return StateDef(id=name, label=name, stage=stage, acts=("owner",), final=final, deadline_none=True)


MOVES = (
    a_move("progress", "working", sets=("progress", "percent", "due_on"), contributes=Capacity.PERFORMER),
    a_move("hand_in", "working", "reviewing", guards=(RequiredFields(("progress",)), RequiredEvidence(1))),
    a_move("approve", "reviewing", "countersigning", who=("office", "reviewer"), guards=(Independent(WORK),)),
    a_move(
        "return",
        "reviewing",
        "draft",
        "working",
        who=("office",),
        reason_required=True,
        effects=(Effect.COUNT_RETURN,),
    ),
    a_move("assign", "draft", "working", who=("unit_head",), effects=(Effect.ASSIGN_OWNER,)),
    a_move("delegate", "working", effects=(Effect.DELEGATE,), contributes=Capacity.DELEGATOR),
    a_move("sign", "countersigning", "closed", guards=(Countersign(CountersignMode.ALL),)),
    a_move(
        "apply_extension",
        "working",
        effects=(Effect.APPLY_EXTENSION,),
        guards=(NoExtensionPending(), BeforeExpiry("work")),
    ),
    a_move(
        "grant_extension",
        "working",
        who=("office_director",),
        effects=(Effect.GRANT_EXTENSION,),
        guards=(ExtensionPending(),),
        contributes=Capacity.EXTENSION_APPROVER,
    ),
)


def a_definition(*moves: MoveDef) -> Definition:
    """draft → working → reviewing → countersigning → closed, with one clock over `working`."""
    return Definition(
        ref=DefinitionRef("sample", 1),
        label="样例",
        number_prefix="YL",
        initial="draft",
        openers=("officer",),
        required_to_open=("problem",),
        opening=Capacity.DRAFTER,
        fields=(
            FieldDef(id="problem", label="问题", type=FieldType.TEXT, max_length=20),
            FieldDef(id="progress", label="进展", type=FieldType.TEXT),
            FieldDef(id="percent", label="进度", type=FieldType.INTEGER, maximum=100),
            FieldDef(id="due_on", label="完成时限", type=FieldType.DATE),
        ),
        states=(
            _state("draft", Stage.FINDING),
            _state("working", Stage.RECTIFYING),
            _state("reviewing", Stage.REVIEWING),
            _state("countersigning", Stage.ASSESSING),
            _state("closed", Stage.CLOSED, final=True),
        ),
        moves=moves or MOVES,
        clocks=(
            ClockDef(
                id="work",
                label="整改时限",
                runs_in=frozenset({"working"}),
                pauses_in=frozenset(),
                restarts_on=frozenset(),
                due=DueRule(anchor=Anchor.FIELD, field="due_on", roll=Roll.BACK, cutoff_minutes=18 * 60),
                ladder="none",
            ),
        ),
        ladders=(),
        source="",
        sha256="0" * 64,
        document="{}",
    )


def an_item(**changes: Any) -> Item:
    """Item YL-2020-000001 of UNIT, in `working`, owned by person 1."""
    item = Item(
        id=ItemId("a" * 32),
        number="YL-2020-000001",
        definition=DefinitionRef("sample", 1),
        campaign="sample",
        unit=UNIT,
        title="样例事项",
        state="working",
        stage=Stage.RECTIFYING,
        version=3,
        head=b"\0" * 32,
        opened_at=NOON,
        entered_at=NOON,
        opener=a_person(9),
        owner=a_person(1),
        fields={"problem": "记录不全", "due_on": "2020-06-30"},
    )
    return replace(item, **changes)


def an_attempt(verb: str, actor: Actor, **more: Any) -> Attempt:
    """The bare wish to make a move."""
    return Attempt(item=ItemId("a" * 32), verb=verb, actor=actor, key=f"test-{verb}", **more)


def around(**more: Any) -> Surroundings:
    """UNIT in BUREAU, the work clock due at the end of June."""
    due = datetime(2020, 6, 30, 10, tzinfo=UTC)
    return Surroundings(
        **{"lineage": (UNIT, BUREAU), "due_at": {"work": due}, "hard_stop_on": date(2020, 11, 30), **more}
    )
