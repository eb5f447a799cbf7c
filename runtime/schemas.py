"""The JSON Schema of definitions, made from the vocabulary, so that an editor completes and checks while one types.

An editor sees one document at a time and no references inside it; what only the reader can tell (names that nothing
declares, states nobody reaches) stays with `duban workflow validate`.
"""

from collections.abc import Iterable, Mapping

from engine.model.actor import Capacity
from engine.model.clock import Anchor, Lamp, Measure, Roll, RungEffectKind
from engine.model.definition import Effect, FieldType, Stage
from engine.model.guards import CountersignMode
from engine.rules.ledger import Json
from workflows import vocabulary
from workflows.cursor import ID
from workflows.vocabulary import BARE, LISTENERS, PEOPLE, SIGNERS, GuardName, Keys

Schema = dict[str, Json]
DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Schema = {"type": "string"}
_NAME: Schema = {"type": "string", "pattern": f"^{ID.pattern}$"}
_NAMES: Schema = {"type": "array", "items": _NAME, "uniqueItems": True}
_WHOLE: Schema = {"type": "integer"}
_FLAG: Schema = {"type": "boolean"}
_DAY: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


def definition_schema() -> Schema:
    """The schema of a whole definition."""
    parts: dict[str, Json] = {name: _object(keys, given) for name, (keys, given) in _parts().items()}
    root = _object(vocabulary.DEFINITION, _root())
    return {"$schema": DRAFT, "title": "duban definition", **root, "$defs": parts}


def _object(keys: Keys, given: Mapping[str, Json]) -> Schema:
    """A mapping with these keys. Raises KeyError where the vocabulary has a key that is not described here."""
    return {
        "type": "object",
        "properties": {key: given[key] for key in (*keys.required, *keys.optional)},
        "required": [*keys.required],
        "additionalProperties": False,
    }


def _one_of(words: Iterable[str]) -> Schema:
    return {"enum": [f"{word}" for word in words]}


def _some_of(words: Iterable[str]) -> Schema:
    return {"type": "array", "items": _one_of(words), "uniqueItems": True}


def _each(name: str) -> Schema:
    return {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}


def _root() -> dict[str, Json]:
    return {
        "id": _NAME,
        "version": {"type": "integer", "minimum": 1, "maximum": 9999},
        "label": _TEXT,
        "number_prefix": {"type": "string", "pattern": "^[A-Z]{2,4}$"},
        "initial": _NAME,
        "openers": _some_of(PEOPLE),
        "states": _each("state"),
        "verbs": _each("verb"),
        "required_to_open": _NAMES,
        "opening": _one_of(Capacity),
        "fields": _each("field"),
        "clocks": _each("clock"),
        "ladders": _each("ladder"),
        "source": _TEXT,
    }


def _parts() -> dict[str, tuple[Keys, dict[str, Json]]]:
    named: dict[str, Json] = {"id": _NAME, "label": _TEXT}
    return {
        "field": (vocabulary.FIELD, {**named, **_field()}),
        "state": (vocabulary.STATE, {**named, **_state()}),
        "verb": (vocabulary.VERB, {"label": _TEXT, **_verb()}),
        "tell": (vocabulary.TELL, {"to": _some_of(LISTENERS), "notice": _NAME}),
        "clock": (vocabulary.CLOCK, {**named, **_clock()}),
        "due": (vocabulary.DUE, _due()),
        "ladder": (vocabulary.LADDER, {"id": _NAME, "rungs": _each("rung")}),
        "rung": (vocabulary.RUNG, {**named, **_rung()}),
    }


def _field() -> dict[str, Json]:
    return {
        "type": _one_of(FieldType),
        "max_length": {"type": "integer", "minimum": 1, "maximum": 20_000},
        "choices": {"type": "array", "items": _TEXT, "uniqueItems": True},
        "minimum": _WHOLE,
        "maximum": _WHOLE,
    }


def _state() -> dict[str, Json]:
    return {"stage": _one_of(Stage), "acts": _some_of(PEOPLE), "final": _FLAG, "deadline": _one_of(["none"])}


def _verb() -> dict[str, Json]:
    return {
        "verb": _NAME,
        "from": _NAMES,
        "to": _NAMES,
        "who": _some_of(PEOPLE),
        "reason": _FLAG,
        "sets": _NAMES,
        "guards": {"type": "array", "items": _guard()},
        "effects": _some_of(Effect),
        "contributes": _one_of(Capacity),
        "tells": _each("tell"),
        "batch": _FLAG,
    }


def _guard() -> Schema:
    settings: dict[str, Json] = {
        GuardName.REQUIRED_FIELDS: _NAMES,
        GuardName.REQUIRED_EVIDENCE: {"type": "integer", "minimum": 1, "maximum": 1000},
        GuardName.INDEPENDENT: _some_of(Capacity),
        GuardName.NOT_BEFORE: _DAY,
        GuardName.NOT_AFTER: _DAY,
        GuardName.BEFORE_HARD_STOP: _NAME,
        GuardName.BEFORE_EXPIRY: _NAME,
        GuardName.EVERY_UNIT_REPORTED: _object(
            Keys(("kind", "nil_duty")), {"kind": _NAME, "nil_duty": _NAME}
        ),
        GuardName.COUNTERSIGN: _object(
            Keys(("mode", "of"), ("quorum",)),
            {
                "mode": _one_of(CountersignMode),
                "of": _some_of(SIGNERS),
                "quorum": {"type": "integer", "minimum": 1, "maximum": 100},
            },
        ),
    }
    with_setting: list[Json] = [_object(Keys((name,)), {name: setting}) for name, setting in settings.items()]
    return {"anyOf": [_one_of(BARE), *with_setting]}


def _clock() -> dict[str, Json]:
    return {
        "runs_in": _NAMES,
        "due": {"$ref": "#/$defs/due"},
        "ladder": _NAME,
        "pauses_in": _NAMES,
        "restarts_on": _NAMES,
    }


def _due() -> dict[str, Json]:
    return {
        "anchor": _one_of(Anchor),
        "field": _NAME,
        "length": {"type": "integer", "minimum": 0},
        "measure": _one_of(Measure),
        "roll": _one_of(Roll),
        "cutoff": {"type": "string", "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"},
        "words": _TEXT,
        "source": _TEXT,
    }


def _rung() -> dict[str, Json]:
    plain = [kind for kind in RungEffectKind if kind is not RungEffectKind.MOVE]
    move = _object(Keys((RungEffectKind.MOVE,)), {RungEffectKind.MOVE: _NAME})
    return {
        "offset": _WHOLE,
        "measure": _one_of(Measure),
        "tell": _some_of(LISTENERS),
        "notice": _NAME,
        "lamp": _one_of(Lamp),
        "effects": {"type": "array", "items": {"anyOf": [_one_of(plain), move]}},
    }
