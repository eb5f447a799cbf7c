"""What may be seen: every query takes who asks, and shows the units under the asker's posts and the asker's own items.

Whatever else exists is NotFound, in the very words of what does not exist.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.model.actor import Actor, Party
from engine.model.criticism import Mark
from engine.model.deadline import Deadline
from engine.model.definition import Definition, MoveDef
from engine.model.entry import Entry, EntryKind
from engine.model.errors import NotFound
from engine.model.ids import PersonId, UnitCode
from engine.model.item import Item
from engine.model.notice import Notice
from engine.model.reasons import Reason, ReasonCode
from engine.model.transition import Attempt, Evidence
from engine.model.views import DuePlace, ItemFilter, ItemRow, NoticeRow
from engine.ports import UnitOfWork
from engine.rules.lamps import Signal
from engine.rules.ledger import Json
from engine.rules.lifecycle import why_not
from engine.rules.migration import MIGRATE
from engine.rules.opening import OPEN
from engine.rules.papers import paper_of
from engine.rules.projection import REPROJECT
from engine.rules.telling import step_label
from engine.usecases.clock_stories import ClockStory, clock_stories, system_name
from engine.usecases.items import surroundings
from engine.usecases.lamps import signals_of
from engine.usecases.urge import URGE
from engine.usecases.versions import versions_at

SUPPLIED = frozenset(
    {
        ReasonCode.REASON_MISSING,
        ReasonCode.TARGET_MISSING,
        ReasonCode.INPUT_MISSING,
        ReasonCode.FIELD_MISSING,
        ReasonCode.EVIDENCE_MISSING,
        ReasonCode.SECTION_MISSING,
    }
)
"""What the asker can bring along with the move itself; everything else has to change first."""
OWN_ENTRIES = {
    OPEN: "新建",
    REPROJECT: "时限重算",
    URGE: "催办",
    MIGRATE: "流程迁移",
    "mark_criticism": "列为通报批评候选",
    "criticism_issued": "决定通报批评",
    "criticism_dropped": "决定不予通报批评",
}
"""What the engine itself enters on an item."""
_SEARCHED = 500
SEARCHED_AT_ONCE = 20_000
"""So many titles are read for one page; the next page goes on from there."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A move out of the present state: what the asker still has to bring for it, and what stands against it."""

    move: MoveDef
    needs: tuple[Reason, ...]
    against: tuple[Reason, ...]

    @property
    def is_open(self) -> bool:
        """True when the asker may make the move."""
        return not self.against


@dataclass(frozen=True, slots=True)
class Lit:
    """A line of a list of items, with its lamp."""

    row: ItemRow
    signal: Signal
    paper: str | None = None
    """The number of the paper that it is issued on, for kinds that have one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDetail:
    """One item with what a reader needs beside it. `names` holds the people and units that are named in it."""

    item: Item
    definition: Definition
    names: Mapping[str, str]
    signal: Signal
    stories: tuple[ClockStory, ...]
    """How each of its clocks came to stand as it does."""
    marks: tuple[Mark, ...]
    """Why it is or was a candidate for criticism in a bulletin."""
    evidence: tuple[Evidence, ...]
    parent: Item | None
    """What it belongs to, where there is such an item and the asker may see it."""
    children: tuple[Item, ...]
    choices: tuple[Choice, ...]

    @property
    def deadlines(self) -> tuple[Deadline, ...]:
        """The clocks that run."""
        return tuple(s.revisions[-1] for s in self.stories if s.revisions[-1].outcome is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One entry as a reader sees it; `payload` is empty where it was erased."""

    entry: Entry
    label: str
    actor_name: str
    states: tuple[str, str] | None
    """The labels of the states before and after, where the state changed; empty before the opening."""
    payload: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLine:
    """A running clock of an item."""

    row: ItemRow
    deadline: Deadline
    label: str


def visible_units(uow: UnitOfWork, asker: Actor) -> frozenset[UnitCode]:
    """Every unit under a post of the asker."""
    return frozenset[UnitCode]().union(*(uow.people.subtree(s) for s in {held.scope for held in asker.posts}))


def list_items(uow: UnitOfWork, asker: Actor, wanted: ItemFilter) -> list[ItemRow]:
    """A page of the items the asker may see, in the order of their numbers."""
    with uow:
        return list_within(uow, asker, wanted)


def list_lit(uow: UnitOfWork, now: datetime, asker: Actor, wanted: ItemFilter) -> list[Lit]:
    """The same page with the lamp of each item; no other item is reckoned."""
    with uow:
        return _lit(uow, now, uow.views.items(_narrowed(uow, asker, wanted)))


def _lit(uow: UnitOfWork, now: datetime, rows: Sequence[ItemRow]) -> list[Lit]:
    """These rows with their lamps, inside a unit of work that is open already."""
    items = uow.items.get([row.id for row in rows])
    signals = signals_of(uow, now, list(items.values()))
    return [
        Lit(row, signals[row.id], paper_of(uow.definitions.get(row.definition), items[row.id]))
        for row in rows
    ]


