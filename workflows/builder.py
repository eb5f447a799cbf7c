"""Builds a definition from its document; every mistake is told at once, each with its place."""

import json
import re
from collections.abc import Collection
from contextlib import suppress
from hashlib import sha256

from engine.model.actor import Capacity, Role
from engine.model.clock import ClockDef, DueRule, Pending
from engine.model.definition import (
    Definition,
    Effect,
    FieldDef,
    FieldType,
    MoveDef,
    Paper,
    Stage,
    StateDef,
    Tell,
)
from engine.model.errors import Invalid, Problem
from engine.model.ids import DefinitionRef
from workflows import vocabulary
from workflows.cursor import Cursor
from workflows.dates import build_due
from workflows.guards import Names, build_guard
from workflows.ladders import build_ladder, build_levels, check_shares
from workflows.pace import build_pace
from workflows.reader import Document, Enough, Tree, read_yaml
from workflows.vocabulary import LISTENERS, PEOPLE, Keys

_PREFIX = re.compile(r"[A-Z]{2,4}")
_MOST = 2**53 - 1
STORED = "stored.json"
"""The origin that messages name for a definition read back from the store."""


def read_definition(data: bytes, origin: str) -> Definition:
    """The definition in these bytes of YAML.

    Raises Invalid with every problem.
    """
    return build_definition(read_yaml(data, origin))


def definition_from_json(text: str) -> Definition:
    """The definition again from its canonical document, as stored.

    Raises Invalid when the text is not such a document.
    """
    try:
        tree: Tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        problem = Problem(where=f"{STORED}:1:1", text="不是规范的 JSON", excerpt=text[:200])
        raise Invalid(f"读取 {STORED}", (problem,)) from error
    return build_definition(Document(tree=tree, places={(): (1, 1)}, text=text, origin=STORED))


def canonical(tree: Tree) -> str:
    """The canonical JSON of a document: sorted keys, no spaces, characters as they are."""
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def build_definition(document: Document) -> Definition:
    """The definition in this document.

    Raises Invalid with every problem.
    """
    root = Cursor(document, document.tree)
    definition = None
    with suppress(Enough):
        _closed(root, vocabulary.DEFINITION)
        definition = _definition(root, _names(root))
        check_shares(root)
    if definition is None or root.problems:
        raise Invalid(f"读取 {document.origin}", tuple(dict.fromkeys(root.problems)))
    return definition


def _closed(entry: Cursor, keys: Keys) -> Cursor:
    return entry.closed(keys.required, keys.optional)


def _definition(root: Cursor, names: Names) -> Definition:
    document = canonical(root.document.tree)
    return Definition(
        ref=DefinitionRef(root.id("id"), root.integer("version", 1, 1, 9999)),
        label=root.text("label"),
        number_prefix=_prefix(root),
        initial=root.one_of("initial", names.states, "状态"),
        openers=root.words("openers", PEOPLE, "角色"),
        required_to_open=root.words("required_to_open", names.fields, "字段"),
        opening=root.choice("opening", Capacity, "参与方式", Capacity.DRAFTER),
        fields=tuple(_field(_closed(entry, vocabulary.FIELD)) for entry in root.each("fields")),
        states=tuple(_state(_closed(entry, vocabulary.STATE)) for entry in root.each("states")),
        moves=tuple(_move(_closed(entry, vocabulary.VERB), names) for entry in root.each("verbs")),
        clocks=tuple(_clock(_closed(entry, vocabulary.CLOCK), names) for entry in root.each("clocks")),
        ladders=tuple(build_ladder(entry, names.verbs) for entry in root.each("ladders")),
        paper=_paper(root.at("paper"), root) if root.has("paper") else None,
        levels=build_levels(root, names.verbs),
        source=root.text("source", limit=2000),
        sha256=sha256(document.encode()).hexdigest(),
        document=document,
        origin=root.document.origin,
        opening_tells=tuple(_tell(_closed(tell, vocabulary.TELL)) for tell in root.each("opening_tells")),
    )


def _prefix(root: Cursor) -> str:
    prefix = root.text("number_prefix")
    if prefix and not _PREFIX.fullmatch(prefix):
        root.at("number_prefix").complain("编号前缀应为 2 至 4 个大写字母")
    return prefix


def _names(root: Cursor) -> Names:
    return Names(
        fields=root.ids("fields"),
        dates=_fields_of_type(root, FieldType.DATE),
        numbers=_fields_of_type(root, FieldType.INTEGER),
        states=root.ids("states"),
        verbs=tuple(dict.fromkeys(f"{entry.at('verb').value}" for entry in root.each("verbs"))),
        clocks=root.ids("clocks"),
        ladders=root.ids("ladders"),
    )


