"""Outages of the worker in a rehearsal: times in which people work on and nobody sweeps, opens reports or delivers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from runtime.rehearsal.dice import Dice

_SECOND = timedelta(seconds=1)
_LONGEST_PAUSE_DAYS = 14


@dataclass(frozen=True, slots=True)
class Outages:
    """The outages of a year, in order and apart from each other: from when to when each lasts."""

    spans: tuple[tuple[datetime, datetime], ...] = ()

    def up_at(self, at: datetime) -> datetime:
        """The first instant from `at` on at which the worker runs."""
        return next((end for begin, end in self.spans if begin <= at < end), at)

    @property
    def total(self) -> timedelta:
        """How long they last together."""
        return sum((end - begin for begin, end in self.spans), timedelta())


def outages_between(begin: datetime, end: datetime, longest: timedelta, dice: Dice) -> Outages:
    """Outages of a second up to `longest`, as many short as long ones, at any hour; none reaches `end`."""
    return Outages(tuple(_spans(begin, end, longest, dice)))


def _spans(
    begin: datetime, end: datetime, longest: timedelta, dice: Dice
) -> Iterator[tuple[datetime, datetime]]:
    at, number = begin, 0
    while True:
        number += 1
        at += dice.share("outage", "from", number) * timedelta(days=_LONGEST_PAUSE_DAYS)
        until = at + _SECOND * (longest / _SECOND) ** dice.share("outage", "for", number)
        if until >= end:
            return
        yield at, until
        at = until
