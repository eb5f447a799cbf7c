"""Levels of quality that items have reached."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from engine.model.deadline import Raise
from engine.model.ids import ItemId
from storage.level_tables import level
from storage.prepared import IsAmong, Prepared, Row, Session, listed
from storage.rows import instant, micros

CLAIM = Prepared.adding(level)
ORDER = (level.c.raised_at, level.c.item, level.c.level)
RAISED_ON = Prepared(select(level).where(IsAmong(level.c.item, "items")).order_by(*ORDER))
SCAN = Prepared(select(level).order_by(*ORDER))


class SqlLevels:
    """Fulfils `Levels`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def claim(self, raises: Sequence[Raise]) -> list[Raise]:
        """See `Levels.claim`."""
        return [new for new in raises if self._session.run(CLAIM, **_row(new))]

    def raised_on(self, items: Sequence[ItemId]) -> dict[ItemId, list[Raise]]:
        """See `Levels.raised_on`."""
        found: dict[ItemId, list[Raise]] = {item: [] for item in items}
        for row in self._session.rows(RAISED_ON, items=listed(items)):
            found[row["item"]].append(_raise(row))
        return found

    def scan(self) -> Iterator[Raise]:
        """See `Levels.scan`."""
        return map(_raise, self._session.stream(SCAN))


def _row(new: Raise) -> Row:
    return {"item": new.item, "level": new.level, "raised_at": micros(new.raised_at)}


def _raise(row: Row) -> Raise:
    return Raise(item=ItemId(row["item"]), level=row["level"], raised_at=instant(row["raised_at"]))
