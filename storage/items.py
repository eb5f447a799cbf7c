"""Items as they stand."""

from collections.abc import Collection, Iterator, Sequence
from types import ModuleType
from typing import Any

from sqlalchemy import ClauseElement, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.model.ids import DefinitionRef, ItemId, UnitCode
from engine.model.item import Item
from storage.prepared import IsAmong, Prepared, Row, Session, listed
from storage.refusals import overtaken
from storage.rows import item_of_row, row_of_item
from storage.tables import assisting, item, number_series, tally
from storage.tally import recount

ADD = Prepared(insert(item))
ASSIST = Prepared(insert(assisting))
GET = Prepared(select(item).where(IsAmong(item.c.id, "ids")).order_by(item.c.id))
LOCK = Prepared(select(item).where(IsAmong(item.c.id, "ids")).order_by(item.c.id).with_for_update())
THE_VERSION_BELOW = (item.c.id == bindparam("id"), item.c.version == bindparam("version") - 1)
_replacing: dict[frozenset[str], Prepared] = {}
REHEAD = Prepared(update(item).where(item.c.id == bindparam("of")).values(head=bindparam("head")))
BY_NUMBERS = Prepared(select(item.c.number, item.c.id).where(IsAmong(item.c.number, "numbers")))
CHILDREN = Prepared(select(item).where(item.c.parent == bindparam("parent")).order_by(item.c.number))
OPEN_CHILDREN = Prepared(
    select(func.count().label("count"))
    .select_from(item)
    .where(item.c.parent == bindparam("parent"), item.c.closed_at.is_(None))
)
OF_KIND = (item.c.campaign == bindparam("campaign"), item.c.definition_id == bindparam("kind"))
OF_CAMPAIGN = Prepared(select(item).where(*OF_KIND).order_by(item.c.number))
SCAN = Prepared(select(item).order_by(item.c.id))
UNDER = Prepared(
    select(item.c.id)
    .where(*OF_KIND, item.c.definition_version == bindparam("pinned"), item.c.number > bindparam("after"))
    .order_by(item.c.number)
    .limit(bindparam("limit"))
)
UNITS_WITH = Prepared(
    select(tally.c.unit)
    .distinct()
    .where(tally.c.campaign == bindparam("campaign"), tally.c.kind == bindparam("kind"), tally.c.count > 0)
)
UNITS_WITH_DUTY = Prepared(select(item.c.unit).distinct().where(*OF_KIND, item.c.duty == bindparam("duty")))
UNITS_WITH_PERIOD = Prepared(
    select(item.c.unit)
    .distinct()
    .where(*OF_KIND, item.c.duty == bindparam("duty"), item.c.period == bindparam("period"))
)
PERIODS = Prepared(
    select(item.c.duty, item.c.period, func.count().label("count"))
    .where(*OF_KIND, item.c.duty.is_not(None))
    .group_by(item.c.duty, item.c.period)
)
OF_PLAN = Prepared(
    select(item).where(
        *OF_KIND,
        item.c.duty == bindparam("duty"),
        item.c.unit == bindparam("unit"),
        item.c.period == bindparam("period"),
    )
)


def _allotting(dialect: ModuleType) -> ClauseElement:
    """Take places of a series, and begin it where it is new; two who begin it at once wait for each other."""
    insertion = dialect.insert(number_series).values(
        prefix=bindparam("series"), year=bindparam("in_year"), last=bindparam("count")
    )
    taken: ClauseElement = insertion.on_conflict_do_update(
        index_elements=["prefix", "year"], set_={"last": number_series.c.last + insertion.excluded.last}
    ).returning(number_series.c.last)
    return taken


ALLOT = Prepared(_allotting(sqlite), _allotting(postgresql))


