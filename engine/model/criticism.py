"""Candidates for criticism in a bulletin (通报批评): the system marks, a person decides."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.model.ids import ItemId, UnitCode


class Verdict(StrEnum):
    """What a person has decided on a mark."""

    ISSUED = "issued"
    """It goes into the bulletin."""
    DROPPED = "dropped"
    """It does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """An item is a candidate because of one cause (a rung of a limit, or a level); each cause marks once.

    `label` is the cause for readers, e.g. 整改时限逾期15天. There is no verdict until a person has decided.
    """

    item: ItemId
    cause: str
    label: str
    marked_at: datetime
    verdict: Verdict | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A mark as a reader lists it: waiting for a verdict, or put into the bulletin at `decided_at`."""

    number: str
    title: str
    unit: UnitCode
    unit_name: str
    cause: str
    label: str
    marked_at: datetime
    decided_at: datetime | None = None
