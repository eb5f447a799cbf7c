"""What process mining learns of an event: numbers, times and words of closed sets; free text stays out of it."""

from collections.abc import Iterator

from engine.model.definition import FieldType
from engine.usecases.exporting import Event
from runtime.exports.columns import state_label, told
from runtime.inspection_words import ENTRY_KINDS
from runtime.words import MARKS, PEOPLE, STAGES, marks_of, named

Fact = tuple[str, str | int]
FACTS = {
    "index": "integer",
    "what": "string",
    "entry_kind": "string",
    "rules": "string",
    "standing": "string",
    "state_before": "string",
    "state_after": "string",
    "stage": "string",
    "seconds_in_state_before": "integer",
    "claimed_on": "string",
    "flags": "string",
    "actor": "string",
    "leaf": "string",
}
"""Every fact of an event, and what it is: the words of OCEL for its types."""
CHANGING = {
    "title": "string",
    "state": "string",
    "stage": "string",
    "unit": "string",
    "owner": "string",
    "reviewer": "string",
    "returned_count": "integer",
    "evidence_count": "integer",
}
"""What an item is told of, as it changes; besides its fields that are no free text."""
FIELDS = {FieldType.CHOICE: "string", FieldType.DATE: "string", FieldType.INTEGER: "integer"}
_FIELD = "field:"


def facts_of(event: Event) -> Iterator[Fact]:
    """The facts of an event; those that it does not have are left out."""
    given: dict[str, str | int | None] = {
        "index": event.entry.index,
        "what": event.entry.what,
        "entry_kind": ENTRY_KINDS[event.entry.kind],
        "rules": event.after.text("definition"),
        "standing": named(event.standing or "", PEOPLE),
        "state_before": state_label(event.before, event.definition),
        "state_after": state_label(event.after, event.definition),
        "stage": named(event.after.text("stage"), STAGES),
        "seconds_in_state_before": event.waited,
        "claimed_on": told(event.payload, "claimed_on"),
        "flags": "、".join(MARKS[name] for name in marks_of(event.entry.flags)),
        "actor": event.actor_name,
        "leaf": event.entry.leaf.hex(),
    }
    yield from ((name, value) for name, value in given.items() if value not in (None, ""))


def changes_of(event: Event) -> Iterator[tuple[str, str, str | int]]:
    """What an event changed of its item, as far as it is told: name, type, and the new value in words."""
    for change in event.changes:
        kind = _type_of(event, change.name)
        if kind == "integer" and isinstance(change.after, int):
            yield change.name.removeprefix(_FIELD), kind, change.after
        elif kind == "string" and change.after is not None:
            yield change.name.removeprefix(_FIELD), kind, _in_words(event, change.name, f"{change.after}")


def stood(event: Event) -> Iterator[tuple[str, str, str]]:
    """How the item of an event stood before it, as far as that is remembered."""
    for name, value in event.before.document.items():
        if name in CHANGING and value is not None:
            yield name, CHANGING[name], _in_words(event, name, f"{value}")


def _type_of(event: Event, name: str) -> str | None:
    if not name.startswith(_FIELD):
        return CHANGING.get(name)
    field = event.definition.fields_by_id.get(name.removeprefix(_FIELD)) if event.definition else None
    return FIELDS.get(field.type) if field else None


def _in_words(event: Event, name: str, value: str) -> str:
    if name == "state":
        state = event.definition.states_by_id.get(value) if event.definition else None
        return state.label if state else value
    return named(value, STAGES) if name == "stage" else event.names.get(value, value)
