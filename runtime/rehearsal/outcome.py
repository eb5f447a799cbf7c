"""What a rehearsal comes to, told so that two of them can be compared whatever their entries, ids and numbers are.

Supervision orders are left out: the clock itself opens them, so that their own time begins when the worker is back.
"""

from dataclasses import dataclass
from hashlib import sha256

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
        names = {item.id: _name(item) for item in items if item.link != SUPERVISES}
        states = {(names[item.id], item.state) for item in items if item.id in names}
        fired = [firing for firing in uow.deadlines.scan_firings() if firing.item in names]
        rungs = {(names[f.item], f.clock, f.revision, f.rung) for f in fired}
    return Outcome(frozenset(states), frozenset(rungs))


def _name(item: Item) -> str:
    """What an item is, whenever it was opened: a report that of its period, anything else its number."""
    return f"{item.duty}/{item.period}/{item.unit}" if item.duty and item.period else item.number
