"""Saved filters."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.model.filters import SavedFilter
from engine.model.ids import PersonId, UnitCode
from storage.filter_tables import saved_filter
from storage.prepared import IsAmong, Prepared, Row, Session, listed
from storage.rows import instant, micros

OF_PERSON = Prepared(
    select(saved_filter).where(saved_filter.c.person == bindparam("of_person")).order_by(saved_filter.c.name)
)
SHARED = Prepared(
    select(saved_filter)
    .where(IsAmong(saved_filter.c.unit, "units"))
    .order_by(saved_filter.c.name, saved_filter.c.id)
    .limit(bindparam("limit"))
)
FORGET = Prepared(
    delete(saved_filter).where(
        saved_filter.c.person == bindparam("of_person"), saved_filter.c.id == bindparam("of_filter")
    )
)
ALONE = [saved_filter.c.person, saved_filter.c.name]


def _saving(insert: sqlite.Insert | postgresql.Insert) -> sqlite.Insert | postgresql.Insert:
    new = {name: insert.excluded[name] for name in ("query", "unit", "saved_at")}
    return insert.on_conflict_do_update(index_elements=ALONE, set_=new)


SAVE = Prepared(_saving(sqlite.insert(saved_filter)), _saving(postgresql.insert(saved_filter)))


class SqlFilters:
    """Fulfils `Filters`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def save(self, saved: SavedFilter) -> None:
        """See `Filters.save`."""
        row = {name: getattr(saved, name) for name in ("id", "person", "name", "query", "unit")}
        self._session.run(SAVE, **row, saved_at=micros(saved.saved_at))

    def of_person(self, person: PersonId) -> list[SavedFilter]:
        """See `Filters.of_person`."""
        return [_saved(row) for row in self._session.rows(OF_PERSON, of_person=person)]

    def shared_in(self, units: Sequence[UnitCode], limit: int) -> list[SavedFilter]:
        """See `Filters.shared_in`."""
        return [_saved(row) for row in self._session.rows(SHARED, units=listed(units), limit=limit)]

    def forget(self, person: PersonId, filter_id: str) -> None:
        """See `Filters.forget`."""
        self._session.run(FORGET, of_person=person, of_filter=filter_id)


def _saved(row: Row) -> SavedFilter:
    return SavedFilter(**{**row, "saved_at": instant(row["saved_at"])})
