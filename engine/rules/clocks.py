"""What a transition does to the clocks of its item: which deadlines end, which are armed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.model.calendar import Calendar
from engine.model.clock import Anchor, ClockDef, Pending
from engine.model.deadline import Deadline, Outcome
from engine.model.definition import Definition
from engine.model.item import Item
from engine.model.transition import Transition
from engine.rules.copies import changed
from engine.rules.escalation import first_step
from engine.rules.pace import later_by
from engine.rules.projection import Run, fixed_on, projected, reckoned_again


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChanges:
    """Deadlines that end with the transition, those that begin, and those that go on with another step of a ladder."""

    ended: tuple[Deadline, ...]
    armed: tuple[Deadline, ...]
    stepped: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True)
class _Scene:
    definition: Definition
    done: Transition
    calendar: Calendar
    revisions: Sequence[Deadline]
    newest: dict[str, Deadline]


def clock_changes(
    definition: Definition, done: Transition, revisions: Sequence[Deadline], calendar: Calendar
) -> ClockChanges:
    """The changes to all clocks of the item.

    revisions: the newest revision of each clock of the item, open or ended; all of them, the newest behind the
    others, where one stands still.
    """
    newest = {deadline.clock: deadline for deadline in revisions}
    scene = _Scene(definition, done, calendar, revisions, newest)
    steps = [_step(scene, clock) for clock in definition.clocks]
    return ClockChanges(
        ended=tuple(ended for ended, _ in steps if ended), armed=tuple(armed for _, armed in steps if armed)
    )


def _step(scene: _Scene, clock: ClockDef) -> tuple[Deadline | None, Deadline | None]:
    """What becomes of one clock; those declared below it count from how it stands then."""
    ended, armed = _changes(scene, clock, scene.newest.get(clock.id))
    if changed_to := armed or ended:
        scene.newest[clock.id] = changed_to
    return ended, armed


def _changes(
    scene: _Scene, clock: ClockDef, last: Deadline | None
) -> tuple[Deadline | None, Deadline | None]:
    state = scene.done.after.state
    is_open = last is not None and last.outcome is None
    if state in clock.runs_in and not _is_decided(clock, scene.done.after):
        if not is_open:
            return None, _begin(scene, clock, last)
        return _restart(scene, clock, last) if _is_due_anew(scene, clock) else (None, None)
    outcome = Outcome.SUSPENDED if state in clock.pauses_in else Outcome.MET
    return (_end(scene, last, outcome) if is_open else None), None


def _is_decided(clock: ClockDef, item: Item) -> bool:
    return clock.pending is Pending.EXTENSION and item.extension is None


def _is_due_anew(scene: _Scene, clock: ClockDef) -> bool:
    before, after = scene.done.before, scene.done.after
    moved = before is not None and _dates(clock, before) != _dates(clock, after)
    return moved or scene.done.verb in clock.restarts_on


def _restart(
    scene: _Scene, clock: ClockDef, last: Deadline | None
) -> tuple[Deadline | None, Deadline | None]:
    return _end(scene, last, Outcome.REARMED), _fresh(scene, clock, last)


def _end(scene: _Scene, last: Deadline | None, outcome: Outcome) -> Deadline | None:
    if last is None:
        return None
    return changed(last, outcome=outcome, ended_at=scene.done.at, next_rung=None, next_at=None)


def _begin(scene: _Scene, clock: ClockDef, last: Deadline | None) -> Deadline | None:
    if last is not None and last.outcome is Outcome.SUSPENDED:
        return _resumed(scene, clock, last)
    return _fresh(scene, clock, last)


def _resumed(scene: _Scene, clock: ClockDef, last: Deadline) -> Deadline | None:
    """The clock goes on: what it lost by standing still is given back in the measure in which it counts."""
    at = scene.done.at
    running = changed(last, revision=last.revision + 1, armed_at=at, outcome=None, ended_at=None)
    due = reckoned_again(clock, scene.done.after, running, [*scene.revisions, running], scene.calendar)
    if due is None:
        return None
    resumed = changed(
        running,
        counts_from=later_by(clock.pace, last, at, scene.calendar),
        due_at=due.at,
        proof=due.proof,
        is_provisional=due.is_provisional,
        calendar=scene.calendar.id,
    )
    return _with_first_step(scene, clock, resumed)


def _fresh(scene: _Scene, clock: ClockDef, last: Deadline | None) -> Deadline | None:
    due = projected(clock, scene.done.after, Run(scene.done.at), scene.newest, scene.calendar)
    if due is None:
        return None
    keeps = last is not None and clock.due.anchor is Anchor.FIELD
    goes_on = last is not None and last.outcome is None
    deadline = Deadline(
        item=scene.done.after.id,
        clock=clock.id,
        revision=last.revision + 1 if last else 1,
        armed_at=scene.done.at,
        started_at=scene.done.at,
        counts_from=last.counts_from if last and goes_on else scene.done.at,
        due_at=due.at,
        original_due_at=last.original_due_at if last and keeps else due.at,
        proof=due.proof,
        is_provisional=due.is_provisional,
        calendar=scene.calendar.id,
        next_rung=None,
        next_at=None,
    )
    return _with_first_step(scene, clock, deadline)


def _with_first_step(scene: _Scene, clock: ClockDef, deadline: Deadline) -> Deadline:
    ladder = scene.definition.ladders_by_id.get(clock.ladder)
    if ladder is None:
        return deadline
    rung, at = first_step(ladder, deadline, scene.calendar)
    return changed(deadline, next_rung=rung, next_at=at)


def _dates(clock: ClockDef, item: Item) -> list[date | None]:
    return [fixed_on(rule, item) for rule in (clock.due, *clock.not_later_than)]
