"""Frozen answers of read queries, for tables and pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from engine.model.actor import Grant
from engine.model.definition import Stage
from engine.model.ids import DefinitionRef, ItemId, PersonId, UnitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """What a list of items is narrowed to; None does not narrow. `after` is the number the page starts behind."""

    ids: tuple[ItemId, ...] | None = None
    kind: str | None = None
    campaign: str | None = None
    stage: Stage | None = None
    state: str | None = None
    unit: UnitCode | None = None
    owner: PersonId | None = None
    opener: PersonId | None = None
    reviewer: PersonId | None = None
    delegate: PersonId | None = None
    """Only items whose work is in this person's hands, whether the delegation still runs or not."""
    overdue_at: datetime | None = None
    """Only items with a running clock that was due before this instant."""
    units: frozenset[UnitCode] | None = None
    """The units the asker may see; None is all of them."""
    assisted: frozenset[UnitCode] | None = None
    """Only items in which one of these units assists."""
    own: frozenset[PersonId] = frozenset()
    """Items in which these people have a part are shown even outside `units`: the asker, and for whom they stand in."""
    title: str | None = None
    """Only items whose title holds this, letter for letter."""
    after: str | None = None
    to: str | None = None
    """The last number that is looked at; see `Views.edge`."""
    newest_first: bool = False
    """From the highest number down; `after` is then the number below which the page starts."""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class DuePlace:
    """Where a page begins in a list by due instants: behind the item that is due at `at`."""

    at: datetime
    item: ItemId


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One line of a list of items. `due_at` is the earliest running clock."""

    id: ItemId
    number: str
    definition: DefinitionRef
    unit: UnitCode
    unit_name: str
    title: str
    state: str
    stage: Stage
    owner_name: str | None
    version: int
    due_at: datetime | None
    returned_count: int
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person in a post of a unit, as one chooses whom to give something."""

    person: PersonId
    login: str
    name: str
    unit: UnitCode
    unit_name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    """A grant as one reads it: with the names of post, unit and the person stood in for (empty where nobody is)."""

    grant: Grant
    title: str
    unit_name: str
    principal_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """A report on a period, and when it was first handed in.

    `due_at` is the limit that then ran, or the one that runs.
    """

    number: str
    unit: UnitCode
    duty: str
    period: str
    state: str
    as_of: date | None
    due_at: datetime
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCount:
    """How many items of a kind a unit has in a stage."""

    kind: str
    unit: UnitCode
    unit_name: str
    stage: Stage
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Who holds how many open items, and how many of them are overdue."""

    person: PersonId | None
    name: str
    unit_name: str
    open_count: int
    overdue_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """One notice as a reader lists it, with what became of its deliveries (channel → status)."""

    key: str
    kind: str
    item: ItemId
    number: str
    recipient: PersonId
    recipient_name: str
    written_at: datetime
    facts: Mapping[str, str | int | None]
    deliveries: Mapping[str, str]
    read_at: datetime | None
    """When the recipient marked it as read."""
