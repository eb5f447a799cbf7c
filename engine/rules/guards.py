"""Judges the closed set of guards: each case answers with the reasons against the move, none when it stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from engine.model.definition import Definition
from engine.model.guards import (
    AfterExpiry,
    BeforeExpiry,
    BeforeHardStop,
    BeyondHardStop,
    ChildrenClosed,
    Countersign,
    EverySection,
    EveryUnitReported,
    ExtensionPending,
    Guard,
    Independent,
    NoExtensionPending,
    NotAfter,
    NotBefore,
    PredecessorStarted,
    RequiredEvidence,
    RequiredFields,
)
from engine.model.item import FieldValue, Item
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.transition import Attempt, Surroundings
from engine.rules.countersign import signature_reasons
from engine.rules.duties import sections_missing
from engine.rules.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything a guard may look at: the item, what is asked, by whom, when, and the facts around it."""

    definition: Definition
    item: Item
    attempt: Attempt
    fields: Mapping[str, FieldValue]
    """The item's fields as they would be after the move."""
    standing: Standing | None
    around: Surroundings
    now: datetime
    day: date


def judge(guard: Guard, case: Case) -> tuple[Reason, ...]:
    """Every reason this guard has against the move."""
    return tuple(_reasons(guard, case))


def _reasons(guard: Guard, case: Case) -> Iterator[Reason]:
    match guard:
        case RequiredFields(fields):
            yield from _missing_fields(fields, case)
        case RequiredEvidence(minimum):
            yield from _missing_evidence(minimum, case)
        case Independent():
            yield from _dependent(guard, case)
        case BeforeHardStop(field):
            yield from _too_late(field, case)
        case BeyondHardStop():
            yield from _beyond(guard, case)
        case EverySection(field):
            yield from _unwritten(field, case)
        case BeforeExpiry() | AfterExpiry():
            yield from _beside_expiry(guard, case)
        case Countersign():
            yield from signature_reasons(guard, case.item, case.attempt.actor)
        case NotBefore() | NotAfter():
            yield from _outside_window(guard, case)
        case _:
            yield from _surrounding(guard, case)


def _surrounding(guard: Guard, case: Case) -> Iterator[Reason]:
    around, pending = case.around, case.item.extension is not None
    match guard:
        case ChildrenClosed() if around.open_children:
            yield reason(ReasonCode.CHILDREN_OPEN, count=around.open_children)
        case PredecessorStarted() if not around.predecessor_started:
            yield reason(ReasonCode.PREDECESSOR_NOT_STARTED)
        case EveryUnitReported() if (
            case.item.fields.get("gate") == "every_unit_reported" and around.silent_units
        ):
            units = "、".join(around.silent_units)
            yield reason(ReasonCode.UNITS_SILENT, count=len(around.silent_units), units=units)
        case ExtensionPending() if not pending:
            yield reason(ReasonCode.NO_EXTENSION)
        case NoExtensionPending() if pending:
            yield reason(ReasonCode.EXTENSION_OPEN)


def _missing_fields(fields: tuple[str, ...], case: Case) -> Iterator[Reason]:
    for name in fields:
        if case.fields.get(name) in (None, ""):
            label = case.definition.fields_by_id[name].label
            yield reason(ReasonCode.FIELD_MISSING, field=label, id=name)


def _missing_evidence(minimum: int, case: Case) -> Iterator[Reason]:
    present = case.item.evidence_count + len(case.attempt.evidence)
    if present < minimum:
        yield reason(ReasonCode.EVIDENCE_MISSING, needed=minimum, present=present)


def _dependent(guard: Independent, case: Case) -> Iterator[Reason]:
    principal = case.standing.on_behalf_of if case.standing else None
    contributed = sorted(
        c.capacity
        for c in case.item.contributions
        if c.capacity in guard.of and c.person in (case.attempt.actor.person, principal)
    )
    if contributed:
        who, capacities = case.attempt.actor.name, "、".join(dict.fromkeys(contributed))
        yield reason(ReasonCode.NOT_INDEPENDENT, person=who, capacities=capacities)


def _outside_window(guard: NotBefore | NotAfter, case: Case) -> Iterator[Reason]:
    if isinstance(guard, NotBefore) and case.day < guard.day:
        yield reason(ReasonCode.TOO_EARLY, day=guard.day.isoformat())
    if isinstance(guard, NotAfter) and case.day > guard.day:
        yield reason(ReasonCode.TOO_LATE, day=guard.day.isoformat())


def _too_late(field: str, case: Case) -> Iterator[Reason]:
    limit, value = case.around.hard_stop_on, case.fields.get(field)
    if limit and isinstance(value, str) and value > limit.isoformat():
        label = case.definition.fields_by_id[field].label
        yield reason(ReasonCode.FIELD_TOO_LATE, field=label, day=limit.isoformat())


def _beyond(guard: BeyondHardStop, case: Case) -> Iterator[Reason]:
    stop, asked, lineage = case.around.hard_stop_on, case.item.extension, case.around.lineage
    if stop is None or asked is None or asked.due_on <= stop:
        return
    if not any(
        held.scope in lineage and held.roles.intersection(guard.by) for held in case.attempt.actor.posts
    ):
        who = "、".join(guard.by)
        yield reason(
            ReasonCode.EXTENSION_BEYOND, day=asked.due_on.isoformat(), stop=stop.isoformat(), who=who
        )


def _unwritten(field: str, case: Case) -> Iterator[Reason]:
    label = case.definition.fields_by_id[field].label
    missing = sections_missing(f"{case.fields.get(field) or ''}", case.around.sections)
    if missing:
        sections = "、".join(missing)
        yield reason(ReasonCode.SECTION_MISSING, field=label, sections=sections, first=missing[0])


def _beside_expiry(guard: BeforeExpiry | AfterExpiry, case: Case) -> Iterator[Reason]:
    """Extensions are asked while the clock runs; nothing rises before one of its clocks is over."""
    clocks = guard.clocks if isinstance(guard, AfterExpiry) else (guard.clock,)
    running = [case.around.due_at[clock] for clock in clocks if clock in case.around.due_at]
    if isinstance(guard, BeforeExpiry) and not any(case.now < due for due in running):
        yield reason(ReasonCode.CLOCK_EXPIRED)
    if isinstance(guard, AfterExpiry) and not any(due <= case.now for due in running):
        labels = "、".join(case.definition.clocks_by_id[clock].label for clock in clocks)
        yield reason(ReasonCode.CLOCK_RUNNING, clocks=labels)
