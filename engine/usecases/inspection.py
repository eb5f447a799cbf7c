"""The history as an inspection reads it: filtered entries, what each changed, how long states lasted in whose hands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.model.actor import Party
from engine.model.calendar import LOCAL, Calendar
from engine.model.definition import Definition
from engine.model.entry import Entry
from engine.model.ids import NOBODY, DefinitionRef, PersonId
from engine.model.inspection import LogFilter
from engine.ports import UnitOfWork
from engine.rules.ledger import Json
from engine.rules.past import Change, Past, Stay, Step, changes_in, payload_of, stays_of, steps_of, texts_in
from engine.rules.periods import working_days_between
from engine.usecases.clock_stories import system_name
from engine.usecases.inspecting import Inspector, Sight, entry_in_sight
from engine.usecases.narrowing import Narrowing, acting, told
from engine.usecases.queries import find_within, label_of, names_of

SEARCHED_AT_ONCE = 20_000
"""So many entries at most are looked at for one page, however long the log is."""
_BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """How long an item was in a state in the same hands. `by` holds people's ids, and roles where nobody is named."""

    state: str
    label: str
    by: tuple[str, ...]
    began: int
    began_at: datetime
    ended: int | None
    ended_at: datetime | None
    seconds: int
    working_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """An entry with what it says. `definition` is the one its item ran under by then; None beside items."""

    entry: Entry
    payload: Mapping[str, Json]
    number: str | None
    label: str
    """The name of the verb or rung; what the entry is called, where it is beside items."""
    actor_name: str
    definition: Definition | None
    changes: tuple[Change, ...]
    ended: Spell | None
    """The spell that it ended."""

    @property
    def standing(self) -> str | None:
        """As which role or party it was done."""
        return acting(self.payload, "standing")

    @property
    def principal(self) -> str | None:
        """The id of the person it was done for."""
        return acting(self.payload, "for")


@dataclass(frozen=True, slots=True)
class LogPage:
    """Entries, newest first; `before` is where to go on, None at the end. `names` holds people and units."""

    lines: tuple[LogLine, ...]
    before: int | None
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """Everything that was ever entered on an item, oldest first, and every spell it spent anywhere."""

    number: str
    title: str
    lines: tuple[LogLine, ...]
    spells: tuple[Spell, ...]
    names: Mapping[str, str]


def inspect_log(by: Inspector, wanted: LogFilter) -> LogPage:
    """A page of the entries that the asker may see and that are wanted, newest first. Raises NotPermitted, NotFound.

    On items: those of the units under the asker's posts. Beside items: for the auditor alone.
    """
    with by.look_into_log("log", told(wanted)) as uow:
        sight = Sight(uow, by.asker)
        search = _Search(uow, sight, Narrowing(uow, by, wanted))
        found, before = search.page(wanted.limit)
        lines = tuple(_lines(uow, sight, by.now, found))
        return LogPage(lines, before, names_of(uow, _people_in(lines)))


def inspect_item(by: Inspector, number: str) -> ItemRecord:
    """The whole record of an item. Raises NotFound."""
    with by.look("item", {"number": number}) as uow:
        (item,) = find_within(uow, by.asker, [number])
        entries = uow.history.of_item(item.id)
        lines = tuple(_lines(uow, Sight(uow, by.asker), by.now, entries))
        spells = tuple(_Spells(uow, by.now).of(entries))
        people = {*_people_in(lines), *(PersonId(who) for spell in spells for who in spell.by)}
        return ItemRecord(number, item.title, lines, spells, names_of(uow, people))


def inspect_entry(by: Inspector, index: int) -> LogPage:
    """One entry. Raises NotPermitted; NotFound where there is none, or none that the asker may see."""
    with by.look_into_log("entry", {"index": index}) as uow:
        sight = Sight(uow, by.asker)
        lines = tuple(_lines(uow, sight, by.now, [entry_in_sight(uow, sight, index)]))
        return LogPage(lines, None, names_of(uow, _people_in(lines)))


