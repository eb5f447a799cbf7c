"""What the use cases need of steps by quality, and of candidates for criticism in a bulletin."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from engine.model.criticism import Candidate, Mark
from engine.model.deadline import Raise
from engine.model.ids import ItemId, UnitCode


class Levels(Protocol):
    """Levels of quality that items have reached."""

    def claim(self, raises: Sequence[Raise]) -> list[Raise]:
        """Store raises; returns those that nobody had stored before. The insert is the claim."""

    def raised_on(self, items: Sequence[ItemId]) -> dict[ItemId, list[Raise]]:
        """The levels reached on each item, oldest first."""

    def scan(self) -> Iterator[Raise]:
        """Every raise."""


class Criticisms(Protocol):
    """Candidates for 通报批评 and what was decided on them."""

    def mark(self, marks: Sequence[Mark]) -> list[Mark]:
        """Store marks; returns those that nobody had stored before."""

    def of_item(self, item: ItemId) -> list[Mark]:
        """The marks of an item, oldest first."""

    def decide(self, marks: Sequence[Mark]) -> None:
        """Store the verdict on marks that had none. Raises Conflict where somebody was faster."""

    def waiting(self, units: frozenset[UnitCode], after: str | None, limit: int) -> list[Candidate]:
        """Marks without a verdict on items of these units, by number; `after` is the number the page starts behind."""

    def issued(self, units: frozenset[UnitCode], limit: int) -> list[Candidate]:
        """The newest marks on items of these units that went into the bulletin, the newest verdict first."""

    def scan(self) -> Iterator[Mark]:
        """Every mark."""
