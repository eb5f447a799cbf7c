"""An item: one running thing under a definition, of whatever kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from engine.model.actor import Capacity
from engine.model.definition import Stage
from engine.model.ids import DefinitionRef, ItemId, PersonId, UnitCode

FieldValue = str | int
"""Dates are kept as YYYY-MM-DD text, so that what is hashed is what is stored."""


@dataclass(frozen=True, slots=True, order=True)
class Contribution:
    """A person has contributed to the item in a capacity."""

    person: PersonId
    capacity: Capacity


@dataclass(frozen=True, slots=True, order=True)
class Vote:
    """A signature of the current countersigning round: which party, by whom."""

    party: str
    person: PersonId


@dataclass(frozen=True, slots=True)
class Delegation:
    """The owner's work is in the hands of `person` until the end of `until_on`."""

    person: PersonId
    until_on: date


@dataclass(frozen=True, slots=True)
class ExtensionRequest:
    """An undecided application for more time."""

    clock: str
    due_on: date
    applicant: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """The current state of one item: always the fold of its history.

    `version` counts its transitions; `head` is the leaf hash of its newest entry. `category`, `duty` and
    `period` place it in its campaign: `duty` is the code of the row of the plan (a duty, phase or task) that
    it stands for, `period` (e.g. 2020-05) the period a report is about.
    `as_of` is the claimed day when the item was recorded after the fact (补录).
    """

    id: ItemId
    number: str
    definition: DefinitionRef
    campaign: str
    unit: UnitCode
    title: str
    state: str
    stage: Stage
    version: int
    head: bytes
    opened_at: datetime
    entered_at: datetime
    opener: PersonId
    closed_at: datetime | None = None
    owner: PersonId | None = None
    reviewer: PersonId | None = None
    delegation: Delegation | None = None
    assisting: tuple[UnitCode, ...] = ()
    parent: ItemId | None = None
    link: str | None = None
    """How the item is tied to its parent: `part`, `relapse`, `supervises`, `follows`."""
    category: str | None = None
    duty: str | None = None
    period: str | None = None
    as_of: date | None = None
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    contributions: frozenset[Contribution] = frozenset()
    votes: tuple[Vote, ...] = ()
    extension: ExtensionRequest | None = None
    returned_count: int = 0
    evidence_count: int = 0

    def people_in(self, capacities: tuple[Capacity, ...]) -> frozenset[PersonId]:
        """Everybody who has contributed in one of `capacities`."""
        return frozenset(c.person for c in self.contributions if c.capacity in capacities)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """What is asked when an item is opened; everything else follows from its definition."""

    definition: DefinitionRef
    campaign: str
    unit: UnitCode
    title: str
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    owner: PersonId | None = None
    assisting: tuple[UnitCode, ...] = ()
    parent: ItemId | None = None
    link: str | None = None
    category: str | None = None
    duty: str | None = None
    period: str | None = None
    as_of: date | None = None
