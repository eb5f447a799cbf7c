"""Scores of units from facts: which lapses a record shows, and what a declared scheme takes off for them.

Only work on the campaign is counted. Numbers of cases, solved cases, fines or detentions are no indicators and are not
to be had here (公安部 2015 年受案立案意见); a scheme that names an unknown indicator is refused when it is read.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.model.campaign import Criterion, Scheme
from engine.model.deadline import Deadline, Outcome
from engine.model.entry import Entry
from engine.model.ids import UnitCode
from engine.model.item import Item

_HUNDREDTHS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is known of one item: all revisions of its deadlines, its entries, and the steps that count against it.

    A step is the index of the entry at which a rung or a level was reached that counts for assessment, and its label.
    """

    item: Item
    deadlines: Sequence[Deadline]
    entries: Sequence[Entry]
    steps: Sequence[tuple[int, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """Something that costs points: which item, what happened, how often, and the entries that show it."""

    number: str
    text: str
    count: int
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreLine:
    """One criterion on a sheet: what is lost, in hundredths of a point, and why."""

    criterion: Criterion
    lost: int
    lapses: tuple[Lapse, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSheet:
    """The sheet of one unit. `total` is in hundredths of a point; `item_count` is what the lapses are out of."""

    unit: UnitCode
    unit_name: str
    total: int
    item_count: int
    report_count: int
    lines: tuple[ScoreLine, ...]


def sheet_of(
    scheme: Scheme, unit: tuple[UnitCode, str], records: Sequence[Record], now: datetime
) -> ScoreSheet:
    """The sheet of a unit (code, name) from the records of its items and reports at `now`."""
    lines = tuple(_line(criterion, records, now) for criterion in scheme.criteria)
    return ScoreSheet(
        unit=unit[0],
        unit_name=unit[1],
        total=scheme.full_marks * _HUNDREDTHS - sum(line.lost for line in lines),
        item_count=sum(record.item.definition.id == "item" for record in records),
        report_count=sum(record.item.definition.id == "report" for record in records),
        lines=lines,
    )


def _line(criterion: Criterion, records: Sequence[Record], now: datetime) -> ScoreLine:
    judge = INDICATORS[criterion.indicator]
    lapses = tuple(lapse for record in records for lapse in judge(record, now))
    lost = min(sum(lapse.count for lapse in lapses) * criterion.per_case, criterion.points * _HUNDREDTHS)
    return ScoreLine(criterion=criterion, lost=lost, lapses=lapses)


def days_over(deadline: Deadline, now: datetime) -> int:
    """Whole days, begun ones included, that a deadline was or is overdue; 0 when it was kept or still runs."""
    until = now if deadline.ended_at is None else deadline.ended_at
    late = until - max(deadline.due_at, min(deadline.armed_at, until))
    return max(0, late.days + bool(late.seconds or late.microseconds))


def _late(record: Record, kind: str, clock: str, now: datetime) -> Iterator[tuple[Deadline, int]]:
    if record.item.definition.id != kind:
        return
    for deadline in record.deadlines:
        counts = deadline.clock == clock and deadline.outcome is not Outcome.SUSPENDED
        if counts and (over := days_over(deadline, now)):
            yield deadline, over


def _behind(record: Record, deadline: Deadline) -> tuple[int, ...]:
    """The entries at which a deadline was armed and ended."""
    ends = (deadline.armed_at, deadline.ended_at)
    return tuple(entry.index for entry in record.entries if entry.at in ends)


def _late_closure(record: Record, now: datetime) -> Iterator[Lapse]:
    """An item that ran late counts once, however often its clock was started again."""
    late = list(_late(record, "item", "rectify", now))
    if late:
        state = "仍未办结" if late[-1][0].ended_at is None else "逾期办结"
        days = sum(over for _, over in late)
        entries = tuple(index for deadline, _ in late for index in _behind(record, deadline))
        yield Lapse(number=record.item.number, text=f"{state}，共逾期{days}天", count=1, entries=entries)


def _overdue_days(record: Record, now: datetime) -> Iterator[Lapse]:
    for deadline, over in _late(record, "item", "rectify", now):
        yield Lapse(
            number=record.item.number, text=f"逾期{over}天", count=over, entries=_behind(record, deadline)
        )


def _returned(record: Record, _: datetime) -> Iterator[Lapse]:
    if record.item.definition.id != "item":
        return
    for entry in record.entries:
        if entry.what == "return":
            yield Lapse(number=record.item.number, text="复核退回", count=1, entries=(entry.index,))


def _late_report(record: Record, now: datetime) -> Iterator[Lapse]:
    for deadline, over in _late(record, "report", "report", now):
        state = "未报送" if deadline.ended_at is None else "迟报"
        yield Lapse(
            number=record.item.number,
            text=f"{record.item.title}{state}{over}天",
            count=1,
            entries=_behind(record, deadline),
        )


def _escalated(record: Record, _: datetime) -> Iterator[Lapse]:
    for index, label in record.steps:
        yield Lapse(number=record.item.number, text=f"升级：{label}", count=1, entries=(index,))


INDICATORS: Mapping[str, Callable[[Record, datetime], Iterator[Lapse]]] = {
    "on_time_closure": _late_closure,
    "returned": _returned,
    "overdue_days": _overdue_days,
    "report_lateness": _late_report,
    "escalations": _escalated,
}
"""Every indicator a scheme may name."""
