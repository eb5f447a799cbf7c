"""Builds days and rules of time from what a document says: from where, how long, which arithmetic, by which words."""

import re
from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from engine.model.campaign import DutyDate
from engine.model.clock import Anchor, DueRule, Measure, Roll
from engine.model.dates import DayRule
from engine.rules.date_words import EXAMPLES, day_rule, due_days, period_of, said
from engine.rules.periods import ARITHMETICS, HOURS
from workflows.cursor import Cursor

NO_DAY: Final = date(2000, 1, 1)
"""Stands for a day that could not be read."""
_DAY: Final = re.compile(r"(199[2-9]|2[0-9]{3})-[0-9]{2}-[0-9]{2}")
_CUTOFF: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_LONGEST: Final = timedelta(days=2 * 366)
"""The longest time over which one line may repeat a day."""
_DAYS: Final = (Anchor.FIELD, Anchor.DAY)
"""Anchors that give a day and no instant: nothing else may be counted back from, and no hours run from them."""
_TOLD_BY: Final = {"field": Anchor.FIELD, "clock": Anchor.CLOCK, "on": Anchor.DAY}
"""Keys that belong to one anchor each."""


def build_due(entry: Cursor, dates: Collection[str], clocks: Collection[str]) -> DueRule:
    """The rule of this entry. `dates` and `clocks` are the fields and clocks that it may name."""
    anchor = entry.choice("anchor", Anchor, "起算点", Anchor.ENTRY)
    for key, only in _TOLD_BY.items():
        if (anchor is only) != entry.has(key):
            entry.complain(f"{key} 与 anchor: {only} 必须同时出现")
    measure = entry.choice("measure", Measure, "计算单位", Measure.NATURAL_DAY)
    roll = entry.choice("roll", Roll, "顺延方式", Roll.NONE)
    _check_arithmetic(entry, anchor, measure, roll)
    return DueRule(
        anchor=anchor,
        field=entry.one_of("field", dates, "日期字段") or None,
        clock=entry.one_of("clock", clocks, "时限") or None,
        on=_named_day(entry.at("on")) if entry.has("on") else None,
        length=_length(entry, anchor),
        measure=measure,
        roll=roll,
        cutoff_minutes=minutes_of_day(entry.at("cutoff")) if entry.has("cutoff") else 24 * 60,
        words=entry.text("words"),
        source=entry.text("source"),
    )


def as_day(entry: Cursor) -> date:
    """A day of a year from 1992: since then China has one zone, and no reckoning leaves the range of instants."""
    text = entry.as_text()
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    entry.complain(f"不是日期：{text[:40]}", "写成带引号的 '2020-04-30'，1992年以后")
    return NO_DAY


def recurring(entry: Cursor) -> tuple[DutyDate, ...]:
    """The dates of a duty that recurs: each day that the words name between two days, both included."""
    entry.closed(("words", "from", "to", "roll"))
    rule = _named_day(entry.at("words")) if entry.has("words") else None
    first, last = as_day(entry.at("from")), as_day(entry.at("to"))
    roll = entry.choice("roll", Roll, "顺延方式", Roll.NONE)
    if rule is None or NO_DAY in (first, last):
        return ()
    days = due_days(rule, first, min(last, first + _LONGEST))
    if not days or last > first + _LONGEST:
        entry.complain(f"{first} 至 {last} 不是一段有“{said(rule)}”的时间", "核对 from 和 to，不超过两年")
    return tuple(
        DutyDate(period=period_of(rule, day), due_on=day, words=said(rule), roll=roll) for day in days
    )


def minutes_of_day(entry: Cursor) -> int:
    """The local minute of the day that this value names, up to 24:00."""
    text = entry.as_text()
    if not _CUTOFF.fullmatch(text):
        entry.complain(f"时刻不合规：{text}", "写成 18:00")
        return 24 * 60
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _check_arithmetic(entry: Cursor, anchor: Anchor, measure: Measure, roll: Roll) -> None:
    if measure in HOURS:
        if roll is not Roll.NONE or entry.has("cutoff"):
            entry.complain("按小时计的时限没有 roll 和 cutoff", "删去这两个键；时刻由起算时刻推出")
        if anchor in _DAYS:
            entry.complain("按小时计的时限须从一个时刻起算", "anchor 改用 entry、opening 或 clock")
    elif (measure, roll) not in ARITHMETICS:
        entry.at("roll").complain("工作日计算的时限不会落在休息日", "删去 roll")


def _length(entry: Cursor, anchor: Anchor) -> int:
    if anchor not in _DAYS and not entry.has("length"):
        entry.complain("缺少 length", "从一个时刻起算的时限要写明长度")
    return entry.integer("length", 0, -3650 if anchor in _DAYS else 0, 36_500)


def _named_day(entry: Cursor) -> DayRule | None:
    words = entry.as_text()
    rule = day_rule(words)
    if words and rule is None:
        entry.complain(f"读不懂的日期：{words}", f"可写：{EXAMPLES}")
    return rule