class SqlItems:
    """Fulfils `Items`. What was read under lock is kept, so that only columns that change are written."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._locked: dict[str, Row] = {}

    def get(self, ids: Sequence[ItemId]) -> dict[ItemId, Item]:
        """See `Items.get`."""
        rows = self._lock(ids) if self._session.write else self._session.rows(GET, ids=listed(ids))
        return {row["id"]: item_of_row(row) for row in rows}

    def _lock(self, ids: Sequence[ItemId]) -> list[Row]:
        rows = self._session.rows(LOCK, ids=listed(ids)) if ids else []
        self._locked.update({row["id"]: row for row in rows})
        return rows

    def by_numbers(self, numbers: Sequence[str]) -> dict[str, ItemId]:
        """See `Items.by_numbers`."""
        rows = self._session.rows(BY_NUMBERS, numbers=listed(numbers))
        return {row["number"]: row["id"] for row in rows}

    def allot(self, series: str, year: int, count: int) -> int:
        """See `Items.allot`."""
        (row,) = self._session.rows(ALLOT, series=series, in_year=year, count=count)
        return int(row["last"]) - count + 1

    def allot_numbers(self, prefix: str, year: int, count: int) -> list[str]:
        """See `Items.allot_numbers`."""
        first = self.allot(prefix, year, count)
        return [f"{prefix}-{year}-{number:06d}" for number in range(first, first + count)]

    def add(self, items: Sequence[Item]) -> None:
        """See `Items.add`."""
        rows = [row_of_item(new) for new in items]
        self._session.many(ADD, rows)
        self._session.many(ASSIST, [{"unit": u, "item": new.id} for new in items for u in set(new.assisting)])
        recount(self._session, (), rows)

    def replace(self, items: Sequence[Item]) -> None:
        """See `Items.replace`."""
        rows = [row_of_item(new) for new in items]
        self._lock([row["id"] for row in rows if row["id"] not in self._locked])
        names = frozenset({"version"}.union(*map(self._changed, rows)))
        if self._session.many(_replace(names), rows) != len(items):
            found = self._session.rows(GET, ids=listed(row["id"] for row in rows))
            raise self._session.conflict(overtaken(items, map(item_of_row, found)))
        recount(self._session, [self._locked[row["id"]] for row in rows], rows)
        self._locked.update({row["id"]: row for row in rows})

    def _changed(self, row: Row) -> Collection[str]:
        old = self._locked.get(row["id"], {})
        return [name for name, value in row.items() if name not in old or value != old[name]]

    def rehead(self, items: Sequence[Item]) -> None:
        """See `Items.rehead`."""
        self._session.many(REHEAD, [{"of": moved.id, "head": moved.head} for moved in items])
        for moved in items:
            if moved.id in self._locked:
                self._locked[moved.id]["head"] = moved.head

    def children(self, parent: ItemId) -> list[Item]:
        """See `Items.children`."""
        return [item_of_row(row) for row in self._session.rows(CHILDREN, parent=parent)]

    def count_open_children(self, parent: ItemId) -> int:
        """See `Items.count_open_children`."""
        return sum(row["count"] for row in self._session.rows(OPEN_CHILDREN, parent=parent))

    def of_campaign(self, campaign: str, kind: str) -> list[Item]:
        """See `Items.of_campaign`."""
        return [item_of_row(row) for row in self._session.rows(OF_CAMPAIGN, campaign=campaign, kind=kind)]

    def under(self, campaign: str, ref: DefinitionRef, after: str, limit: int) -> list[Item]:
        """See `Items.under`."""
        given = {"campaign": campaign, "kind": ref.id, "pinned": ref.version, "after": after, "limit": limit}
        found = [row["id"] for row in self._session.rows(UNDER, **given)]
        items = self.get(found) if found else {}
        return [items[each] for each in found]

    def scan(self) -> Iterator[Item]:
        """See `Items.scan`."""
        return map(item_of_row, self._session.stream(SCAN))

    def units_with(
        self, campaign: str, kind: str, duty: str | None = None, period: str | None = None
    ) -> frozenset[UnitCode]:
        """See `Items.units_with`."""
        statement = UNITS_WITH if duty is None else UNITS_WITH_DUTY if period is None else UNITS_WITH_PERIOD
        rows = self._session.rows(statement, campaign=campaign, kind=kind, duty=duty, period=period)
        return frozenset(row["unit"] for row in rows)

    def count_by_period(self, campaign: str, kind: str) -> dict[tuple[str, str], int]:
        """See `Items.count_by_period`."""
        rows = self._session.rows(PERIODS, campaign=campaign, kind=kind)
        return {(row["duty"], row["period"]): row["count"] for row in rows}

    def of_plan(self, campaign: str, kind: str, duty: str, unit: UnitCode, period: str = "") -> Item | None:
        """See `Items.of_plan`."""
        row = self._session.one(OF_PLAN, campaign=campaign, kind=kind, duty=duty, unit=unit, period=period)
        return row and item_of_row(row)  # type: ignore[return-value]


def _replace(names: frozenset[str]) -> Prepared:
    if names not in _replacing:
        values: dict[str, Any] = {name: bindparam(name) for name in sorted(names)}
        _replacing[names] = Prepared(update(item).where(*THE_VERSION_BELOW).values(values))
    return _replacing[names]
