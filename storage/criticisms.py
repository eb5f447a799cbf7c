"""Candidates for criticism in a bulletin, and what was decided on them."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select, update

from engine.model.criticism import Candidate, Mark, Verdict
from engine.model.ids import ItemId, UnitCode
from storage.level_tables import criticism
from storage.prepared import IsAmong, Prepared, Row, Session, listed
from storage.refusals import too_late
from storage.rows import instant, instant_or_none, micros, micros_or_none
from storage.tables import item, unit

MARK = Prepared.adding(criticism)
ORDER = (criticism.c.marked_at, criticism.c.item, criticism.c.cause)
OF_ITEM = Prepared(select(criticism).where(criticism.c.item == bindparam("item")).order_by(*ORDER))
DECIDE = Prepared(
    update(criticism)
    .where(
        criticism.c.item == bindparam("item"),
        criticism.c.cause == bindparam("cause"),
        criticism.c.verdict.is_(None),
    )
    .values(verdict=bindparam("verdict"), decided_at=bindparam("decided_at"))
)
LISTED = (
    select(
        item.c.number,
        item.c.title,
        item.c.unit,
        func.coalesce(unit.c.name, item.c.unit).label("unit_name"),
        criticism.c.cause,
        criticism.c.label,
        criticism.c.marked_at,
        criticism.c.decided_at,
    )
    .join(item, item.c.id == criticism.c.item)
    .outerjoin(unit, unit.c.code == item.c.unit)
    .where(IsAmong(item.c.unit, "units"))
    .limit(bindparam("limit"))
)
WAITING = Prepared(
    LISTED.where(criticism.c.verdict.is_(None), item.c.number > bindparam("after")).order_by(
        item.c.number, criticism.c.marked_at, criticism.c.cause
    )
)
ISSUED = Prepared(
    LISTED.where(criticism.c.verdict == literal_column("'issued'")).order_by(
        criticism.c.decided_at.desc(), item.c.number, criticism.c.cause
    )
)
SCAN = Prepared(select(criticism).order_by(*ORDER))


class SqlCriticisms:
    """Fulfils `Criticisms`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def mark(self, marks: Sequence[Mark]) -> list[Mark]:
        """See `Criticisms.mark`."""
        return [new for new in marks if self._session.run(MARK, **_row(new))]

    def of_item(self, item: ItemId) -> list[Mark]:
        """See `Criticisms.of_item`."""
        return [_mark(row) for row in self._session.rows(OF_ITEM, item=item)]

    def decide(self, marks: Sequence[Mark]) -> None:
        """See `Criticisms.decide`."""
        if self._session.many(DECIDE, [_row(mark) for mark in marks]) != len(marks):
            raise self._session.conflict(too_late("这些候选已由他人决定"))

    def waiting(self, units: frozenset[UnitCode], after: str | None, limit: int) -> list[Candidate]:
        """See `Criticisms.waiting`."""
        rows = self._session.rows(WAITING, units=listed(sorted(units)), after=after or "", limit=limit)
        return [_candidate(row) for row in rows]

    def issued(self, units: frozenset[UnitCode], limit: int) -> list[Candidate]:
        """See `Criticisms.issued`."""
        return [
            _candidate(row) for row in self._session.rows(ISSUED, units=listed(sorted(units)), limit=limit)
        ]

    def scan(self) -> Iterator[Mark]:
        """See `Criticisms.scan`."""
        return map(_mark, self._session.stream(SCAN))


def _candidate(row: Row) -> Candidate:
    times = {"marked_at": instant(row["marked_at"]), "decided_at": instant_or_none(row["decided_at"])}
    return Candidate(**{**row, **times})


def _row(mark: Mark) -> dict[str, Any]:
    return {
        "item": mark.item,
        "cause": mark.cause,
        "label": mark.label,
        "marked_at": micros(mark.marked_at),
        "verdict": mark.verdict and mark.verdict.value,
        "decided_at": micros_or_none(mark.decided_at),
    }


def _mark(row: Row) -> Mark:
    return Mark(
        item=ItemId(row["item"]),
        cause=row["cause"],
        label=row["label"],
        marked_at=instant(row["marked_at"]),
        verdict=Verdict(row["verdict"]) if row["verdict"] else None,
        decided_at=instant_or_none(row["decided_at"]),
    )
