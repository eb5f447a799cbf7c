"""The arithmetics of dates, each held against a reference that is found by another method."""

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.calendar import LOCAL, Calendar
from engine.model.clock import Anchor, DueRule, Measure, Roll
from engine.rules.date_arithmetic import (
    custody,
    instant_of,
    internal,
    natural_hours,
    statutory,
    working,
    working_hours,
)
from engine.rules.periods import due_at, shift
from runtime.calendars import china_calendar

CHINA = china_calendar()
DAY = timedelta(days=1)
COVERED = [date(2004, 1, 1) + n * DAY for n in range((CHINA.covered_until - date(2004, 1, 1)).days + 1)]
WORKED = [day for day in COVERED if CHINA.works_on(day)]
"""Every working day from 2004 on, in order: the n-th after a day is found by its place in the list."""
INSIDE = st.dates(date(2005, 1, 1), date(2025, 6, 1))
ZONES = ["Europe/Berlin", "America/New_York", "America/Sao_Paulo"]
"""One that changes at night, one that skips 02:00, one that skipped midnight itself."""


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def in_zone(name: str) -> Calendar:
    return Calendar(id=name, exceptions={}, covered_until=date(2100, 12, 31), zone=ZoneInfo(name))


def test_ten_thousand_working_day_limits_agree_with_the_list_of_all_working_days() -> None:
    random = Random(20201205)
    for _ in range(10_000):
        event, days = random.choice(COVERED[366:-700]), random.randint(1, 250)
        if random.random() < 0.2:
            days = -days
        place = bisect_right(WORKED, event) - (event in WORKED) * (days < 0)
        expected = WORKED[place + days - (days > 0)]

        assert working(event, days, CHINA).final == expected, f"{event} {days:+}"


@given(INSIDE, st.integers(0, 400))
def test_a_statutory_period_ends_on_the_first_working_day_from_its_last_day(event: date, days: int) -> None:
    ending = statutory(event, days, CHINA)

    assert ending.counted.toordinal() == event.toordinal() + days
    assert ending.final == min(day for day in WORKED if day >= ending.counted)


@given(INSIDE, st.integers(0, 400))
def test_an_internal_date_is_due_on_the_last_working_day_up_to_it(event: date, days: int) -> None:
    ending = internal(event, days, CHINA)

    assert ending.counted.toordinal() == event.toordinal() + days
    assert ending.final == max(day for day in WORKED if day <= ending.counted)


@given(st.dates(date(1992, 1, 1), date(2500, 1, 1)), st.integers(-400, 400))
def test_custody_never_moves_and_asks_no_calendar(event: date, days: int) -> None:
    ending = custody(event, days, CHINA)

    assert ending.final == ending.counted == date.fromordinal(event.toordinal() + days)
    assert ending.relied_on is None


@given(INSIDE, st.integers(0, 120))
def test_the_three_arithmetics_never_cross(event: date, days: int) -> None:
    assert internal(event, days, CHINA).final <= custody(event, days, CHINA).final
    assert custody(event, days, CHINA).final <= statutory(event, days, CHINA).final
    assert working(event, days, CHINA).final >= custody(event, days, CHINA).final


@given(INSIDE, st.integers(0, 120))
def test_a_later_event_never_ends_earlier(event: date, days: int) -> None:
    for arithmetic in (statutory, custody, internal, working):
        assert arithmetic(event, days, CHINA).final <= arithmetic(event + DAY, days, CHINA).final


