"""How items stood before and after each entry, as the log is read on."""

from collections.abc import Sequence
from typing import Final

from engine.model.entry import Entry, EntryKind
from engine.model.ids import ItemId
from engine.ports import UnitOfWork
from engine.rules.past import Document, Past, Step, moved_on, steps_of

REMEMBERED: Final = 20_000
"""Of so many items it is remembered how they stood; how others stood is read again when they move."""


class Pasts:
    """Takes every entry of the items that are looked at, in order; keeps of each item a few attributes only."""

    def __init__(self, uow: UnitOfWork, kept: Sequence[str], remembered: int = REMEMBERED) -> None:
        self._uow = uow
        self._kept = kept
        self._remembered = remembered
        self._known = dict[ItemId, Past]()

    def step(self, entry: Entry, payload: Document) -> Step:
        """The entry with its item before and after; beside items there is none."""
        if entry.item is None:
            return Step(entry, payload, Past(), Past())
        before = self._known.pop(entry.item, None) or self._before(entry, entry.item)
        after = moved_on(before, entry, payload)
        self._keep(entry.item, after)
        return Step(entry, payload, before, after)

    def _keep(self, item: ItemId, past: Past) -> None:
        document = {name: past.document.get(name) for name in self._kept}
        self._known[item] = Past(past.version, document, is_whole=past.is_whole)
        if len(self._known) > self._remembered:
            del self._known[next(iter(self._known))]

    def _before(self, entry: Entry, item: ItemId) -> Past:
        if entry.kind is EntryKind.TRANSITION and entry.item_version <= 1:
            return Past()
        earlier = (each for each in self._uow.history.of_item(item) if each.index < entry.index)
        past = Past()
        for step in steps_of(earlier):
            past = step.after
        return past
