"""The JSON Schema of definitions, for editors: written from the vocabulary."""

import json

from engine.model.clock import RungEffectKind
from workflows.vocabulary import BARE, GUARDS, ID, RUNG_EFFECTS, TABLES, Keys, Shape

DIALECT = "http://json-schema.org/draft-07/schema#"
"""The dialect that every editor's YAML support knows."""


def schema() -> dict[str, object]:
    """The schema of a whole definition."""
    tables = {name: _object(keys) for name, keys in TABLES.items()}
    definition = tables.pop("definition")
    return {
        "$schema": DIALECT,
        "title": "duban 流程定义",
        **definition,
        "$defs": {**tables, "guard": _guard(), "rung_effect": _rung_effect()},
    }


def schema_text() -> str:
    """The schema as it is kept in the file."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


def _object(keys: Keys) -> dict[str, object]:
    return {
        "type": "object",
        "required": list(keys.required),
        "additionalProperties": False,
        "properties": {name: _described(key.holds, key.meaning) for name, key in keys.known.items()},
    }


def _described(shape: Shape, meaning: str) -> Shape:
    """A shape with its meaning; beside a reference nothing else is read, so there it goes one level up."""
    return {"description": meaning, **({"allOf": [shape]} if "$ref" in shape else shape)}


def _guard() -> Shape:
    words = [_described({"const": f"{name}"}, GUARDS[name].meaning) for name in BARE]
    settings = [_single(name, key.holds, key.meaning) for name, key in GUARDS.items() if key.holds]
    return {"oneOf": [*words, *settings]}


def _rung_effect() -> Shape:
    words = [
        _described({"const": f"{kind}"}, meaning)
        for kind, meaning in RUNG_EFFECTS.items()
        if kind is not RungEffectKind.MOVE
    ]
    return {"oneOf": [*words, _single(RungEffectKind.MOVE, ID, RUNG_EFFECTS[RungEffectKind.MOVE])]}


def _single(name: str, shape: Shape, meaning: str) -> Shape:
    """A mapping of one name to its setting."""
    return {
        "type": "object",
        "properties": {f"{name}": _described(shape, meaning)},
        "required": [f"{name}"],
        "additionalProperties": False,
    }
