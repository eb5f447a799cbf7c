"""Where saved filters are kept."""

from collections.abc import Sequence
from typing import Protocol

from engine.model.filters import SavedFilter
from engine.model.ids import PersonId, UnitCode


class Filters(Protocol):
    """Saved filters, by their person and their name."""

    def save(self, saved: SavedFilter) -> None:
        """Store a filter; the one that this person has under the same name takes on its query, unit and instant."""

    def of_person(self, person: PersonId) -> list[SavedFilter]:
        """Every filter of a person, in the order of their names."""

    def shared_in(self, units: Sequence[UnitCode], limit: int) -> list[SavedFilter]:
        """The filters shared in these units, in the order of their names, at most `limit`."""

    def forget(self, person: PersonId, filter_id: str) -> None:
        """Delete one filter of a person; where there is none, nothing changes."""
