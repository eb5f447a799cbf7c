"""Duties: when the report of a period is opened, and how it stands. Late is not missing; a nil return is a report."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from engine.model.campaign import Campaign, Duty, DutyDate
from engine.model.ids import UnitCode
from engine.model.views import ReportRow

NIL_STATES: Final = frozenset({"nil_submitted", "nil_received"})
"""The states of a report whose head of unit has signed that there is nothing to report (零报告)."""
RETURNED: Final = "returned"
_PERIOD = re.compile(
    r"(?P<year>[12][0-9]{3})(?:-(?P<month>0[1-9]|1[0-2])|-W(?P<week>[0-5][0-9])|-Q(?P<quarter>[1-4])|-H(?P<half>[12]))?"
)

_NUMBERING = re.compile(
    r"^[\s#*]*(?:[（(][一二三四五六七八九十\d]{1,3}[）)]|[一二三四五六七八九十\d]{1,3}[、.．)）])?\s*"
)


class Standing(StrEnum):
    """How the report of a unit on a period stands."""

    REPORTED = "reported"
    """Handed in before its time was up."""
    LATE = "late"
    """Handed in, but later."""
    NIL = "nil"
    """A nil return is signed."""
    MISSING = "missing"
    """The time is up and nothing was handed in."""
    NOT_DUE = "not_due"
    """Nothing was handed in, and there is still time."""
    EXEMPT = "exempt"
    """The unit came later than the period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One unit × one period: how it stands, and the report behind it, if one was opened."""

    unit: UnitCode
    duty: str
    period: str
    standing: Standing
    due_at: datetime
    number: str | None = None
    submitted_at: datetime | None = None
    is_late: bool = False
    """Also of a nil return."""
    is_returned: bool = False
    """It was handed in and waits to be handed in again."""
    is_backfilled: bool = False
    """It is on a time before the plan was loaded (补录)."""


def sections_missing(text: str, sections: Sequence[str]) -> tuple[str, ...]:
    """The parts that no line of a text begins with; a numbering such as （一） or 1. before the name is passed over."""
    heads = [_NUMBERING.sub("", line) for line in text.splitlines()]
    return tuple(part for part in sections if not any(head.startswith(part) for head in heads))


def first_day(period: str) -> date | None:
    """The first day of a period, written 2020, 2020-05, 2020-W23, 2020-Q2 or 2020-H1; None for other words."""
    found = _PERIOD.fullmatch(period)
    if found is None:
        return None
    year = int(found["year"])
    if found["week"]:
        return _monday(year, int(found["week"]))
    quarter, half = int(found["quarter"] or 1), int(found["half"] or 1)
    month = int(found["month"] or (quarter - 1) * 3 + (half - 1) * 6 + 1)
    return date(year, month, 1)


def _monday(year: int, week: int) -> date | None:
    try:
        return date.fromisocalendar(year, week, 1)
    except ValueError:
        return None


def opens_on(duty: Duty, row: DutyDate) -> date:
    """The day on which the report of a period is opened: as many days ahead as the duty says, else its first day.

    A period that names no days opens with the campaign.
    """
    if duty.ahead is not None:
        return row.due_on - timedelta(days=duty.ahead)
    return first_day(row.period) or date.min


def opened_by(campaign: Campaign, day: date) -> Iterator[tuple[Duty, DutyDate]]:
    """The duties and periods whose reports are to be there on a day, earliest opening first."""
    pairs = ((duty, row) for duty in campaign.duties for row in duty.dates if opens_on(duty, row) <= day)
    yield from sorted(pairs, key=lambda pair: (opens_on(*pair), pair[1].due_on, pair[0].code))


def cell_of(report: ReportRow, now: datetime) -> Cell:
    """How an opened report stands at `now`."""
    is_late = report.submitted_at is not None and report.submitted_at > report.due_at and report.as_of is None
    return Cell(
        unit=report.unit,
        duty=report.duty,
        period=report.period,
        standing=_standing(report, now, is_late=is_late),
        due_at=report.due_at,
        number=report.number,
        submitted_at=report.submitted_at,
        is_late=is_late,
        is_returned=report.state == RETURNED,
        is_backfilled=report.as_of is not None,
    )


def _standing(report: ReportRow, now: datetime, *, is_late: bool) -> Standing:
    if report.state in NIL_STATES:
        return Standing.NIL
    if report.submitted_at is not None:
        return Standing.LATE if is_late else Standing.REPORTED
    return Standing.MISSING if report.due_at <= now else Standing.NOT_DUE
