"""Periods: from a rule of time to a due instant, with the sentence that shows how it was found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from engine.model.calendar import Calendar
from engine.model.clock import Anchor, DueRule, Measure, Roll
from engine.rules.date_arithmetic import (
    Ending,
    custody,
    instant_of,
    internal,
    natural_hours,
    statutory,
    working,
    working_hours,
)
from engine.rules.date_words import next_due, said

ARITHMETICS: Final[Mapping[tuple[Measure, Roll], Callable[[date, int, Calendar], Ending]]] = {
    (Measure.NATURAL_DAY, Roll.FORWARD): statutory,
    (Measure.NATURAL_DAY, Roll.NONE): custody,
    (Measure.NATURAL_DAY, Roll.BACK): internal,
    (Measure.WORKING_DAY, Roll.NONE): working,
}
"""The arithmetic of days that measure and roll name; no other pair means anything."""
HOURS: Final = frozenset({Measure.HOUR, Measure.WORKING_HOUR})
"""Hours run from an instant to an instant: neither roll nor cutoff touches them."""
OFFICE: Final = frozenset({Measure.WORKING_DAY, Measure.WORKING_HOUR})
"""Measures that count only while the office works."""
_WEEKDAYS = "一二三四五六日"
_UNITS = {
    Measure.NATURAL_DAY: "日",
    Measure.WORKING_DAY: "个工作日",
    Measure.HOUR: "小时",
    Measure.WORKING_HOUR: "个工作小时",
}
_ROLLS = {Roll.NONE: "休息日不调整", Roll.FORWARD: "法定期间：顺延", Roll.BACK: "内部报送：提前"}
_PROVISIONAL = " 待核"
_LEAST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class DueDate:
    """A due instant in UTC, its proof, and whether it rests on days that no official notice settles yet."""

    at: datetime
    proof: str
    is_provisional: bool


def due_at(rule: DueRule, started_at: datetime, fixed_on: date | None, calendar: Calendar) -> DueDate:
    """Return when the time of `rule` is up.

    started_at: the instant of the event that the rule counts from.
    fixed_on: the date in the item's field, for rules that ask for it.
    raises: ValueError where a rule asks for a field date and there is none, or counts hours from it.
    """
    started = started_at.astimezone(calendar.zone)
    if rule.measure in HOURS and rule.anchor is not Anchor.FIELD:
        return _due_hour(rule, started, calendar)
    event = _event_day(rule, started, fixed_on)
    ending = ARITHMETICS[rule.measure, rule.roll](event, rule.length, calendar)
    steps = [*_opening(rule, event, ending), _dated(ending.counted)]
    if not calendar.works_on(ending.counted):
        steps.append(_ROLLS[rule.roll])
    proof = " → ".join([*steps, f"{ending.final.isoformat()} {clock_of(rule.cutoff_minutes)}"])
    is_provisional = not all(map(calendar.is_covered, ending.relied_on or ()))
    at = instant_of(ending.final, rule.cutoff_minutes, calendar)
    return DueDate(at, proof + _PROVISIONAL * is_provisional, is_provisional)


def earliest(dues: list[DueDate]) -> DueDate:
    """The due instant that comes first; its proof names the others. Provisional where any of them is."""
    first = min(dues, key=lambda due: due.at)
    others = "".join(f"；另一时限较迟：{due.proof}" for due in dues if due is not first)
    return DueDate(first.at, first.proof + others, any(due.is_provisional for due in dues))


def shift(at: datetime, offset: int, measure: Measure, calendar: Calendar) -> datetime:
    """Return `at` moved by `offset`, in UTC.

    Days keep the local time of day, and midnight is the end of the day before.
    """
    if measure is Measure.HOUR:
        return (at + timedelta(hours=offset)).astimezone(UTC)
    if measure is Measure.WORKING_HOUR:
        return working_hours(at, offset, calendar)
    local = at.astimezone(calendar.zone)
    day = (local - _LEAST).date()
    arithmetic = ARITHMETICS[measure, Roll.NONE]
    return (local + (arithmetic(day, offset, calendar).final - day)).astimezone(UTC)


def working_days_between(start_day: date, end_day: date, calendar: Calendar) -> int:
    """Count the working days after `start_day` up to and with `end_day`; negative when it lies before."""
    if end_day < start_day:
        return -working_days_between(end_day, start_day, calendar)
    days = (end_day - start_day).days
    return sum(calendar.works_on(start_day + timedelta(days=passed)) for passed in range(1, days + 1))


def clock_of(minutes: int) -> str:
    """A local minute of the day as it is read; 1440 is 24:00."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _due_hour(rule: DueRule, started: datetime, calendar: Calendar) -> DueDate:
    if rule.measure is Measure.HOUR:
        at, opening, is_provisional = natural_hours(started, rule.length), "起，当时不计", False
    else:
        at, opening = working_hours(started, rule.length, calendar), "起，只计办公时间"
        ends = (at.astimezone(calendar.zone) - _LEAST).date()
        is_provisional = not all(map(calendar.is_covered, (started.date(), ends)))
    ended = f"{at.astimezone(calendar.zone):%Y-%m-%d %H:%M}"
    proof = " → ".join([_words(rule), f"自 {started:%Y-%m-%d %H:%M} {opening}", ended])
    return DueDate(at, proof + _PROVISIONAL * is_provisional, is_provisional)


def _event_day(rule: DueRule, started: datetime, fixed_on: date | None) -> date:
    """The day that the length is counted from."""
    if rule.on is not None:
        return next_due(rule.on, started.date())
    if rule.anchor is not Anchor.FIELD:
        return started.date()
    if fixed_on is None:
        raise ValueError(f"the rule reckons from a date in {rule.field}, and there is none")
    if rule.measure in HOURS:
        raise ValueError("hours run from an instant, not from a date")
    return fixed_on


def _opening(rule: DueRule, event: date, ending: Ending) -> list[str]:
    if rule.anchor not in (Anchor.FIELD, Anchor.DAY):
        return [_words(rule), f"自 {event.isoformat()} 起，当日不计"]
    named = said(rule.on) if rule.on else f"{ending.counted.month}月{ending.counted.day}日前"
    if not rule.length:
        return [rule.words or named]
    return [_words(rule), f"自 {event.isoformat()} {'起' if rule.length > 0 else '倒推'}，当日不计"]


def _words(rule: DueRule) -> str:
    return rule.words or f"{abs(rule.length)}{_UNITS[rule.measure]}{'前' if rule.length < 0 else '内'}"


def _dated(day: date) -> str:
    return f"{day.isoformat()} 周{_WEEKDAYS[day.weekday()]}"
