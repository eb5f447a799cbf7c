"""Counts of a whole installation, without any of its contents."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.ports import UnitOfWork
from engine.usecases.lamps import reckoned


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Items by kind and stage or state, open ones by kind and lamp, people's items whose limit ran out, the history.

    `lamps` counts at most `MOST` items of each campaign: those whose limits end first.
    """

    items: Mapping[tuple[str, str], int]
    states: Mapping[tuple[str, str], int]
    lamps: Mapping[tuple[str, str], int]
    overdue: int
    entries: int


def count_all(uow: UnitOfWork, now: datetime) -> Counts:
    """The counts of every campaign together."""
    with uow:
        campaigns = uow.campaigns.ids()
        items = Counter[tuple[str, str]]()
        for each in campaigns:
            for part in uow.views.stage_counts(each):
                items[part.kind, part.stage.value] += part.count
        everywhere = frozenset(unit.code for unit in uow.people.units())
        lamps = Counter(
            (item.definition.id, signal.lamp.value)
            for each in campaigns
            for item, signal in reckoned(uow, now, each, everywhere)[0]
        )
        overdue = sum(held.overdue_count for each in campaigns for held in uow.views.holdings(each, now))
        return Counts(
            items=items,
            states=uow.views.state_counts(),
            lamps=lamps,
            overdue=overdue,
            entries=uow.history.head().size,
        )
