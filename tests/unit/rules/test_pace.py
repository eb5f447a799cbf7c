"""Progress against elapsed time: shares of the time, curves, office hours, and time in which a clock stood still."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from engine.model.calendar import Calendar
from engine.model.clock import Curve, Measure, Milestone, Pace
from engine.model.deadline import Deadline, Outcome
from engine.rules.pace import Lag, elapsed_percent, expected_percent, instant_of_share, lag_of, later_by
from tests.builders import an_item

CALENDAR = Calendar(id="plain", exceptions={}, covered_until=date(2020, 12, 31))
MONDAY = datetime(2020, 5, 11, 0, 30, tzinfo=UTC)
"""08:30 in China."""
DAY = timedelta(days=1)
DAYS, OFFICE = Measure.NATURAL_DAY, Measure.WORKING_DAY
LINEAR = Pace(field="percent", curve=Curve.LINEAR)
STEPS = Pace(
    field="percent",
    curve=Curve.MILESTONES,
    points=(Milestone(time=30, progress=10), Milestone(time=70, progress=80)),
)


def a_deadline(days: int = 10, start: datetime = MONDAY, **changes: object) -> Deadline:
    deadline = Deadline(
        item=an_item().id,
        clock="work",
        revision=1,
        armed_at=start,
        started_at=start,
        counts_from=start,
        due_at=start + days * DAY,
        original_due_at=start + days * DAY,
        proof="",
        is_provisional=False,
        calendar="plain",
        next_rung=None,
        next_at=None,
    )
    return replace(deadline, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hours", "percent"), [(-5, 0), (0, 0), (2.39, 0), (2.4, 1), (120, 50), (239, 99), (240, 100)]
)
def test_a_share_of_the_time_is_whole_and_rounded_down(hours: float, percent: int) -> None:
    assert elapsed_percent(a_deadline(), DAYS, MONDAY + timedelta(hours=hours), CALENDAR) == percent


def test_office_time_stands_still_at_night_and_on_rest_days() -> None:
    week = a_deadline(5, due_at=datetime(2020, 5, 15, 10, tzinfo=UTC))  # Monday 08:30 to Friday 18:00

    def after(day: int, hour: int) -> int:
        return elapsed_percent(week, OFFICE, datetime(2020, 5, day, hour, tzinfo=UTC), CALENDAR)

    assert [after(11, 10), after(12, 0), after(13, 4), after(15, 9)] == [20, 20, 50, 97]
    fortnight = replace(week, due_at=week.due_at + 7 * DAY)
    assert {
        elapsed_percent(fortnight, OFFICE, week.due_at + hours * timedelta(hours=1), CALENDAR)
        for hours in range(62)
    } == {50}


@pytest.mark.parametrize("measure", [DAYS, OFFICE])
@pytest.mark.parametrize("percent", [1, 33, 50, 99, 100])
def test_the_instant_of_a_share_is_the_first_at_which_it_has_passed(measure: Measure, percent: int) -> None:
    deadline = a_deadline(37, MONDAY + timedelta(hours=3, seconds=7))

    at = instant_of_share(deadline, measure, percent, CALENDAR)

    assert elapsed_percent(deadline, measure, at, CALENDAR) >= percent
    assert elapsed_percent(deadline, measure, at - timedelta(microseconds=1), CALENDAR) < percent


def test_a_limit_without_time_is_over_when_it_is_due() -> None:
    none = a_deadline(0)
    weekend = a_deadline(1, MONDAY + 5 * DAY)

    assert elapsed_percent(none, DAYS, MONDAY, CALENDAR) == 100
    assert instant_of_share(none, DAYS, 50, CALENDAR) == none.due_at
    assert instant_of_share(weekend, OFFICE, 50, CALENDAR) == weekend.due_at
    assert elapsed_percent(weekend, OFFICE, weekend.due_at - DAY / 2, CALENDAR) == 0


@pytest.mark.parametrize(
    ("pace", "expected"),
    [
        (LINEAR, [0, 25, 50, 75, 100]),
        (replace(LINEAR, curve=Curve.S_CURVE), [0, 15, 50, 84, 100]),
        (STEPS, [0, 0, 10, 80, 100]),
    ],
)
def test_each_curve_expects_its_share(pace: Pace, expected: list[int]) -> None:
    assert [expected_percent(pace, elapsed) for elapsed in (0, 25, 50, 75, 100)] == expected


def test_a_milestone_counts_from_its_very_percent() -> None:
    assert [expected_percent(STEPS, elapsed) for elapsed in (29, 30, 69, 70, 99)] == [0, 10, 10, 80, 80]


def test_the_lag_is_told_in_points_and_unreported_work_is_not_done() -> None:
    half = MONDAY + 5 * DAY
    reported, silent = an_item(fields={"percent": 35}), an_item(fields={})

    assert lag_of(LINEAR, reported, a_deadline(), half, CALENDAR) == Lag(elapsed=50, expected=50, actual=35)
    assert lag_of(LINEAR, reported, a_deadline(), half, CALENDAR).behind == 15
    assert lag_of(LINEAR, silent, a_deadline(), half, CALENDAR).behind == 50
    assert lag_of(LINEAR, an_item(fields={"percent": 90}), a_deadline(), half, CALENDAR).behind == 0


def test_time_in_which_the_clock_stood_still_does_not_pass() -> None:
    stopped = a_deadline(outcome=Outcome.SUSPENDED, ended_at=MONDAY + 5 * DAY)
    back = MONDAY + 25 * DAY
    again = replace(
        a_deadline(), counts_from=later_by(LINEAR, stopped, back, CALENDAR), due_at=stopped.due_at + 20 * DAY
    )

    assert elapsed_percent(again, DAYS, back, CALENDAR) == 50
    assert elapsed_percent(again, DAYS, back + DAY, CALENDAR) == 60


def test_by_office_time_a_stop_over_the_weekend_is_no_stop() -> None:
    pace = replace(LINEAR, measure=OFFICE)
    friday = datetime(2020, 5, 15, 10, tzinfo=UTC)
    stopped = a_deadline(20, outcome=Outcome.SUSPENDED, ended_at=friday)

    assert later_by(pace, stopped, friday + 2 * DAY, CALENDAR) == stopped.counts_from
    assert later_by(pace, stopped, friday + 3 * DAY, CALENDAR) == stopped.counts_from + timedelta(hours=9.5)
    assert later_by(None, stopped, friday + 2 * DAY, CALENDAR) == stopped.counts_from + 2 * DAY