def _fields_of_type(root: Cursor, kind: FieldType) -> tuple[str, ...]:
    return tuple(f"{entry.at('id').value}" for entry in root.each("fields") if entry.at("type").value == kind)


def _field(entry: Cursor) -> FieldDef:
    kind = entry.choice("type", FieldType, "字段类型", FieldType.TEXT)
    choices = tuple(choice.as_text() for choice in entry.each("choices"))
    if (kind is FieldType.CHOICE) != bool(choices):
        entry.complain("choices 与 type: choice 必须同时出现")
    return FieldDef(
        id=entry.text("id"),
        label=entry.text("label"),
        type=kind,
        max_length=entry.integer("max_length", 2000, 1, 20_000),
        choices=choices,
        minimum=entry.integer("minimum", 0, -_MOST, _MOST),
        maximum=entry.integer("maximum", _MOST, -_MOST, _MOST),
        reserved=_reserved(entry.at("reserved"), choices) if entry.has("reserved") else {},
    )


def _reserved(entry: Cursor, choices: Collection[str]) -> dict[str, tuple[str, ...]]:
    entry.closed((), choices)
    return {choice: entry.words(choice, tuple(Role), "角色") for choice in choices if entry.has(choice)}


def _paper(entry: Cursor, root: Cursor) -> Paper:
    """Where the number of the paper stands, and what its kind is taken from."""
    _closed(entry, vocabulary.PAPER)
    kinds, texts = _fields_of_type(root, FieldType.CHOICE), _fields_of_type(root, FieldType.TEXT)
    paper = Paper(
        field=entry.one_of("field", texts, "文字字段"), kind=entry.one_of("kind", kinds, "选项字段")
    )
    for move in root.each("verbs"):
        if paper.field in [each.value for each in move.each("sets")]:
            move.at("sets").complain(f"“{paper.field}”由系统编号，不能填写", "从 sets 中删去")
    return paper


def _state(entry: Cursor) -> StateDef:
    return StateDef(
        id=entry.text("id"),
        label=entry.text("label"),
        stage=entry.choice("stage", Stage, "阶段", Stage.FINDING),
        acts=entry.words("acts", PEOPLE, "角色"),
        final=entry.flag("final"),
        deadline_none=entry.one_of("deadline", ("none",), "时限") == "none",
    )


def _move(entry: Cursor, names: Names) -> MoveDef:
    guards = (build_guard(guard, names) for guard in entry.each("guards"))
    return MoveDef(
        verb=entry.id("verb"),
        label=entry.text("label"),
        from_states=frozenset(entry.words("from", names.states, "状态")),
        to=entry.words("to", names.states, "状态"),
        who=entry.words("who", PEOPLE, "角色"),
        reason_required=entry.flag("reason"),
        sets=entry.words("sets", names.fields, "字段"),
        guards=tuple(guard for guard in guards if guard is not None),
        effects=entry.choices("effects", Effect, "效果"),
        contributes=_contributes(entry),
        tells=tuple(_tell(_closed(tell, vocabulary.TELL)) for tell in entry.each("tells")),
        batch=entry.flag("batch"),
    )


def _contributes(entry: Cursor) -> Capacity | None:
    if not entry.has("contributes"):
        return None
    return entry.choice("contributes", Capacity, "参与方式", Capacity.PERFORMER)


def _tell(entry: Cursor) -> Tell:
    return Tell(to=entry.words("to", LISTENERS, "角色"), notice=entry.id("notice"))


def _clock(entry: Cursor, names: Names) -> ClockDef:
    """A clock; its rules may count from the clocks declared above it, so that none waits for itself."""
    name = entry.text("id")
    above = names.clocks[: names.clocks.index(name)] if name in names.clocks else ()
    return ClockDef(
        id=name,
        label=entry.text("label"),
        runs_in=frozenset(entry.words("runs_in", names.states, "状态")),
        pauses_in=frozenset(entry.words("pauses_in", names.states, "状态")),
        restarts_on=frozenset(entry.words("restarts_on", names.verbs, "动作")),
        due=_due(entry.at("due"), names, above),
        ladder=entry.one_of("ladder", names.ladders, "阶梯"),
        pending=entry.choice("pending", Pending, "待决事项", Pending.EXTENSION)
        if entry.has("pending")
        else None,
        not_later_than=tuple(_due(rule, names, above) for rule in entry.each("not_later_than")),
        pace=build_pace(entry.at("pace"), names.numbers) if entry.has("pace") else None,
    )


def _due(entry: Cursor, names: Names, above: Collection[str]) -> DueRule:
    return build_due(_closed(entry, vocabulary.DUE), names.dates, above)
