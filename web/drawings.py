"""Where the bars of a time line stand, in whole thousandths of its width."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

WIDTH: Final = 1000


@dataclass(frozen=True, slots=True)
class Axis:
    """A stretch of days, both ends included."""

    first: date
    last: date

    def x(self, day: date) -> int:
        """Where a day begins; days outside stand at the ends."""
        inside = min(max(day, self.first), self.last + timedelta(days=1))
        return (inside - self.first).days * WIDTH // ((self.last - self.first).days + 1)

    def bar(self, starts_on: date, ends_on: date) -> tuple[int, int]:
        """Left end and width of a bar over some days; never too narrow to be seen."""
        left = self.x(starts_on)
        return left, max(self.x(ends_on + timedelta(days=1)) - left, 4)

    def months(self) -> Iterator[tuple[int, str]]:
        """Where each month begins, and its name."""
        day = self.first.replace(day=1)
        while day <= self.last:
            yield self.x(day), f"{day.month}月"
            day = (day + timedelta(days=31)).replace(day=1)


def axis_of(days: Iterator[date]) -> Axis:
    """The whole months that hold these days."""
    known = sorted(days)
    end = (known[-1].replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Axis(known[0].replace(day=1), end)
