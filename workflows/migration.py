"""Reads the plan of a migration, and drafts one: where each state of a version goes in another."""

from contextlib import suppress
from hashlib import sha256

from engine.model.definition import Definition
from engine.model.errors import Invalid
from engine.model.ids import DefinitionRef
from engine.model.migration import MigrationPlan
from workflows.builder import canonical
from workflows.cursor import Cursor
from workflows.reader import Enough, read_yaml

_REQUIRED = ("definition", "from", "to", "reason", "states")
UNDECIDED = "？"
"""What a draft writes where the state has no namesake: somebody has to decide."""


def read_migration(data: bytes, origin: str) -> MigrationPlan:
    """The plan in these bytes of YAML or JSON.

    Raises Invalid with every problem of its form; whether it is whole is for the use case to say.
    """
    document = read_yaml(data, origin)
    root = Cursor(document, document.tree)
    plan = None
    with suppress(Enough):
        plan = _plan(root.closed(_REQUIRED, ("campaign",)))
    if plan is None or root.problems:
        raise Invalid(f"读取迁移方案 {origin}", tuple(dict.fromkeys(root.problems)))
    return plan


def _plan(root: Cursor) -> MigrationPlan:
    name = root.at("definition").as_id() if root.has("definition") else ""
    text = canonical(root.document.tree)
    return MigrationPlan(
        source=DefinitionRef(name, root.integer("from", 1, 1, 9999)),
        target=DefinitionRef(name, root.integer("to", 1, 1, 9999)),
        states=_states(root.at("states")) if root.has("states") else {},
        reason=root.text("reason", limit=2000),
        campaign=root.text("campaign") or None,
        document=text,
        sha256=sha256(text.encode()).hexdigest(),
    )


def _states(entry: Cursor) -> dict[str, str]:
    if not isinstance(entry.value, dict):
        entry.complain("这里应为键值对", "每行一个：旧状态: 新状态")
        return {}
    return {state: _state(entry.at(state)) for state in entry.value}


def _state(entry: Cursor) -> str:
    if entry.value == UNDECIDED:
        entry.complain(f"还没有写明 {entry.path[-1]} 迁到哪里", "写上新版本的一个状态")
        return ""
    return entry.as_id()


def draft_migration(old: Definition, new: Definition) -> str:
    """A plan as YAML in which every state that is not final goes to its namesake; where there is none it stays open."""
    labels = {state.id: state.label for state in new.states}
    lines = [
        f"# 迁移方案：{old.label} {old.ref.version} → {new.ref.version}",
        "# 每个未办结的状态都要写明去处；已到终止状态的事项不迁移。",
        f"definition: {old.ref.id}",
        f"from: {old.ref.version}",
        f"to: {new.ref.version}",
        "reason: 为何迁移",
        "states:",
    ]
    for state in old.states:
        if not state.final:
            there = labels.get(state.id)
            lines.append(
                f"  {state.id}: {state.id if there else UNDECIDED}  # {state.label} → {there or '？'}"
            )
    return "\n".join(lines) + "\n"
