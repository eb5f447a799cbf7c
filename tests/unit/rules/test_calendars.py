"""A calendar laid over another, and what is said of a day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.model.calendar import CalendarOverride, SpecialDays
from engine.rules.calendars import day_told, each_day, overridden, years_left_out
from runtime.calendars import china_calendar

CHINA = china_calendar()
NEXT = CHINA.covered_until.year + 1
HOLIDAY = SpecialDays(first=date(NEXT, 2, 6), last=date(NEXT, 2, 12), works=False, label="春节")
MADE_UP = SpecialDays(first=date(NEXT, 2, 14), last=date(NEXT, 2, 14), works=True, label="春节调休")
NOTICE = CalendarOverride(
    id="notice", version=1, label="放假安排", source="通知", days=(HOLIDAY, MADE_UP), covers=NEXT
)


def test_named_days_change_and_every_other_day_stays() -> None:
    calendar = overridden(CHINA, NOTICE)
    named = {*each_day(HOLIDAY.first, HOLIDAY.last)}
    other = [date(2004, 1, 1) + timedelta(days=n) for n in range(366 * 22)]

    assert not any(map(calendar.works_on, named))
    assert calendar.works_on(MADE_UP.first)
    assert all(calendar.works_on(day) is CHINA.works_on(day) for day in other)


def test_the_horizon_moves_to_the_end_of_the_year_that_is_settled() -> None:
    calendar = overridden(CHINA, NOTICE)

    assert calendar.covered_until == date(NEXT, 12, 31)
    assert overridden(CHINA, replace(NOTICE, covers=None)).covered_until == CHINA.covered_until
    assert overridden(CHINA, replace(NOTICE, covers=2020)).covered_until == CHINA.covered_until


def test_a_fixed_day_rests_no_more_by_itself_once_its_year_is_settled() -> None:
    day = next(day for day in each_day(date(NEXT, 10, 1), date(NEXT, 10, 3)) if day.weekday() < 5)

    assert not CHINA.works_on(day)
    assert overridden(CHINA, NOTICE).works_on(day)


def test_a_horizon_may_not_jump_over_a_year_without_a_single_special_day() -> None:
    assert years_left_out(CHINA, NOTICE) == ()
    assert years_left_out(CHINA, replace(NOTICE, covers=NEXT + 1)) == (NEXT + 1,)
    assert years_left_out(CHINA, replace(NOTICE, days=())) == (NEXT,)
    assert years_left_out(CHINA, replace(NOTICE, days=(), covers=None)) == ()


def test_the_id_names_both_and_the_version() -> None:
    assert overridden(CHINA, NOTICE).id == f"{CHINA.id}+notice@1"


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2020-10-01", "2020-10-01 周四 休息：国庆节"),
        ("2020-05-09", "2020-05-09 周六 上班：劳动节调休"),
        ("2020-05-06", "2020-05-06 周三 上班"),
        ("2020-12-05", "2020-12-05 周六 休息：周末"),
        ("2099-10-02", "2099-10-02 周五 休息：固定节日（待核：尚无放假安排，按周末和固定节日推算）"),
        ("2099-10-09", "2099-10-09 周五 上班（待核：尚无放假安排，按周末和固定节日推算）"),
    ],
)
def test_a_day_says_whether_it_is_worked_and_why(day: str, told: str) -> None:
    assert day_told(CHINA, date.fromisoformat(day)) == told