def list_soonest(
    uow: UnitOfWork, now: datetime, asker: Actor, wanted: ItemFilter, behind: DuePlace | None = None
) -> list[Lit]:
    """A page of the items the asker may see, what is due first at the top; what has no limit is left out."""
    with uow:
        return _lit(uow, now, uow.views.soonest(_narrowed(uow, asker, wanted), behind))


def search_lit(
    uow: UnitOfWork, now: datetime, asker: Actor, wanted: ItemFilter
) -> tuple[list[Lit], str | None]:
    """A page of the items whose titles hold something, and the number up to which it was looked for.

    So much is looked at in one go however many items there are; None where the list ended before.
    """
    with uow:
        narrowed = _narrowed(uow, asker, wanted)
        edge = uow.views.edge(narrowed, SEARCHED_AT_ONCE)
        return _lit(uow, now, uow.views.items(replace(narrowed, to=edge))), edge


def are_surely_more(uow: UnitOfWork, asker: Actor, wanted: ItemFilter, than: int) -> bool:
    """True where the list is known to be longer, without a look at its rows; titles cannot be counted so."""
    with uow:
        return wanted.title is None and uow.views.edge(_narrowed(uow, asker, wanted), than) is not None


def find_items(uow: UnitOfWork, asker: Actor, numbers: Sequence[str]) -> list[Item]:
    """The items with these numbers, in order. Raises NotFound for the first that the asker may not see."""
    with uow:
        return find_within(uow, asker, numbers)


def find_within(uow: UnitOfWork, asker: Actor, numbers: Sequence[str]) -> list[Item]:
    """The items with these numbers, inside a unit of work that is open already."""
    ids, units = uow.items.by_numbers(numbers), visible_units(uow, asker)
    known = uow.items.get(list(ids.values()))
    for number in numbers:
        if number not in ids or not may_see(known[ids[number]], asker, units):
            raise NotFound(f"没有事项 {number}", hint="请核对编号；duban item list 列出您能看到的事项")
    return [known[ids[number]] for number in numbers]


def item_detail(uow: UnitOfWork, now: datetime, asker: Actor, number: str) -> ItemDetail:
    """One item with its clocks, evidence, parts and moves. Raises NotFound."""
    with uow:
        (item,) = find_within(uow, asker, [number])
        definition = uow.definitions.get(item.definition)
        units = visible_units(uow, asker)
        return ItemDetail(
            item=item,
            definition=definition,
            names=names_of(uow, _people_of(item)),
            signal=signals_of(uow, now, [item])[item.id],
            stories=clock_stories(uow, now, item),
            marks=tuple(uow.criticisms.of_item(item.id)),
            evidence=tuple(uow.evidence.of_item(item.id)),
            parent=_parent(uow, asker, item, units),
            children=tuple(c for c in uow.items.children(item.id) if may_see(c, asker, units)),
            choices=tuple(_choices(uow, now, asker, item)),
        )


def item_history(uow: UnitOfWork, asker: Actor, number: str) -> list[HistoryLine]:
    """Every entry of an item, oldest first. Raises NotFound."""
    with uow:
        (item,) = find_within(uow, asker, [number])
        entries = uow.history.of_item(item.id)
        names = names_of(uow, {entry.actor for entry in entries})
        versions = versions_at(uow, entries, item.definition)
        return [_history_line(pair, names, entry) for pair, entry in zip(versions, entries, strict=True)]


def list_notices(
    uow: UnitOfWork, asker: Actor, *, number: str | None = None, after: str | None = None, limit: int = 50
) -> list[NoticeRow]:
    """The asker's inbox, newest first; with `number`, whatever was told about that item. Raises NotFound."""
    with uow:
        if number is None:
            return uow.notices.rows(asker.person, None, after, limit)
        (item,) = find_within(uow, asker, [number])
        return uow.notices.rows(None, item.id, after, limit)


def find_notice(uow: UnitOfWork, asker: Actor, key: str) -> NoticeRow:
    """One notice by its key, or by the first digits of a key in the asker's own inbox. Raises NotFound."""
    with uow:
        own = uow.notices.rows(asker.person, None, None, _SEARCHED)
        found = [row for row in own if row.key.startswith(key)] or _notice_on_item(uow, asker, key)
        if len(found) != 1 or not key:
            raise NotFound(f"没有通知 {key}", hint="请核对编号；duban notice list 列出您的通知")
        return found[0]


def list_due(uow: UnitOfWork, asker: Actor, wanted: ItemFilter, until: datetime) -> list[DueLine]:
    """The running clocks due before `until` on visible items, earliest first, at most `wanted.limit`."""
    with uow:
        due = uow.views.due(_narrowed(uow, asker, wanted), until)
        ids = tuple(dict.fromkeys(deadline.item for deadline in due))
        rows = {row.id: row for row in uow.views.items(ItemFilter(ids=ids, limit=len(ids)))}
        return [_due_line(uow, rows[deadline.item], deadline) for deadline in due]


