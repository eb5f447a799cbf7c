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
from engine.model.clock import ClockDef, Ladder, Lamp, Level, Pace, Rung, RungEffectKind
from engine.model.deadline import Deadline, Firing, Outcome, Raise
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
    """What a lamp is found from: an item, all revisions of its deadlines, the rungs and levels that it has reached."""

    definition: Definition
    item: Item
    deadlines: Sequence[Deadline]
    firings: Sequence[Firing]
    raises: Sequence[Raise] = ()


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
    """The worst colour of the rungs by days that are reached at `at`.

    What is over is red, unless a rung at the due instant itself says otherwise: then being over is no fault.
    """
    rungs = [rung for rung in (ladder.rungs if ladder else ()) if rung.elapsed is None]
    if at >= deadline.due_at and all(rung.offset for rung in rungs):
        return Lamp.RED
    return worst(rung.lamp for rung in rungs if rung_at(rung, deadline, calendar) <= at)


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
    due, original = (
        f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}" for at in (deadline.due_at, deadline.original_due_at)
    )
    dates = f"（{due} 到期{f'，原定 {original}' if original != due else ''}）"
    if now >= deadline.due_at:
        return f"{clock.label}已逾期 {(now - deadline.due_at) // _DAY + 1} 天{dates}"
    left = (deadline.due_at - now) // _DAY
    return f"{clock.label}{f'还有 {left} 天' if left else '不到 1 天'}{dates}"


def _quality(item: Item) -> Iterator[tuple[Lamp, str]]:
    if item.returned_count >= POOR:
        yield Lamp.YELLOW, f"已退回 {item.returned_count} 次"


def _remembered(facts: Facts, calendar: Calendar) -> Iterator[tuple[Lamp, str]]:
    """What was raised, and that the item was red: each lasts until a limit was kept since."""
    kept = max(_kept(facts.deadlines), default=None)
    reds = [*_ended_red(facts, calendar), *_spoken_red(facts)]
    if reds and _lasts(max(reds)[0], kept):
        yield Lamp.YELLOW, f"曾亮红灯（{_told(*max(reds))}），已追上；按时办完一个时限后转绿"
    for at, step in _raising(facts):
        if _lasts(at, kept):
            yield step.lamp, f"已升级（{_told(at, step.label)}），按时办完一个时限前不转好"


def _lasts(since: datetime, kept: datetime | None) -> bool:
    return kept is None or kept <= since


def _told(at: datetime, why: str) -> str:
    return f"{at.astimezone(LOCAL):%Y-%m-%d} {why}"


def _ended_red(facts: Facts, calendar: Calendar) -> Iterator[tuple[datetime, str]]:
    """When a limit ended that was red by then: done late, or moved after it was over."""
    for deadline in facts.deadlines:
        clock = facts.definition.clocks_by_id.get(deadline.clock)
        if deadline.ended_at is None or clock is None:
            continue
        ladder = facts.definition.ladders_by_id.get(clock.ladder)
        if lamp_of_time(ladder, deadline, deadline.ended_at, calendar) is Lamp.RED:
            yield deadline.ended_at, f"{clock.label}逾期"


def _spoken(facts: Facts) -> Iterator[tuple[datetime, Rung]]:
    """The rungs that were reached and had something to say, as far as the definition still has them."""
    for firing in facts.firings:
        rung = facts.definition.rung(firing.clock, firing.rung)
        if firing.spoken_by and rung is not None:
            yield firing.fired_at, rung


def _spoken_red(facts: Facts) -> Iterator[tuple[datetime, str]]:
    yield from ((at, rung.label) for at, rung in _spoken(facts) if rung.lamp is Lamp.RED)


def _raising(facts: Facts) -> Iterator[tuple[datetime, Rung | Level]]:
    """When a rung or a level was reached that raises the lamp."""
    levels = facts.definition.levels_by_id
    steps: list[tuple[datetime, Rung | Level]] = [*_spoken(facts)]
    steps += [(new.raised_at, levels[new.level]) for new in facts.raises if new.level in levels]
    for at, step in steps:
        if any(effect.kind is RungEffectKind.RAISE_LAMP for effect in step.effects):
            yield at, step


def _kept(deadlines: Sequence[Deadline]) -> Iterator[datetime]:
    """When a limit was kept."""
    for deadline in deadlines:
        if deadline.outcome is Outcome.MET and deadline.ended_at and deadline.ended_at <= deadline.due_at:
            yield deadline.ended_at
