"""How an item stood at each of its entries, rebuilt from what the entries say and from nothing else.

Where a payload was erased, the values that only it told of are not known any more: `is_whole` says so, and every later
entry still tells what it changed itself.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.model.entry import Entry, EntryKind
from engine.rules.ledger import Json

Document = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Past:
    """An item as it stood: its version, everything it was, and its clocks that ran, by name."""

    version: int = 0
    document: Document = field(default_factory=dict)
    clocks: Mapping[str, Document] = field(default_factory=dict)
    is_whole: bool = True

    def text(self, name: str) -> str:
        """An attribute as text; empty where it has none."""
        value = self.document.get(name)
        return "" if value is None else f"{value}"


@dataclass(frozen=True, slots=True)
class Change:
    """One attribute of an item, before and after. None is “nothing there”."""

    name: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class Step:
    """An entry of an item, what it says, and the item before and after it."""

    entry: Entry
    payload: Document
    before: Past
    after: Past


@dataclass(frozen=True, slots=True)
class Stay:
    """A time that an item spent in one state in the same hands. `ended_at` is None while it lasts.

    `began` and `ended` are the indexes of the entries that began and ended it.
    """

    past: Past
    began: int
    began_at: datetime
    ended: int | None
    ended_at: datetime | None

    def lasted(self, now: datetime) -> timedelta:
        """How long it was, or has been until `now`."""
        return (self.ended_at or now) - self.began_at


HANDS = ("state", "unit", "owner", "delegation", "reviewer")
"""The attributes that say who holds an item and for what."""


def payload_of(entry: Entry) -> Document:
    """What an entry says; what is left of it where it was erased, empty where that is not known."""
    told: Document = json.loads(entry.told) if entry.told else {}
    return told


def steps_of(entries: Iterable[Entry]) -> Iterator[Step]:
    """Each entry of one item, oldest first, with the item around it."""
    past = Past()
    for entry in entries:
        payload = payload_of(entry)
        before, past = past, moved_on(past, entry, payload)
        yield Step(entry, payload, before, past)


def moved_on(past: Past, entry: Entry, payload: Document) -> Past:
    """The item after one entry more."""
    if not payload:
        return Past(entry.item_version, past.document, past.clocks, is_whole=False)
    after = {change.name: change.after for change in changes_in(payload)}
    document = {**past.document, **after} if after else past.document
    return Past(entry.item_version, document, _clocks(past.clocks, payload), past.is_whole)


def _clocks(running: Mapping[str, Document], payload: Document) -> Mapping[str, Document]:
    ended = {each[0] for each in _listed(payload, "ended") if isinstance(each, list)}
    armed = {f"{each.get('clock')}": each for each in _listed(payload, "armed") if isinstance(each, Mapping)}
    if not ended and not armed:
        return running
    return {name: facts for name, facts in running.items() if name not in ended} | armed


def changes_in(payload: Document) -> tuple[Change, ...]:
    """What an entry changed of its item, attribute by attribute."""
    told = payload.get("changes")
    pairs = told.items() if isinstance(told, Mapping) else ()
    return tuple(
        Change(name, pair[0], pair[1]) for name, pair in pairs if isinstance(pair, list) and len(pair) == 2
    )


def differences(before: Past, after: Past) -> tuple[Change, ...]:
    """What is otherwise between two times, attribute by attribute."""
    names = dict.fromkeys([*before.document, *after.document])
    pairs = ((name, before.document.get(name), after.document.get(name)) for name in names)
    return tuple(Change(name, old, new) for name, old, new in pairs if old != new)


def past_at(entries: Iterable[Entry], at: datetime) -> Step | None:
    """The last step of an item by an instant, that instant included; None where it was not there yet."""
    last = None
    for step in steps_of(entry for entry in entries if entry.at <= at):
        last = step
    return last


def stays_of(entries: Sequence[Entry]) -> list[Stay]:
    """Every state an item was in, oldest first, and anew whenever it changed hands."""
    stays: list[Stay] = []
    for step in steps_of(entries):
        if step.entry.kind is not EntryKind.TRANSITION or (stays and not _changed_hands(step)):
            continue
        entry = step.entry
        if stays:
            last = stays[-1]
            stays[-1] = Stay(last.past, last.began, last.began_at, entry.index, entry.at)
        stays.append(Stay(step.after, entry.index, entry.at, None, None))
    return stays


def _changed_hands(step: Step) -> bool:
    before, after = step.before.document, step.after.document
    return any(before.get(name) != after.get(name) for name in HANDS)


def texts_in(value: Json) -> Iterator[str]:
    """Every text in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from texts_in([*value.values()])
    elif isinstance(value, Sequence):
        for part in value:
            yield from texts_in(part)


def _listed(payload: Document, name: str) -> Sequence[Json]:
    value = payload.get(name)
    return value if isinstance(value, list) else ()
