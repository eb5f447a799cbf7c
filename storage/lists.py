"""Lists of items, each served by an index whose order is that of the list, at any size."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Join,
    Select,
    bindparam,
    exists,
    func,
    or_,
    select,
    tuple_,
)

from engine.model.deadline import Deadline
from engine.model.definition import Stage
from engine.model.ids import DefinitionRef, PersonId
from engine.model.views import DuePlace, ItemFilter, ItemRow
from storage.prepared import Ahead, Holds, IsAmong, Prepared, Row, Session, listed
from storage.rows import deadline_of_row, instant_or_none, micros
from storage.tables import assisting, deadline, item, person, unit

FEW = 8
"""So many units are listed each by its own index and merged; of more, the items are walked in order."""
FEW_ITEMS = 2_000
"""So many items are looked up and sorted; where there are more, the next one is never far."""
IS_RUNNING = deadline.c.outcome.is_(None)
IS_DUE = deadline.c.due_at < bindparam("overdue_at", type_=BigInteger())
DUE_AT = select(func.min(deadline.c.due_at)).where(deadline.c.item == item.c.id, IS_RUNNING).scalar_subquery()
UNIT_NAME = func.coalesce(unit.c.name, item.c.unit).label("unit_name")
PAGE = (
    select(item, UNIT_NAME, person.c.name.label("owner_name"), DUE_AT.label("due_at"))
    .outerjoin(unit, unit.c.code == item.c.unit)
    .outerjoin(person, person.c.id == item.c.owner)
    .limit(bindparam("limit"))
)
FORWARD, BACKWARD = PAGE.order_by(item.c.number), PAGE.order_by(item.c.number.desc())
EDGE = select(item.c.number).limit(1).offset(bindparam("count"))
EDGE_FORWARD, EDGE_BACKWARD = EDGE.order_by(item.c.number), EDGE.order_by(item.c.number.desc())
late = deadline.alias("late")
OWN = [
    IsAmong(column, "people") for column in (item.c.owner, item.c.opener, item.c.reviewer, item.c.delegate)
]
ASSISTED = exists().where(assisting.c.item == item.c.id, IsAmong(assisting.c.unit, "units"))
NARROWED: dict[str, ColumnElement[bool]] = {
    "ids": IsAmong(item.c.id, "ids"),
    "kind": item.c.definition_id == bindparam("kind"),
    "campaign": item.c.campaign == bindparam("campaign"),
    "stage": item.c.stage == bindparam("stage"),
    "state": item.c.state == bindparam("state"),
    "unit": item.c.unit == bindparam("unit"),
    "owner": item.c.owner == bindparam("owner"),
    "opener": item.c.opener == bindparam("opener"),
    "reviewer": item.c.reviewer == bindparam("reviewer"),
    "delegate": item.c.delegate == bindparam("delegate"),
    "overdue_at": exists().where(
        late.c.item == item.c.id,
        late.c.outcome.is_(None),
        late.c.due_at < bindparam("overdue_at", type_=BigInteger()),
    ),
    "units": or_(IsAmong(item.c.unit, "units"), *OWN, ASSISTED),
    "assisted": item.c.id.in_(select(assisting.c.item).where(IsAmong(assisting.c.unit, "assisted"))),
    "title": Holds(item.c.title, "title"),
    "after": item.c.number > bindparam("after"),
    "below": item.c.number < bindparam("below"),
    "to": item.c.number <= bindparam("to"),
    "down_to": item.c.number >= bindparam("down_to"),
}
MIRRORED = {"after": "below", "to": "down_to"}
"""What the bounds of a list become when it runs backwards."""
sooner = deadline.alias("sooner")
IS_FIRST = ~exists().where(
    sooner.c.item == deadline.c.item,
    sooner.c.outcome.is_(None),
    tuple_(sooner.c.due_at, sooner.c.clock) < tuple_(deadline.c.due_at, deadline.c.clock),
)


def _by_due(source: Join) -> Select[Any]:
    """A page of the items whose earliest running limit lies behind a place."""
    columns = select(item, UNIT_NAME, person.c.name.label("owner_name"), deadline.c.due_at)
    named = source.outerjoin(unit, unit.c.code == item.c.unit).outerjoin(person, person.c.id == item.c.owner)
    place = tuple_(bindparam("behind_at", type_=BigInteger()), bindparam("behind_item"))
    behind = tuple_(deadline.c.due_at, deadline.c.item) > place
    return columns.select_from(named).where(IS_RUNNING, IS_FIRST, behind).limit(bindparam("limit"))


OF_ITEM = item.c.id == deadline.c.item
SOONEST = _by_due(Ahead(deadline, item, OF_ITEM)).order_by(deadline.c.due_at, deadline.c.item)
SOONEST_OF_FEW = _by_due(Join(deadline, item, OF_ITEM)).order_by(deadline.c.due_at + 0, deadline.c.item)
"""The same where the items are few: no index has this order, so they are looked up first and sorted."""
OVERDUE = Prepared(select(deadline.c.item).where(IS_RUNNING, IS_DUE).distinct().limit(FEW_ITEMS + 1))
DUE = (
    select(deadline)
    .join(item, item.c.id == deadline.c.item)
    .where(IS_RUNNING, deadline.c.due_at < bindparam("until"))
    .order_by(deadline.c.due_at, deadline.c.item, deadline.c.clock)
    .limit(bindparam("limit"))
)
_forward: dict[frozenset[str], Prepared] = {}
_backward: dict[frozenset[str], Prepared] = {}
_dues: dict[frozenset[str], Prepared] = {}
_soonest: dict[frozenset[str], Prepared] = {}
_soonest_of_few: dict[frozenset[str], Prepared] = {}
_edges: dict[frozenset[str], Prepared] = {}
_edges_back: dict[frozenset[str], Prepared] = {}


class SqlLists:
    """Fulfils the part of `Views` that lists items."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def items(self, wanted: ItemFilter) -> list[ItemRow]:
        """See `Views.items`."""
        rows = [row for part in _parts(self._by_limits(wanted)) for row in self._page(part)]
        found = sorted(
            {row["id"]: row for row in rows}.values(),
            key=lambda row: row["number"],
            reverse=wanted.newest_first,
        )
        return [_item_row(row) for row in found[: wanted.limit]]

    def soonest(self, wanted: ItemFilter, behind: DuePlace | None) -> list[ItemRow]:
        """See `Views.soonest`."""
        narrowed = self._by_limits(wanted)
        given = _given(narrowed)
        is_few = next(self._edges(narrowed, FEW_ITEMS), None) is None
        known, page = (_soonest_of_few, SOONEST_OF_FEW) if is_few else (_soonest, SOONEST)
        place = {
            "behind_at": micros(behind.at) if behind else -1,
            "behind_item": behind.item if behind else "",
        }
        statement = _kept(known, page, frozenset(given))
        return [_item_row(row) for row in self._session.rows(statement, **given, **place, limit=wanted.limit)]

    def edge(self, wanted: ItemFilter, count: int) -> str | None:
        """See `Views.edge`."""
        found = self._edges(self._by_limits(wanted), count)
        return (max if wanted.newest_first else min)(found, default=None)

    def due(self, wanted: ItemFilter, until: datetime) -> list[Deadline]:
        """See `Views.due`."""
        given = _given(wanted)
        statement = _kept(_dues, DUE, frozenset(given))
        rows = self._session.rows(statement, **given, limit=wanted.limit, until=micros(until))
        return [deadline_of_row(row) for row in rows]

    def _edges(self, wanted: ItemFilter, count: int) -> Iterator[str]:
        """The edge of each part that holds more than `count` items."""
        known, page = (_edges_back, EDGE_BACKWARD) if wanted.newest_first else (_edges, EDGE_FORWARD)
        for part in _parts(replace(wanted, title=None)):
            given = _given(part)
            row = self._session.one(_kept(known, page, frozenset(given)), **given, count=count)
            if row:
                yield row["number"]

    def _by_limits(self, wanted: ItemFilter) -> ItemFilter:
        """The same with the overdue items by their ids, where they are few."""
        if wanted.overdue_at is None or wanted.ids is not None:
            return wanted
        rows = self._session.rows(OVERDUE, overdue_at=micros(wanted.overdue_at))
        if len(rows) > FEW_ITEMS:
            return wanted
        return replace(wanted, ids=tuple(row["item"] for row in rows), overdue_at=None)

    def _page(self, wanted: ItemFilter) -> list[Row]:
        given = _given(wanted)
        known, page = (_backward, BACKWARD) if wanted.newest_first else (_forward, FORWARD)
        statement = _kept(known, page, frozenset(given))
        return self._session.rows(statement, **given, limit=wanted.limit)


