"""Filters of the ledger that somebody keeps under a name, alone or shared with the colleagues of a unit."""

from dataclasses import dataclass
from datetime import datetime

from engine.model.ids import PersonId, UnitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFilter:
    """A kept filter. `query` is the part of the ledger's address behind the question mark.

    It says what to ask for and shows nothing: whoever follows it sees what their own posts let them see.
    """

    id: str
    person: PersonId
    name: str
    query: str
    unit: UnitCode | None
    """Where the holders of posts in this unit find it too; None where it is for its person alone."""
    saved_at: datetime
