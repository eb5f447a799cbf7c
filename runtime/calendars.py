"""The working calendar of China, filled from the tables of the package chinese_calendar."""

from datetime import date
from functools import cache
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from chinese_calendar import Holiday, holidays, workdays

from engine.model.calendar import Calendar

FIXED: Final = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""元旦, 劳动节 and 国庆节: the days of the solar year that rest by law whatever a notice adds (国务院令第795号)."""


@cache
def china_calendar() -> Calendar:
    """Return the calendar of the State Council's notices; it covers the first to the last year that has one."""
    exceptions = {**dict.fromkeys(holidays, False), **dict.fromkeys(workdays, True)}
    last = max(holidays).year
    return Calendar(
        id=f"china-{last}-{_digest(exceptions)}",
        exceptions=MappingProxyType(exceptions),
        covered_from=date(min(holidays).year, 1, 1),
        covered_until=date(last, 12, 31),
        yearly_rests=FIXED,
        notes=MappingProxyType(_notes()),
    )


def _digest(exceptions: dict[date, bool]) -> str:
    """Eight digits that differ when a day does."""
    rows = (f"{day} {exceptions[day]:d}\n" for day in sorted(exceptions))
    return sha256("".join(rows).encode()).hexdigest()[:8]


def _notes() -> dict[date, str]:
    rests = {day: Holiday(name).chinese for day, name in holidays.items()}
    return rests | {day: f"{Holiday(name).chinese}调休" for day, name in workdays.items()}
