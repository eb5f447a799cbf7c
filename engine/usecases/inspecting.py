"""Who inspects, and that an auditor's looking is itself an entry: made before anything is shown, and if nothing is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.model.actor import Actor, Role
from engine.model.entry import Entry, EntryKind
from engine.model.errors import NotFound
from engine.model.ids import ItemId
from engine.model.item import Item
from engine.ports import UnitOfWork
from engine.rules.accounts import roles_of
from engine.rules.ledger import Json
from engine.rules.standing import require
from engine.usecases.again import again
from engine.usecases.beside import beside_items
from engine.usecases.queries import may_see, visible_units

Begin = Callable[[], UnitOfWork]
READ: Final = "read_log"
READERS: Final = (Role.AUDITOR, Role.SECURITY_OFFICER, Role.SUPERVISOR)
"""Who reads the log itself, entry after entry; the record of one item is for whoever may see the item."""
TAKERS: Final = (Role.AUDITOR,)
"""Who takes the whole log out of the house: whoever sees all of it, also the entries beside items."""
AT_ONCE = 1_000
"""How many items are looked up with one question."""


@dataclass(frozen=True, slots=True)
class Inspector:
    """Who looks into the history and when, and how transactions begin: long reading holds no lock."""

    reading: Begin
    writing: Begin
    now: datetime
    asker: Actor

    def look(self, view: str, about: Mapping[str, Json]) -> UnitOfWork:
        """A unit of work to read with; what an auditor looks at is entered before."""
        if is_auditor(self.asker):
            note_reading(self.writing(), self.now, self.asker, view, about)
        return self.reading()

    def look_into_log(self, view: str, about: Mapping[str, Json]) -> UnitOfWork:
        """A unit of work to read the log itself with, once it is entered, whoever looks. Raises NotPermitted."""
        return self._admitted(READERS, "不能查阅全部历史", view, about)

    def take_whole_log(self, view: str, about: Mapping[str, Json]) -> UnitOfWork:
        """A unit of work to take every entry along with, once that is entered. Raises NotPermitted."""
        return self._admitted(TAKERS, "不能带走全部历史", view, about)

    def _admitted(self, who: Sequence[Role], tried: str, view: str, about: Mapping[str, Json]) -> UnitOfWork:
        require(self.asker, who, tried)
        note_reading(self.writing(), self.now, self.asker, view, about)
        return self.reading()


@again
def note_reading(uow: UnitOfWork, now: datetime, reader: Actor, view: str, about: Mapping[str, Json]) -> None:
    """Enter what somebody looks at."""
    asked = {name: value for name, value in about.items() if value is not None}
    facts: dict[str, Json] = {"view": view, "about": asked}
    with uow:
        uow.history.append([beside_items(uow, EntryKind.OPERATIONS, READ, reader, facts)], now)
        uow.commit()


def is_auditor(actor: Actor) -> bool:
    """Whether somebody holds the office of the auditor."""
    return Role.AUDITOR in roles_of(actor)


def reads_log(actor: Actor) -> bool:
    """Whether somebody may read the log itself; their reading of it is entered."""
    return not roles_of(actor).isdisjoint(READERS)


class Sight:
    """What somebody may see of the history: entries of the items they may see; an auditor also those beside items."""

    def __init__(self, uow: UnitOfWork, asker: Actor) -> None:
        self._uow = uow
        self._asker = asker
        self._units = visible_units(uow, asker)
        self._items: dict[ItemId, Item | None] = {}

    def learn(self, ids: Iterable[ItemId | None]) -> None:
        """Look up these items, all at once."""
        fresh = sorted({each for each in ids if each and each not in self._items})
        for start in range(0, len(fresh), AT_ONCE):
            asked = fresh[start : start + AT_ONCE]
            known = self._uow.items.get(asked)
            for each in asked:
                item = known.get(each)
                shown = item is not None and may_see(item, self._asker, self._units)
                self._items[each] = item if shown else None

    def item(self, wanted: ItemId | None) -> Item | None:
        """An item, if it may be seen."""
        if wanted is None:
            return None
        self.learn([wanted])
        return self._items[wanted]

    def covers(self, entry: Entry) -> bool:
        """Whether an entry may be seen."""
        return is_auditor(self._asker) if entry.item is None else self.item(entry.item) is not None


def entry_in_sight(uow: UnitOfWork, sight: Sight, index: int) -> Entry:
    """One entry. Raises NotFound where there is none, or none that may be seen."""
    for entry in uow.history.scan(index, index + 1) if index >= 0 else ():
        if sight.covers(entry):
            return entry
    raise NotFound(f"没有第 {index} 条记录", hint="请核对序号；duban audit log 列出您能看到的记录")
