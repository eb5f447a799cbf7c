"""The reference of definitions: every key, guard, effect and word, with what the code says of it."""

from collections.abc import Mapping
from enum import StrEnum

from engine.model import guards as model
from engine.model.actor import Capacity, Party, Role
from engine.model.clock import Anchor, Curve, Lamp, Measure, Roll, RungEffectKind
from engine.model.definition import Effect, FieldType, Stage
from engine.model.guards import CountersignMode
from tools.pages.markdown import GENERATED, code, first_paragraph, member_docs, page, table
from workflows.reader import CAMPAIGN, DEFINITION, MAX_DEPTH, MAX_LINE, MAX_PROBLEMS
from workflows.vocabulary import (
    BARE,
    EFFECTS,
    GUARDS,
    ID,
    IDS,
    LISTENERS,
    PEOPLE,
    RUNG_EFFECTS,
    SIGNERS,
    TABLES,
    GuardName,
    Keys,
    Shape,
)

TITLES = {
    "definition": "Definition",
    "field": "Field",
    "state": "State",
    "verb": "Verb",
    "tell": "Tell",
    "clock": "Clock",
    "due": "Due",
    "pace": "Pace",
    "milestone": "Milestone",
    "ladder": "Ladder",
    "rung": "Rung",
    "level": "Level",
    "paper": "Paper",
    "guard": "Guards",
    "rung_effect": "Effects of a rung",
}
WORDS: Mapping[str, type[StrEnum]] = {
    "Roles": Role,
    "Parties": Party,
    "Capacities": Capacity,
    "Stages": Stage,
    "Field types": FieldType,
    "Anchors": Anchor,
    "Measures": Measure,
    "Rolls": Roll,
    "Curves": Curve,
    "Lamps": Lamp,
    "Countersign modes": CountersignMode,
}
NAMED: Mapping[tuple[str, ...], str] = {
    tuple(f"{word}" for word in PEOPLE): "[role](#roles) or [party](#parties)",
    tuple(f"{word}" for word in LISTENERS): "[role](#roles), [party](#parties) or `assisting_units`",
    tuple(f"{word}" for word in SIGNERS): "[role](#roles) or `assisting_units`",
    tuple(Effect): "[effect](#effects)",
    tuple(Capacity): "[capacity](#capacities)",
}
INTRODUCTION = f"""\
A definition is one YAML file. An unknown key or word, a name that nothing declares and a place that cannot be left are
refused with file, line, column and the nearest known word, all in one pass (at most {MAX_PROBLEMS} at a time). What is
shipped is in `workflows/library/`; how it looks is in [state-machines.md](state-machines.md). Editors complete and
explain keys where the first line names the schema: `# yaml-language-server: $schema=../schema.json`.

Only what a person can see at a glance is read: mappings, lists, text, whole numbers, `true`, `false`, `null`. No
anchors, tags, merge keys or expressions; no numbers that look like something else (`017`, `0x1F`, `1e3`); no key twice.
At most {DEFINITION.bytes // 1024} KB and {DEFINITION.nodes} values in a definition, {CAMPAIGN.bytes // 1024} KB and
{CAMPAIGN.nodes} values in a file of a campaign, {MAX_DEPTH} levels deep, {MAX_LINE} characters a line.

An id begins with a small letter and has small letters, digits and `_`, at most 40. A version that was published never
changes: running items stay with theirs. The hash of a definition covers its content, not its layout or comments."""


def definitions_text() -> str:
    """The page as it is kept in the file."""
    return page(
        "# Definitions",
        GENERATED,
        INTRODUCTION,
        *(_table(TITLES[name], keys) for name, keys in TABLES.items()),
        "## Guards\n\nA move is refused with the reason of every guard that says no.",
        table(("Guard", "Setting", "含义", "What it asks"), map(_guard, GuardName)),
        "## Effects\n\nWhat a move does besides changing the state.",
        table(("Effect", "含义", "What it does"), map(_effect, Effect)),
        "## Effects of a rung",
        table(("Effect", "含义", "What it does"), map(_rung_effect, RungEffectKind)),
        "## Words",
        *(f"### {title}\n\n{_members(kind)}" for title, kind in WORDS.items()),
    )


def _table(title: str, keys: Keys) -> str:
    rows = [
        (code(name), "yes" if key.needed else "", _holds(key.holds), key.meaning)
        for name, key in keys.known.items()
    ]
    return page(f"## {title}", table(("Key", "Needed", "Holds", "含义"), rows))


def _members(kind: type[StrEnum]) -> str:
    return table(("Word", "Meaning"), ((code(word), doc) for word, doc in member_docs(kind).items()))


def _guard(name: GuardName) -> tuple[str, str, str, str]:
    key = GUARDS[name]
    setting = _holds(key.holds) if key.holds else ""
    if name in BARE and setting:
        setting = f"none, or {setting}"
    kind = getattr(model, "".join(part.title() for part in name.split("_")))
    return code(name), setting or "none", key.meaning, first_paragraph(kind)


def _effect(effect: Effect) -> tuple[str, str, str]:
    return code(effect), EFFECTS[effect], member_docs(Effect)[effect]


def _rung_effect(kind: RungEffectKind) -> tuple[str, str, str]:
    written = f"{kind}: verb" if kind is RungEffectKind.MOVE else f"{kind}"
    return code(written), RUNG_EFFECTS[kind], member_docs(RungEffectKind)[kind]


def _holds(shape: Shape) -> str:
    """A shape in words."""
    if shape == ID:
        return "id"
    if shape == IDS:
        return "list of ids"
    if "$ref" in shape:
        name = f"{shape['$ref']}".rpartition("/")[2]
        return f"[{name.replace('_', ' ')}](#{TITLES[name].lower().replace(' ', '-')})"
    if "enum" in shape:
        return _enum(shape["enum"])
    return _typed(shape)


def _enum(words: object) -> str:
    known = tuple(f"{word}" for word in words) if isinstance(words, list) else ()
    return NAMED.get(known) or " · ".join(code(word) for word in known)


def _typed(shape: Shape) -> str:
    inner, inside = shape.get("items"), shape.get("properties")
    if isinstance(inner, dict):
        return f"list of {_holds(inner)}"
    if isinstance(each := shape.get("additionalProperties"), dict):
        return f"mapping of choices to {_holds(each)}"
    if isinstance(inside, dict):
        return "; ".join(f"{code(name)}: {_holds(each)}" for name, each in inside.items())
    if shape.get("type") == "integer":
        return f"{shape['minimum']} … {shape['maximum']}"
    if shape.get("type") == "boolean":
        return "`true`"
    pattern = shape.get("pattern")
    return f"text like {code(f'{pattern}')}" if pattern else f"text, at most {shape['maxLength']}"
