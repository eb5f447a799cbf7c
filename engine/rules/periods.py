"""Periods: from a rule of time to a due instant, with the sentence that shows how it was found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Final

from engine.model.calendar import Calendar
from engine.model.clock import Anchor, DueRule, Measure, Roll
from engine.rules.date_arithmetic import (
    Ending,
    custody,
    instant_of,
    internal,
    natural_hours,
    office_later,
    office_time,
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


@dataclass(frozen=True, slots=True, order=True)
class Stop:
    """A time in which a clock stood still."""

    began_at: datetime
    ended_at: datetime


def due_at(
    rule: DueRule,
    started_at: datetime,
    fixed_on: date | None,
    calendar: Calendar,
    stops: Sequence[Stop] = (),
) -> DueDate:
    """Return when the time of `rule` is up.

    started_at: the instant of the event that the rule counts from.
    fixed_on: the date in the item's field, for rules that ask for it.
    stops: the times in which the clock stood still; each is given back in the measure of the rule.
    raises: ValueError where a rule asks for a field date and there is none, or counts hours from it.
    """
    started = started_at.astimezone(calendar.zone)
    if rule.measure in HOURS and rule.anchor is not Anchor.FIELD:
        return _due_hour(rule, started, calendar, stops)
    event = _event_day(rule, started, fixed_on)
    arithmetic = ARITHMETICS[rule.measure, rule.roll]
    ending = arithmetic(event, rule.length, calendar)
    steps = [*_opening(rule, event, ending), _dated(ending.counted)]
    relied_on = [*(ending.relied_on or ())]
    if stops:
        lost = sum(_days_lost(stop, rule.measure, calendar) for stop in stops)
        ending = arithmetic(ending.counted, lost, calendar)
        steps += [f"中止 {lost} {_UNITS[rule.measure].removeprefix('个')}", _dated(ending.counted)]
        relied_on += ending.relied_on or ()
    if not calendar.works_on(ending.counted):
        steps.append(_ROLLS[rule.roll])
    proof = " → ".join([*steps, f"{ending.final.isoformat()} {clock_of(rule.cutoff_minutes)}"])
    is_provisional = not all(map(calendar.is_covered, relied_on))
    at = instant_of(ending.final, rule.cutoff_minutes, calendar)
    return DueDate(at, proof + _PROVISIONAL * is_provisional, is_provisional)


def time_lost(stop: Stop, measure: Measure, calendar: Calendar) -> str:
    """How much a stop gives back to a clock, in the words of its measure."""
    if measure in HOURS:
        return _hours_told(_hours_lost(stop, measure, calendar))
    return f"{_days_lost(stop, measure, calendar)} {_UNITS[measure].removeprefix('个')}"


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
    if measure is Measure.NATURAL_DAY:
        return (local + timedelta(days=offset)).astimezone(UTC)
    day = (local - _LEAST).date()
    return (local + (working(day, offset, calendar).final - day)).astimezone(UTC)


def working_days_between(start_day: date, end_day: date, calendar: Calendar) -> int:
    """Count the working days after `start_day` up to and with `end_day`; negative when it lies before."""
    if end_day < start_day:
        return -working_days_between(end_day, start_day, calendar)
    whole_years = sum(_worked(calendar, year)[-1] for year in range(start_day.year, end_day.year))
    return whole_years + _worked_up_to(end_day, calendar) - _worked_up_to(start_day, calendar)


def _worked_up_to(day: date, calendar: Calendar) -> int:
    """The working days of a year up to and with `day`."""
    return _worked(calendar, day.year)[day.timetuple().tm_yday]


@lru_cache(maxsize=128)
def _worked(calendar: Calendar, year: int) -> tuple[int, ...]:
    """The working days of a year behind each of its days, none before the first. A calendar never changes."""
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    works = (calendar.works_on(date.fromordinal(day)) for day in range(first, last + 1))
    return tuple(accumulate(works, initial=0))


def clock_of(minutes: int) -> str:
    """A local minute of the day as it is read; 1440 is 24:00."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _due_hour(rule: DueRule, started: datetime, calendar: Calendar, stops: Sequence[Stop]) -> DueDate:
    if rule.measure is Measure.HOUR:
        at, opening = natural_hours(started, rule.length), "起，当时不计"
    else:
        at, opening = working_hours(started, rule.length, calendar), "起，只计办公时间"
    steps = [_words(rule), f"自 {started:%Y-%m-%d %H:%M} {opening}"]
    if lost := sum((_hours_lost(stop, rule.measure, calendar) for stop in stops), timedelta()):
        steps.append(f"中止 {_hours_told(lost)}")
        at = at + lost if rule.measure is Measure.HOUR else office_later(at, lost, calendar)
    ends = (at.astimezone(calendar.zone) - _LEAST).date()
    is_settled = rule.measure is Measure.HOUR or all(map(calendar.is_covered, (started.date(), ends)))
    proof = " → ".join([*steps, f"{at.astimezone(calendar.zone):%Y-%m-%d %H:%M}"])
    return DueDate(at, proof + _PROVISIONAL * (not is_settled), not is_settled)


def _days_lost(stop: Stop, measure: Measure, calendar: Calendar) -> int:
    """The days of a stop as a clock of days counts them: the first is left out, as at every beginning (民法典 §201).

    What was used of it before, and of the last day after, is thus one day together.
    """
    first, last = (at.astimezone(calendar.zone).date() for at in (stop.began_at, stop.ended_at))
    return working_days_between(first, last, calendar) if measure in OFFICE else (last - first).days


def _hours_lost(stop: Stop, measure: Measure, calendar: Calendar) -> timedelta:
    if measure is Measure.WORKING_HOUR:
        return office_time(stop.began_at, stop.ended_at, calendar)
    return stop.ended_at - stop.began_at


def _hours_told(lost: timedelta) -> str:
    minutes = lost // timedelta(minutes=1)
    return f"{minutes // 60} 小时" + f" {minutes % 60} 分" * bool(minutes % 60)


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
