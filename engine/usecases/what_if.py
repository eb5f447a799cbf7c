"""Which items would change lamp or date, asked before anything is committed: nothing here is ever written.

All that run are looked at, a page at a time; only what is shown is kept, so that it costs the same room at any size.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.model.actor import Actor
from engine.model.calendar import LOCAL
from engine.model.clock import Lamp
from engine.model.deadline import Deadline
from engine.model.ids import ItemId, PersonId, UnitCode
from engine.model.item import Item
from engine.ports import UnitOfWork
from engine.rules.copies import changed
from engine.rules.lamps import Facts, Signal, signal_of
from engine.rules.supposing import WHAT_IF, Case, Supposition, redated
from engine.usecases.queries import visible_units
from engine.usecases.telling import Rescheduling

PAGE = 200
_FIRST = ItemId("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is supposed, of which items, and how many of those that change are to be shown.

    The lamp as it is at `since` is compared with the lamp as it would be at `until`. `person` narrows to the items that
    somebody has in hand: owner, delegate or named reviewer.
    """

    supposition: Supposition
    since: datetime
    until: datetime
    campaign: str | None = None
    kind: str | None = None
    unit: UnitCode | None = None
    person: PersonId | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What would become of an item: its lamp before and after, the limits that would fall otherwise."""

    item: Item
    before: Signal
    after: Signal
    limits: tuple[Rescheduling, ...]
    hard_stop_on: date | None
    """The day by which its campaign wants everything done, where the item would go on beyond it."""
    doubt: str = ""
    """Why nothing can be said of it; empty where something can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How many items were looked at, how many would change and how; the first of them in full.

    Nothing can be said of `unjudged` of those that were looked at; `left_out` names the first of them.
    """

    reckoned: int
    touched: int
    unjudged: int
    limits: int
    """How many limits would fall otherwise."""
    beyond: int
    """How many items would go on beyond the day by which their campaign wants everything done."""
    lamps: tuple[tuple[Lamp, Lamp, int], ...]
    """How many go from which lamp to which other."""
    shown: tuple[Outlook, ...]
    left_out: tuple[Outlook, ...]


def forecast(uow: UnitOfWork, now: datetime, asker: Actor, question: Question) -> Forecast:
    """What a supposition would change among the running items that the asker may see."""
    count: Counter[str] = Counter()
    lamps: Counter[tuple[Lamp, Lamp]] = Counter()
    shown: list[Outlook] = []
    left_out: list[Outlook] = []
    with uow:
        for outlook in _outlooks(uow, now, question, visible_units(uow, asker)):
            is_lit_anew = outlook.before.lamp is not outlook.after.lamp
            is_touched = bool(outlook.limits) or is_lit_anew
            count["reckoned"] += 1
            count["touched"] += is_touched
            count["unjudged"] += bool(outlook.doubt)
            count["limits"] += len(outlook.limits)
            count["beyond"] += outlook.hard_stop_on is not None
            lamps[outlook.before.lamp, outlook.after.lamp] += is_lit_anew
            listed = left_out if outlook.doubt else shown
            if (outlook.doubt or is_touched) and len(listed) < question.limit:
                listed.append(outlook)
    told = tuple((*pair, often) for pair, often in sorted(lamps.items()) if often)
    return Forecast(
        reckoned=count["reckoned"],
        touched=count["touched"],
        unjudged=count["unjudged"],
        limits=count["limits"],
        beyond=count["beyond"],
        lamps=told,
        shown=tuple(shown),
        left_out=tuple(left_out),
    )


@dataclass(frozen=True, slots=True)
class Gap:
    """A role that nobody but one person holds in a unit, from a day on."""

    role: str
    unit_name: str
    since: date


def left_vacant(uow: UnitOfWork, person: PersonId, from_on: date, until_on: date) -> tuple[Gap, ...]:
    """What nobody would hold on some day between two, both included, if a person were away."""
    with uow:
        names = {unit.code: unit.name for unit in uow.people.units()}
        gaps: dict[tuple[str, UnitCode], Gap] = {}
        for passed in range((until_on - from_on).days + 1):
            day = from_on + timedelta(days=passed)
            held = uow.people.actor(person, day).posts
            for role, unit in sorted({(role.value, post.unit) for post in held for role in post.roles}):
                if not {*uow.people.holders(role, [unit], day)[unit]} - {person}:
                    gaps.setdefault((role, unit), Gap(role, names[unit], day))
        return tuple(gaps.values())


def _outlooks(
    uow: UnitOfWork, now: datetime, question: Question, units: frozenset[UnitCode]
) -> Iterator[Outlook]:
    stops = {name: uow.campaigns.get(name).hard_stop_on for name in uow.campaigns.ids()}
    page = uow.deadlines.running(_FIRST, PAGE)
    while page:
        known = uow.items.get(page)
        items = [known[each] for each in page if _is_asked(known[each], question, units)]
        for case, facts in _cases(uow, items):
            yield _outlook(case, facts, now, question, stops.get(case.item.campaign))
        page = uow.deadlines.running(page[-1], PAGE)


def _is_asked(item: Item, question: Question, units: frozenset[UnitCode]) -> bool:
    if item.unit not in units or question.unit not in (None, item.unit):
        return False
    if question.campaign not in (None, item.campaign) or question.kind not in (None, item.definition.id):
        return False
    delegate = item.delegation.person if item.delegation else None
    return question.person is None or question.person in (item.owner, delegate, item.reviewer)


def _cases(uow: UnitOfWork, items: Sequence[Item]) -> Iterator[tuple[Case, Facts]]:
    """Each item with what its deadlines and its lamp are found from: three queries for all of them."""
    ids = [item.id for item in items]
    deadlines, firings = uow.deadlines.revisions_of(ids), uow.deadlines.fired_on(ids)
    raises = uow.levels.raised_on(ids)
    for item in items:
        definition, revisions = uow.definitions.get(item.definition), deadlines[item.id]
        yield (
            Case(definition=definition, item=item, revisions=revisions, calendar=uow.calendar),
            Facts(
                definition=definition,
                item=item,
                deadlines=revisions,
                firings=firings[item.id],
                raises=raises[item.id],
            ),
        )


def _outlook(case: Case, facts: Facts, now: datetime, question: Question, stop: date | None) -> Outlook:
    would = question.supposition(case, now)
    supposed = changed(facts, definition=would.definition, item=would.item, deadlines=would.revisions)
    limits = tuple(
        Rescheduling(case.definition, case.item, old, new, WHAT_IF) for old, new in redated(case, would)
    )
    goes_on = stop and any(_day(limit.before) <= stop < _day(limit.after) for limit in limits)
    return Outlook(
        item=case.item,
        before=signal_of(facts, question.since, case.calendar),
        after=signal_of(supposed, question.until, would.calendar),
        limits=limits,
        hard_stop_on=stop if goes_on else None,
        doubt=would.doubt,
    )


def _day(limit: Deadline) -> date:
    """The last day of a limit."""
    return (limit.due_at - timedelta(microseconds=1)).astimezone(LOCAL).date()