def _parts(wanted: ItemFilter) -> Iterator[ItemFilter]:
    """What together holds the page: one part for each index that has its items in order."""
    is_narrow = any(found is not None for found in (wanted.unit, wanted.ids, wanted.assisted))
    if wanted.units is None or is_narrow or len(wanted.units) > FEW:
        yield wanted
        return
    all_units = replace(wanted, units=None)
    for code in sorted(wanted.units):
        yield replace(all_units, unit=code)
    if wanted.units:
        yield replace(all_units, assisted=wanted.units)
    for who in sorted(wanted.own):
        yield from _own(all_units, who)


def _own(wanted: ItemFilter, person: PersonId) -> Iterator[ItemFilter]:
    if wanted.owner in (None, person):
        yield replace(wanted, owner=person)
    if wanted.opener in (None, person):
        yield replace(wanted, opener=person)
    if wanted.reviewer in (None, person):
        yield replace(wanted, reviewer=person)
    if wanted.delegate in (None, person):
        yield replace(wanted, delegate=person)


def _kept(known: dict[frozenset[str], Prepared], page: Any, names: frozenset[str]) -> Prepared:
    if names not in known:
        known[names] = Prepared(page.where(*[NARROWED[name] for name in sorted(names & NARROWED.keys())]))
    return known[names]


def _given(wanted: ItemFilter) -> dict[str, Any]:
    given = {name: getattr(wanted, name) for name in NARROWED if name not in MIRRORED.values()}
    if wanted.newest_first:
        given |= {mirror: given.pop(name) for name, mirror in MIRRORED.items()}
    for name in ("units", "ids", "assisted"):
        if given[name] is not None:
            given[name] = listed(sorted(given[name]))
    if wanted.overdue_at is not None:
        given["overdue_at"] = micros(wanted.overdue_at)
    if wanted.units is not None:
        given["people"] = listed(sorted(wanted.own))
    return {name: value for name, value in given.items() if value is not None}


def _item_row(row: Row) -> ItemRow:
    copied = [
        "id",
        "number",
        "unit",
        "unit_name",
        "title",
        "state",
        "owner_name",
        "version",
        "returned_count",
    ]
    return ItemRow(
        **{name: row[name] for name in copied},
        definition=DefinitionRef(row["definition_id"], row["definition_version"]),
        stage=Stage(row["stage"]),
        due_at=instant_or_none(row["due_at"]),
        closed_at=instant_or_none(row["closed_at"]),
    )
