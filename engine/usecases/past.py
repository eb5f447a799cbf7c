"""How items stood at a past instant, and what changed between two: rebuilt from entries, whatever the tables say today.

One item costs its own entries. A whole board reads the log up to the instant, a few seconds for each 100,000 entries.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.model.calendar import LOCAL
from engine.model.definition import Definition
from engine.model.entry import EntryKind
from engine.model.errors import NotFound
from engine.model.ids import ItemId, PersonId, UnitCode
from engine.ports import UnitOfWork
from engine.rules.ledger import Json
from engine.rules.past import Change, Past, Step, changes_in, differences, past_at, payload_of, texts_in
from engine.usecases.inspecting import Inspector, Sight
from engine.usecases.inspection import definition_of
from engine.usecases.queries import HistoryLine, find_within, item_history, names_of

KEPT = ("number", "definition", "unit", "title", "state", "stage", "owner")
"""What a board knows of each item, in this order."""
Stood = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PastItem:
    """An item at an instant. `entry` is the last that counted; `names` holds people and units."""

    past: Past
    entry: int
    definition: Definition | None
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PastStep:
    """An item behind one of its entries: what the entries up to it add up to."""

    lines: tuple[HistoryLine, ...]
    at: int
    """How many entries count, from 1 on."""
    fields: Mapping[str, Json]
    previous: Mapping[str, Json]
    """The same one entry earlier."""


@dataclass(frozen=True, slots=True)
class PastRow:
    """A line of a board as it stood."""

    number: str
    definition: str
    unit: str
    title: str
    state: str
    label: str
    stage: str
    owner: str


@dataclass(frozen=True, slots=True)
class PastCount:
    """How many items of a kind a unit had in a stage."""

    kind: str
    unit: UnitCode
    stage: str
    count: int


@dataclass(frozen=True, slots=True)
class PastBoard:
    """The board at an instant, `entries` being the size that the log had; `rows` is one page of it, by numbers."""

    entries: int
    counts: tuple[PastCount, ...]
    rows: tuple[PastRow, ...]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ItemDiff:
    """What changed of an item between two instants, and the entries in between."""

    before: Past
    after: Past
    changes: tuple[Change, ...]
    entries: tuple[int, ...]
    definition: Definition | None
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Moved:
    """An item that stood otherwise at the later instant; `before` is None where it was opened in between."""

    before: PastRow | None
    after: PastRow
    entries: int
    """How many moves it took."""


@dataclass(frozen=True, slots=True)
class BoardDiff:
    """Two boards, and a page of the items that moved in between."""

    before: tuple[PastCount, ...]
    after: tuple[PastCount, ...]
    moved: tuple[Moved, ...]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """Which items of a board are listed: of a unit and those below it, behind a number, of one kind."""

    unit: UnitCode | None = None
    after: str = ""
    limit: int = 50
    kind: str | None = None


def item_at_entry(by: Inspector, number: str, at: int | None = None) -> PastStep:
    """An item behind its entry number `at`; behind the last where none is named. Raises NotFound."""
    lines = item_history(by.look("as_of", {"number": number, "entry": at}), by.asker, number)
    count = len(lines) if at is None else min(max(at, 1), len(lines))
    return PastStep(tuple(lines), count, _folded(lines[:count]), _folded(lines[: count - 1]))


def item_on(by: Inspector, number: str, day: date) -> PastStep:
    """An item as it stood at the end of a day, behind the last entry that counted. Raises NotFound."""
    lines = item_history(by.look("as_of", {"number": number, "on": day.isoformat()}), by.asker, number)
    count = sum(line.entry.at.astimezone(LOCAL).date() <= day for line in lines)
    if not count:
        raise NotFound(
            f"{day} 还没有事项 {number}", hint=f"它自 {_first_day(lines)} 起才有，请换一个较晚的日期"
        )
    return PastStep(tuple(lines), count, _folded(lines[:count]), _folded(lines[: count - 1]))


def _first_day(lines: Sequence[HistoryLine]) -> date:
    return lines[0].entry.at.astimezone(LOCAL).date()


def _folded(lines: Sequence[HistoryLine]) -> dict[str, Json]:
    return {change.name: change.after for line in lines for change in changes_in(line.payload)}


def item_as_of(by: Inspector, number: str, at: datetime) -> PastItem:
    """An item as it stood at an instant. Raises NotFound, also where it was not there yet."""
    with by.look("as_of", {"number": number, "at": at.isoformat()}) as uow:
        step = _step(uow, by, number, at)
        if step is None:
            raise NotFound(f"当时还没有事项 {number}", hint="请换一个较晚的日期")
        names = names_of(uow, _people(step.after))
        return PastItem(step.after, step.entry.index, definition_of(uow, step.after), names)


def item_diff(by: Inspector, number: str, since: datetime, until: datetime) -> ItemDiff:
    """What changed of an item after `since` and by `until`. Raises NotFound."""
    about = {"number": number, "since": since.isoformat(), "until": until.isoformat()}
    with by.look("diff", about) as uow:
        first, last = (_step(uow, by, number, at) for at in (since, until))
        if last is None:
            raise NotFound(f"当时还没有事项 {number}", hint="请换一个较晚的日期")
        before = first.after if first else Past()
        (item,) = find_within(uow, by.asker, [number])
        between = [entry.index for entry in uow.history.of_item(item.id) if since < entry.at <= until]
        names = names_of(uow, _people(before) | _people(last.after))
        changes = differences(before, last.after)
        definition = definition_of(uow, last.after)
        return ItemDiff(before, last.after, changes, tuple(between), definition, names)


def board_as_of(by: Inspector, at: datetime, page: Page) -> PastBoard:
    """The whole board as it stood at an instant, as far as the asker may see it, and a page of its items."""
    with by.look("as_of", {"at": at.isoformat(), "unit": page.unit, "after": page.after or None}) as uow:
        boards = _Boards(uow, by)
        end = uow.history.index_at(_just_behind(at))
        boards.read(0, end)
        rows = [boards.row(stood) for _, stood in boards.page(page, boards.standing)]
        return PastBoard(end, boards.counts(page), tuple(rows), names_of(uow, _owners(rows)))


def board_diff(by: Inspector, since: datetime, until: datetime, page: Page) -> BoardDiff:
    """How the board at `until` differs from the one at `since`, and a page of the items that moved in between."""
    asked = {"since": since.isoformat(), "until": until.isoformat(), "unit": page.unit}
    with by.look("diff", asked) as uow:
        boards = _Boards(uow, by)
        first, last = (uow.history.index_at(_just_behind(at)) for at in (since, until))
        boards.read(0, first)
        before, then = boards.counts(page), dict(boards.standing)
        boards.moves.clear()
        boards.read(first, last)
        changed = {i: boards.standing[i] for i in boards.moves if then.get(i) != boards.standing[i]}
        moved = [
            Moved(boards.row(then[each]) if each in then else None, boards.row(stood), boards.moves[each])
            for each, stood in boards.page(page, changed)
        ]
        names = names_of(uow, _owners(each.after for each in moved))
        return BoardDiff(before, boards.counts(page), tuple(moved), names)


def began_on(uow: UnitOfWork) -> date | None:
    """The day of the first entry; None where the history is empty."""
    with uow:
        first = next(iter(uow.history.scan(0, 1)), None)
    return first.at.astimezone(LOCAL).date() if first else None


class _Boards:
    """Boards as the log is read on: `standing` is how each item stands by now, `moves` how often it has moved."""

    def __init__(self, uow: UnitOfWork, by: Inspector) -> None:
        self._uow = uow
        self._sight = Sight(uow, by.asker)
        self._definitions: dict[str, Definition | None] = {}
        self.standing: dict[ItemId, Stood] = {}
        self.moves = Counter[ItemId]()

    def read(self, start: int, end: int) -> None:
        """Take in the entries from an index on, up to but without another."""
        nothing = ("",) * len(KEPT)
        for entry in self._uow.history.scan(start, end):
            if entry.kind is not EntryKind.TRANSITION or entry.item is None:
                continue
            self.moves[entry.item] += 1
            stood = self.standing.get(entry.item, nothing)
            told = payload_of(entry).get("changes")
            self.standing[entry.item] = _moved(stood, told) if isinstance(told, Mapping) else stood

    def page(self, page: Page, among: Mapping[ItemId, Stood]) -> list[tuple[ItemId, Stood]]:
        """The items of a page, by their numbers."""
        behind = [(each, stood) for each, stood in self._seen(page, among) if stood[0] > page.after]
        return sorted(behind, key=lambda pair: pair[1][0])[: page.limit]

    def counts(self, page: Page) -> tuple[PastCount, ...]:
        """How many items of which kind stand in which unit and stage."""
        counted = Counter(
            (_kind_of(stood), stood[2], stood[5]) for _, stood in self._seen(page, self.standing)
        )
        found = sorted(counted.items())
        return tuple(PastCount(kind, UnitCode(unit), stage, n) for (kind, unit, stage), n in found)

    def row(self, stood: Stood) -> PastRow:
        """A line as a reader sees it."""
        number, definition, unit, title, state, stage, owner = stood
        if definition not in self._definitions:
            self._definitions[definition] = definition_of(
                self._uow, Past(document={"definition": definition})
            )
        known = self._definitions[definition]
        label = known.states_by_id[state].label if known and state in known.states_by_id else state
        return PastRow(number, definition, unit, title, state, label, stage, owner)

    def _seen(self, page: Page, among: Mapping[ItemId, Stood]) -> Iterator[tuple[ItemId, Stood]]:
        self._sight.learn(among)
        below = self._uow.people.subtree(page.unit) if page.unit else None
        for each, stood in among.items():
            is_meant = page.kind in (None, _kind_of(stood)) and (below is None or stood[2] in below)
            if is_meant and self._sight.item(each):
                yield each, stood


def _kind_of(stood: Stood) -> str:
    return stood[1].partition("@")[0]


def _moved(stood: Stood, changes: Mapping[str, Json]) -> Stood:
    return tuple(
        _after(changes[name]) if name in changes else value for name, value in zip(KEPT, stood, strict=True)
    )


def _after(pair: Json) -> str:
    after = pair[1] if isinstance(pair, list) and len(pair) == 2 else None
    return "" if after is None else f"{after}"


def _just_behind(at: datetime) -> datetime:
    """The first instant that does not count any more."""
    return at + timedelta(microseconds=1)


def _step(uow: UnitOfWork, by: Inspector, number: str, at: datetime) -> Step | None:
    (item,) = find_within(uow, by.asker, [number])
    return past_at(uow.history.of_item(item.id), at)


def _people(past: Past) -> set[PersonId]:
    return {PersonId(text) for text in texts_in(past.document)}


def _owners(rows: Iterable[PastRow]) -> set[PersonId]:
    return {PersonId(row.owner) for row in rows if row.owner}
