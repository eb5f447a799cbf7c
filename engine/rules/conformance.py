"""Replays the entries of items against the compiled definition, and adds up what is found.

What the engine let pass conforms at the time of the move; a replay asks again, of the entries alone, and also sees what
no single move shows: where items wait, how often they come back, which signature of receipt was passed over.
Waiting is measured in natural time, rest days included: that is what whoever waits goes through.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from math import ceil
from typing import Final

from engine.model.conformance import (
    Conformance,
    Crossing,
    CrossingLine,
    Deviant,
    Deviation,
    DeviationLine,
    ItemLine,
    Spread,
    Trace,
    Wait,
    WaitLine,
)
from engine.model.definition import Definition, Effect
from engine.model.entry import Entry, EntryKind
from engine.model.guards import Countersign
from engine.model.ids import ItemId, UnitCode
from engine.rules.ledger import Json
from engine.rules.migration import MIGRATE
from engine.rules.opening import OPEN
from engine.rules.past import payload_of

Find = Callable[[str], Definition | None]
"""The definition behind `id@version`; None where it was never published."""
SIGN_FOR: Final = frozenset({"sign_for", "receive"})
"""The verbs by which somebody signs for what was handed to them (签收)."""
SHOWN: Final = 20
"""So many entries at most are named for each deviation, and so many items as worth a look."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an item stands: rules, state, unit."""

    definition: str = ""
    state: str = ""
    unit: str = ""

    def moved(self, changes: Mapping[str, Json]) -> "_Place":
        """The place after these changes."""
        given = (_new(changes.get(name), getattr(self, name)) for name in ("definition", "state", "unit"))
        return _Place(*given)

    def is_followed_by(self, changes: Mapping[str, Json]) -> bool:
        """Whether the changes begin where this place is."""
        return all(
            _old(changes.get(name), getattr(self, name)) == getattr(self, name) for name in ("state", "unit")
        )


def _new(pair: Json, present: str) -> str:
    return f"{pair[1]}" if isinstance(pair, list) and len(pair) == 2 else present


def _old(pair: Json, present: str) -> str:
    if not isinstance(pair, list) or len(pair) != 2:
        return present
    return "" if pair[0] is None else f"{pair[0]}"


@dataclass(slots=True)
class _Walk:
    """An item on its way through its entries."""

    find: Find
    place: _Place = _Place()
    since: datetime | None = None
    claimed: str = ""
    erased: int = 0
    crossings: list[Crossing] = field(default_factory=list)
    deviants: list[Deviant] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    returns: list[Crossing] = field(default_factory=list)

    def take(self, entry: Entry) -> None:
        payload = payload_of(entry)
        changes = payload.get("changes")
        if not isinstance(changes, Mapping):
            self.erased += 1
            return
        before, after = self.place, self.place.moved(changes)
        crossing = Crossing(before.state, entry.what, after.state)
        self.crossings.append(crossing)
        definition = self.find(after.definition)
        found = [*self._found(definition, crossing, changes), *self._backwards(payload.get("claimed_on"))]
        self.deviants += [Deviant(entry.index, each, crossing) for each in found]
        if definition and is_return(definition, crossing):
            self.returns.append(crossing)
        if (before.state, before.unit) != (after.state, after.unit):
            self._leave(entry.at, is_open=False)
            self.since = entry.at
        self.place = after

    def end(self, now: datetime) -> None:
        """Count the wait that lasts; where an item has come to its end, nobody waits."""
        definition = self.find(self.place.definition)
        state = definition.states_by_id.get(self.place.state) if definition else None
        if state is None or not state.final:
            self._leave(now, is_open=True)

    def _leave(self, at: datetime, *, is_open: bool) -> None:
        if self.since is not None:
            seconds = int((at - self.since).total_seconds())
            self.waits.append(Wait(self.place.state, UnitCode(self.place.unit), seconds, is_open))

    def _found(
        self, definition: Definition | None, crossing: Crossing, changes: Mapping[str, Json]
    ) -> Iterator[Deviation]:
        if not self.erased and not self.place.is_followed_by(changes):
            yield Deviation.BROKEN
        if definition is None:
            yield Deviation.UNKNOWN_RULES
        else:
            yield from judged(definition, crossing)

    def _backwards(self, day: Json) -> Iterator[Deviation]:
        if isinstance(day, str):
            if day < self.claimed:
                yield Deviation.CLAIMED_BACKWARDS
            self.claimed = max(day, self.claimed)