@pytest.mark.parametrize(
    ("event", "days", "due"),
    [
        ("2020-04-24", 1, "2020-04-26"),  # the Sunday before the May holiday was worked
        ("2020-04-30", 3, "2020-05-08"),
        ("2020-05-08", 1, "2020-05-09"),  # a Saturday worked after it
        ("2020-09-25", 1, "2020-09-27"),
        ("2020-09-30", 1, "2020-10-09"),
        ("2020-10-09", 1, "2020-10-10"),
        ("2020-12-31", 1, "2021-01-04"),  # over the end of the year
        ("2020-02-28", 1, "2020-03-02"),  # over a leap day that was a Saturday
        ("2024-02-28", 1, "2024-02-29"),  # a leap day that is worked
    ],
)
def test_adjusted_days_leap_days_and_year_ends_are_worked_as_announced(event, days, due) -> None:
    assert working(date.fromisoformat(event), days, CHINA).final == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("event", "days", "ends", "moves"),
    [
        ("2020-01-24", 7, "2020-01-31", "2020-02-03"),  # the prolonged Spring Festival
        ("2020-04-01", 3, "2020-04-04", "2020-04-07"),  # 清明
        ("2020-04-23", 3, "2020-04-26", "2020-04-26"),  # a Sunday, but worked
        ("2020-12-02", 30, "2021-01-01", "2021-01-04"),
        ("2020-01-30", 30, "2020-02-29", "2020-03-02"),
    ],
)
def test_a_statutory_period_moves_to_the_day_after_the_holiday(event, days, ends, moves) -> None:
    ending = statutory(date.fromisoformat(event), days, CHINA)

    assert (f"{ending.counted}", f"{ending.final}") == (ends, moves)


def by_the_minute(start: datetime, hours: int) -> datetime:
    """Independent of the product: walk minute by minute and count those in which the office is open."""
    step = timedelta(minutes=1 if hours > 0 else -1)
    at, left = start, abs(hours) * 60
    while left:
        begins = min(at, at + step)
        minute = begins.hour * 60 + begins.minute
        is_open = 510 <= minute < 720 or 870 <= minute < 1080
        left -= is_open and begins.date() in WORKED
        at += step
    return at


def test_working_hours_agree_with_counting_minutes() -> None:
    random = Random(20200430)
    for _ in range(40):
        start = datetime(2020, 1, 1, tzinfo=LOCAL) + timedelta(minutes=random.randrange(366 * 1440))
        hours = random.choice([-20, -8, -1, 1, 2, 7, 8, 20])

        assert working_hours(start, hours, CHINA) == by_the_minute(start, hours), f"{start} {hours:+}"


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2020-04-30T17:00", 1, "2020-04-30T18:00"),  # the last hour of the day ends that day
        ("2020-04-30T17:00", 2, "2020-05-06T09:30"),  # over the holiday
        ("2020-05-09T11:30", 1, "2020-05-09T15:00"),  # over noon of a worked Saturday
        ("2020-05-01T10:00", 7, "2020-05-06T18:00"),  # asked for on a rest day
        ("2020-05-06T08:30", -1, "2020-04-30T17:00"),
        ("2020-05-06T08:31:30.5", 1, "2020-05-06T09:31:30.5"),
        ("2020-05-02T00:00", 0, "2020-05-02T00:00"),
    ],
)
def test_working_hours_run_only_while_the_office_is_open(start, hours, due) -> None:
    assert working_hours(local(start), hours, CHINA) == local(due)


@given(INSIDE, st.integers(0, 1439), st.integers(1, 60))
def test_working_hours_back_and_forth_lead_to_the_same_open_minute(
    day: date, minute: int, hours: int
) -> None:
    event = instant_of(day, minute, CHINA)
    there = working_hours(event, hours, CHINA)
    back = working_hours(there, -hours, CHINA)

    assert back >= event
    assert working_hours(back, hours, CHINA) == there


@pytest.mark.parametrize("hours", [1, 24, 48, 72])
def test_statutory_hours_leave_out_the_hour_of_the_event(hours: int) -> None:
    for minute in (0, 1, 59):
        start = local(f"2020-04-30T23:{minute:02}")
        assert natural_hours(start, hours) == local("2020-05-01T00:00") + timedelta(hours=hours)


