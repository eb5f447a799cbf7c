"""When a running clock of an item is due: each of its rules from its own event, the earliest counting."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from engine.model.calendar import Calendar
from engine.model.clock import Anchor, ClockDef, DueRule
from engine.model.deadline import Deadline, Outcome
from engine.model.definition import Definition
from engine.model.item import Item
from engine.rules.copies import changed
from engine.rules.escalation import first_step
from engine.rules.periods import DueDate, Stop, due_at, earliest

REPROJECT = "reproject"
"""What the entry of a deadline that was reckoned again under another calendar is called."""


@dataclass(frozen=True, slots=True)
class Run:
    """Since when a clock counts, and the times in which it stood still since."""

    began_at: datetime
    stops: tuple[Stop, ...] = ()


def projected(
    clock: ClockDef, item: Item, run: Run, newest: Mapping[str, Deadline], calendar: Calendar
) -> DueDate | None:
    """The due instant of a clock of an item; None while nothing to count from is there.

    newest: the newest revision of each clock of the item.
    """
    dues = [
        due_at(rule, event, fixed_on(rule, item), calendar, run.stops)
        for rule in (clock.due, *clock.not_later_than)
        if (event := _event(rule, item, run.began_at, newest)) is not None
    ]
    return earliest(dues) if dues else None


def reprojected(
    definition: Definition, item: Item, revisions: Sequence[Deadline], calendar: Calendar, now: datetime
) -> Iterator[tuple[Deadline, Deadline]]:
    """The running deadlines of an item that fall otherwise under a calendar, each with the revision to take its place.

    What is overdue under either calendar stays as it is: nobody is reminded twice of what is past.
    """
    for running in (each for each in revisions if each.outcome is None):
        clock = definition.clocks_by_id[running.clock]
        due = reckoned_again(clock, item, running, revisions, calendar)
        if due is None or max(due.at, running.due_at) <= now:
            continue
        if (due.at, due.is_provisional) != (running.due_at, running.is_provisional):
            yield running, _moved(definition, running, due, calendar, now)


def fixed_on(rule: DueRule, item: Item) -> date | None:
    """The date in the field that a rule names, if the rule names one and it is written."""
    value = item.fields.get(rule.field or "")
    return date.fromisoformat(value) if isinstance(value, str) and value else None


def _event(
    rule: DueRule, item: Item, entered_at: datetime, newest: Mapping[str, Deadline]
) -> datetime | None:
    if rule.anchor is Anchor.OPENING:
        return item.opened_at
    if rule.anchor is Anchor.CLOCK:
        other = newest.get(rule.clock or "")
        return other.ended_at if other is not None and other.outcome is Outcome.MET else None
    if rule.anchor is Anchor.FIELD and fixed_on(rule, item) is None:
        return None
    return entered_at


def reckoned_again(
    clock: ClockDef, item: Item, running: Deadline, revisions: Sequence[Deadline], calendar: Calendar
) -> DueDate | None:
    """The due instant reckoned as when the clock began, with what it lost since by standing still given back.

    revisions: every revision of every clock of the item, `running` among them.
    """
    began = running.started_at
    ended = [each for each in revisions if each.ended_at is not None and each.ended_at <= began]
    newest = {each.clock: each for each in sorted(ended, key=lambda each: each.revision)}
    own = [each for each in revisions if (each.clock, each.started_at) == (clock.id, began)]
    stops = stops_of(sorted(own, key=lambda each: each.revision))
    return projected(clock, item, Run(began, tuple(stops)), newest, calendar)


def stops_of(revisions: Sequence[Deadline]) -> Iterator[Stop]:
    """The times in which a clock stood still, from all its revisions in order. One that lasts is not among them."""
    for before, after in pairwise(revisions):
        if before.outcome is Outcome.SUSPENDED and before.ended_at is not None:
            yield Stop(before.ended_at, after.armed_at)


def _moved(
    definition: Definition, running: Deadline, due: DueDate, calendar: Calendar, now: datetime
) -> Deadline:
    moved = changed(
        running,
        revision=running.revision + 1,
        armed_at=now,
        due_at=due.at,
        proof=due.proof,
        is_provisional=due.is_provisional,
        calendar=calendar.id,
        next_rung=None,
        next_at=None,
    )
    ladder = definition.ladders_by_id.get(definition.clocks_by_id[running.clock].ladder)
    if ladder is None:
        return moved
    unheard = changed(
        moved, armed_at=min(now, running.next_at or now)
    )  # a rung the sweep has not come to yet
    rung, at = first_step(ladder, unheard, calendar)
    return changed(moved, next_rung=rung, next_at=at)
