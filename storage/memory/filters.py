"""Saved filters."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.model.filters import SavedFilter
from engine.model.ids import PersonId, UnitCode
from storage.memory.work import Work


class MemoryFilters:
    """Fulfils `Filters`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def save(self, saved: SavedFilter) -> None:
        """See `Filters.save`."""
        with self._work.writing() as tables:
            had = (each for each in tables.filters if (each.person, each.name) == (saved.person, saved.name))
            known = next(had, None)
            tables.filters.put(replace(saved, id=known.id) if known else saved)

    def of_person(self, person: PersonId) -> list[SavedFilter]:
        """See `Filters.of_person`."""
        return _in_order(each for each in self._work.tables.filters if each.person == person)

    def shared_in(self, units: Sequence[UnitCode], limit: int) -> list[SavedFilter]:
        """See `Filters.shared_in`."""
        return _in_order(each for each in self._work.tables.filters if each.unit in units)[:limit]

    def forget(self, person: PersonId, filter_id: str) -> None:
        """See `Filters.forget`."""
        with self._work.writing() as tables:
            tables.filters.drop(lambda each: (each.person, each.id) == (person, filter_id))


def _in_order(found: Iterable[SavedFilter]) -> list[SavedFilter]:
    return sorted(found, key=lambda each: (each.name, each.id))
