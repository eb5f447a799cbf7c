"""Armed clocks and the firing of their rungs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from engine.model.deadline import Deadline, Firing
from engine.model.ids import ItemId
from storage.prepared import IsAmong, Prepared, Row, Session, listed
from storage.refusals import too_late
from storage.rows import (
    deadline_of_row,
    firing_of_row,
    instant_or_none,
    micros,
    row_of_deadline,
    row_of_firing,
)
from storage.tables import deadline, firing

ORDER = (deadline.c.item, deadline.c.clock, deadline.c.revision)
IS_OPEN = deadline.c.outcome.is_(None)
OPEN_OF = Prepared(select(deadline).where(IsAmong(deadline.c.item, "items"), IS_OPEN).order_by(*ORDER))
NEWEST = (deadline.c.item, deadline.c.clock)
LATEST_OF = Prepared(
    # SQLite takes the other columns of a group from the row that has the maximum.
    select(*[c for c in deadline.c if c.name != "revision"], func.max(deadline.c.revision).label("revision"))
    .where(IsAmong(deadline.c.item, "items"))
    .group_by(*NEWEST)
    .order_by(*NEWEST),
    select(deadline)
    .ext(distinct_on(*NEWEST))
    .where(IsAmong(deadline.c.item, "items"))
    .order_by(*NEWEST, deadline.c.revision.desc()),
)
THE_OPEN = (
    deadline.c.item == bindparam("item"),
    deadline.c.clock == bindparam("clock"),
    deadline.c.revision == bindparam("revision"),
    IS_OPEN,
)
END, ADVANCE = (
    Prepared(update(deadline).where(*THE_OPEN).values({name: bindparam(name) for name in names}))
    for names in (("outcome", "ended_at"), ("next_rung", "next_at"))
)
ARM = Prepared(insert(deadline))
DUE = Prepared(
    select(deadline.c.item)
    .where(IS_OPEN, deadline.c.next_at <= bindparam("now"))
    .order_by(deadline.c.next_at, deadline.c.item)
    .limit(bindparam("limit"))
)
NEXT_AT = Prepared(select(func.min(deadline.c.next_at).label("at")).where(IS_OPEN))
OF_ITEM = Prepared(
    select(deadline).where(deadline.c.item == bindparam("item")).order_by(deadline.c.armed_at, *ORDER)
)
REVISIONS_OF = Prepared(select(deadline).where(IsAmong(deadline.c.item, "items")).order_by(*ORDER))
RUNNING = Prepared(
    select(deadline.c.item)
    .where(IS_OPEN, deadline.c.item > bindparam("after"))
    .distinct()
    .order_by(deadline.c.item)
    .limit(bindparam("limit"))
)
SCAN = Prepared(select(deadline).order_by(*ORDER))
CLAIM = Prepared.adding(firing)
FIRED_ON = Prepared(
    select(firing.c.item, firing.c.clock, firing.c.revision, firing.c.rung).where(
        IsAmong(firing.c.item, "items")
    )
)
FIRED = (firing.c.fired_at, firing.c.item, firing.c.clock, firing.c.revision, firing.c.rung)
FIRINGS_OF = Prepared(select(firing).where(firing.c.item == bindparam("item")).order_by(*FIRED))
FIRINGS_ON = Prepared(select(firing).where(IsAmong(firing.c.item, "items")).order_by(*FIRED))
SCAN_FIRINGS = Prepared(select(firing).order_by(*FIRED))


class SqlDeadlines:
    """Fulfils `Deadlines`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def open_of(self, items: Sequence[ItemId]) -> dict[ItemId, list[Deadline]]:
        """See `Deadlines.open_of`."""
        return _by_item(items, self._session.rows(OPEN_OF, items=listed(items)))

    def latest_of(self, items: Sequence[ItemId]) -> dict[ItemId, list[Deadline]]:
        """See `Deadlines.latest_of`."""
        return _by_item(items, self._session.rows(LATEST_OF, items=listed(items)))

    def end(self, deadlines: Sequence[Deadline]) -> None:
        """See `Deadlines.end`."""
        self._change(END, deadlines)

    def arm(self, deadlines: Sequence[Deadline]) -> None:
        """See `Deadlines.arm`."""
        self._session.many(ARM, [row_of_deadline(new) for new in deadlines])

    def due(self, now: datetime, limit: int) -> list[ItemId]:
        """See `Deadlines.due`."""
        rows = self._session.rows(DUE, now=micros(now), limit=limit)
        return list(dict.fromkeys(row["item"] for row in rows))

    def next_at(self) -> datetime | None:
        """See `Deadlines.next_at`."""
        row = self._session.one(NEXT_AT)
        return instant_or_none(row["at"] if row else None)

    def claim(self, firings: Sequence[Firing]) -> list[Firing]:
        """See `Deadlines.claim`."""
        items = listed({new.item for new in firings})
        taken = {tuple(row.values()) for row in self._session.rows(FIRED_ON, items=items)}
        free = [new for new in firings if (new.item, new.clock, new.revision, new.rung) not in taken]
        if self._session.many(CLAIM, [row_of_firing(new) for new in free]) != len(free):
            raise self._session.conflict(too_late("这些台阶刚由他人催办"))
        return free

    def advance(self, deadlines: Sequence[Deadline]) -> None:
        """See `Deadlines.advance`."""
        self._change(ADVANCE, deadlines)

    def of_item(self, item: ItemId) -> list[Deadline]:
        """See `Deadlines.of_item`."""
        return [deadline_of_row(row) for row in self._session.rows(OF_ITEM, item=item)]

    def firings_of(self, item: ItemId) -> list[Firing]:
        """See `Deadlines.firings_of`."""
        return [firing_of_row(row) for row in self._session.rows(FIRINGS_OF, item=item)]

    def revisions_of(self, items: Sequence[ItemId]) -> dict[ItemId, list[Deadline]]:
        """See `Deadlines.revisions_of`."""
        return _by_item(items, self._session.rows(REVISIONS_OF, items=listed(items)))

    def fired_on(self, items: Sequence[ItemId]) -> dict[ItemId, list[Firing]]:
        """See `Deadlines.fired_on`."""
        found: dict[ItemId, list[Firing]] = {item: [] for item in items}
        for row in self._session.rows(FIRINGS_ON, items=listed(items)):
            found[row["item"]].append(firing_of_row(row))
        return found

    def running(self, after: ItemId, limit: int) -> list[ItemId]:
        """See `Deadlines.running`."""
        return [row["item"] for row in self._session.rows(RUNNING, after=after, limit=limit)]

    def scan(self) -> Iterator[Deadline]:
        """See `Deadlines.scan`."""
        return map(deadline_of_row, self._session.stream(SCAN))

    def scan_firings(self) -> Iterator[Firing]:
        """See `Deadlines.scan_firings`."""
        return map(firing_of_row, self._session.stream(SCAN_FIRINGS))

    def _change(self, statement: Prepared, deadlines: Sequence[Deadline]) -> None:
        changed = self._session.many(statement, [row_of_deadline(one) for one in deadlines])
        if changed != len(deadlines):
            raise self._session.conflict(too_late("时限已变"))


def _by_item(items: Sequence[ItemId], rows: Iterable[Row]) -> dict[ItemId, list[Deadline]]:
    found: dict[ItemId, list[Deadline]] = {item: [] for item in items}
    for row in rows:
        found[row["item"]].append(deadline_of_row(row))
    return found
