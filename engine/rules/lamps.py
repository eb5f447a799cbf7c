"""The lamp of an item and the sentence that explains it: a pure function of what is stored and of the instant.

Nothing is kept of a lamp. Each limit that runs shows the colour of the highest rung of its ladder that time has
reached, and where it declares a pace also how far the work is behind; returned twice is poor quality. The worst counts.
An item that was red and caught up stays yellow until it keeps a limit or is closed (瓯海 2020: 红灯追上后转黄灯), so
that time alone never betters a lamp: only acts do. `docs/lamps.md` has the whole rule for readers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engine.model.calendar import LOCAL, Calendar
from engine.model.clock import ClockDef, Ladder, Lamp, Pace, Rung
from engine.model.deadline import Deadline, Firing, Outcome
from engine.model.definition import Definition, Stage
from engine.model.item import Item
from engine.rules.escalation import rung_at
from engine.rules.pace import Lag, lag_of

WORDS: Final = {Lamp.GREEN: "绿灯", Lamp.BLUE: "蓝灯", Lamp.YELLOW: "黄灯", Lamp.RED: "红灯"}
POOR: Final = 2
"""Returned so often, the work is poor."""
_SEVERITY: Final = {lamp: place for place, lamp in enumerate(Lamp)}
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Signal:
    """A lamp and the sentence that says why."""

    lamp: Lamp
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a lamp is found from: an item, every revision of its deadlines, and the rungs that were fired on it."""

    definition: Definition
    item: Item
    deadlines: Sequence[Deadline]
    firings: Sequence[Firing]


def signal_of(facts: Facts, now: datetime, calendar: Calendar) -> Signal:
    """The lamp of an item at `now`, with its sentence. Always an answer."""
    if facts.item.stage is Stage.CLOSED:
        on = facts.item.closed_at
        return _said(Lamp.GREEN, [f"已办结（{on.astimezone(LOCAL):%Y-%m-%d}）" if on else "已办结"])
    found = [*_running(facts, now, calendar), *_quality(facts.item), *_remembered(facts, calendar)]
    lamp = worst(lamp for lamp, _ in found)
    return _said(lamp, [why for colour, why in found if colour is lamp] or ["没有正在计时的时限"])


def worst(lamps: Iterator[Lamp]) -> Lamp:
    """The worst of some lamps; green where there is none."""
    return max(lamps, key=_SEVERITY.__getitem__, default=Lamp.GREEN)


def lamp_of_time(ladder: Ladder | None, deadline: Deadline, at: datetime, calendar: Calendar) -> Lamp:
    """The colour of the highest rung that time has reached at `at`; past the due instant it is red without one."""
    rungs = ladder.rungs if ladder else ()
    reached = [rung for rung in rungs if rung_at(rung, deadline, calendar) <= at]
    if at >= deadline.due_at and not any(rung.offset >= 0 for rung in reached):
        return Lamp.RED
    return worst(rung.lamp for rung in reached)


def lamp_of_lag(pace: Pace, lag: Lag) -> Lamp:
    """The colour of work that is behind its time."""
    if lag.behind > pace.red:
        return Lamp.RED
    return Lamp.YELLOW if lag.behind >= pace.yellow else Lamp.GREEN


def lag_told(lag: Lag) -> str:
    """A lag as a reader meets it."""
    over = f"，落后 {lag.behind} 个百分点" if lag.behind else ""
    return f"已用时 {lag.elapsed}%，应完成 {lag.expected}%，实际 {lag.actual}%{over}"


def _said(lamp: Lamp, reasons: Sequence[str]) -> Signal:
    return Signal(lamp, f"{WORDS[lamp]}：{'；'.join(reasons)}")


def _running(facts: Facts, now: datetime, calendar: Calendar) -> Iterator[tuple[Lamp, str]]:
    """What the limits that run say: how far off each is, and whether the work keeps pace."""
    for deadline in facts.deadlines:
        clock = facts.definition.clocks_by_id.get(deadline.clock)
        if deadline.outcome is not None or clock is None:
            continue
        ladder = facts.definition.ladders_by_id.get(clock.ladder)
        yield lamp_of_time(ladder, deadline, now, calendar), _time_told(clock, deadline, now)
        if clock.pace and now < deadline.due_at:
            lag = lag_of(clock.pace, facts.item, deadline, now, calendar)
            yield lamp_of_lag(clock.pace, lag), lag_told(lag)


def _time_told(clock: ClockDef, deadline: Deadline, now: datetime) -> str:
    due = f"{deadline.due_at.astimezone(LOCAL):%Y-%m-%d %H:%M}"
    if now >= deadline.due_at:
        return f"{clock.label}已逾期 {(now - deadline.due_at) // _DAY + 1} 天（{due} 到期）"
    left = (deadline.due_at - now) // _DAY
    return f"{clock.label}{f'还有 {left} 天' if left else '不到 1 天'}（{due} 到期）"


def _quality(item: Item) -> Iterator[tuple[Lamp, str]]:
    if item.returned_count >= POOR:
        yield Lamp.YELLOW, f"已退回 {item.returned_count} 次"


def _remembered(facts: Facts, calendar: Calendar) -> Iterator[tuple[Lamp, str]]:
    """That the item was red, unless it has kept a limit since."""
    reds = [*_ended_red(facts, calendar), *_fired_red(facts)]
    if not reds:
        return
    at, why = max(reds)
    if not any(at < kept for kept in _kept(facts.deadlines)):
        day = f"{at.astimezone(LOCAL):%Y-%m-%d}"
        yield Lamp.YELLOW, f"曾亮红灯（{day} {why}），已追上；按时办完一个时限后转绿"


def _ended_red(facts: Facts, calendar: Calendar) -> Iterator[tuple[datetime, str]]:
    """When a limit ended that was red by then: done late, or moved after it was over."""
    for deadline in facts.deadlines:
        clock = facts.definition.clocks_by_id.get(deadline.clock)
        if deadline.ended_at is None or clock is None:
            continue
        ladder = facts.definition.ladders_by_id.get(clock.ladder)
        if lamp_of_time(ladder, deadline, deadline.ended_at, calendar) is Lamp.RED:
            yield deadline.ended_at, f"{clock.label}逾期"


def _fired_red(facts: Facts) -> Iterator[tuple[datetime, str]]:
    """When a red rung spoke."""
    for firing in facts.firings:
        rung = _rung(facts.definition, firing)
        if rung is not None and rung.lamp is Lamp.RED:
            yield firing.fired_at, rung.label


def _rung(definition: Definition, firing: Firing) -> Rung | None:
    clock = definition.clocks_by_id.get(firing.clock)
    ladder = definition.ladders_by_id.get(clock.ladder) if clock else None
    return next((rung for rung in ladder.rungs if rung.id == firing.rung), None) if ladder else None


def _kept(deadlines: Sequence[Deadline]) -> Iterator[datetime]:
    """When a limit was kept."""
    for deadline in deadlines:
        if deadline.outcome is Outcome.MET and deadline.ended_at and deadline.ended_at <= deadline.due_at:
            yield deadline.ended_at
