"""When a running clock of an item is due: each of its rules from its own event, the earliest counting."""

from collections.abc import Mapping
from datetime import date, datetime

from engine.model.calendar import Calendar
from engine.model.clock import Anchor, ClockDef, DueRule
from engine.model.deadline import Deadline, Outcome
from engine.model.item import Item
from engine.rules.periods import DueDate, due_at, earliest


def projected(
    clock: ClockDef, item: Item, entered_at: datetime, newest: Mapping[str, Deadline], calendar: Calendar
) -> DueDate | None:
    """The due instant of a clock that an item entered at `entered_at`; None while nothing to count from is there.

    newest: the newest revision of each clock of the item.
    """
    dues = [
        due_at(rule, event, fixed_on(rule, item), calendar)
        for rule in (clock.due, *clock.not_later_than)
        if (event := _event(rule, item, entered_at, newest)) is not None
    ]
    return earliest(dues) if dues else None


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
