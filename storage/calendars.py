"""Loaded calendars, and the one in force."""

from datetime import datetime
from functools import lru_cache

from sqlalchemy import bindparam, func, insert, select

from engine.model.calendar import Calendar, CalendarOverride
from engine.rules.calendars import overridden
from storage.codec import load
from storage.prepared import Prepared, Session
from storage.rows import row_of_calendar
from storage.tables import calendar

ADD = Prepared(insert(calendar))
COUNT = Prepared(select(func.count().label("loaded")).select_from(calendar))
NEWEST = Prepared(select(calendar.c.body).order_by(calendar.c.position.desc()).limit(1))
FIND = Prepared(
    select(calendar.c.body).where(
        calendar.c.id == bindparam("id"), calendar.c.version == bindparam("version")
    )
)


class SqlCalendars:
    """Fulfils `Calendars`. The one in force is looked up once in a transaction."""

    def __init__(self, session: Session, shipped: Calendar) -> None:
        self._session = session
        self._shipped = shipped
        self._in_force: Calendar | None = None

    def shipped(self) -> Calendar:
        """See `Calendars.shipped`."""
        return self._shipped

    def in_force(self) -> Calendar:
        """See `Calendars.in_force`."""
        if self._in_force is None:
            row = self._session.one(NEWEST)
            self._in_force = self._shipped if row is None else _overridden(self._shipped, row["body"])
        return self._in_force

    def newest(self) -> CalendarOverride | None:
        """See `Calendars.newest`."""
        row = self._session.one(NEWEST)
        return None if row is None else load(CalendarOverride, row["body"])

    def find(self, name: str, version: int) -> CalendarOverride | None:
        """See `Calendars.find`."""
        row = self._session.one(FIND, id=name, version=version)
        return None if row is None else load(CalendarOverride, row["body"])

    def add(self, override: CalendarOverride, now: datetime) -> None:
        """See `Calendars.add`."""
        self._in_force = None
        row = self._session.one(COUNT)
        self._session.run(ADD, **row_of_calendar(override, row["loaded"] + 1 if row else 1, now))


@lru_cache(maxsize=8)
def _overridden(shipped: Calendar, body: str) -> Calendar:
    """A loaded calendar never changes, and most units of work ask for it."""
    return overridden(shipped, load(CalendarOverride, body))
