"""A person's own work: what is to be done, what was told, what was done, what they began, how the plan stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from engine.model.actor import Actor, Party, Role
from engine.model.calendar import LOCAL
from engine.model.definition import Definition, MoveDef, Stage, StateDef
from engine.model.entry import Entry
from engine.model.ids import PersonId, UnitCode
from engine.model.item import Item
from engine.model.views import ItemFilter, ItemRow, Member, NoticeRow
from engine.ports import UnitOfWork
from engine.rules.lamps import Signal
from engine.rules.periods import working_days_between
from engine.rules.standing import standing_of
from engine.usecases.again import again
from engine.usecases.lamps import signals_of
from engine.usecases.queries import OWN_ENTRIES, find_within, visible_units

MOST = 300
"""So many items are looked at of one state; whoever has more of them works from the ledger."""
MOST_UNREAD = 100
FIRST = 10
"""So many tasks the first page shows."""
_OWN = frozenset({Party.OWNER, Party.OPENER, Party.REVIEWER})
"""The item's own people that a list can ask for."""
_HANDED = frozenset({Party.OWNER, Party.DELEGATE})
"""In whose turn a delegate works."""
_WORKERS = frozenset({Party.OWNER, Party.DELEGATE, Party.OPENER, Role.OFFICER})
"""Those who do the work themselves."""
_JUDGED = frozenset({Stage.REVIEWING, Stage.ASSESSING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An item that waits for somebody, with its lamp and the working days left (negative when overdue)."""

    row: ItemRow
    state: str
    signal: Signal
    days_left: int | None
    onward: MoveDef | None
    """The move by which the asker takes it a step on; what it asks for is told where it is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """A part of what waits, the most urgent first; `numbers` holds all of it, the tasks begin at `start` in it.

    Only what is shown is reckoned: a lamp costs more than a line.
    """

    tasks: tuple[Task, ...]
    numbers: tuple[str, ...]
    start: int

    @property
    def count(self) -> int:
        """How many wait altogether, at most `MOST` of each state."""
        return len(self.numbers)

    @property
    def end(self) -> int:
        """Where the next part begins."""
        return self.start + len(self.tasks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something a person did: the entry, the item as it is now, and the words for both."""

    entry: Entry
    label: str
    item: Item
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseLine:
    """A phase that runs today: its name, its last day, and the working days left."""

    label: str
    ends_on: date
    days_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What the first page shows."""

    campaign: str
    phases: tuple[PhaseLine, ...]
    tasks: TaskPage
    overdue: int
    unread: int
    notices: tuple[NoticeRow, ...]


def tasks_of(
    uow: UnitOfWork, now: datetime, asker: Actor, start: int = 0, limit: int | None = None
) -> TaskPage:
    """What waits for the asker, from one place on; all of it without a limit."""
    with uow:
        rows = _waiting(uow, now, asker)
        return _page(uow, now, asker, rows, (start, limit))


def decisions_of(uow: UnitOfWork, now: datetime, asker: Actor, at: str, limit: int) -> TaskPage:
    """What waits for a decision of the asker on other people's work; the part with the number `at` in it."""
    with uow:
        rows = [row for row in _waiting(uow, now, asker) if _is_decision(uow, row)]
        place = next((place for place, row in enumerate(rows) if row.number == at), 0)
        return _page(uow, now, asker, rows, (place // limit * limit, limit))


def _is_decision(uow: UnitOfWork, row: ItemRow) -> bool:
    """True where whoever does the work has handed it in, and somebody else has to say how it goes on."""
    state = uow.definitions.get(row.definition).states_by_id[row.state]
    is_with_unit = state.stage not in _JUDGED and Role.UNIT_HEAD in state.acts
    is_over = state.stage in (Stage.RECTIFYING, Stage.CLOSED)
    return not is_over and not is_with_unit and _WORKERS.isdisjoint(state.acts)


def overview_of(uow: UnitOfWork, now: datetime, asker: Actor) -> Overview:
    """Everything the first page of the asker shows."""
    with uow:
        loaded = uow.campaigns.ids()
        own = ItemFilter(owner=asker.person, overdue_at=now, limit=MOST)
        return Overview(
            campaign=uow.campaigns.get(loaded[-1]).title if loaded else "",
            phases=tuple(_phases(uow, now)),
            tasks=_page(uow, now, asker, _waiting(uow, now, asker), (0, FIRST)),
            overdue=len(uow.views.items(own)) if asker.posts else 0,
            unread=uow.notices.count_unread(asker.person, MOST_UNREAD),
            notices=tuple(uow.notices.rows(asker.person, None, None, 5)),
        )


def count_unread(uow: UnitOfWork, asker: Actor) -> int:
    """How many notices the asker has not read, counted up to `MOST_UNREAD`."""
    with uow:
        return uow.notices.count_unread(asker.person, MOST_UNREAD)


@again
def mark_read(uow: UnitOfWork, now: datetime, asker: Actor, keys: Sequence[str]) -> None:
    """Mark notices of the asker's own inbox as read."""
    with uow:
        uow.notices.mark_read(asker.person, keys, now)
        uow.commit()


def deeds_of(uow: UnitOfWork, asker: Actor, before: int | None = None, limit: int = 50) -> list[Deed]:
    """What the asker did, newest first."""
    with uow:
        entries = uow.history.by_actor(asker.person, before, limit) if asker.posts else []
        items = uow.items.get(list({entry.item for entry in entries if entry.item}))
        return [_deed(uow, entry, items[entry.item]) for entry in entries if entry.item in items]


def _deed(uow: UnitOfWork, entry: Entry, item: Item) -> Deed:
    definition = uow.definitions.get(item.definition)
    moves = definition.moves_by_verb.get(entry.what)
    label = moves[0].label if moves else OWN_ENTRIES.get(entry.what, entry.what)
    return Deed(entry=entry, label=label, item=item, state=definition.states_by_id[item.state].label)


def _waiting(uow: UnitOfWork, now: datetime, asker: Actor) -> list[ItemRow]:
    """Everything that waits for the asker, the most urgent first."""
    rows = {row.id: row for wanted, scope in _wanted(uow, asker) for row in _rows(uow, wanted, scope)}
    rows |= {row.id: row for row in _handed_over(uow, now, asker)}
    return sorted(rows.values(), key=lambda row: (row.due_at is None, row.due_at or 0, row.number))


def _handed_over(uow: UnitOfWork, now: datetime, asker: Actor) -> Iterator[ItemRow]:
    """What owners have put into the asker's hands, while that lasts and it is the owner's turn."""
    today = now.astimezone(LOCAL).date()
    wanted = ItemFilter(delegate=asker.person, newest_first=True, limit=MOST)
    rows = uow.views.items(wanted) if asker.posts else []
    items = uow.items.get([row.id for row in rows])
    for row in rows:
        running = items[row.id].delegation
        acts = uow.definitions.get(row.definition).states_by_id[row.state].acts
        if running and today <= running.until_on and _HANDED.intersection(acts):
            yield row


def _rows(uow: UnitOfWork, wanted: ItemFilter, scope: frozenset[UnitCode] | None) -> Iterator[ItemRow]:
    yield from (row for row in uow.views.items(wanted) if scope is None or row.unit in scope)


def _wanted(uow: UnitOfWork, asker: Actor) -> Iterator[tuple[ItemFilter, frozenset[UnitCode] | None]]:
    """A list for each state in which the asker acts: by a role over the units it reaches, or as the item's own."""
    scopes = _scopes(uow, asker)
    for kind, state in _states(uow):
        plain = ItemFilter(kind=kind, state=state.id, limit=MOST)
        for role, scope in scopes.items():
            if role in state.acts:
                yield _over(plain, scope, asker), scope
        for party in sorted(_OWN.intersection(state.acts)):
            yield from ((_owned(plain, Party(party), person), None) for person in asker.selves)


def _over(plain: ItemFilter, scope: frozenset[UnitCode], asker: Actor) -> ItemFilter:
    return replace(plain, units=scope, own=frozenset({asker.person}))


def _owned(plain: ItemFilter, party: Party, person: PersonId) -> ItemFilter:
    return ItemFilter(
        kind=plain.kind,
        state=plain.state,
        limit=plain.limit,
        owner=person if party is Party.OWNER else None,
        opener=person if party is Party.OPENER else None,
        reviewer=person if party is Party.REVIEWER else None,
    )


def _scopes(uow: UnitOfWork, asker: Actor) -> Mapping[Role, frozenset[UnitCode]]:
    scopes: dict[Role, frozenset[UnitCode]] = {}
    for held in asker.posts:
        for role in held.roles:
            scopes[role] = scopes.get(role, frozenset()) | uow.people.subtree(held.scope)
    return scopes


def _states(uow: UnitOfWork) -> Iterator[tuple[str, StateDef]]:
    """Every state in which people act, of the newest version of each kind."""
    newest: dict[str, Definition] = {}
    for ref in sorted(uow.definitions.refs()):
        newest[ref.id] = uow.definitions.get(ref)
    for kind, definition in newest.items():
        yield from (
            (kind, state) for state in definition.states if not state.final and Party.SYSTEM not in state.acts
        )


def _page(
    uow: UnitOfWork, now: datetime, asker: Actor, rows: Sequence[ItemRow], part: tuple[int, int | None]
) -> TaskPage:
    """The part of the rows that begins at the first number and holds as many as the second; the rest without it."""
    start, limit = part
    shown = rows[start : None if limit is None else start + limit]
    numbers = tuple(row.number for row in rows)
    return TaskPage(tasks=tuple(_lit(uow, now, asker, shown)), numbers=numbers, start=start)


def _lit(uow: UnitOfWork, now: datetime, asker: Actor, rows: Sequence[ItemRow]) -> Iterator[Task]:
    items = uow.items.get([row.id for row in rows])
    signals = signals_of(uow, now, list(items.values()))
    today = now.astimezone(LOCAL).date()
    for row in rows:
        definition = uow.definitions.get(row.definition)
        yield Task(
            row=row,
            state=definition.states_by_id[row.state].label,
            signal=signals[row.id],
            days_left=days_left(uow, now, row.due_at),
            onward=_onward(uow, definition, items[row.id], asker, today),
        )


def _onward(uow: UnitOfWork, definition: Definition, item: Item, asker: Actor, today: date) -> MoveDef | None:
    """The first move to another state that is neither a way back nor a side step and that the asker may make."""
    lineage = uow.people.lineage(item.unit)
    for move in definition.moves_from(item.state):
        is_on = move.to and not move.reason_required and not move.effects
        if is_on and standing_of(asker, move.who, lineage, item, today):
            return move
    return None


def days_left(uow: UnitOfWork, now: datetime, due_at: datetime | None) -> int | None:
    """The working days until a due instant, negative behind it; None where nothing is due."""
    if due_at is None:
        return None
    due_on = (due_at - timedelta(microseconds=1)).astimezone(LOCAL).date()
    return working_days_between(now.astimezone(LOCAL).date(), due_on, uow.calendar)


def _phases(uow: UnitOfWork, now: datetime) -> Iterator[PhaseLine]:
    today = now.astimezone(LOCAL).date()
    for name in uow.campaigns.ids():
        for phase in uow.campaigns.get(name).phases:
            if phase.starts_on <= today <= phase.ends_on:
                left = working_days_between(today, phase.ends_on, uow.calendar)
                yield PhaseLine(label=phase.label, ends_on=phase.ends_on, days_left=left)


def candidates(uow: UnitOfWork, now: datetime, asker: Actor, number: str) -> list[Member]:
    """To whom the item of this number may be given: its own units first, then whatever else the asker sees.

    Raises NotFound.
    """
    with uow:
        (item,) = find_within(uow, asker, [number])
        near = [item.unit, *item.assisting]
        beyond = sorted(visible_units(uow, asker).difference(near))
        today = now.astimezone(LOCAL).date()
        found = [m for units in (near, beyond) for m in uow.people.members(units, today, MOST)]
        return list({member.person: member for member in reversed(found)}.values())[::-1]