class _Search:
    """Goes back through a stretch of the log for what is wanted."""

    def __init__(self, uow: UnitOfWork, sight: Sight, narrowing: Narrowing) -> None:
        self._uow = uow
        self._sight = sight
        self._narrowing = narrowing

    def page(self, limit: int) -> tuple[list[Entry], int | None]:
        """At most so many entries, and the index below which to go on."""
        found: list[Entry] = []
        stretch = self._narrowing.stretch
        edge = max(stretch.first, stretch.before - SEARCHED_AT_ONCE)
        lowest = stretch.first if stretch.item or stretch.actor else edge
        before, looked_at = stretch.before, 0
        while before > lowest and looked_at < SEARCHED_AT_ONCE:
            batch = self._uow.history.search(replace(stretch, first=lowest, before=before, limit=_BATCH))
            self._sight.learn(entry.item for entry in batch)
            for entry in batch:
                if not self._narrowing.takes(entry, self._sight):
                    continue
                found.append(entry)
                if len(found) == limit:
                    return found, entry.index if entry.index > stretch.first else None
            looked_at += _BATCH
            before = batch[-1].index if len(batch) == _BATCH else lowest
        return found, before if before > stretch.first else None


def _lines(uow: UnitOfWork, sight: Sight, now: datetime, found: Sequence[Entry]) -> Iterator[LogLine]:
    names = names_of(uow, {entry.actor for entry in found})
    spells, steps, ended = _Spells(uow, now), dict[int, Step](), dict[int, Spell]()
    for item in dict.fromkeys(entry.item for entry in found if entry.item):
        entries = uow.history.of_item(item)
        steps |= {step.entry.index: step for step in steps_of(entries)}
        ended |= {spell.ended: spell for spell in spells.of(entries) if spell.ended is not None}
    for entry in found:
        step, item_seen = steps.get(entry.index), sight.item(entry.item)
        payload = step.payload if step else payload_of(entry)
        definition = definition_of(uow, step.after) if step else None
        yield LogLine(
            entry=entry,
            payload=payload,
            number=item_seen.number if item_seen else None,
            label=label_of(definition, entry, payload) if definition else entry.what,
            actor_name=names.get(entry.actor, system_name(payload)),
            definition=definition,
            changes=changes_in(payload),
            ended=ended.get(entry.index),
        )


def definition_of(uow: UnitOfWork, past: Past) -> Definition | None:
    """The definition that an item ran under; None where its entries do not say it any more."""
    name, _, version = past.text("definition").rpartition("@")
    return uow.definitions.find(DefinitionRef(name, int(version))) if version else None


class _Spells:
    """Makes spells of stays: measured, and with the names of the states."""

    def __init__(self, uow: UnitOfWork, now: datetime) -> None:
        self._uow = uow
        self._now = now
        self._calendar: Calendar = uow.calendar

    def of(self, entries: Sequence[Entry]) -> Iterator[Spell]:
        """Every spell of an item; what has ended for good is no spell."""
        for stay in stays_of(entries):
            definition = definition_of(self._uow, stay.past)
            state = definition.states_by_id.get(stay.past.text("state")) if definition else None
            if state is None or not (state.final and stay.ended_at is None):
                yield self._spell(stay, definition)

    def _spell(self, stay: Stay, definition: Definition | None) -> Spell:
        name = stay.past.text("state")
        state = definition.states_by_id.get(name) if definition else None
        first, last = (at.astimezone(LOCAL).date() for at in (stay.began_at, stay.ended_at or self._now))
        return Spell(
            state=name,
            label=state.label if state else name,
            by=held_by(stay.past, state.acts if state else ()),
            began=stay.began,
            began_at=stay.began_at,
            ended=stay.ended,
            ended_at=stay.ended_at,
            seconds=int(stay.lasted(self._now).total_seconds()),
            working_days=working_days_between(first, last, self._calendar),
        )


def held_by(past: Past, acts: Iterable[str]) -> tuple[str, ...]:
    """Whose turn it was: the people who are named for it, and the roles where nobody is."""
    delegation = past.document.get("delegation")
    people = {
        Party.OWNER: past.text("owner"),
        Party.DELEGATE: f"{delegation[0]}" if isinstance(delegation, list) else "",
        Party.REVIEWER: past.text("reviewer"),
        Party.OPENER: past.text("opener"),
    }
    named = [people.get(Party(who), who) if who in set(Party) else who for who in acts]
    return tuple(dict.fromkeys(who for who in named if who))


def _people_in(lines: Iterable[LogLine]) -> set[PersonId]:
    """Everybody who is named in these entries; a hash of the same length does no harm."""
    texts = (text for line in lines for text in (line.entry.actor, *_by(line), *texts_in(line.payload)))
    return {PersonId(text) for text in texts if len(text) == len(NOBODY)}


def _by(line: LogLine) -> tuple[str, ...]:
    return line.ended.by if line.ended else ()
