"""Finds the people a notice is meant for."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from engine.model.actor import Role
from engine.model.calendar import LOCAL
from engine.model.ids import PersonId, UnitCode
from engine.model.item import Item
from engine.ports import UnitOfWork
from engine.rules.countersign import ASSISTING_UNITS
from engine.rules.telling import own_people, tiers_from


class Directory:
    """Who holds what at one instant; asks storage once for each role and unit."""

    def __init__(self, uow: UnitOfWork, now: datetime) -> None:
        self._people = uow.people
        self._day = now.astimezone(LOCAL).date()
        self._known: dict[tuple[str, UnitCode], tuple[PersonId, ...]] = {}

    def recipients(self, item: Item, names: Sequence[str]) -> tuple[PersonId, ...]:
        """The people meant by roles and parties, each once.

        Where nobody holds a post, the next tier above is told instead: a vacancy never swallows a notice.
        """
        return tuple(dict.fromkeys(person for name in names for person in self._named(item, name)))

    def _named(self, item: Item, name: str) -> Iterator[PersonId]:
        if name == ASSISTING_UNITS:
            for unit in item.assisting:
                yield from self._climb(unit, Role.UNIT_HEAD)
        elif own := own_people(item, name):
            yield from own
        else:
            yield from self._climb(item.unit, name)

    def _climb(self, unit: UnitCode, name: str) -> tuple[PersonId, ...]:
        for role in tiers_from(name):
            if holders := self._holders(role, unit):
                return holders
        return ()

    def _holders(self, role: str, unit: UnitCode) -> tuple[PersonId, ...]:
        key = (role, unit)
        if key not in self._known:
            self._known[key] = self._people.holders(role, unit, self._day)
        return self._known[key]
