"""Periods: from a rule of time to a due instant, with the sentence that shows how it was found."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from engine.model.calendar import LOCAL, Calendar
from engine.model.clock import Anchor, DueRule, Measure, Roll

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_WEEKDAYS = "一二三四五六日"
_UNITS = {Measure.NATURAL_DAY: "日", Measure.WORKING_DAY: "个工作日", Measure.HOUR: "小时"}
_ROLLS = {Roll.NONE: "休息日不调整", Roll.FORWARD: "法定期间：顺延", Roll.BACK: "内部报送：提前"}
_STEPS = {Roll.FORWARD: _DAY, Roll.BACK: -_DAY}
_PROVISIONAL = " 待核"


@dataclass(frozen=True, slots=True)
class DueDate:
    """A due instant in UTC, its proof, and whether it rests on days that no official notice settles yet."""

    at: datetime
    proof: str
    is_provisional: bool


def due_at(rule: DueRule, started_at: datetime, fixed_on: date | None, calendar: Calendar) -> DueDate:
    """Return when the time of `rule` is up. `fixed_on` is the date in the item's field, for rules that ask for it.

    Hours run day and night: neither roll nor cutoff touches them.
    raises: ValueError where a rule asks for a field date and there is none, or counts hours from it.
    """
    if rule.anchor is Anchor.ENTRY and rule.measure is Measure.HOUR:
        return _due_hour(rule, started_at)
    first = _first_day(rule, started_at, fixed_on)
    day = _counted(first, rule.length, rule.measure, calendar)
    rolled = _rolled(day, rule.roll, calendar)
    is_provisional = not calendar.is_covered(max(first, day, rolled))
    steps = [*_opening(rule, started_at, day), _dated(day)]
    if not calendar.works_on(day):
        steps.append(_ROLLS[rule.roll])
    proof = " → ".join([*steps, _cutoff_words(rolled, rule.cutoff_minutes)])
    at = (_midnight(rolled) + timedelta(minutes=rule.cutoff_minutes)).astimezone(UTC)
    return DueDate(at, proof + _PROVISIONAL * is_provisional, is_provisional)


def shift(at: datetime, offset: int, measure: Measure, calendar: Calendar) -> datetime:
    """Return `at` moved by `offset`; days keep the local time of day, and midnight is the end of the day before."""
    if measure is Measure.HOUR:
        return (at + offset * _HOUR).astimezone(UTC)
    day = (at.astimezone(LOCAL) - timedelta(microseconds=1)).date()
    moved = _counted(day, offset, measure, calendar)
    return (at + (moved - day)).astimezone(UTC)


def working_days_between(start_day: date, end_day: date, calendar: Calendar) -> int:
    """Count the working days after `start_day` up to and with `end_day`; negative when it lies before."""
    if end_day < start_day:
        return -working_days_between(end_day, start_day, calendar)
    days = (end_day - start_day).days
    return sum(calendar.works_on(start_day + timedelta(days=passed)) for passed in range(1, days + 1))


def _due_hour(rule: DueRule, started_at: datetime) -> DueDate:
    """The hour of the event is not counted: the first one begins with the next full hour."""
    start = started_at.astimezone(LOCAL)
    at = start.replace(minute=0, second=0, microsecond=0) + (1 + rule.length) * _HOUR
    opening = [_words(rule), f"自 {start:%Y-%m-%d %H:%M} 起，当时不计"]
    return DueDate(at.astimezone(UTC), " → ".join([*opening, f"{at:%Y-%m-%d %H:%M}"]), is_provisional=False)


def _first_day(rule: DueRule, started_at: datetime, fixed_on: date | None) -> date:
    if rule.anchor is Anchor.ENTRY:
        return started_at.astimezone(LOCAL).date()
    if fixed_on is None:
        raise ValueError(f"the rule reckons from a date in {rule.field}, and there is none")
    if rule.measure is Measure.HOUR:
        raise ValueError("hours run from an instant, not from a date")
    return fixed_on


def _counted(day: date, length: int, measure: Measure, calendar: Calendar) -> date:
    """The day `length` days away; `day` itself is not counted."""
    if measure is Measure.NATURAL_DAY:
        return day + timedelta(days=length)
    step = _DAY if length > 0 else -_DAY
    left = abs(length)
    while left:
        day += step
        left -= calendar.works_on(day)
    return day


def _rolled(day: date, roll: Roll, calendar: Calendar) -> date:
    while roll is not Roll.NONE and not calendar.works_on(day):
        day += _STEPS[roll]
    return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, LOCAL)


def _opening(rule: DueRule, started_at: datetime, day: date) -> list[str]:
    if rule.anchor is Anchor.FIELD:
        return [rule.words or f"{day.month}月{day.day}日前"]
    return [_words(rule), f"自 {started_at.astimezone(LOCAL):%Y-%m-%d} 起，当日不计"]


def _words(rule: DueRule) -> str:
    return rule.words or f"{rule.length}{_UNITS[rule.measure]}内"


def _dated(day: date) -> str:
    return f"{day.isoformat()} 周{_WEEKDAYS[day.weekday()]}"


def _cutoff_words(day: date, minutes: int) -> str:
    return f"{day.isoformat()} {minutes // 60:02}:{minutes % 60:02}"