@pytest.mark.parametrize("zone", ["Asia/Shanghai"])
def test_each_day_of_the_years_of_summer_time_in_china_ends_once(zone: str) -> None:
    _ends_once(in_zone(zone), date(1986, 1, 1), date(1992, 1, 1))


@pytest.mark.parametrize("zone", ZONES)
def test_sixty_years_of_summer_time_skip_no_day_and_double_none(zone: str) -> None:
    _ends_once(in_zone(zone), date(1977, 1, 1), date(2037, 1, 1))


def _ends_once(calendar: Calendar, first: date, end: date) -> None:
    """Each day is due at its own instant, on its own local day, in the order of days, whatever the hour."""
    for minutes in (0, 1, 90, 120, 150, 180, 18 * 60, 24 * 60):
        before = None
        for ordinal in range(first.toordinal(), end.toordinal()):
            day = date.fromordinal(ordinal)
            at = instant_of(day, minutes, calendar)
            shown = (at - timedelta(microseconds=1 if minutes == 1440 else 0)).astimezone(calendar.zone)
            assert shown.date() == day, f"{day} {minutes}"
            assert before is None or timedelta(hours=22) < at - before < timedelta(hours=26), (
                f"{day} {minutes}"
            )
            before = at


@pytest.mark.parametrize("zone", ["Asia/Shanghai", *ZONES])
def test_a_rung_of_each_day_before_a_limit_keeps_its_local_hour(zone: str) -> None:
    calendar = in_zone(zone)
    for year in range(1986, 2037):
        due = datetime(year, 12, 5, 18, tzinfo=calendar.zone).astimezone(UTC)
        steps = [
            shift(due, -days, Measure.NATURAL_DAY, calendar).astimezone(calendar.zone) for days in range(340)
        ]

        assert {step.time() for step in steps} == {time(18)}
        assert [step.date() for step in steps] == [date(year, 12, 5) - days * DAY for days in range(340)]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", *ZONES])
def test_hours_are_as_long_as_they_are_whatever_the_clocks_do(zone: str) -> None:
    calendar, rule = in_zone(zone), DueRule(anchor=Anchor.ENTRY, length=24, measure=Measure.HOUR)
    start = datetime(1986, 1, 1, tzinfo=UTC)
    for hour in range(0, 6 * 366 * 24, 5):
        event = start + timedelta(hours=hour, minutes=17)
        assert due_at(rule, event, None, calendar).at - event == timedelta(hours=24, minutes=43)


@given(st.dates(date(1992, 1, 1), date(2500, 1, 1)), st.integers(0, 1439), st.integers(0, 999_999))
def test_no_microsecond_around_midnight_moves_an_event_to_another_day(day, minute, micro) -> None:
    at = datetime.combine(day, time(minute // 60, minute % 60, 59, micro), LOCAL)
    rule = DueRule(anchor=Anchor.ENTRY, length=3, measure=Measure.NATURAL_DAY)

    assert due_at(rule, at, None, CHINA).at == instant_of(day + 4 * DAY, 0, CHINA)


@given(st.dates(date(2005, 1, 1), date(2025, 1, 1)), st.integers(-30, 30))
def test_a_rung_of_a_limit_at_midnight_stands_at_midnight(day: date, offset: int) -> None:
    due = instant_of(day, 24 * 60, CHINA)
    at = shift(due, offset, Measure.WORKING_DAY, CHINA)

    assert at == instant_of(working(day, offset, CHINA).final, 24 * 60, CHINA)


@given(st.dates(date(2005, 1, 1), date(2025, 1, 1)))
def test_roll_is_part_of_the_arithmetic_and_not_of_the_rung(day: date) -> None:
    due = due_at(
        DueRule(anchor=Anchor.FIELD, field="due_on", roll=Roll.BACK), local("2020-01-01T09:00"), day, CHINA
    )

    assert shift(due.at, -7, Measure.NATURAL_DAY, CHINA) == due.at - 7 * DAY
