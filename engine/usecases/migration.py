"""Carrying what runs in a campaign over to another version of its definition: on trial first, then all or nothing.

An item goes over with an entry of its own, its limits are reckoned under the new version, and from then on the campaign
opens new items under it. Whatever was opened meanwhile under the old version goes over when the plan is run again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.model.actor import Actor, Role
from engine.model.deadline import Deadline
from engine.model.definition import Definition
from engine.model.entry import EntryDraft, EntryFlag, EntryKind
from engine.model.errors import Invalid, NotFound, Problem
from engine.model.item import Item
from engine.model.migration import MigrationPlan
from engine.model.transition import Transition
from engine.ports import UnitOfWork
from engine.rules.clocks import ClockChanges
from engine.rules.ledger import ZERO, canonical
from engine.rules.migration import MIGRATE, clocks_carried, migrated, plan_problems
from engine.rules.standing import require
from engine.usecases.again import again
from engine.usecases.recording import Line, store_lines
from engine.usecases.telling import Directory, Rescheduling, rescheduled

PAGE = 200
PUBLISH = "publish_migration"
"""What the entry that holds a plan is called."""


@dataclass(frozen=True, slots=True)
class Migrate:
    """A plan to be carried out, and who asks for it."""

    plan: MigrationPlan
    actor: Actor


@dataclass(frozen=True, slots=True)
class Move:
    """An item that goes over: the labels of its states, its limits as they ran and what becomes of them."""

    done: Transition
    states: tuple[str, str]
    labels: Mapping[str, str]
    running: Mapping[str, Deadline]
    clocks: ClockChanges

    @property
    def item(self) -> Item:
        """The item as it is then."""
        return self.done.after

    @property
    def moved(self) -> tuple[tuple[Deadline, Deadline], ...]:
        """The limits that fall otherwise, before and after."""
        again = {deadline.clock: deadline for deadline in self.clocks.armed}
        return tuple((old, again[old.clock]) for old in self.clocks.ended if old.clock in again)

    @property
    def begun(self) -> tuple[Deadline, ...]:
        """The limits that begin."""
        return tuple(each for each in self.clocks.armed if each.clock not in self.running)

    @property
    def over(self) -> tuple[Deadline, ...]:
        """The limits that end."""
        again = {deadline.clock for deadline in self.clocks.armed}
        return tuple(each for each in self.clocks.ended if each.clock not in again)


@dataclass(frozen=True, slots=True)
class Migrated:
    """What was carried out: how many items went over, and how many limits were armed, ended or stepped."""

    items: int
    limits: int


def migration_preview(uow: UnitOfWork, now: datetime, command: Migrate) -> Iterator[Move]:
    """Each item that would go over, in the order of numbers, with each limit that would change; writes nothing.

    Raises NotPermitted, NotFound, Invalid (a plan that is not whole).
    """
    with uow:
        scene = _scene(uow, command)
        for page in _pages(uow, scene):
            yield from _moves(uow, now, scene, page)


@again
def migrate(uow: UnitOfWork, now: datetime, command: Migrate) -> Migrated:
    """Carry out a plan in one transaction, and let the campaign open new items under the new version.

    Raises NotPermitted, NotFound, Invalid (a plan that is not whole: nothing has moved then), Conflict.
    """
    with uow:
        scene = _scene(uow, command)
        uow.history.append([_published(uow, scene)], now)
        uow.campaigns.pin(scene.campaign, scene.new.ref, now)
        directory, items, limits = Directory(uow, now), 0, 0
        for page in _pages(uow, scene):
            moves = list(_moves(uow, now, scene, page))
            store_lines(uow, now, [Line(scene.new, move.done, move.clocks) for move in moves])
            _tell(uow, now, directory, scene.new, moves)
            items += len(moves)
            limits += sum(len([*m.clocks.ended, *m.begun, *m.clocks.stepped]) for m in moves)
        directory.alert()
        uow.commit()
    return Migrated(items, limits)


@dataclass(frozen=True, slots=True)
class _Scene:
    plan: MigrationPlan
    actor: Actor
    campaign: str
    old: Definition
    new: Definition


def _scene(uow: UnitOfWork, command: Migrate) -> _Scene:
    plan = command.plan
    tried = f"不能从 {plan.source} 迁移到 {plan.target}"
    require(command.actor, (Role.ADMINISTRATOR,), tried)
    old, new = uow.definitions.get(plan.source), uow.definitions.get(plan.target)
    if problems := plan_problems(plan, old, new):
        where = f"{plan.source} → {plan.target}"
        raise Invalid(tried, tuple(Problem(where=where, text=text) for text in problems))
    return _Scene(plan, command.actor, _campaign(uow, plan), old, new)


def _campaign(uow: UnitOfWork, plan: MigrationPlan) -> str:
    loaded = uow.campaigns.ids()
    if plan.campaign is None and len(loaded) != 1:
        found = "、".join(loaded) or "无"
        raise NotFound(f"迁移方案没有写明专项活动（已载入：{found}）", hint="在方案里补上 campaign")
    return uow.campaigns.get(plan.campaign or loaded[0]).id


def _pages(uow: UnitOfWork, scene: _Scene) -> Iterator[list[Item]]:
    """What runs under the old version, a page at a time; what was carried over in between is not met again."""
    ended = [state.id for state in scene.old.states if state.final]
    after = ""
    while page := uow.items.under(scene.campaign, scene.old.ref, after, PAGE):
        after = page[-1].number
        if running := [item for item in page if item.state not in ended]:
            yield running


def _moves(uow: UnitOfWork, now: datetime, scene: _Scene, page: Sequence[Item]) -> Iterator[Move]:
    revisions = uow.deadlines.revisions_of([item.id for item in page])
    labels = {clock.id: clock.label for one in (scene.old, scene.new) for clock in one.clocks}
    for item in page:
        own = revisions[item.id]
        done = migrated(scene.plan, scene.new, item, scene.actor, now)
        yield Move(
            done=done,
            states=(
                scene.old.states_by_id[item.state].label,
                scene.new.states_by_id[done.after.state].label,
            ),
            labels=labels,
            running={each.clock: each for each in own if each.outcome is None},
            clocks=clocks_carried(scene.new, done, own, uow.calendar),
        )


def _tell(
    uow: UnitOfWork, now: datetime, directory: Directory, new: Definition, moves: Sequence[Move]
) -> None:
    """Whoever has to keep a date hears that it is another one."""
    directory.seek([move.item for move in moves])
    told = [
        notice
        for move in moves
        for before, after in move.moved
        for notice in rescheduled(directory, Rescheduling(new, move.item, before, after, MIGRATE), now)
    ]
    uow.notices.write(told, uow.channels)


def _published(uow: UnitOfWork, scene: _Scene) -> EntryDraft:
    plan = scene.plan
    payload = {
        "type": "migration",
        "campaign": scene.campaign,
        "from": f"{plan.source}",
        "to": f"{plan.target}",
        "states": dict(plan.states),
        "reason": plan.reason,
        "sha256": plan.sha256,
        "system": None,
    }
    return EntryDraft(
        kind=EntryKind.DEFINITION,
        what=PUBLISH,
        flags=EntryFlag.NONE,
        item=None,
        item_version=0,
        actor=scene.actor.person,
        payload=canonical(payload),
        salt=uow.entropy.salt(),
        previous=ZERO,
    )
