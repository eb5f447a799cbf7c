"""Progress against elapsed time (序时进度): how much of the time has passed, what is expected by then, what is there.

Shares are whole percent, rounded down, so that nobody is called behind before they are. The time in which a clock stood
still does not pass; a deadline that was moved counts from where its clock first began.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.model.calendar import Calendar
from engine.model.clock import Curve, Measure, Pace
from engine.model.deadline import Deadline
from engine.model.item import FieldValue, Item
from engine.rules.date_arithmetic import office_later, office_time

WHOLE = 100


@dataclass(frozen=True, slots=True)
class Lag:
    """What share of the time has passed, what share of the work is expected by then, and what is done; in percent."""

    elapsed: int
    expected: int
    actual: int

    @property
    def behind(self) -> int:
        """By how many points the work is behind; 0 where it is not."""
        return max(0, self.expected - self.actual)


def lag_of(pace: Pace, item: Item, deadline: Deadline, at: datetime, calendar: Calendar) -> Lag:
    """How an item stands at `at` against its deadline; work that was never reported is not done."""
    elapsed = elapsed_percent(deadline, pace.measure, at, calendar)
    return Lag(elapsed, expected_percent(pace, elapsed), _done(pace, item.fields))


def behind_at(pace: Pace, fields: Mapping[str, FieldValue], elapsed: int) -> int:
    """By how many points the work is behind what is expected once `elapsed` percent of the time have passed."""
    return Lag(elapsed, expected_percent(pace, elapsed), _done(pace, fields)).behind


def _done(pace: Pace, fields: Mapping[str, FieldValue]) -> int:
    actual = fields.get(pace.field)
    return actual if isinstance(actual, int) else 0


def expected_percent(pace: Pace, elapsed: int) -> int:
    """The progress expected once `elapsed` percent of the time have passed."""
    if elapsed >= WHOLE:
        return WHOLE
    if pace.curve is Curve.MILESTONES:
        return max((point.progress for point in pace.points if point.time <= elapsed), default=0)
    if pace.curve is Curve.S_CURVE:
        return elapsed * elapsed * (3 * WHOLE - 2 * elapsed) // WHOLE**2
    return elapsed


def elapsed_percent(deadline: Deadline, measure: Measure, at: datetime, calendar: Calendar) -> int:
    """The share of the time of a deadline that has passed at `at`."""
    if at >= deadline.due_at:
        return WHOLE
    total = _passed(deadline, measure, deadline.due_at, calendar)
    passed = _passed(deadline, measure, at, calendar)
    return passed * WHOLE // total if passed else 0


def instant_of_share(deadline: Deadline, measure: Measure, percent: int, calendar: Calendar) -> datetime:
    """The first instant at which `percent` (from 1 on) of the time of a deadline have passed."""
    total = _passed(deadline, measure, deadline.due_at, calendar)
    share = -(-total * percent // WHOLE)
    if not share:
        return deadline.due_at
    if measure is Measure.WORKING_DAY:
        return office_later(deadline.counts_from, share, calendar)
    return deadline.counts_from + share


def later_by(pace: Pace | None, stopped: Deadline, until: datetime, calendar: Calendar) -> datetime:
    """Where elapsed time counts from after a deadline stood still from its end until `until`."""
    since = stopped.ended_at or until
    if pace is None or pace.measure is not Measure.WORKING_DAY:
        return stopped.counts_from + (until - since)
    still = office_time(since, until, calendar)
    return office_later(stopped.counts_from, still, calendar) if still else stopped.counts_from


def _passed(deadline: Deadline, measure: Measure, at: datetime, calendar: Calendar) -> timedelta:
    if measure is Measure.WORKING_DAY:
        return office_time(deadline.counts_from, at, calendar)
    return max(at - deadline.counts_from, timedelta())
