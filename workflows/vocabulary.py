"""The closed vocabulary of definitions: every key that may be written, and every word that may follow it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.model.actor import Party, Role

PEOPLE: Final = (*Role, *Party)
"""Whom `who`, `acts`, `tell` and `openers` may name."""
LISTENERS: Final = (*PEOPLE, "assisting_units")
"""Whom a notice may go to."""
SIGNERS: Final = (*Role, "assisting_units")
"""Who may be a party of a countersignature."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys a mapping must have and those it may have besides."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


DEFINITION: Final = Keys(
    ("id", "version", "label", "number_prefix", "initial", "openers", "states", "verbs"),
    ("required_to_open", "opening", "fields", "clocks", "ladders", "source"),
)
FIELD: Final = Keys(("id", "label", "type"), ("max_length", "choices", "minimum", "maximum"))
STATE: Final = Keys(("id", "label", "stage"), ("acts", "final", "deadline"))
VERB: Final = Keys(
    ("verb", "label", "from", "who"),
    ("to", "reason", "sets", "guards", "effects", "contributes", "tells", "batch"),
)
TELL: Final = Keys(("to", "notice"))
CLOCK: Final = Keys(("id", "label", "runs_in", "due", "ladder"), ("pauses_in", "restarts_on"))
DUE: Final = Keys(("anchor",), ("field", "length", "measure", "roll", "cutoff", "words", "source"))
LADDER: Final = Keys(("id", "rungs"))
RUNG: Final = Keys(("id", "label", "offset", "tell", "notice", "lamp"), ("measure", "effects"))


class GuardName(StrEnum):
    """The guards by the names a definition gives them."""

    REQUIRED_FIELDS = "required_fields"
    REQUIRED_EVIDENCE = "required_evidence"
    INDEPENDENT = "independent"
    NOT_BEFORE = "not_before"
    NOT_AFTER = "not_after"
    BEFORE_HARD_STOP = "before_hard_stop"
    CHILDREN_CLOSED = "children_closed"
    PREDECESSOR_STARTED = "predecessor_started"
    EVERY_UNIT_REPORTED = "every_unit_reported"
    EXTENSION_PENDING = "extension_pending"
    NO_EXTENSION_PENDING = "no_extension_pending"
    BEFORE_EXPIRY = "before_expiry"
    COUNTERSIGN = "countersign"


BARE: Final = (
    GuardName.INDEPENDENT,
    GuardName.CHILDREN_CLOSED,
    GuardName.PREDECESSOR_STARTED,
    GuardName.EXTENSION_PENDING,
    GuardName.NO_EXTENSION_PENDING,
)
"""Guards that are written as a word alone."""