def replayed(item: ItemId, entries: Iterable[Entry], find: Find, now: datetime) -> Trace:
    """One item, from all its entries in their order."""
    walk = _Walk(find)
    for entry in entries:
        if entry.kind is EntryKind.TRANSITION:
            walk.take(entry)
    walk.end(now)
    return Trace(
        item=item,
        crossings=tuple(walk.crossings),
        deviants=tuple(walk.deviants),
        waits=tuple(walk.waits),
        returns=tuple(walk.returns),
        erased=walk.erased,
    )


def judged(definition: Definition, crossing: Crossing) -> Iterator[Deviation]:
    """In which ways a crossing is not what the definition declares."""
    if not crossing.source:
        if crossing.verb != OPEN:
            yield Deviation.OUT_OF_ORDER
        elif crossing.target != definition.initial:
            yield Deviation.WRONG_TARGET
        return
    if _is_skipped(definition, crossing):
        yield Deviation.SKIPPED_SIGN_FOR
    if crossing.verb == MIGRATE:  # where a plan may lead is asked by `audit verify`, which knows the plan
        return
    move = definition.moves_by_place.get((crossing.source, crossing.verb))
    if move is None:
        yield Deviation.OUT_OF_ORDER
    elif crossing.target not in move.to and not _stays(definition, crossing):
        yield Deviation.WRONG_TARGET


def _stays(definition: Definition, crossing: Crossing) -> bool:
    """Whether it may leave the state as it is: without a target, or until the last of several has signed."""
    move = definition.moves_by_place[crossing.source, crossing.verb]
    may_stay = not move.to or any(isinstance(guard, Countersign) for guard in move.guards)
    return may_stay and crossing.source == crossing.target


def _is_skipped(definition: Definition, crossing: Crossing) -> bool:
    """Whether it leads on from where somebody has to sign, to a state in which the item goes on, and nobody signed."""
    signing = next(
        (m for verb in SIGN_FOR if (m := definition.moves_by_place.get((crossing.source, verb)))), None
    )
    target = definition.states_by_id.get(crossing.target)
    if signing is None or target is None or target.final:
        return False
    if crossing.verb in SIGN_FOR or is_return(definition, crossing):
        return False
    places = [state.id for state in definition.states]
    return crossing.target in signing.to or places.index(crossing.target) > places.index(crossing.source)


def is_return(definition: Definition, crossing: Crossing) -> bool:
    """Whether it sends the item back, as the definition counts returns."""
    move = definition.moves_by_place.get((crossing.source, crossing.verb))
    return move is not None and Effect.COUNT_RETURN in move.effects


