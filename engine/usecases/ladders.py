"""The ladders of one item: when each rung is reached, and whom it would tell if it were today."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.model.actor import Actor
from engine.model.clock import ClockDef
from engine.model.deadline import Deadline
from engine.model.item import Item
from engine.ports import UnitOfWork
from engine.usecases.clock_stories import ClockStory, Step, clock_stories
from engine.usecases.queries import find_within
from engine.usecases.telling import Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearers:
    """Who hears under the role or party `name`, found by `by`, which is another one where nobody is there."""

    name: str
    by: str
    """Empty where nobody is told at all."""
    people: tuple[str, ...]
    """Their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RungStory:
    """A rung of a running limit, and who would be told today."""

    step: Step
    hearers: tuple[Hearers, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderStory:
    """The ladder around a running limit."""

    clock: ClockDef
    deadline: Deadline
    rungs: tuple[RungStory, ...]


def explain_ladders(uow: UnitOfWork, now: datetime, asker: Actor, number: str) -> tuple[LadderStory, ...]:
    """Each rung around the running limits of an item, in order of time. Raises NotFound."""
    with uow:
        (item,) = find_within(uow, asker, [number])
        directory = Directory(uow, now)
        directory.seek([item])
        return tuple(_stories(uow, directory, item, clock_stories(uow, now, item)))


def _stories(
    uow: UnitOfWork, directory: Directory, item: Item, clocks: tuple[ClockStory, ...]
) -> Iterator[LadderStory]:
    for story in clocks:
        deadline = story.revisions[-1]
        if deadline.outcome is None:
            rungs = (RungStory(step=s, hearers=tuple(_hearers(uow, directory, item, s))) for s in story.steps)
            yield LadderStory(clock=story.clock, deadline=deadline, rungs=tuple(rungs))


def _hearers(uow: UnitOfWork, directory: Directory, item: Item, step: Step) -> Iterator[Hearers]:
    for name in step.rung.tell:
        tiers = list(directory.tiers(item, name))
        for by, people in tiers or [("", ())]:
            known = uow.people.by_id(people)
            yield Hearers(name=name, by=by, people=tuple(known[one].name for one in people))
