"""Rules that name days in the words of a plan: 12月5日前, 4月底前, 每月底, 每周五前, 4月上旬, 4月至11月."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import TypeAlias


class Third(IntEnum):
    """A third of a month; the number is its first day."""

    EARLY = 1
    """上旬: from the 1st to the 10th."""
    MIDDLE = 11
    """中旬: from the 11th to the 20th."""
    LATE = 21
    """下旬: from the 21st to the end of the month."""


@dataclass(frozen=True, slots=True)
class OnDate:
    """12月5日前: one day of the year, that day included. Where the year has no such day it is the last of the month."""

    month: int
    day: int
    year: int | None = None


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """4月底前: the last day of a month; without a month of every month (每月底)."""

    month: int | None = None


@dataclass(frozen=True, slots=True)
class YearEnd:
    """年底前: 31 December."""


@dataclass(frozen=True, slots=True)
class EachMonth:
    """每月15日前: a day of every month. Where a month has no such day it is its last."""

    day: int


@dataclass(frozen=True, slots=True)
class EachWeek:
    """每周五前: a day of every week, 0 for Monday."""

    weekday: int


@dataclass(frozen=True, slots=True)
class Thirds:
    """4月中下旬: one third of a month, or two that follow each other; without a month of every month (每月上旬)."""

    month: int | None
    first: Third
    last: Third


@dataclass(frozen=True, slots=True)
class Months:
    """4月至11月: whole months of one year."""

    first: int
    last: int


DayRule: TypeAlias = OnDate | MonthEnd | YearEnd | EachMonth | EachWeek | Thirds | Months


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days from `first` to `last`, both included. What is due in a span is due on its last day."""

    first: date
    last: date
