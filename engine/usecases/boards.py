"""How a campaign stands at a glance: lamps by unit and stage, what lies behind each, the phases in their time."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine.model.actor import Actor
from engine.model.campaign import Campaign, PlannedPhase
from engine.model.clock import Lamp
from engine.model.definition import Stage
from engine.model.errors import NotFound
from engine.model.ids import UnitCode
from engine.model.item import Item
from engine.model.views import ItemFilter
from engine.ports import UnitOfWork
from engine.rules.lamps import Signal, worst
from engine.usecases.lamps import MOST, reckoned, signals_of
from engine.usecases.queries import Lit, visible_units

PHASE = "phase"
Place = tuple[UnitCode, Stage]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Units × stages for one kind of items. `counts` is exact; `lamps` counts open items, at most `MOST` of them."""

    campaign: str
    title: str
    kind: str
    units: tuple[tuple[UnitCode, str], ...]
    """The units that have such items and may be seen, in the order of the annex."""
    counts: Mapping[Place, int]
    lamps: Mapping[Place, Mapping[Lamp, int]]
    total: Mapping[Lamp, int]
    is_cut: bool
    """True where more items are open than were reckoned; those whose limits end first were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One lamp in one cell of the board."""

    kind: str
    unit: UnitCode
    stage: Stage
    lamp: Lamp
    campaign: str | None = None

    def holds(self, item: Item, signal: Signal) -> bool:
        """True where the cell counts this item."""
        place = (item.definition.id, item.unit, item.stage)
        return place == (self.kind, self.unit, self.stage) and signal.lamp is self.lamp


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseStanding:
    """A phase of the plan, and how those who go through it stand: labels of states with their counts."""

    phase: PlannedPhase
    states: Mapping[str, int]
    lamp: Lamp
    number: str | None
    """The number of its item, where it is one for the whole bureau and may be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseTable:
    """Every phase of a campaign, in the order of the plan."""

    campaign: str
    title: str
    starts_on: date
    ends_on: date
    hard_stop_on: date
    phases: tuple[PhaseStanding, ...]


def current_campaign(uow: UnitOfWork, name: str | None) -> Campaign:
    """The named campaign, or the one loaded last. Raises NotFound."""
    loaded = uow.campaigns.ids()
    if not loaded:
        raise NotFound("还没有载入专项活动", hint="请系统管理员载入方案")
    return uow.campaigns.get(name or loaded[-1])


def board(uow: UnitOfWork, now: datetime, asker: Actor, kind: str, campaign: str | None = None) -> Board:
    """How the items of a kind stand in the units that the asker may see."""
    with uow:
        plan, seen = current_campaign(uow, campaign), visible_units(uow, asker)
        found = [part for part in uow.views.stage_counts(plan.id) if part.kind == kind and part.unit in seen]
        lit, is_cut = reckoned(uow, now, plan.id, seen)
        own = [(item, signal) for item, signal in lit if item.definition.id == kind]
        there = {part.unit for part in found}
        return Board(
            campaign=plan.id,
            title=plan.title,
            kind=kind,
            units=tuple((unit.code, unit.name) for unit in uow.people.units() if unit.code in there),
            counts={(part.unit, part.stage): part.count for part in found},
            lamps=_by_place(own),
            total=Counter(signal.lamp for _, signal in own),
            is_cut=is_cut,
        )


def behind_cell(uow: UnitOfWork, now: datetime, asker: Actor, cell: Cell) -> list[Lit]:
    """The open items that a cell of the board counts under a lamp, in the order of their numbers."""
    with uow:
        plan, seen = current_campaign(uow, cell.campaign), visible_units(uow, asker)
        lit, _ = reckoned(uow, now, plan.id, seen)
        found = {item.id: signal for item, signal in lit if cell.holds(item, signal)}
        rows = uow.views.items(ItemFilter(ids=tuple(found), limit=MOST)) if found else []
        return [Lit(row, found[row.id]) for row in rows]


def phase_table(uow: UnitOfWork, now: datetime, asker: Actor, campaign: str | None = None) -> PhaseTable:
    """The phases of a campaign, with the standing of those units that the asker may see."""
    with uow:
        plan, seen = current_campaign(uow, campaign), visible_units(uow, asker)
        items = [one for one in uow.items.of_campaign(plan.id, PHASE) if one.unit in seen]
        signals = signals_of(uow, now, items)
        return PhaseTable(
            campaign=plan.id,
            title=plan.title,
            starts_on=plan.starts_on,
            ends_on=plan.ends_on,
            hard_stop_on=plan.hard_stop_on,
            phases=tuple(
                _standing(uow, phase, [(one, signals[one.id]) for one in items if one.duty == phase.code])
                for phase in plan.phases
            ),
        )


def _standing(uow: UnitOfWork, phase: PlannedPhase, lit: Sequence[tuple[Item, Signal]]) -> PhaseStanding:
    return PhaseStanding(
        phase=phase,
        states=Counter(_labels(uow, (item for item, _ in lit))),
        lamp=worst(signal.lamp for _, signal in lit),
        number=lit[0][0].number if len(lit) == 1 else None,
    )


def _labels(uow: UnitOfWork, items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        yield uow.definitions.get(item.definition).states_by_id[item.state].label


def _by_place(lit: Iterable[tuple[Item, Signal]]) -> dict[Place, Counter[Lamp]]:
    found: dict[Place, Counter[Lamp]] = {}
    for item, signal in lit:
        found.setdefault((item.unit, item.stage), Counter())[signal.lamp] += 1
    return found
