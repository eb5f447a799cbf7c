"""The words of a plan for days, read into rules and said again; and the days that a rule names."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from engine.model.dates import (
    DayRule,
    EachMonth,
    EachWeek,
    MonthEnd,
    Months,
    OnDate,
    Span,
    Third,
    Thirds,
    YearEnd,
)

EXAMPLES: Final = "12月5日前、4月底前、每月底、每月15日前、每周五前、4月上旬、4月中下旬、4月至11月、年底前"
"""What may be written, for messages."""
LONGEST_MONTHS: Final = {month: monthrange(2020, month)[1] for month in range(1, 13)}
"""The most days that a month can have: February has 29."""
_WEEKDAYS = "一二三四五六日"
_THIRDS: Mapping[str, tuple[Third, Third]] = {
    "上": (Third.EARLY, Third.EARLY),
    "中": (Third.MIDDLE, Third.MIDDLE),
    "下": (Third.LATE, Third.LATE),
    "上中": (Third.EARLY, Third.MIDDLE),
    "中下": (Third.MIDDLE, Third.LATE),
}
_SAID = {thirds: word for word, thirds in _THIRDS.items()}
_WEEK = timedelta(days=7)


def day_rule(words: str) -> DayRule | None:
    """The rule that these words name; None where they name none. A 前 at the end includes the day before it."""
    for pattern, read in _READERS:
        if found := pattern.fullmatch(words):
            return read(found)
    return None


def said(rule: DayRule) -> str:  # noqa: PLR0911 - one sentence a rule
    """The words of a rule, as a plan writes them: `day_rule(said(rule)) == rule`."""
    match rule:
        case OnDate(month, day, year):
            return f"{year}年{month}月{day}日前" if year else f"{month}月{day}日前"
        case MonthEnd(month):
            return f"{month}月底前" if month else "每月底"
        case YearEnd():
            return "年底前"
        case EachMonth(day):
            return f"每月{day}日前"
        case EachWeek(weekday):
            return f"每周{_WEEKDAYS[weekday]}前"
        case Thirds(month, first, last):
            return f"{month or '每'}月{_SAID[first, last]}旬"
        case Months(first, last):
            return f"{first}月" if first == last else f"{first}月至{last}月"


def spans(rule: DayRule, year: int) -> Iterator[Span]:
    """Every span of the rule in a year, in order; a week belongs to the year of its named day."""
    match rule:
        case OnDate(month, day, only):
            yield from _single(_day(year, month, day) for _ in range(only in (None, year)))
        case MonthEnd(month):
            yield from _single(_day(year, each, 31) for each in _months(month))
        case YearEnd():
            yield from _single([date(year, 12, 31)])
        case EachMonth(day):
            yield from _single(_day(year, each, day) for each in _months(None))
        case EachWeek(weekday):
            yield from _single(_weekly(year, weekday))
        case Thirds(month, first, last):
            for each in _months(month):
                yield Span(date(year, each, first), _day(year, each, 31 if last is Third.LATE else last + 9))
        case Months(begin, end):
            yield Span(date(year, begin, 1), _day(year, end, 31))


def due_days(rule: DayRule, from_on: date, until_on: date) -> list[date]:
    """Every due day of the rule between two days, both included, in order."""
    days = (span.last for year in range(from_on.year, until_on.year + 1) for span in spans(rule, year))
    return [day for day in days if from_on <= day <= until_on]


def next_due(rule: DayRule, day: date) -> date:
    """The first due day of the rule on or after `day`; of a rule with a year of its own its only day, past or not."""
    if isinstance(rule, OnDate) and rule.year:
        return _day(rule.year, rule.month, rule.day)
    found = (span.last for year in (day.year, day.year + 1) for span in spans(rule, year))
    return next(due for due in found if due >= day)


def period_of(rule: DayRule, day: date) -> str:
    """What a report that the rule asks for on a day reports on: the week, the month, or the year."""
    match rule:
        case EachWeek():
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02}"
        case MonthEnd(None) | EachMonth() | Thirds(None):
            return f"{day:%Y-%m}"
    return f"{day.year}"


def _single(days: Iterator[date] | list[date]) -> Iterator[Span]:
    return (Span(day, day) for day in days)


def _day(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _months(month: int | None) -> range:
    return range(month, month + 1) if month else range(1, 13)


def _weekly(year: int, weekday: int) -> Iterator[date]:
    first = date(year, 1, 1)
    day = first + timedelta(days=(weekday - first.weekday()) % 7)
    while day.year == year:
        yield day
        day += _WEEK


def _on_date(found: re.Match[str]) -> DayRule | None:
    year, month, day = found["year"], int(found["month"]), int(found["day"])
    known = 1 <= day <= LONGEST_MONTHS.get(month, 0)
    return OnDate(month, day, int(year) if year else None) if known else None


def _month_end(found: re.Match[str]) -> DayRule | None:
    month = int(found["month"])
    return MonthEnd(month) if month in LONGEST_MONTHS else None


def _each_month(found: re.Match[str]) -> DayRule | None:
    day = int(found["day"])
    return EachMonth(day) if 1 <= day <= 31 else None


def _each_week(found: re.Match[str]) -> DayRule:
    return EachWeek(_WEEKDAYS.index(found["weekday"].replace("天", "日")))


def _thirds(found: re.Match[str]) -> DayRule | None:
    month = None if found["month"] == "每" else int(found["month"])
    known = month is None or month in LONGEST_MONTHS
    return Thirds(month, *_THIRDS[found["thirds"]]) if known else None


def _whole_months(found: re.Match[str]) -> DayRule | None:
    first = int(found["first"])
    last = int(found["last"] or first)
    return Months(first, last) if 1 <= first <= last <= 12 else None


_NUMBER = "[1-9][0-9]?"
_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], DayRule | None]], ...] = (
    (
        re.compile(rf"(?:(?P<year>199[2-9]|2[0-9]{{3}})年)?(?P<month>{_NUMBER})月(?P<day>{_NUMBER})日前?"),
        _on_date,
    ),
    (re.compile(rf"(?P<month>{_NUMBER})月底前?"), _month_end),
    (re.compile(r"(?:每)?月底前?"), lambda _: MonthEnd()),
    (re.compile(r"年底前?"), lambda _: YearEnd()),
    (re.compile(rf"每月(?P<day>{_NUMBER})日前?"), _each_month),
    (re.compile(rf"每周(?P<weekday>[{_WEEKDAYS}天])前?"), _each_week),
    (re.compile(rf"(?P<month>每|{_NUMBER})月(?P<thirds>上中|中下|上|中|下)旬前?"), _thirds),
    (re.compile(rf"(?P<first>{_NUMBER})月(?:至(?P<last>{_NUMBER})月)?"), _whole_months),
)
