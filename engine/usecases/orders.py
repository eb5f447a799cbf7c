"""Supervision orders (督办单) as those read them who issue and answer them: colour, subject, how far the answer is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.model.actor import Actor
from engine.model.ids import ItemId
from engine.model.item import FieldValue, Item
from engine.model.views import ItemFilter, ItemRow
from engine.ports import UnitOfWork
from engine.rules.opening import SUPERVISION_ORDER
from engine.rules.papers import paper_of
from engine.usecases.lamps import signals_of
from engine.usecases.queries import Lit, list_within, within_sight


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """An order with what it is about. `subject` is None where there is nothing, or nothing that the asker may see."""

    row: ItemRow
    lit: Lit
    level: FieldValue
    demand: FieldValue
    answer: FieldValue
    subject: Item | None


def list_orders(uow: UnitOfWork, now: datetime, asker: Actor, wanted: ItemFilter) -> list[OrderLine]:
    """A page of the orders that the asker may see, in the order of the filter."""
    with uow:
        rows = list_within(uow, asker, replace(wanted, kind=SUPERVISION_ORDER))
        orders = uow.items.get([row.id for row in rows])
        signals = signals_of(uow, now, list(orders.values()))
        subjects = _subjects(uow, asker, list(orders.values()))
        return [
            OrderLine(
                row=row,
                lit=Lit(row, signals[row.id], paper_of(uow.definitions.get(row.definition), order)),
                level=order.fields.get("level", ""),
                demand=order.fields.get("demand", ""),
                answer=order.fields.get("answer", ""),
                subject=subjects.get(order.parent) if order.parent else None,
            )
            for row, order in ((row, orders[row.id]) for row in rows)
        ]


def _subjects(uow: UnitOfWork, asker: Actor, orders: Sequence[Item]) -> dict[ItemId, Item]:
    above = uow.items.get(list({order.parent for order in orders if order.parent}))
    return {item.id: item for item in within_sight(uow, asker, list(above.values()))}
