"""Deadlines: the armed form of a clock on an item, its suspensions, and the firing of its rungs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.model.ids import ItemId


class Outcome(StrEnum):
    """How a deadline ended. An open deadline has none; “overdue” is never stored."""

    MET = "met"
    """The item left the states of the clock."""
    REARMED = "rearmed"
    """A new revision took its place (return, extension, reassignment)."""
    SUSPENDED = "suspended"
    """The clock was stopped; the revision after it carries the remaining time."""


class Cause(StrEnum):
    """Why a revision of a deadline began."""

    START = "start"
    """The item entered the states of the clock for the first time."""
    EXTENSION = "extension"
    """More time was granted."""
    SUSPENSION = "suspension"
    """The clock stood still and goes on."""
    RETURN = "return"
    """The item came back to be done again."""
    REASSIGNMENT = "reassignment"
    """Somebody else is responsible now."""
    MIGRATION = "migration"
    """The item went over to another version of its definition."""
    CALENDAR = "calendar"
    """Another calendar came into force."""
    MOVE = "move"
    """Any other move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One revision of a clock on an item. `due_at` is derived from the rule; `proof` is the sentence that shows how.

    `calendar` is the id of the calendar it was reckoned with.
    `armed_at` is when it was recorded: nothing escalates for time before it. `original_due_at` never changes
    between revisions. `next_rung` and `next_at` say which step comes next, None when none is left.
    `counts_from` is where elapsed time counts from: the first start, later by as long as the clock stood still since.
    An extension, a reassignment or another calendar leaves it where it is.
    """

    item: ItemId
    clock: str
    revision: int
    armed_at: datetime
    started_at: datetime
    counts_from: datetime
    due_at: datetime
    original_due_at: datetime
    proof: str
    is_provisional: bool
    calendar: str
    next_rung: str | None
    next_at: datetime | None
    outcome: Outcome | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """A rung has been reached. Its key (item, clock, revision, rung) is the claim: it can be stored once.

    `spoken_by` is the rung that spoke for it when several were due at once, else its own; empty where the rung was
    reached and had nothing to say.
    """

    item: ItemId
    clock: str
    revision: int
    rung: str
    spoken_by: str
    fired_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """A level of quality has been reached. Its key (item, level) is the claim: each level at most once."""

    item: ItemId
    level: str
    raised_at: datetime
