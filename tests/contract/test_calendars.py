"""The calendar that is shipped, and what was loaded over it."""

from dataclasses import replace
from datetime import date

import pytest

from engine.model.calendar import CalendarOverride, SpecialDays
from engine.model.errors import Conflict
from tests.contract.conftest import NOW
from tests.contract.stores import CALENDAR

OVERRIDE = CalendarOverride(
    id="county",
    version=1,
    label="放假安排",
    source="通知",
    days=(SpecialDays(first=date(2020, 7, 1), last=date(2020, 7, 2), works=False, label="建县纪念日"),),
    covers=2021,
    hours=((540, 720), (840, 1020)),
    sha256="0" * 64,
)
LATER = replace(OVERRIDE, version=2, days=())
HOLIDAY = date(2020, 7, 2)


def test_without_anything_loaded_the_shipped_one_is_in_force(begin):
    with begin(write=False) as uow:
        assert uow.calendars.newest() is None
        assert uow.calendars.find("county", 1) is None
        assert uow.calendars.shipped() is uow.calendars.in_force() is uow.calendar is CALENDAR


def test_a_calendar_comes_back_as_it_was(begin):
    with begin() as uow:
        uow.calendars.add(OVERRIDE, NOW)
        uow.commit()

    with begin(write=False) as uow:
        assert uow.calendars.newest() == uow.calendars.find("county", 1) == OVERRIDE
        assert uow.calendars.find("county", 2) is uow.calendars.find("other", 1) is None


def test_the_newest_replaces_the_ones_before(begin):
    for loaded, works in ((OVERRIDE, False), (LATER, True), (replace(OVERRIDE, id="a"), False)):
        with begin() as uow:
            uow.calendars.add(loaded, NOW)
            uow.commit()

        with begin(write=False) as uow:
            assert uow.calendar.works_on(HOLIDAY) is works
            assert uow.calendar.id == f"plain+{loaded.name}"
            assert uow.calendar.covered_until == date(2021, 12, 31)
            assert uow.calendars.newest() == loaded
            assert uow.calendars.shipped() is CALENDAR


def test_a_calendar_is_in_force_in_the_unit_that_loads_it(begin):
    with begin() as uow:
        assert uow.calendar.works_on(HOLIDAY)

        uow.calendars.add(OVERRIDE, NOW)

        assert not uow.calendar.works_on(HOLIDAY)
        assert uow.calendars.in_force().id == uow.calendar.id

    with begin() as uow:
        assert uow.calendar is CALENDAR


def test_a_version_is_loaded_once(begin):
    with begin() as uow:
        uow.calendars.add(OVERRIDE, NOW)
        with pytest.raises(Conflict):
            uow.calendars.add(replace(OVERRIDE, days=()), NOW)
