"""Read queries for tables and pages."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, case, exists, func, or_, select

from engine.model.definition import Stage
from engine.model.ids import DefinitionRef
from engine.model.views import Holding, ItemFilter, ItemRow, StageCount
from storage.prepared import IsAmong, Prepared, Row, Session, listed
from storage.rows import instant_or_none, micros
from storage.tables import deadline, item, person, unit

DUE_AT = (
    select(func.min(deadline.c.due_at))
    .where(deadline.c.item == item.c.id, deadline.c.outcome.is_(None))
    .scalar_subquery()
)
OVERDUE = exists().where(
    deadline.c.item == item.c.id,
    deadline.c.outcome.is_(None),
    deadline.c.due_at < bindparam("overdue_at", type_=BigInteger()),
)
UNIT_NAME = func.coalesce(unit.c.name, item.c.unit).label("unit_name")
PAGE = (
    select(item, UNIT_NAME, person.c.name.label("owner_name"), DUE_AT.label("due_at"))
    .outerjoin(unit, unit.c.code == item.c.unit)
    .outerjoin(person, person.c.id == item.c.owner)
    .order_by(item.c.number)
    .limit(bindparam("limit"))
)
NARROWED: dict[str, ColumnElement[bool]] = {
    "kind": item.c.definition_id == bindparam("kind"),
    "campaign": item.c.campaign == bindparam("campaign"),
    "stage": item.c.stage == bindparam("stage"),
    "state": item.c.state == bindparam("state"),
    "unit": item.c.unit == bindparam("unit"),
    "owner": item.c.owner == bindparam("owner"),
    "overdue_at": OVERDUE,
    "units": or_(
        IsAmong(item.c.unit, "units"),
        item.c.owner == bindparam("asker"),
        item.c.opener == bindparam("asker"),
        item.c.reviewer == bindparam("asker"),
    ),
    "after": item.c.number > bindparam("after"),
}
_pages: dict[frozenset[str], Prepared] = {}
COUNTS = Prepared(
    select(
        item.c.definition_id.label("kind"), item.c.unit, UNIT_NAME, item.c.stage, func.count().label("count")
    )
    .outerjoin(unit, unit.c.code == item.c.unit)
    .where(item.c.campaign == bindparam("campaign"))
    .group_by(item.c.definition_id, item.c.unit, unit.c.name, unit.c.ordinal, item.c.stage)
    .order_by(item.c.definition_id, unit.c.ordinal, item.c.unit, item.c.stage)
)
HOLDINGS = Prepared(
    select(
        item.c.owner.label("person"),
        func.coalesce(person.c.name, "").label("name"),
        UNIT_NAME,
        func.count().label("open_count"),
        func.sum(case((OVERDUE, 1), else_=0)).label("overdue_count"),
    )
    .outerjoin(unit, unit.c.code == item.c.unit)
    .outerjoin(person, person.c.id == item.c.owner)
    .where(and_(item.c.campaign == bindparam("campaign"), item.c.closed_at.is_(None)))
    .group_by(item.c.owner, person.c.name, item.c.unit, unit.c.name)
    .order_by(func.count().desc(), item.c.unit, item.c.owner)
)


class SqlViews:
    """Fulfils `Views`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def items(self, wanted: ItemFilter) -> list[ItemRow]:
        """See `Views.items`."""
        given = _given(wanted)
        rows = self._session.rows(_page(frozenset(given)), **given, asker=wanted.asker, limit=wanted.limit)
        return [_item_row(row) for row in rows]

    def stage_counts(self, campaign: str) -> list[StageCount]:
        """See `Views.stage_counts`."""
        rows = self._session.rows(COUNTS, campaign=campaign)
        return [StageCount(**{**row, "stage": Stage(row["stage"])}) for row in rows]

    def holdings(self, campaign: str, now: datetime) -> list[Holding]:
        """See `Views.holdings`."""
        rows = self._session.rows(HOLDINGS, campaign=campaign, overdue_at=micros(now))
        return [Holding(**{**row, "overdue_count": int(row["overdue_count"])}) for row in rows]

    def integrity(self) -> list[str]:
        """See `Views.integrity`."""
        if self._session.dialect != "sqlite":
            return []
        found = [str(row[0]) for row in self._session.plain("PRAGMA integrity_check") if row[0] != "ok"]
        return found + [f"外键失效：{row}" for row in self._session.plain("PRAGMA foreign_key_check")]


def _page(names: frozenset[str]) -> Prepared:
    if names not in _pages:
        _pages[names] = Prepared(PAGE.where(*[NARROWED[name] for name in sorted(names)]))
    return _pages[names]


def _given(wanted: ItemFilter) -> dict[str, Any]:
    given = {name: getattr(wanted, name) for name in NARROWED}
    if wanted.units is not None:
        given["units"] = listed(sorted(wanted.units))
    if wanted.overdue_at is not None:
        given["overdue_at"] = micros(wanted.overdue_at)
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
