"""Carrying items over to another version of their definition: whether a plan is whole, and what it makes of an item."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from engine.model.actor import Actor, Role
from engine.model.calendar import Calendar
from engine.model.deadline import Deadline, Outcome
from engine.model.definition import Definition, Stage, StateDef
from engine.model.item import Item
from engine.model.migration import MigrationPlan
from engine.model.transition import Transition
from engine.rules.clocks import ClockChanges, clock_changes
from engine.rules.copies import changed
from engine.rules.escalation import step_since
from engine.rules.projection import reprojected

MIGRATE = "migrate"
"""What the entry of an item that went over is called."""
STAGES: Final = tuple(Stage)
"""The stages in the order in which an item goes through them."""


def plan_problems(plan: MigrationPlan, old: Definition, new: Definition) -> tuple[str, ...]:
    """Every reason why the plan cannot be carried out, in Chinese; none when it is whole."""
    return tuple(_problems(plan, old, new))


def _problems(plan: MigrationPlan, old: Definition, new: Definition) -> Iterator[str]:
    if plan.source.id != plan.target.id:
        yield f"{plan.source} 与 {plan.target} 不是同一种流程"
    if plan.source == plan.target:
        yield f"{plan.source} 就是现在的版本"
    for state in old.states:
        if not state.final and state.id not in plan.states:
            yield f"没有写明“{state.label}”（{state.id}）迁到哪里"
    for before, after in plan.states.items():
        here, there = old.states_by_id.get(before), new.states_by_id.get(after)
        if here is None:
            yield f"{plan.source} 没有状态 {before}"
        elif here.final:
            yield f"“{here.label}”（{before}）是终止状态，已办结的不迁移"
        if there is None:
            yield f"{plan.target} 没有状态 {after}"
        else:
            yield from _leaps(here, there)


def _leaps(before: StateDef | None, after: StateDef) -> Iterator[str]:
    """Why a plan would do what people must do: review, assess, close out."""
    there = f"“{after.label}”（{after.id}）"
    if after.final:
        yield f"不能迁到终止状态{there}：办结要由人办理"
    elif before and STAGES.index(after.stage) > STAGES.index(before.stage):
        yield f"“{before.label}”（{before.id}）不能迁到更靠后的环节{there}：要由人办理"


def migrated(plan: MigrationPlan, new: Definition, item: Item, actor: Actor, now: datetime) -> Transition:
    """The step by which an item that is not in a final state goes over."""
    state = new.states_by_id[plan.states[item.state]]
    stays = state.id == item.state
    asked = item.extension if item.extension and item.extension.clock in new.clocks_by_id else None
    after = changed(
        item,
        definition=new.ref,
        version=item.version + 1,
        state=state.id,
        stage=state.stage,
        entered_at=item.entered_at if stays else now,
        closed_at=(item.closed_at or now) if state.stage is Stage.CLOSED else None,
        votes=item.votes if stays else (),
        extension=asked,
    )
    return Transition(
        verb=MIGRATE,
        before=item,
        after=after,
        actor=actor,
        at=now,
        standing=Role.ADMINISTRATOR.value,
        reason=plan.reason,
    )


def clocks_carried(
    new: Definition, done: Transition, revisions: Sequence[Deadline], calendar: Calendar
) -> ClockChanges:
    """What a migration does to the clocks of its item.

    A limit that falls where it fell goes on undisturbed, with all it has told; one that falls otherwise is armed again.
    One that the new version does not know ends, and one that it adds begins now.

    revisions: all of the item, the newest of a clock behind the others.
    """
    changes = clock_changes(new, done, revisions, calendar)
    over = {deadline.clock for deadline in changes.ended}
    known = [each for each in revisions if each.clock in new.clocks_by_id and each.clock not in over]
    moved = [*reprojected(new, done.after, known, calendar, done.at)]
    again = {before.clock for before, _ in moved}
    running = [each for each in known if each.outcome is None and each.clock not in again]
    gone = [each for each in revisions if each.outcome is None and each.clock not in new.clocks_by_id]
    return ClockChanges(
        ended=(
            *changes.ended,
            *(_ended(before, Outcome.REARMED, done.at) for before, _ in moved),
            *(_ended(each, Outcome.MET, done.at) for each in gone),
        ),
        armed=(*changes.armed, *(after for _, after in moved)),
        stepped=tuple(_stepped(new, running, calendar, done.at)),
    )


def _ended(deadline: Deadline, outcome: Outcome, at: datetime) -> Deadline:
    return changed(deadline, outcome=outcome, ended_at=at, next_rung=None, next_at=None)


def _stepped(
    new: Definition, running: Sequence[Deadline], calendar: Calendar, now: datetime
) -> Iterator[Deadline]:
    """Those whose next rung is another under the new ladder. What the sweep has not come to yet is not skipped."""
    for deadline in running:
        ladder = new.ladders_by_id[new.clocks_by_id[deadline.clock].ladder]
        since = min(now, deadline.next_at or now)
        step = step_since(ladder, deadline, calendar, since)
        if step != (deadline.next_rung, deadline.next_at):
            yield changed(deadline, next_rung=step[0], next_at=step[1])
