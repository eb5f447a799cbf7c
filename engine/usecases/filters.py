"""Saved filters of the ledger: kept, shared with colleagues and forgotten by their person.

They are a comfort of one person and decide nothing, so the history does not hold them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.model.actor import Actor, Unit
from engine.model.errors import Refused
from engine.model.filters import SavedFilter
from engine.model.ids import PersonId, UnitCode
from engine.model.reasons import ReasonCode, reason
from engine.ports import UnitOfWork
from engine.rules.filters import MOST, objection
from engine.usecases.again import again


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterOrder:
    """What somebody wants to keep under which name; `unit` is where colleagues are to find it too."""

    name: str
    query: str
    unit: UnitCode | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """The filters that somebody finds: their own, and those that colleagues share. `units` are where one may share."""

    own: tuple[SavedFilter, ...]
    shared: tuple[SavedFilter, ...]
    names: Mapping[PersonId, str]
    units: tuple[Unit, ...]


def list_filters(uow: UnitOfWork, asker: Actor) -> Shelf:
    """What the asker finds on the ledger."""
    with uow:
        places = _units_of(asker)
        shared = uow.filters.shared_in(sorted(places), MOST)
        others = tuple(each for each in shared if each.person != asker.person)
        people = uow.people.by_id(sorted({each.person for each in others}))
        return Shelf(
            own=tuple(uow.filters.of_person(asker.person)),
            shared=others,
            names={person: known.name for person, known in people.items()},
            units=tuple(unit for unit in uow.people.units() if unit.code in places),
        )


@again
def save_filter(uow: UnitOfWork, now: datetime, order: FilterOrder, asker: Actor) -> SavedFilter:
    """Keep a filter; one of the asker's own with the same name is replaced. Raises Refused."""
    with uow:
        others = [each for each in uow.filters.of_person(asker.person) if each.name != order.name]
        problem = objection(order.name, order.query, len(others))
        if not problem and order.unit is not None and order.unit not in _units_of(asker):
            problem = "只能与您任职的单位共用"
        if problem:
            raise Refused("没有存下筛选", (reason(ReasonCode.FILTER_UNFIT, problem=problem),))
        saved = SavedFilter(
            id=uow.entropy.new_id(now),
            person=asker.person,
            name=order.name,
            query=order.query,
            unit=order.unit,
            saved_at=now,
        )
        uow.filters.save(saved)
        uow.commit()
    return saved


@again
def forget_filter(uow: UnitOfWork, filter_id: str, asker: Actor) -> None:
    """Delete one of the asker's own filters; what is not there, or another's, is left as it is."""
    with uow:
        uow.filters.forget(asker.person, filter_id)
        uow.commit()


def _units_of(asker: Actor) -> frozenset[UnitCode]:
    return frozenset(held.unit for held in asker.posts)
