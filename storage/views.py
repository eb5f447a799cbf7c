"""Read queries for tables and pages. Each is served by an index whose order is that of the list, at any size."""

from datetime import datetime

from sqlalchemy import (
    and_,
    bindparam,
    case,
    except_,
    func,
    literal_column,
    select,
)

from engine.model.definition import Stage
from engine.model.ids import ItemId, UnitCode
from engine.model.views import Holding, ReportRow, StageCount
from storage.lists import IS_DUE, IS_RUNNING, SqlLists
from storage.prepared import IsAmong, Prepared, Row, listed
from storage.rows import day_or_none, instant_or_none, micros
from storage.tables import deadline, item, person, tally, unit

COUNTED = func.sum(tally.c.count)
TALLY_UNIT = func.coalesce(unit.c.name, tally.c.unit).label("unit_name")
COUNTS = Prepared(
    select(tally.c.kind, tally.c.unit, TALLY_UNIT, tally.c.stage, COUNTED.label("count"))
    .outerjoin(unit, unit.c.code == tally.c.unit)
    .where(tally.c.campaign == bindparam("campaign"))
    .group_by(tally.c.kind, tally.c.unit, unit.c.name, unit.c.ordinal, tally.c.stage)
    .having(COUNTED > 0)
    .order_by(tally.c.kind, unit.c.ordinal.nulls_last(), tally.c.unit, tally.c.stage)
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


STATE_COUNT = Prepared(
    select(item.c.definition_id, item.c.state, func.count().label("count")).group_by(
        item.c.definition_id, item.c.state
    )
)


class SqlViews(SqlLists):
    """Fulfils `Views`."""

    def stage_counts(self, campaign: str) -> list[StageCount]:
        """See `Views.stage_counts`."""
        rows = self._session.rows(COUNTS, campaign=campaign)
        return [
            StageCount(**{**row, "stage": Stage(row["stage"]), "count": int(row["count"])}) for row in rows
        ]

    def state_counts(self) -> dict[tuple[str, str], int]:
        """See `Views.state_counts`."""
        rows = self._session.rows(STATE_COUNT)
        return {(row["definition_id"], row["state"]): int(row["count"]) for row in rows}

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


def _report_row(row: Row) -> ReportRow:
    instants = {name: instant_or_none(row[name]) for name in ("due_at", "submitted_at")}
    return ReportRow(**{**row, **instants, "as_of": day_or_none(row["as_of"])})
