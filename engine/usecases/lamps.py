"""The lamps of what a page shows: the same few queries at any number of items, and no item is reckoned besides."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.model.clock import Lamp
from engine.model.definition import Stage
from engine.model.ids import ItemId, UnitCode
from engine.model.item import Item
from engine.ports import UnitOfWork
from engine.rules.lamps import Facts, Signal, signal_of

MOST = 1000
"""So many open items at most are reckoned for a board; of more, those whose limits end first."""


@dataclass(frozen=True, slots=True)
class LampCount:
    """How many open items of a kind show a lamp in a unit and stage."""

    kind: str
    unit: UnitCode
    stage: Stage
    lamp: Lamp
    count: int


def signals_of(uow: UnitOfWork, now: datetime, items: Sequence[Item]) -> dict[ItemId, Signal]:
    """The lamp of each of these items, inside a unit of work that is open already."""
    ids = [item.id for item in items]
    deadlines, firings = uow.deadlines.revisions_of(ids), uow.deadlines.fired_on(ids)
    raises = uow.levels.raised_on(ids)
    return {
        item.id: signal_of(
            Facts(
                definition=uow.definitions.get(item.definition),
                item=item,
                deadlines=deadlines[item.id],
                firings=firings[item.id],
                raises=raises[item.id],
            ),
            now,
            uow.calendar,
        )
        for item in items
    }


def board_of(
    uow: UnitOfWork, now: datetime, campaign: str, units: frozenset[UnitCode]
) -> tuple[LampCount, ...]:
    """How many open items show which lamp in each unit and stage, at most MOST of them reckoned."""
    lit, _ = reckoned(uow, now, campaign, units)
    counts = Counter((item.definition.id, item.unit, item.stage, signal.lamp) for item, signal in lit)
    return tuple(LampCount(*cell, count) for cell, count in sorted(counts.items()))


def reckoned(
    uow: UnitOfWork, now: datetime, campaign: str, units: frozenset[UnitCode]
) -> tuple[list[tuple[Item, Signal]], bool]:
    """The open items of a campaign in these units with their lamps, at most MOST; True where there are more."""
    ids = uow.views.open_items(campaign, units, MOST + 1)
    is_cut = len(ids) > MOST
    if is_cut:
        ids = list(dict.fromkeys([*uow.views.urgent_items(campaign, units, MOST), *ids]))[:MOST]
    items = list(uow.items.get(ids).values())
    signals = signals_of(uow, now, items)
    return [(item, signals[item.id]) for item in items], is_cut
