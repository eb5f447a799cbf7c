"""The closed set of guards a definition may name. A guard is data; `engine.rules.guards` judges it."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from engine.model.actor import WORK, Capacity, Role


@dataclass(frozen=True, slots=True)
class RequiredFields:
    """These fields of the item must be filled after the move."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequiredEvidence:
    """At least `minimum` pieces of evidence must be attached to the item, those of this move included."""

    minimum: int


@dataclass(frozen=True, slots=True)
class Independent:
    """The actor, and whoever the actor stands in for, must not have contributed in any of these capacities."""

    of: tuple[Capacity, ...] = WORK


@dataclass(frozen=True, slots=True)
class NotBefore:
    """Refused before this day (local)."""

    day: date


@dataclass(frozen=True, slots=True)
class NotAfter:
    """Refused after this day (local)."""

    day: date


@dataclass(frozen=True, slots=True)
class BeforeHardStop:
    """A date field must not lie after the hard stop of the campaign; later dates need an extension."""

    field: str


@dataclass(frozen=True, slots=True)
class BeyondHardStop:
    """An extension that was applied for beyond the hard stop of the campaign is for these roles alone."""

    by: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class EverySection:
    """Every part that the plan names for the duty must stand in this field under its own heading."""

    field: str


@dataclass(frozen=True, slots=True)
class ChildrenClosed:
    """Every item opened under this one must be closed."""


@dataclass(frozen=True, slots=True)
class PredecessorStarted:
    """The item this one follows (its phase before) must have left its initial state."""


@dataclass(frozen=True, slots=True)
class EveryUnitReported:
    """Every unit that handles cases has opened an item of `kind` or signed a report under `nil_duty` (零报告).

    Asked only of items whose field `gate` says `every_unit_reported`.
    """

    kind: str
    nil_duty: str


@dataclass(frozen=True, slots=True)
class ExtensionPending:
    """An extension must have been applied for and not yet decided."""


@dataclass(frozen=True, slots=True)
class NoExtensionPending:
    """No undecided extension may be open."""


@dataclass(frozen=True, slots=True)
class BeforeExpiry:
    """The named clock must still be running and not be due yet: extensions are asked before expiry."""

    clock: str


@dataclass(frozen=True, slots=True)
class AfterExpiry:
    """One of the named clocks must be running and be over: nothing rises before its time is up."""

    clocks: tuple[str, ...]


class CountersignMode(StrEnum):
    """How many signatures 会签 takes."""

    ALL = "all"
    """Every party signs, in any order."""
    ANY = "any"
    """One signature is enough (或签)."""
    QUORUM = "quorum"
    """`quorum` of the parties sign."""
    IN_ORDER = "in_order"
    """Every party signs, in the order in which they are listed (依次)."""


@dataclass(frozen=True, slots=True)
class Countersign:
    """The move happens with the signature that completes the set; earlier signatures are recorded and stay.

    A party is a role, or `assisting_units`: the heads of every unit named as assisting.
    """

    mode: CountersignMode
    of: tuple[str, ...] = field(default=("assisting_units",))
    quorum: int = 1


Guard = (
    RequiredFields
    | RequiredEvidence
    | Independent
    | NotBefore
    | NotAfter
    | BeforeHardStop
    | BeyondHardStop
    | EverySection
    | ChildrenClosed
    | PredecessorStarted
    | EveryUnitReported
    | ExtensionPending
    | NoExtensionPending
    | BeforeExpiry
    | AfterExpiry
    | Countersign
)