class Tally:
    """Takes traces, one after the other, and keeps of them what adds up."""

    def __init__(self) -> None:
        self._items = self._fitting = self._steps = self._erased = 0
        self._fitness = 0.0
        self._crossings = _Counts()
        self._returns = _Counts()
        self._returned = Counter[int]()
        self._deviants: dict[Deviation, list[int]] = defaultdict(list)
        self._deviating = Counter[Deviation]()
        self._waits: dict[tuple[str, UnitCode], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        self._worst: list[ItemLine] = []

    def take(self, trace: Trace) -> None:
        """Add one item."""
        self._items += 1
        self._fitting += not trace.deviants
        self._steps += len(trace.crossings)
        self._erased += trace.erased
        self._fitness += trace.fitness
        self._crossings.take(trace.crossings)
        self._returns.take(trace.returns)
        self._returned[len(trace.returns)] += 1
        for deviant in trace.deviants:
            self._deviants[deviant.deviation].append(deviant.entry)
        self._deviating.update({deviant.deviation for deviant in trace.deviants})
        for wait in trace.waits:
            self._waits[wait.state, wait.unit][wait.is_open].append(wait.seconds)
        if trace.deviants or trace.returns:
            self._look_at(trace)

    def _look_at(self, trace: Trace) -> None:
        self._worst.append(ItemLine(trace.item, trace.fitness, len(trace.returns), trace.deviants))
        if len(self._worst) >= SHOWN * 10:
            self._worst = _worst(self._worst)

    def result(self) -> Conformance:
        """Everything together."""
        return Conformance(
            items=self._items,
            fitting=self._fitting,
            steps=self._steps,
            erased=self._erased,
            fitness=self._fitness / self._items if self._items else 1.0,
            deviations=tuple(self._deviations()),
            crossings=tuple(sorted(self._crossings.lines(), key=lambda line: line.crossing)),
            returns=tuple(self._returns.lines()),
            returned=dict(sorted(self._returned.items())),
            waits=tuple(_slowest(self._by_unit())),
            states=tuple(_slowest(self._by_state())),
            worst=tuple(_worst(self._worst)),
        )

    def _deviations(self) -> Iterator[DeviationLine]:
        for each in Deviation:
            if entries := self._deviants.get(each):
                shown = tuple(sorted(entries)[:SHOWN])
                yield DeviationLine(each, len(entries), self._deviating[each], shown)

    def _by_unit(self) -> Iterator[WaitLine]:
        for (state, unit), (ended, still) in self._waits.items():
            yield WaitLine(state=state, unit=unit, spread=spread(ended, still))

    def _by_state(self) -> Iterator[WaitLine]:
        for state, places in groupby(sorted(self._waits), key=lambda place: place[0]):
            ended, still = list[int](), list[int]()
            for place in places:
                ended += self._waits[place][0]
                still += self._waits[place][1]
            yield WaitLine(state=state, unit=None, spread=spread(ended, still))


class _Counts:
    """How often each crossing was made, on how many items, and how often on one."""

    def __init__(self) -> None:
        self._count, self._items, self._most = Counter[Crossing](), Counter[Crossing](), Counter[Crossing]()

    def take(self, crossings: Iterable[Crossing]) -> None:
        for crossing, times in Counter(crossings).items():
            self._count[crossing] += times
            self._items[crossing] += 1
            self._most[crossing] = max(times, self._most[crossing])

    def lines(self) -> Iterator[CrossingLine]:
        for crossing, count in sorted(self._count.items(), key=lambda pair: (-pair[1], pair[0])):
            yield CrossingLine(crossing, count, self._items[crossing], self._most[crossing])


def spread(ended: Iterable[int], still: Iterable[int]) -> Spread:
    """How waiting times spread, those that have not ended included. There must be at least one."""
    lasting = list(still)
    ordered = sorted([*ended, *lasting])
    return Spread(
        count=len(ordered),
        still=len(lasting),
        median=_ranked(ordered, 0.5),
        ninetieth=_ranked(ordered, 0.9),
        longest=ordered[-1],
        altogether=sum(ordered),
    )


def _ranked(ordered: list[int], share: float) -> int:
    return ordered[max(ceil(share * len(ordered)), 1) - 1]


def _slowest(lines: Iterable[WaitLine]) -> list[WaitLine]:
    return sorted(lines, key=lambda line: (-line.spread.altogether, line.state, line.unit or ""))


def _worst(lines: Iterable[ItemLine]) -> list[ItemLine]:
    return sorted(lines, key=lambda line: (line.fitness, -line.returns, line.item))[:SHOWN]
