"""The clocks of one item: each revision with why it began, each time one stood still, the rungs around the newest.

A deadline says when it is due and how that was reckoned. Who moved it, and for what reason, stands in the entry that
armed it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

from engine.model.calendar import LOCAL, Calendar
from engine.model.clock import ClockDef, Rung
from engine.model.deadline import Cause, Deadline, Firing, Outcome
from engine.model.definition import Definition, Effect
from engine.model.entry import Entry
from engine.model.item import Item
from engine.ports import UnitOfWork
from engine.rules.escalation import rung_at
from engine.rules.ledger import Json
from engine.rules.migration import MIGRATE
from engine.rules.periods import OFFICE, Stop, time_lost, working_days_between
from engine.rules.projection import REPROJECT
from engine.usecases.versions import versions_at

_BY_EFFECT = {
    Effect.GRANT_EXTENSION: Cause.EXTENSION,
    Effect.COUNT_RETURN: Cause.RETURN,
    Effect.ASSIGN_OWNER: Cause.REASSIGNMENT,
    Effect.TRANSFER_UNIT: Cause.REASSIGNMENT,
}
_BY_ITSELF = {REPROJECT: Cause.CALENDAR, MIGRATE: Cause.MIGRATION}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The entry behind something: its index, when, by whom, which move, and the reason that was given."""

    entry: int
    at: datetime
    who: str
    verb: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Why a revision began. `origin` is None where its entry was erased."""

    cause: Cause
    due_at: datetime
    origin: Origin | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """A time in which a clock stood still; `ended_at` is None while it does. `lost` is told in the clock's measure."""

    began_at: datetime
    ended_at: datetime | None
    lost: str
    origin: Origin | None
    resumed: Origin | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A rung of the newest revision, its instant, and how it was fired, if it was."""

    rung: Rung
    at: datetime
    fired: Firing | None
    is_provisional: bool
    """Whether it rests on days that no official notice settles yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStory:
    """One clock of an item: every revision with its proof and its cause, and the ladder around the newest."""

    clock: ClockDef
    sources: tuple[str, ...]
    """What its rules rest on; the source of the whole definition where they name none."""
    revisions: tuple[Deadline, ...]
    changes: tuple[Change, ...]
    """One for each revision."""
    suspensions: tuple[Suspension, ...]
    steps: tuple[Step, ...]
    working_days_left: int | None
    """Until the due day, 0 on the day itself and negative after it; None where the clock does not run."""
    calendar: str
    """The id of the calendar in force; the newest revision may have been reckoned with another."""


Spot = tuple[str, int]
"""A clock and its revision."""


@dataclass(frozen=True, slots=True)
class _Trail:
    """What the entries of an item say of its deadlines: which one armed a revision, and which one ended it.

    `versions` are the definitions that the item ran under, the one of today first.
    """

    armed: dict[Spot, Origin]
    ended: dict[Spot, Origin]
    versions: tuple[Definition, ...]

    def clocks(self) -> Iterator[tuple[Definition, ClockDef]]:
        """Every clock that the item ever knew, each as its newest version has it."""
        seen: set[str] = set()
        for definition in self.versions:
            yield from ((definition, clock) for clock in definition.clocks if clock.id not in seen)
            seen.update(definition.clocks_by_id)

    def causes(self, verb: str) -> Iterator[Cause]:
        """What a move of this name does to clocks."""
        for move in (move for one in self.versions for move in one.moves_by_verb.get(verb, ())):
            yield from (_BY_EFFECT[effect] for effect in move.effects if effect in _BY_EFFECT)


def clock_stories(uow: UnitOfWork, now: datetime, item: Item) -> tuple[ClockStory, ...]:
    """The story of each clock that an item ever had, inside a unit of work that is open already."""
    calendar, trail = uow.calendar, _trail(uow, item, uow.history.of_item(item.id))
    revisions, firings = uow.deadlines.of_item(item.id), uow.deadlines.firings_of(item.id)
    told: list[ClockStory] = []
    for definition, clock in trail.clocks():
        own = tuple(sorted((d for d in revisions if d.clock == clock.id), key=lambda d: d.revision))
        if not own:
            continue
        told.append(
            ClockStory(
                clock=clock,
                sources=_sources(definition, clock),
                revisions=own,
                changes=tuple(_changes(own, trail)),
                suspensions=tuple(_suspensions(clock, own, trail, now, calendar)),
                steps=tuple(_steps(definition, clock, own[-1], firings, calendar)),
                working_days_left=_days_left(own[-1], now, calendar),
                calendar=calendar.id,
            )
        )
    return tuple(told)


