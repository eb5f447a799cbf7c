"""The calendar of China against the official notices and the package it is filled from."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from runtime.calendars import china_calendar


@pytest.mark.parametrize("day", ["04-26", "05-09", "06-28", "09-27", "10-10"])
def test_adjusted_weekends_of_2020_are_worked(day):
    assert china_calendar().works_on(date.fromisoformat(f"2020-{day}"))


@pytest.mark.parametrize("day", ["01-01", "05-01", "05-05", "06-25", "10-01", "10-08", "12-05", "12-06"])
def test_holidays_and_weekends_of_2020_rest(day):
    assert not china_calendar().works_on(date.fromisoformat(f"2020-{day}"))


def test_every_covered_day_is_as_the_package_says():
    calendar, first = china_calendar(), date(2004, 1, 1)
    days = [first + timedelta(days=n) for n in range((calendar.covered_until - first).days + 1)]

    assert len(days) > 8000
    assert [day for day in days if calendar.works_on(day) is not chinese_calendar.is_workday(day)] == []


def test_it_covers_the_last_year_with_a_notice_to_its_end():
    last = china_calendar().covered_until

    assert last >= date(2026, 12, 31)
    assert (last.month, last.day) == (12, 31)
    assert china_calendar().is_covered(last)
    assert not china_calendar().is_covered(last + timedelta(days=1))


def test_after_the_last_notice_it_follows_the_week():
    monday = date(2099, 1, 5)

    assert [china_calendar().works_on(monday + timedelta(days=n)) for n in range(7)] == [True] * 5 + [
        False
    ] * 2


def test_days_fixed_by_law_rest_where_no_notice_has_come_yet():
    calendar = china_calendar()

    assert not calendar.works_on(date(2099, 1, 1))
    assert not calendar.works_on(date(2099, 10, 2))
    assert calendar.works_on(date(2099, 10, 5))
    assert not calendar.is_covered(date(2099, 10, 2))
    assert not calendar.is_covered(date(2003, 12, 31))


def test_every_special_day_has_its_reason():
    calendar = china_calendar()

    assert set(calendar.notes) == set(calendar.exceptions)
    assert calendar.notes[date(2020, 10, 1)] == "国庆节"
    assert calendar.notes[date(2020, 5, 9)] == "劳动节调休"


def test_the_id_names_the_very_days():
    assert china_calendar().id.startswith(f"china-{china_calendar().covered_until.year}-")
    assert len(china_calendar().id.rpartition("-")[2]) == 8
