"""Which days the office works. A calendar is data: how it is filled is the business of an adapter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta, timezone

LOCAL = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has had one zone without summer time since 1991; every campaign lies after that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Working and rest days. `exceptions` maps a day to True (works) or False (rests); other days follow the week.

    Days after `covered_until` have no official notice yet: whatever rests on them is provisional (待核).
    """

    id: str
    exceptions: Mapping[date, bool]
    covered_until: date

    def works_on(self, day: date) -> bool:
        """True when the office works on `day`."""
        special = self.exceptions.get(day)
        return day.weekday() < 5 if special is None else special

    def is_covered(self, day: date) -> bool:
        """True when an official notice settles whether `day` is worked."""
        return day <= self.covered_until
