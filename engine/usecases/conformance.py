"""How the items of a kind went, held against their definition: what was left out, what came back, where they waited."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from operator import attrgetter

from engine.model.conformance import Conformance
from engine.model.definition import Definition
from engine.model.entry import Entry
from engine.model.errors import NotFound
from engine.model.ids import ItemId, UnitCode
from engine.model.item import Item
from engine.ports import UnitOfWork
from engine.rules.conformance import Tally, replayed
from engine.rules.past import Past
from engine.usecases.inspecting import Inspector, Sight
from engine.usecases.inspection import definition_of
from engine.usecases.queries import find_within

_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose course is asked for: items of a kind that somebody acted on in a time; None does not narrow.

    Each is replayed from its beginning, and whatever was entered from `until` on counts as not yet done.
    """

    kind: str = "item"
    number: str | None = None
    """Only this item, of whatever kind."""
    unit: UnitCode | None = None
    """Only items that are now in this unit or one below it."""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """How items went; `definition` is the newest version that any of them is under. Open waits count up to `until`."""

    definition: Definition
    found: Conformance
    until: datetime
    numbers: Mapping[ItemId, str]
    units: Mapping[UnitCode, str]


def inspect_conformance(by: Inspector, asked: Asked) -> Course:
    """The course of the items that the asker may see and that are asked for. Raises NotPermitted, NotFound.

    Across items it is for whoever reads the log; of one item for whoever may see it.
    """
    look = by.look if asked.number else by.look_into_log
    with look("conformance", _told(asked)) as uow:
        review, tally, numbers = _Review(uow, by, asked), Tally(), dict[ItemId, str]()
        for item, entries in review.items():
            tally.take(replayed(item.id, entries, review.definition, review.until))
            numbers[item.id] = item.number
        found = tally.result()
        shown = {line.item: numbers[line.item] for line in found.worst}
        units = {unit.code: unit.name for unit in uow.people.units()}
        return Course(review.newest(), found, review.until, shown, units)


class _Review:
    """Goes through the log, item after item."""

    def __init__(self, uow: UnitOfWork, by: Inspector, asked: Asked) -> None:
        self._uow = uow
        self._by = by
        self._asked = asked
        self._below = uow.people.subtree(asked.unit) if asked.unit else None
        self._only = find_within(uow, by.asker, [asked.number])[0] if asked.number else None
        self._kind = self._only.definition.id if self._only else asked.kind
        self._known: dict[str, Definition | None] = {}
        self.until = min(asked.until or by.now, by.now)

    def items(self) -> Iterator[tuple[Item, list[Entry]]]:
        """Each item that is asked for, with its entries; what was looked up is dropped after some hundred."""
        grouped = ((item, list(entries)) for item, entries in groupby(self._entries(), attrgetter("item")))
        while batch := list(islice(grouped, _AT_ONCE)):
            sight = Sight(self._uow, self._by.asker)
            sight.learn(item for item, _ in batch)
            for name, entries in batch:
                item = sight.item(name)
                if item is not None and self._is_asked(item, entries):
                    yield item, entries

    def definition(self, name: str) -> Definition | None:
        """A version of a definition, by `id@version`; each is looked up once."""
        if name not in self._known:
            self._known[name] = definition_of(self._uow, Past(document={"definition": name}))
        return self._known[name]

    def newest(self) -> Definition:
        """The newest version that was met; the newest of all where none was. Raises NotFound."""
        met = [each for each in self._known.values() if each and each.ref.id == self._kind]
        refs = [ref for ref in self._uow.definitions.refs() if ref.id == self._kind]
        if not refs:
            raise NotFound(f"没有“{self._kind}”这种流程", hint="duban workflow list 列出已发布的流程")
        return max(met, key=lambda each: each.ref.version) if met else self._uow.definitions.get(max(refs))

    def _entries(self) -> Iterator[Entry]:
        end = self._uow.history.index_at(self.until) if self._asked.until else None
        if self._only is None:
            return self._uow.history.by_items(0, end)
        own = self._uow.history.of_item(self._only.id)
        return (entry for entry in own if end is None or entry.index < end)

    def _is_asked(self, item: Item, entries: list[Entry]) -> bool:
        return (
            item.definition.id == self._kind
            and (self._below is None or item.unit in self._below)
            and (self._asked.since is None or entries[-1].at >= self._asked.since)
        )


def _told(asked: Asked) -> dict[str, str | None]:
    """What is asked for, as the entry of the look tells it."""
    since, until = (at.isoformat() if at else None for at in (asked.since, asked.until))
    return {
        "kind": None if asked.number else asked.kind,
        "number": asked.number,
        "unit": asked.unit,
        "since": since,
        "until": until,
    }
