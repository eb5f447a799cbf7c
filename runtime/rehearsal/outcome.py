"""What a rehearsal comes to, told so that two of them can be compared whatever their entries, ids and numbers are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from engine.model.ids import ItemId
from engine.model.item import Item
from engine.ports import UnitOfWork
from engine.rules.ledger import Json, canonical
from engine.rules.opening import SUPERVISES


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state in which each item ends, and every rung that was fired as (item, clock, revision, rung)."""

    states: frozenset[tuple[str, str]]
    rungs: frozenset[tuple[str, str, int, str]]

    @property
    def fingerprint(self) -> str:
        """The same for the same outcome."""
        states: list[Json] = [f"{state}" for state in sorted(self.states)]
        rungs: list[Json] = [f"{rung}" for rung in sorted(self.rungs)]
        return sha256(canonical([states, rungs])).hexdigest()[:16]


def outcome_of(uow: UnitOfWork, campaign: str, kinds: tuple[str, ...]) -> Outcome:
    """The outcome as it stands."""
    with uow:
        items = [item for kind in kinds for item in uow.items.of_campaign(campaign, kind)]
        names = _names(items)
        states = {(names[item.id], item.state) for item in items}
        rungs = {(names[f.item], f.clock, f.revision, f.rung) for f in uow.deadlines.scan_firings()}
    return Outcome(frozenset(states), frozenset(rungs))


def _names(items: Sequence[Item]) -> dict[ItemId, str]:
    """What each item is, whenever it was opened: an order the how-manieth of the item above it."""
    names = {item.id: _name(item) for item in items if item.link != SUPERVISES}
    orders = sorted((item for item in items if item.link == SUPERVISES), key=lambda item: item.number)
    counts = Counter[ItemId]()
    for order in orders:
        above = order.parent or order.id
        counts[above] += 1
        names[order.id] = f"{names.get(above, '')}/{counts[above]}"
    return names


def _name(item: Item) -> str:
    """What an item is, whenever it was opened: a report that of its period, anything else its number."""
    return f"{item.duty}/{item.period}/{item.unit}" if item.duty and item.period else item.number
