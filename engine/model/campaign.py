"""A campaign: one plan as data. Each row carries the sentence of the plan that it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engine.model.actor import Grant, Person, Post, Unit
from engine.model.clock import Roll
from engine.model.ids import DefinitionRef, UnitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class SubCategory:
    """One manifestation of a focus problem; `code` is e.g. `1.2`."""

    code: str
    label: str
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One of the focus problems, with its manifestations."""

    code: str
    label: str
    quote: str
    parts: tuple[SubCategory, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMeasure:
    """One measure of a task, with the day by which it is planned to be done."""

    code: str
    label: str
    quote: str
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTask:
    """One of the main tasks: lead unit, assisting units, measures."""

    code: str
    label: str
    quote: str
    lead: UnitCode
    assisting: tuple[UnitCode, ...]
    measures: tuple[PlannedMeasure, ...]


class PhaseLevel(StrEnum):
    """Who goes through a phase."""

    CAMPAIGN = "campaign"
    """The bureau as a whole."""
    UNIT = "unit"
    """Every unit that handles cases, each for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPhase:
    """A phase with its window; windows may overlap. `words` are the plan's own, e.g. 4月上旬."""

    code: str
    label: str
    level: PhaseLevel
    starts_on: date
    ends_on: date
    words: str
    quote: str
    follows: str | None
    gate: str | None = None
    """`every_unit_reported` where the phase may only end when every unit has spoken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyDate:
    """One due date of a duty: the period it reports on, the day of the plan, and the plan's words."""

    period: str
    due_on: date
    words: str
    roll: Roll


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """An obligation to report: each reporting unit × each period makes one report. No dates: ad hoc (随时上报)."""

    code: str
    label: str
    quote: str
    sections: tuple[str, ...]
    dates: tuple[DutyDate, ...]
    ahead: int | None = None
    """How many days before its due day a report is opened; without it on the first day of its period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One line of the score sheet: `indicator` names a rule of `engine.rules.assessment`, `points` what is at stake."""

    code: str
    label: str
    indicator: str
    points: int
    per_case: int
    """Hundredths of a point taken off for each case the indicator counts."""
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """How units are scored: full marks and the criteria that take from them."""

    full_marks: int
    criteria: tuple[Criterion, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Units, posts, people and who holds what."""

    units: tuple[Unit, ...]
    posts: tuple[Post, ...]
    persons: tuple[Person, ...]
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One plan. `hard_stop_on` is the day by which everything must be rectified; later dates need an extension.

    `document` is its canonical JSON, `sha256` the hash over it; `definitions` pins the kinds in use.
    """

    id: str
    title: str
    bureau: UnitCode
    issued_on: date
    starts_on: date
    ends_on: date
    hard_stop_on: date
    source: str
    categories: tuple[Category, ...]
    tasks: tuple[PlannedTask, ...]
    phases: tuple[PlannedPhase, ...]
    duties: tuple[Duty, ...]
    scheme: Scheme
    definitions: Mapping[str, DefinitionRef]
    roster: Roster
    sha256: str
    document: str


class Severity(StrEnum):
    """How a finding of `campaign check` is to be read."""

    ERROR = "error"
    """The campaign cannot be loaded."""
    NOTE = "note"
    """A contradiction of the plan itself; a person must know it, the engine can live with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFinding:
    """Something in the plan that contradicts itself or the calendar, with the rows concerned."""

    code: str
    severity: Severity
    text: str
    rows: tuple[str, ...]
