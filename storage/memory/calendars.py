"""Loaded calendars, and the one in force."""

from datetime import datetime

from engine.model.calendar import Calendar, CalendarOverride
from engine.rules.calendars import overridden
from storage.memory.rows import LoadedCalendar
from storage.memory.work import Work


class MemoryCalendars:
    """Fulfils `Calendars`."""

    def __init__(self, work: Work, shipped: Calendar) -> None:
        self._work = work
        self._shipped = shipped

    def shipped(self) -> Calendar:
        """See `Calendars.shipped`."""
        return self._shipped

    def in_force(self) -> Calendar:
        """See `Calendars.in_force`."""
        newest = self.newest()
        return self._shipped if newest is None else overridden(self._shipped, newest)

    def newest(self) -> CalendarOverride | None:
        """See `Calendars.newest`."""
        return next((one.override for one in reversed(list(self._work.tables.calendars))), None)

    def find(self, name: str, version: int) -> CalendarOverride | None:
        """See `Calendars.find`."""
        found = self._work.tables.calendars.get((name, version))
        return None if found is None else found.override

    def add(self, override: CalendarOverride, now: datetime) -> None:
        """See `Calendars.add`."""
        with self._work.writing() as tables:
            tables.calendars.add(LoadedCalendar(override, now))