def _sources(definition: Definition, clock: ClockDef) -> tuple[str, ...]:
    named = [rule.source for rule in (clock.due, *clock.not_later_than) if rule.source]
    return tuple(dict.fromkeys(named or filter(None, [definition.source])))


def _trail(uow: UnitOfWork, item: Item, entries: Sequence[Entry]) -> _Trail:
    versions = [uow.definitions.get(item.definition)]
    versions += [before for before, _ in versions_at(uow, entries, item.definition)][::-1]
    trail = _Trail({}, {}, tuple(dict.fromkeys(versions)))
    whole = [entry for entry in entries if entry.told]
    people = uow.people.by_id(sorted({entry.actor for entry in whole}))
    for entry in whole:
        payload: dict[str, Json] = json.loads(entry.told or b"{}")
        person = people.get(entry.actor)
        origin = _origin(entry, payload, person.name if person else system_name(payload))
        for armed in _listed(payload.get("armed")):
            trail.armed[_spot(armed)] = origin
        for ended in _listed(payload.get("ended")):
            trail.ended[_spot(ended)] = origin
    return trail


def _origin(entry: Entry, payload: Mapping[str, Json], who: str) -> Origin:
    reason = payload.get("reason")
    said = reason if isinstance(reason, str) else None
    return Origin(entry=entry.index, at=entry.at, who=who, verb=entry.what, reason=said)


def system_name(payload: Mapping[str, Json]) -> str:
    """What acted by itself, by the payload of its entry."""
    actor = payload.get("actor")
    acting = actor.get("system") if isinstance(actor, Mapping) else None
    return f"system:{acting or 'sweep'}"


def _listed(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list) else ()


def _spot(told: Json) -> Spot:
    """The revision that a payload names, either as a record or as a list."""
    if isinstance(told, Mapping):
        clock, revision = told.get("clock"), told.get("revision")
    else:
        clock, revision = (*_listed(told), None, None)[:2]
    return f"{clock}", revision if isinstance(revision, int) else 0


def _changes(revisions: Sequence[Deadline], trail: _Trail) -> Iterator[Change]:
    for before, deadline in zip([None, *revisions[:-1]], revisions, strict=True):
        origin = trail.armed.get((deadline.clock, deadline.revision))
        cause = _cause(trail, before, origin.verb if origin else "")
        yield Change(cause=cause, due_at=deadline.due_at, origin=origin)


def _cause(trail: _Trail, before: Deadline | None, verb: str) -> Cause:
    if before is None:
        return Cause.START
    if verb in _BY_ITSELF:
        return _BY_ITSELF[verb]
    if before.outcome is Outcome.SUSPENDED:
        return Cause.SUSPENSION
    return next(trail.causes(verb), Cause.MOVE)


def _suspensions(
    clock: ClockDef, revisions: Sequence[Deadline], trail: _Trail, now: datetime, calendar: Calendar
) -> Iterator[Suspension]:
    for deadline, after in zip(revisions, [*revisions[1:], None], strict=True):
        if deadline.outcome is not Outcome.SUSPENDED or deadline.ended_at is None:
            continue
        ended_at = after.armed_at if after else None
        stop = Stop(deadline.ended_at, ended_at or max(now, deadline.ended_at))
        yield Suspension(
            began_at=deadline.ended_at,
            ended_at=ended_at,
            lost=time_lost(stop, clock.due.measure, calendar),
            origin=trail.ended.get((deadline.clock, deadline.revision)),
            resumed=trail.armed.get((after.clock, after.revision)) if after else None,
        )


def _steps(
    definition: Definition,
    clock: ClockDef,
    deadline: Deadline,
    firings: Sequence[Firing],
    calendar: Calendar,
) -> Iterator[Step]:
    fired = {f.rung: f for f in firings if (f.clock, f.revision) == (clock.id, deadline.revision)}
    ladder = definition.ladders_by_id.get(clock.ladder)
    timed = [(rung_at(rung, deadline, calendar), rung) for rung in (ladder.rungs if ladder else ())]
    for at, rung in sorted(timed, key=itemgetter(0)):
        is_open = rung.measure in OFFICE and not calendar.is_covered(at.astimezone(LOCAL).date())
        yield Step(
            rung=rung, at=at, fired=fired.get(rung.id), is_provisional=deadline.is_provisional or is_open
        )


def _days_left(deadline: Deadline, now: datetime, calendar: Calendar) -> int | None:
    if deadline.outcome is not None:
        return None
    due_on = (deadline.due_at - timedelta(microseconds=1)).astimezone(LOCAL).date()
    return working_days_between(now.astimezone(LOCAL).date(), due_on, calendar)