def explain_clocks(uow: UnitOfWork, now: datetime, asker: Actor, number: str) -> tuple[ClockStory, ...]:
    """How each due instant of an item was reckoned, and what stands around it. Raises NotFound."""
    with uow:
        (item,) = find_within(uow, asker, [number])
        return clock_stories(uow, now, item)


def _narrowed(uow: UnitOfWork, asker: Actor, wanted: ItemFilter) -> ItemFilter:
    """The list cut down to what `may_see` lets through: the two are one rule."""
    return replace(wanted, units=visible_units(uow, asker), own=asker.selves)


def list_within(uow: UnitOfWork, asker: Actor, wanted: ItemFilter) -> list[ItemRow]:
    """What `list_items` returns, inside a unit of work that is open already."""
    return uow.views.items(_narrowed(uow, asker, wanted))


def within_sight(uow: UnitOfWork, asker: Actor, items: Sequence[Item]) -> list[Item]:
    """Those of the items that the asker may see."""
    units = visible_units(uow, asker)
    return [item for item in items if may_see(item, asker, units)]


def _parent(uow: UnitOfWork, asker: Actor, item: Item, units: frozenset[UnitCode]) -> Item | None:
    above = uow.items.get([item.parent]).get(item.parent) if item.parent else None
    return above if above and may_see(above, asker, units) else None


def may_see(item: Item, asker: Actor, units: frozenset[UnitCode]) -> bool:
    """Whether the asker may see an item; `units` are those under the asker's posts."""
    if item.unit in units or not units.isdisjoint(item.assisting):
        return True
    return not asker.selves.isdisjoint(
        {item.owner, item.opener, item.reviewer, item.delegation and item.delegation.person}
    )


def _choices(uow: UnitOfWork, now: datetime, asker: Actor, item: Item) -> Iterator[Choice]:
    definition = uow.definitions.get(item.definition)
    for move in definition.moves_from(item.state):
        if set(move.who) == {Party.SYSTEM}:
            continue
        attempt = Attempt(item=item.id, verb=move.verb, actor=asker, key="")
        around = surroundings(uow, definition, item, attempt)
        reasons = why_not(definition, item, attempt, now, around)
        yield Choice(
            move=move,
            needs=tuple(r for r in reasons if r.code in SUPPLIED),
            against=tuple(r for r in reasons if r.code not in SUPPLIED),
        )


def _people_of(item: Item) -> set[PersonId]:
    named = [item.owner, item.opener, item.reviewer, item.delegation and item.delegation.person]
    return {person for person in named if person} | {c.person for c in item.contributions}


def names_of(uow: UnitOfWork, persons: Iterable[PersonId]) -> dict[str, str]:
    """The names of these people, and of every unit."""
    people = uow.people.by_id(sorted(persons))
    units = {str(unit.code): unit.name for unit in uow.people.units()}
    return units | {str(person): known.name for person, known in people.items()}


def _history_line(
    versions: tuple[Definition, Definition], names: Mapping[str, str], entry: Entry
) -> HistoryLine:
    payload: dict[str, Json] = json.loads(entry.told) if entry.told else {}
    return HistoryLine(
        entry=entry,
        label=label_of(versions[1], entry, payload),
        actor_name=names.get(entry.actor, system_name(payload)),
        states=_states(versions, payload),
        payload=payload,
    )


def _states(versions: tuple[Definition, Definition], payload: Mapping[str, Json]) -> tuple[str, str] | None:
    changes = payload.get("changes")
    pair = changes.get("state") if isinstance(changes, Mapping) else None
    if not isinstance(pair, list):
        return None
    before, after = (
        definition.states_by_id[name].label if name else ""
        for definition, name in zip(versions, pair, strict=True)
    )
    return before, after


def label_of(definition: Definition, entry: Entry, payload: Mapping[str, Json]) -> str:
    """What the entry of an item is called."""
    if entry.kind is EntryKind.FIRING:
        silent = payload.get("silent")
        is_silent = isinstance(silent, list) and entry.what in silent
        return step_label(definition, entry.what, payload) + "（进度正常，不提醒）" * is_silent
    if entry.what in OWN_ENTRIES:
        return OWN_ENTRIES[entry.what]
    moves = definition.moves_by_verb.get(entry.what)
    return moves[0].label if moves else entry.what


def _notice_on_item(uow: UnitOfWork, asker: Actor, key: str) -> list[NoticeRow]:
    notice: Notice | None = uow.notices.get(key)
    if notice is None:
        return []
    item = uow.items.get([notice.item])[notice.item]
    if not may_see(item, asker, visible_units(uow, asker)):
        return []
    rows = uow.notices.rows(notice.recipient, notice.item, None, _SEARCHED)
    return [row for row in rows if row.key == key]


def _due_line(uow: UnitOfWork, row: ItemRow, deadline: Deadline) -> DueLine:
    clock = uow.definitions.get(row.definition).clocks_by_id[deadline.clock]
    return DueLine(row=row, deadline=deadline, label=clock.label)
