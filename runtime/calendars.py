"""The working calendar of China, filled from the tables of the package chinese_calendar."""

from datetime import date
from functools import cache
from types import MappingProxyType

from chinese_calendar import holidays, workdays

from engine.model.calendar import Calendar


@cache
def china_calendar() -> Calendar:
    """Return the calendar of the State Council's notices; it covers the last year that has one, to its end."""
    exceptions = {**dict.fromkeys(holidays, False), **dict.fromkeys(workdays, True)}
    covered_until = date(max(holidays).year, 12, 31)
    return Calendar(id="china", exceptions=MappingProxyType(exceptions), covered_until=covered_until)
