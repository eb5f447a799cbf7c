"""Counts of a whole installation, without any of its contents."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.ports import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Items by kind and stage, people's items whose limit ran out, and the length of the history."""

    items: Mapping[tuple[str, str], int]
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
        overdue = sum(held.overdue_count for each in campaigns for held in uow.views.holdings(each, now))
        return Counts(items=items, overdue=overdue, entries=uow.history.head().size)
