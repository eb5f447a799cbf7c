"""How real traces compare with what a definition declares: the values; the rules are in `engine.rules.conformance`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.model.ids import ItemId, UnitCode


class Deviation(StrEnum):
    """In which way a step differs from what its definition declares."""

    UNKNOWN_RULES = "unknown_rules"
    """The version of the definition that it ran under was never published."""
    BROKEN = "broken"
    """What it found is not what the step before left."""
    OUT_OF_ORDER = "out_of_order"
    """The state that it found has no such move."""
    WRONG_TARGET = "wrong_target"
    """The move leads elsewhere."""
    SKIPPED_SIGN_FOR = "skipped_sign_for"
    """The item went on from where it waits for a signature of receipt, without one."""
    CLAIMED_BACKWARDS = "claimed_backwards"
    """It claims a day before the day that an earlier step claims."""


@dataclass(frozen=True, slots=True, order=True)
class Crossing:
    """A step from state to state; `source` is empty where the item was opened."""

    source: str
    verb: str
    target: str


@dataclass(frozen=True, slots=True)
class Deviant:
    """A step that differs: the index of its entry, and how."""

    entry: int
    deviation: Deviation
    crossing: Crossing


@dataclass(frozen=True, slots=True)
class Wait:
    """How long an item was in a state in a unit, by natural time; `is_open` while it still is."""

    state: str
    unit: UnitCode
    seconds: int
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One item replayed. Steps whose payload was erased say nothing, and are counted apart."""

    item: ItemId
    crossings: tuple[Crossing, ...]
    deviants: tuple[Deviant, ...]
    waits: tuple[Wait, ...]
    returns: tuple[Crossing, ...]
    erased: int = 0

    @property
    def fitness(self) -> float:
        """The share of steps that fit; 1 where nothing is known against any."""
        wrong = len({deviant.entry for deviant in self.deviants})
        return 1.0 if not self.crossings else 1.0 - wrong / len(self.crossings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Waiting times in seconds, by nearest rank. `still` counts those that have not ended: they count up to now."""

    count: int
    still: int
    median: int
    ninetieth: int
    longest: int
    altogether: int

    @property
    def share_open(self) -> float:
        """The share that has not ended."""
        return self.still / self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitLine:
    """The waiting in a state: in one unit, or in all where `unit` is None."""

    state: str
    unit: UnitCode | None
    spread: Spread


@dataclass(frozen=True, slots=True)
class CrossingLine:
    """How often a crossing was made, on how many items, and how often on one item at most."""

    crossing: Crossing
    count: int
    items: int
    most: int


@dataclass(frozen=True, slots=True)
class DeviationLine:
    """How often a deviation was met, on how many items, and the first entries that show it."""

    deviation: Deviation
    count: int
    items: int
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item worth a look: its fitness, its returns, and what it differs by."""

    item: ItemId
    fitness: float
    returns: int
    deviants: tuple[Deviant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformance:
    """Many traces together."""

    items: int
    fitting: int
    """Items without a single deviation."""
    steps: int
    erased: int
    fitness: float
    """The mean over the items; 1 where there are none."""
    deviations: tuple[DeviationLine, ...]
    crossings: tuple[CrossingLine, ...]
    returns: tuple[CrossingLine, ...]
    """Returns, the most frequent first."""
    returned: Mapping[int, int]
    """How many items were returned so many times."""
    waits: tuple[WaitLine, ...]
    """Per state and unit; those that held up most time first."""
    states: tuple[WaitLine, ...]
    """The same per state alone."""
    worst: tuple[ItemLine, ...]
    """Items that fit least, then those returned most."""
