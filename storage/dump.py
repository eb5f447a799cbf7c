"""Tables as they stand, row by row, for a stranger to compare with the history."""

from collections.abc import Iterator, Mapping
from typing import Final

from sqlalchemy import select

from storage.log_tables import checkpoint, entry, log_key, tree_hash
from storage.prepared import Prepared, Session
from storage.tables import (
    calendar,
    campaign,
    deadline,
    definition,
    evidence,
    firing,
    holding,
    item,
    person,
    post,
    post_role,
    unit,
)

TABLES: Final = {
    table.name: Prepared(select(table).order_by(*table.primary_key.columns))
    for table in (
        entry,
        tree_hash,
        checkpoint,
        log_key,
        definition,
        campaign,
        calendar,
        unit,
        post,
        post_role,
        person,
        holding,
        item,
        deadline,
        firing,
        evidence,
    )
}


class SqlDump:
    """Fulfils `Dump`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def rows(self, table: str) -> Iterator[Mapping[str, object]]:
        """See `Dump.rows`."""
        return self._session.stream(TABLES[table])
