"""What would be: the facts of an item under another calendar or ladder, with more time, or with its clocks stopped.

Each supposition is reckoned by the rules that would reckon it in earnest; nothing here knows how facts are stored.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine.model.actor import system_actor
from engine.model.calendar import Calendar
from engine.model.clock import Measure, Roll
from engine.model.deadline import Deadline, Outcome
from engine.model.definition import Definition, Effect, MoveDef
from engine.model.item import Item
from engine.model.transition import Transition
from engine.rules.clocks import clock_changes
from engine.rules.copies import changed
from engine.rules.effects import extendable_clock
from engine.rules.periods import ARITHMETICS
from engine.rules.projection import fixed_on, reckoned_again, reprojected

WHAT_IF = "what_if"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An item with every revision of its deadlines, by clock and revision, and the calendar they are read with."""

    definition: Definition
    item: Item
    revisions: Sequence[Deadline]
    calendar: Calendar
    doubt: str = ""
    """Why a supposition says nothing of it; empty where it does."""

    @property
    def running(self) -> dict[str, Deadline]:
        """The running deadline of each clock."""
        return {each.clock: each for each in self.revisions if each.outcome is None}


Supposition = Callable[[Case, datetime], Case]
"""The case as it would be if that happened at an instant; the very case where it does not touch it."""


def as_it_is(case: Case, _: datetime) -> Case:
    """Nothing happens."""
    return case


def under(calendar: Calendar) -> Supposition:
    """Another calendar comes into force, and what falls otherwise under it is reckoned again."""

    def supposed(case: Case, now: datetime) -> Case:
        return changed(_reckoned_anew(case, case.definition, calendar, now), calendar=calendar)

    return supposed


def declared(definition: Definition) -> Supposition:
    """Other limits and ladders apply to the items of their kind, as far as they know where an item stands."""

    def supposed(case: Case, now: datetime) -> Case:
        if case.item.definition.id != definition.ref.id:
            return case
        if doubt := _doubt(definition, case):
            return changed(case, doubt=doubt)
        return changed(_reckoned_anew(case, definition, case.calendar, now), definition=definition)

    return supposed


def _doubt(definition: Definition, case: Case) -> str:
    """Why it cannot be said what another definition would make of an item; empty where it can."""
    running, known = case.running, definition.clocks_by_id
    if case.item.state not in definition.states_by_id:
        return f"新流程没有它现在的状态“{case.definition.states_by_id[case.item.state].label}”"
    if gone := [case.definition.clocks_by_id[clock].label for clock in running if clock not in known]:
        return f"新流程没有正在计时的“{'”“'.join(gone)}”"
    unknown = [
        known[clock].label
        for clock, limit in running.items()
        if reckoned_again(known[clock], case.item, limit, case.revisions, case.calendar) is None
    ]
    return f"按新流程算不出“{'”“'.join(unknown)}”的日期" if unknown else ""


def prolonged(length: int, measure: Measure) -> Supposition:
    """Whatever may still be extended is granted so many days more, counted from the day that is written in it."""

    def supposed(case: Case, now: datetime) -> Case:
        move = _granting(case)
        clock = extendable_clock(case.definition) if move else ""
        running = case.running.get(clock)
        day = fixed_on(case.definition.clocks_by_id[clock].due, case.item) if running else None
        if running is None or day is None or running.due_at <= now:
            return case
        later = ARITHMETICS[measure, Roll.NONE](day, length, case.calendar).counted
        return _granted(case, now, clock, later)

    return supposed


def granted(case: Case, now: datetime) -> Case:
    """Whatever has been applied for is granted."""
    asked = case.item.extension
    return case if asked is None else _granted(case, now, asked.clock, asked.due_on)


def stopped(began_at: datetime, ended_at: datetime) -> Supposition:
    """The clocks that can be stopped where the item stands are stopped for a while, from `now` at the earliest."""

    def supposed(case: Case, now: datetime) -> Case:
        since = max(began_at, now)
        pause = next(_pauses(case), None)
        if pause is None or ended_at <= since:
            return case
        paused = changed(case.item, state=pause)
        still = _moved(case, paused, since, "")
        return _moved(still, case.item, ended_at, "")

    return supposed


def redated(before: Case, after: Case) -> Iterator[tuple[Deadline, Deadline]]:
    """The running deadlines whose instant, or whether it is settled, differs between two cases of one item."""
    was = before.running
    for clock, new in after.running.items():
        old = was.get(clock)
        if old and (old.due_at, old.is_provisional) != (new.due_at, new.is_provisional):
            yield old, new


def _reckoned_anew(case: Case, definition: Definition, calendar: Calendar, now: datetime) -> Case:
    pairs = [*reprojected(definition, case.item, case.revisions, calendar, now)]
    ended = [
        changed(old, outcome=Outcome.REARMED, ended_at=now, next_rung=None, next_at=None) for old, _ in pairs
    ]
    return _changed(case, case.item, ended, [new for _, new in pairs])


def _granting(case: Case) -> MoveDef | None:
    """The move that grants more time where the item stands, if there is one."""
    moves = case.definition.moves_from(case.item.state)
    return next((move for move in moves if Effect.GRANT_EXTENSION in move.effects), None)


def _granted(case: Case, now: datetime, clock: str, day: date) -> Case:
    move, field = _granting(case), case.definition.clocks_by_id[clock].due.field
    if move is None or field is None:
        return case
    fields = {**case.item.fields, field: day.isoformat()}
    return _moved(case, changed(case.item, fields=fields, extension=None), now, move.verb)


def _pauses(case: Case) -> Iterator[str]:
    """The states reached by one move from here in which a running clock stands still."""
    running = case.running
    for move in case.definition.moves_from(case.item.state):
        for state in move.to:
            if any(state in clock.pauses_in and clock.id in running for clock in case.definition.clocks):
                yield state


def _moved(case: Case, after: Item, at: datetime, verb: str) -> Case:
    """The case after a move that the rules of clocks are asked about as about any other."""
    done = Transition(
        verb=verb, before=case.item, after=after, actor=system_actor(WHAT_IF), at=at, standing=WHAT_IF
    )
    changes = clock_changes(case.definition, done, case.revisions, case.calendar)
    return _changed(case, after, changes.ended, changes.armed)


def _changed(case: Case, item: Item, ended: Sequence[Deadline], armed: Sequence[Deadline]) -> Case:
    closed = {(each.clock, each.revision): each for each in ended}
    kept = [closed.get((each.clock, each.revision), each) for each in case.revisions]
    revisions = sorted([*kept, *armed], key=lambda each: (each.clock, each.revision))
    return changed(case, item=item, revisions=revisions)
