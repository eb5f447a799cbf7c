"""Reads a calendar that a bureau adds: days that rest, days that work, office hours, and the year they settle."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from hashlib import sha256
from typing import Final

from engine.model.calendar import CalendarOverride, SpecialDays
from engine.model.errors import Invalid
from engine.rules.calendars import each_day
from workflows.builder import canonical
from workflows.cursor import Cursor
from workflows.dates import NO_DAY, as_day
from workflows.reader import Enough, read_yaml

LONGEST: Final = 31
"""How many days one entry may name: the longest holiday of a notice has eight."""
_REQUIRED: Final = ("id", "version", "label", "source")
_OPTIONAL: Final = ("covers", "hours", "rests", "works")
_HOURS: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")


def read_calendar(data: bytes, origin: str) -> CalendarOverride:
    """The calendar in these bytes of YAML or JSON.

    Raises Invalid with every problem.
    """
    document = read_yaml(data, origin)
    root = Cursor(document, document.tree)
    override = None
    with suppress(Enough):
        override = _override(root.closed(_REQUIRED, _OPTIONAL))
    if override is None or root.problems:
        raise Invalid(f"读取日历 {origin}", tuple(dict.fromkeys(root.problems)))
    return override


def _override(root: Cursor) -> CalendarOverride:
    days = tuple(_days(root))
    return CalendarOverride(
        id=root.at("id").as_id() if root.has("id") else "",
        version=root.integer("version", 1, 1, 9999),
        label=root.text("label"),
        source=root.text("source", limit=2000),
        days=days,
        covers=_covers(root.at("covers"), days) if root.has("covers") else None,
        hours=tuple(_hours(root)),
        sha256=sha256(canonical(root.document.tree).encode()).hexdigest(),
    )


def _covers(entry: Cursor, days: Sequence[SpecialDays]) -> int:
    """The last year that is settled: no year passes without a holiday, so it must name one."""
    year = entry.as_integer(2004, 2999)
    if year not in {each.year for special in days for each in (special.first, special.last)}:
        entry.complain(f"{year} 年没有一天放假安排", "写上这一年的 rests，或改小 covers")
    return year


def _days(root: Cursor) -> Iterator[SpecialDays]:
    taken: set[date] = set()
    for key, works in (("rests", False), ("works", True)):
        for entry in root.each(key):
            known = len(entry.problems)
            special = _special(entry.closed(("from", "label"), ("to",)), works=works)
            if len(entry.problems) == known:
                _check_taken(entry, special, taken)
                yield special


def _special(entry: Cursor, *, works: bool) -> SpecialDays:
    first = as_day(entry.at("from"))
    last = as_day(entry.at("to")) if entry.has("to") else first
    if NO_DAY not in (first, last) and not 0 <= (last - first).days < LONGEST:
        entry.complain(f"{first} 至 {last} 不是一段假期", f"to 不早于 from，一段不超过 {LONGEST} 天")
    return SpecialDays(first=first, last=last, works=works, label=entry.text("label"))


def _check_taken(entry: Cursor, special: SpecialDays, taken: set[date]) -> None:
    days = each_day(special.first, special.last)
    for day in sorted(taken.intersection(days)):
        entry.complain(f"{day} 写了两次", "同一天只写在一处")
    taken.update(days)


def _hours(root: Cursor) -> Iterator[tuple[int, int]]:
    before = 0
    for entry in root.each("hours"):
        found = _HOURS.fullmatch(entry.as_text())
        opens, closes = _minutes(found.groups()) if found else (0, 0)
        if not before <= opens < closes:
            entry.complain(f"办公时间不合规：{entry.value}", "按先后写成 08:30-12:00，互不重叠")
            continue
        before = closes
        yield opens, closes


def _minutes(parts: Sequence[str]) -> tuple[int, int]:
    begin_hour, begin_minute, end_hour, end_minute = map(int, parts)
    return begin_hour * 60 + begin_minute, end_hour * 60 + end_minute
