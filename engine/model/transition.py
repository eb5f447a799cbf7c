"""What somebody asked and what happened: two values, never one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from engine.model.actor import Actor
from engine.model.ids import ItemId, PersonId, UnitCode
from engine.model.item import FieldValue, Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A stored piece of evidence, named by the SHA-256 of its bytes; `made_on` is the date it claims."""

    sha256: str
    name: str
    size: int
    made_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What is asked: a verb on an item, by an actor, with what the verb needs.

    `expected_version` is what the asker saw; None accepts whatever is current. The same `key` from the same person
    has one effect, however often it is sent. `claimed_on` is the day the work is said to be done, kept apart from
    the time of the entry.
    """

    item: ItemId
    verb: str
    actor: Actor
    key: str
    expected_version: int | None = None
    reason: str | None = None
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    target: str | None = None
    assignee: PersonId | None = None
    unit: UnitCode | None = None
    until_on: date | None = None
    due_on: date | None = None
    other: ItemId | None = None
    parts: tuple[str, ...] = ()
    claimed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The facts outside the item that guards may ask for; the use case fetches those a definition names.

    `lineage` is the item's unit and every unit above it. `day` is the local day of `now`.
    """

    lineage: tuple[UnitCode, ...] = ()
    open_children: int = 0
    predecessor_started: bool = True
    silent_units: tuple[str, ...] = ()
    """Names of the reporting units with neither a finding nor a nil return."""
    due_at: Mapping[str, datetime] = field(default_factory=dict)
    """The due instant of each running clock."""
    hard_stop_on: date | None = None
    """The day by which the campaign wants everything rectified."""
    categories: tuple[str, ...] = ()
    """The codes by which the campaign knows problems."""
    sections: tuple[str, ...] = ()
    """What the plan names as the parts of this report."""
    assignee_exists: bool = True
    unit_exists: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """What happened: the item before (None when it was opened) and after, by whom, when and why.

    `standing` is the role or party that admitted the actor; `on_behalf_of` the person stood in for.
    `is_complete` is False for a signature that did not yet complete its countersigning.
    """

    verb: str
    before: Item | None
    after: Item
    actor: Actor
    at: datetime
    standing: str
    on_behalf_of: PersonId | None = None
    reason: str | None = None
    evidence: tuple[Evidence, ...] = ()
    claimed_on: date | None = None
    due_on: date | None = None
    other: ItemId | None = None
    parts: tuple[str, ...] = ()
    is_complete: bool = True
