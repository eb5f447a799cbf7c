"""Which days and hours the office works. A calendar is data: how it is filled is the business of an adapter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta, timezone, tzinfo

LOCAL = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has had one zone without summer time since 1991; every campaign lies after that."""
OFFICE_HOURS = ((8 * 60 + 30, 12 * 60), (14 * 60 + 30, 18 * 60))
"""From and to, in local minutes of the day, in order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calendar:
    """Working and rest days. `exceptions` maps a day to True (works) or False (rests); other days follow the week.

    Official notices settle the days from `covered_from` to `covered_until`. Whatever rests on another day is
    provisional (待核): after the last notice also the (month, day) of `yearly_rests` rest, before the first none.
    """

    id: str
    """Names these very days: what was reckoned with one id is reckoned the same again."""
    exceptions: Mapping[date, bool]
    covered_until: date
    covered_from: date = date.min
    yearly_rests: frozenset[tuple[int, int]] = frozenset()
    notes: Mapping[date, str] = field(default_factory=dict)
    """Why an exception is one, e.g. 国庆节."""
    hours: tuple[tuple[int, int], ...] = OFFICE_HOURS
    zone: tzinfo = LOCAL

    def works_on(self, day: date) -> bool:
        """True when the office works on `day`."""
        special = self.exceptions.get(day)
        return self._follows_week(day) if special is None else special

    def is_covered(self, day: date) -> bool:
        """True when an official notice settles whether `day` is worked."""
        return self.covered_from <= day <= self.covered_until

    def _follows_week(self, day: date) -> bool:
        is_fixed = day > self.covered_until and (day.month, day.day) in self.yearly_rests
        return day.weekday() < 5 and not is_fixed


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDays:
    """Days from `first` to `last`, both included, that all work or all rest, and why."""

    first: date
    last: date
    works: bool
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarOverride:
    """What a bureau adds to the calendar that is shipped: a notice that came later, an order of the county.

    A version replaces the one before it as a whole. `covers` is the last year whose days are now settled.
    """

    id: str
    version: int
    label: str
    source: str
    days: tuple[SpecialDays, ...]
    covers: int | None = None
    hours: tuple[tuple[int, int], ...] = ()
    """Office hours; those of the calendar below where there are none."""
    sha256: str = ""

    @property
    def name(self) -> str:
        """Id and version."""
        return f"{self.id}@{self.version}"
