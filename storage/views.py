"""Read queries for tables and pages. Each is served by an index whose order is that of the list, at any size."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    and_,
    bindparam,
    case,
    except_,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from engine.model.deadline import Deadline
from engine.model.definition import Stage
from engine.model.ids import DefinitionRef, ItemId, UnitCode
from engine.model.views import Holding, ItemFilter, ItemRow, ReportRow, StageCount
from storage.prepared import IsAmong, Prepared, Row, Session, listed
from storage.rows import day_or_none, deadline_of_row, instant_or_none, micros
from storage.tables import deadline, item, person, tally, unit

FEW = 8
"""So many units are listed each by its own index and merged; of more, the items are walked in order."""
FEW_OVERDUE = 2_000
"""So many overdue items are looked up by their limits; where there are more, the next one is never far."""
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
late = deadline.alias("late")
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
    "overdue_at": exists().where(
        late.c.item == item.c.id,
        late.c.outcome.is_(None),
        late.c.due_at < bindparam("overdue_at", type_=BigInteger()),
    ),
    "units": or_(
        IsAmong(item.c.unit, "units"),
        item.c.owner == bindparam("asker"),
        item.c.opener == bindparam("asker"),
        item.c.reviewer == bindparam("asker"),
    ),
    "title": item.c.title.contains(bindparam("title", type_=Text())),
    "after": item.c.number > bindparam("after"),
    "below": item.c.number < bindparam("below"),
}
OVERDUE = Prepared(select(deadline.c.item).where(IS_RUNNING, IS_DUE).distinct().limit(FEW_OVERDUE + 1))
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
COUNTED = func.sum(tally.c.count)
TALLY_UNIT = func.coalesce(unit.c.name, tally.c.unit).label("unit_name")
COUNTS = Prepared(
    select(tally.c.kind, tally.c.unit, TALLY_UNIT, tally.c.stage, COUNTED.label("count"))
    .outerjoin(unit, unit.c.code == tally.c.unit)
    .where(tally.c.campaign == bindparam("campaign"))
    .group_by(tally.c.kind, tally.c.unit, unit.c.name, unit.c.ordinal, tally.c.stage)
    .having(COUNTED > 0)
    .order_by(tally.c.kind, unit.c.ordinal, tally.c.unit, tally.c.stage)
)
OWNER = func.coalesce(item.c.owner, literal_column("''"))
LATE = (
    select(
        OWNER.label("owner"),
        item.c.unit,
        func.count(item.c.id.distinct()).label("late_count"),
    )
    .join(deadline, deadline.c.item == item.c.id)
    .where(IS_RUNNING, IS_DUE, item.c.campaign == bindparam("campaign"), item.c.closed_at.is_(None))
    .group_by(item.c.owner, item.c.unit)
    .subquery()
)
HOLDINGS = Prepared(
    select(
        func.nullif(tally.c.owner, "").label("person"),
        func.coalesce(person.c.name, "").label("name"),
        TALLY_UNIT,
        COUNTED.label("open_count"),
        func.coalesce(func.max(LATE.c.late_count), 0).label("overdue_count"),
    )
    .outerjoin(unit, unit.c.code == tally.c.unit)
    .outerjoin(person, person.c.id == tally.c.owner)
    .outerjoin(LATE, and_(LATE.c.owner == tally.c.owner, LATE.c.unit == tally.c.unit))
    .where(tally.c.campaign == bindparam("campaign"), tally.c.stage != "closed")
    .group_by(tally.c.owner, person.c.name, tally.c.unit, unit.c.name)
    .having(COUNTED > 0)
    .order_by(COUNTED.desc(), tally.c.unit, tally.c.owner)
)
COUNTED_ANEW = select(
    item.c.campaign,
    item.c.definition_id,
    item.c.unit,
    OWNER,
    item.c.stage,
    func.count(),
).group_by(item.c.campaign, item.c.definition_id, item.c.unit, OWNER, item.c.stage)
TALLIED = select(*tally.c).where(tally.c.count > 0)
MISCOUNTED = (Prepared(except_(TALLIED, COUNTED_ANEW)), Prepared(except_(COUNTED_ANEW, TALLIED)))
OPEN_ITEMS = Prepared(
    select(item.c.id)
    .where(
        item.c.campaign == bindparam("campaign"), item.c.closed_at.is_(None), IsAmong(item.c.unit, "units")
    )
    .order_by(item.c.number)
    .limit(bindparam("limit"))
)
URGENT_ITEMS = Prepared(
    select(item.c.id)
    .join(deadline, deadline.c.item == item.c.id)
    .where(
        item.c.campaign == bindparam("campaign"),
        item.c.closed_at.is_(None),
        IsAmong(item.c.unit, "units"),
        IS_RUNNING,
    )
    .order_by(deadline.c.due_at, item.c.id)
    .limit(bindparam("limit"))
)

clocked = deadline.alias("clocked")
OF_THE_CLOCK = (clocked.c.item == item.c.id, clocked.c.clock == bindparam("clock"))
FIRST_MET = (
    select(func.min(clocked.c.revision)).where(*OF_THE_CLOCK, clocked.c.outcome == "met").scalar_subquery()
)
NEWEST = select(func.max(clocked.c.revision)).where(*OF_THE_CLOCK).scalar_subquery()
REPORTS = (
    select(
        item.c.number,
        item.c.unit,
        item.c.duty,
        item.c.period,
        item.c.state,
        item.c.as_of,
        deadline.c.due_at,
        case((deadline.c.outcome == "met", deadline.c.ended_at)).label("submitted_at"),
    )
    .select_from(item)
    .join(
        deadline,
        and_(
            deadline.c.item == item.c.id,
            deadline.c.clock == bindparam("clock"),
            deadline.c.revision == func.coalesce(FIRST_MET, NEWEST),
        ),
    )
    .where(
        item.c.campaign == bindparam("campaign"),
        item.c.definition_id == "report",
        item.c.period != "",
        IsAmong(item.c.unit, "units"),
    )
)
ALL_REPORTS = Prepared(REPORTS.where(item.c.duty.is_not(None)))
REPORTS_OF_DUTY = Prepared(REPORTS.where(item.c.duty == bindparam("duty")))


class SqlViews:
    """Fulfils `Views`."""

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

    def due(self, wanted: ItemFilter, until: datetime) -> list[Deadline]:
        """See `Views.due`."""
        given = _given(wanted)
        statement = _kept(_dues, DUE, frozenset(given))
        rows = self._session.rows(
            statement, **given, asker=wanted.asker, limit=wanted.limit, until=micros(until)
        )
        return [deadline_of_row(row) for row in rows]

    def stage_counts(self, campaign: str) -> list[StageCount]:
        """See `Views.stage_counts`."""
        rows = self._session.rows(COUNTS, campaign=campaign)
        return [
            StageCount(**{**row, "stage": Stage(row["stage"]), "count": int(row["count"])}) for row in rows
        ]

    def holdings(self, campaign: str, now: datetime) -> list[Holding]:
        """See `Views.holdings`."""
        rows = self._session.rows(HOLDINGS, campaign=campaign, overdue_at=micros(now))
        counts = ("open_count", "overdue_count")
        return [Holding(**row | {name: int(row[name]) for name in counts}) for row in rows]

    def open_items(self, campaign: str, units: frozenset[UnitCode], limit: int) -> list[ItemId]:
        """See `Views.open_items`."""
        return self._ids(OPEN_ITEMS, campaign, units, limit)

    def urgent_items(self, campaign: str, units: frozenset[UnitCode], limit: int) -> list[ItemId]:
        """See `Views.urgent_items`."""
        return self._ids(URGENT_ITEMS, campaign, units, limit)

    def reports(
        self, campaign: str, clock: str, units: frozenset[UnitCode], duty: str | None = None
    ) -> list[ReportRow]:
        """See `Views.reports`."""
        statement = ALL_REPORTS if duty is None else REPORTS_OF_DUTY
        given = {"campaign": campaign, "clock": clock, "units": listed(sorted(units)), "duty": duty}
        return [_report_row(row) for row in self._session.rows(statement, **given)]

    def integrity(self) -> list[str]:
        """See `Views.integrity`."""
        found = [
            f"件数与事项不符：{'、'.join(map(str, row.values()))}"
            for statement in MISCOUNTED
            for row in self._session.rows(statement)
        ]
        if self._session.dialect == "sqlite":
            found += [str(row[0]) for row in self._session.plain("PRAGMA integrity_check") if row[0] != "ok"]
            found += [f"外键失效：{row}" for row in self._session.plain("PRAGMA foreign_key_check")]
        return found

    def _ids(
        self, statement: Prepared, campaign: str, units: frozenset[UnitCode], limit: int
    ) -> list[ItemId]:
        rows = self._session.rows(statement, campaign=campaign, units=listed(sorted(units)), limit=limit)
        return [row["id"] for row in rows]

    def _by_limits(self, wanted: ItemFilter) -> ItemFilter:
        """The same with the overdue items by their ids, where they are few."""
        if wanted.overdue_at is None or wanted.ids is not None:
            return wanted
        rows = self._session.rows(OVERDUE, overdue_at=micros(wanted.overdue_at))
        if len(rows) > FEW_OVERDUE:
            return wanted
        return replace(wanted, ids=tuple(row["item"] for row in rows), overdue_at=None)

    def _page(self, wanted: ItemFilter) -> list[Row]:
        given = _given(wanted)
        known, page = (_backward, BACKWARD) if wanted.newest_first else (_forward, FORWARD)
        statement = _kept(known, page, frozenset(given))
        return self._session.rows(statement, **given, asker=wanted.asker, limit=wanted.limit)


def _parts(wanted: ItemFilter) -> Iterator[ItemFilter]:
    """What together holds the page: one part for each index that has its items in order."""
    if wanted.units is None or wanted.unit is not None or wanted.ids is not None or len(wanted.units) > FEW:
        yield wanted
        return
    all_units = replace(wanted, units=None)
    for code in sorted(wanted.units):
        yield replace(all_units, unit=code)
    if wanted.owner in (None, wanted.asker):
        yield replace(all_units, owner=wanted.asker)
    yield replace(all_units, opener=wanted.asker)
    yield replace(all_units, reviewer=wanted.asker)


def _kept(known: dict[frozenset[str], Prepared], page: Any, names: frozenset[str]) -> Prepared:
    if names not in known:
        known[names] = Prepared(page.where(*[NARROWED[name] for name in sorted(names)]))
    return known[names]


def _given(wanted: ItemFilter) -> dict[str, Any]:
    given = {name: getattr(wanted, name) for name in NARROWED if name != "below"}
    if wanted.newest_first:
        given["below"] = given.pop("after")
    for name in ("units", "ids"):
        if given[name] is not None:
            given[name] = listed(sorted(given[name]))
    if wanted.overdue_at is not None:
        given["overdue_at"] = micros(wanted.overdue_at)
    return {name: value for name, value in given.items() if value is not None}


def _report_row(row: Row) -> ReportRow:
    instants = {name: instant_or_none(row[name]) for name in ("due_at", "submitted_at")}
    return ReportRow(**{**row, **instants, "as_of": day_or_none(row["as_of"])})


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
