"""The history as other programs take it away: every entry that is wanted, oldest first, with the item around it.

Nothing is held but what is at hand: a batch of entries, what is known of the items that moved lately, and the names of
people. So a million entries cost no more memory than ten thousand.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby, islice
from typing import Final

from engine.model.actor import Post, Role, Unit
from engine.model.calendar import LOCAL
from engine.model.definition import Definition
from engine.model.entry import Entry, TreeHead
from engine.model.ids import NOBODY, PersonId, PostCode, UnitCode
from engine.model.inspection import ExportForm, LogFilter
from engine.model.item import Item
from engine.ports import UnitOfWork
from engine.rules.past import Change, Document, Past, Step, changes_in, payload_of, texts_in
from engine.rules.tree import root_of
from engine.usecases.clock_stories import system_name
from engine.usecases.inspecting import Inspector, Sight
from engine.usecases.inspection import definition_of
from engine.usecases.narrowing import Narrowing, acting, told
from engine.usecases.pasts import Pasts
from engine.usecases.queries import label_of

Progress = Callable[[int, int], None]
"""Is told how many entries of how many were looked at; from the beginning each time that the log is read."""
AT_ONCE: Final = 500
KEPT: Final = ("definition", "unit", "state", "stage", "entered_at", "owner")

PEOPLED: Final = ("opener", "owner", "reviewer", "delegation", "contributions", "votes", "extension")
"""The attributes that name people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An entry as an export tells it. `before` and `after` hold of the item what `KEPT` names; empty beside items."""

    entry: Entry
    payload: Document
    item: Item | None
    before: Past
    after: Past
    definition: Definition | None
    label: str
    """The name of the verb or rung; what the entry is called, where it is beside items."""
    names: Mapping[str, str]
    """People and units by their ids and codes."""

    @property
    def actor_name(self) -> str:
        """Who acted, by name."""
        return self.names.get(self.entry.actor, system_name(self.payload))

    @property
    def standing(self) -> str | None:
        """As which role or party it was done."""
        return acting(self.payload, "standing")

    @property
    def principal(self) -> str | None:
        """The id of the person it was done for."""
        return acting(self.payload, "for")

    @property
    def unit(self) -> str:
        """The code of the unit that the item was in afterwards; empty beside items."""
        return self.after.text("unit")

    @property
    def changes(self) -> tuple[Change, ...]:
        """What it changed of its item."""
        return changes_in(self.payload)

    @property
    def waited(self) -> int | None:
        """How many seconds the item had been in the state that it left; None where it left none."""
        entered = self.before.text("entered_at")
        if not entered or self.before.text("state") == self.after.text("state"):
            return None
        return int((self.entry.at - datetime.fromisoformat(entered)).total_seconds())


@contextmanager
def export_log(by: Inspector, form: ExportForm, wanted: LogFilter, progress: Progress) -> Iterator["Export"]:
    """The wanted entries, to be read while this is open. That they are exported is entered before.

    Raises NotPermitted, NotFound.
    """
    with by.look_into_log("export", {"format": form.value, **told(wanted)}) as uow:
        yield Export(uow, by, Narrowing(uow, by, wanted), progress)


class Export:
    """Reads the wanted entries in one transaction: as often as asked, always the same."""

    def __init__(self, uow: UnitOfWork, by: Inspector, narrowing: Narrowing, progress: Progress) -> None:
        head = uow.history.head()
        self._uow = uow
        self._by = by
        self._narrowing = narrowing
        self._progress = progress
        self._names: dict[str, str] = {unit.code: unit.name for unit in uow.people.units()}
        self.head = TreeHead(head.size, root_of(head.frontier))
        self.at = by.now
        self.asker = by.asker.name

    @property
    def size(self) -> int:
        """How many entries are looked at each time."""
        stretch = self._narrowing.stretch
        return max(stretch.before - stretch.first, 0)

    def events(self) -> Iterator[Event]:
        """Every wanted entry in the order of the log."""
        return self._told(self._uow.history.scan)

    def traces(self) -> Iterator[Iterator[Event]]:
        """The wanted entries of each item in their order; each trace to be read before the next is taken."""
        events = self._told(self._uow.history.by_items)
        return (trace for _, trace in groupby(events, key=lambda event: event.entry.item))

    @cached_property
    def units(self) -> Mapping[UnitCode, Unit]:
        """Every unit by its code."""
        return {unit.code: unit for unit in self._uow.people.units()}

    @cached_property
    def posts(self) -> Mapping[PostCode, Post]:
        """Every post by its code."""
        roles: dict[str, set[Role]] = defaultdict(set)
        for row in self._uow.dump.rows("post_role"):
            roles[f"{row['post']}"].add(Role(f"{row['role']}"))
        rows = ({name: f"{value}" for name, value in row.items()} for row in self._uow.dump.rows("post"))
        return {
            PostCode(row["code"]): Post(
                code=PostCode(row["code"]),
                unit=UnitCode(row["unit"]),
                scope=UnitCode(row["scope"]),
                title=row["title"],
                roles=frozenset(roles[row["code"]]),
            )
            for row in rows
        }

    def posts_of(self, event: Event) -> list[Post]:
        """The posts by which somebody acted in an event: held on that day, with the role that they acted as.

        On the day on which a post is taken back it was held until then.
        """
        day = event.entry.at.astimezone(LOCAL).date().isoformat()
        held = (
            self.posts[post]
            for post, from_on, until_on in self._holdings.get(event.entry.actor, ())
            if from_on <= day and (not until_on or day <= until_on)
        )
        return [post for post in dict.fromkeys(held) if event.standing in post.roles]

    @cached_property
    def _holdings(self) -> Mapping[PersonId, list[tuple[PostCode, str, str]]]:
        """Which posts each person has held, from which day, until the day before which."""
        found: dict[PersonId, list[tuple[PostCode, str, str]]] = defaultdict(list)
        for row in self._uow.dump.rows("holding"):
            until_on = f"{row['until_on'] or ''}"
            found[PersonId(f"{row['person']}")].append(
                (PostCode(f"{row['post']}"), f"{row['from_on']}", until_on)
            )
        return found

    def _told(self, read: Callable[[int, int], Iterable[Entry]]) -> Iterator[Event]:
        entries, pasts, done = self._entries(read), Pasts(self._uow, KEPT), 0
        while batch := list(islice(entries, AT_ONCE)):
            sight = Sight(self._uow, self._by.asker)
            sight.learn(entry.item for entry in batch)
            steps = [pasts.step(entry, payload_of(entry)) for entry in batch if sight.covers(entry)]
            wanted = [step for step in steps if self._is_wanted(step.entry, sight)]
            self._learn(wanted)
            yield from (self._event(step, sight) for step in wanted)
            done += len(batch)
            self._progress(done, max(self.size, done))

    def _entries(self, read: Callable[[int, int], Iterable[Entry]]) -> Iterator[Entry]:
        stretch = self._narrowing.stretch
        if stretch.item is None:
            return iter(read(stretch.first, stretch.before))
        own = self._uow.history.of_item(stretch.item)
        return (entry for entry in own if stretch.first <= entry.index < stretch.before)

    def _is_wanted(self, entry: Entry, sight: Sight) -> bool:
        return self._narrowing.stretch.holds(entry) and self._narrowing.takes(entry, sight)

    def _event(self, step: Step, sight: Sight) -> Event:
        definition = definition_of(self._uow, step.after)
        return Event(
            entry=step.entry,
            payload=step.payload,
            item=sight.item(step.entry.item),
            before=step.before,
            after=step.after,
            definition=definition,
            label=label_of(definition, step.entry, step.payload) if definition else step.entry.what,
            names=self._names,
        )

    def _learn(self, steps: Iterable[Step]) -> None:
        """The names of the people in these entries, as far as they are not known yet."""
        met = {text for step in steps for text in _people_in(step)}
        asked = sorted(PersonId(text) for text in met if text not in self._names)
        self._names |= {person: known.name for person, known in self._uow.people.by_id(asked).items()}


def _people_in(step: Step) -> Iterator[str]:
    yield step.entry.actor
    told = step.payload.get("changes")
    changes = [told.get(name) for name in PEOPLED] if isinstance(told, Mapping) else []
    for text in texts_in([step.payload.get("actor"), *changes]):
        if len(text) == len(NOBODY):
            yield text
