"""Finds the people a notice is meant for, and tells of the posts in which it found nobody."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from operator import itemgetter

from engine.model.actor import Role
from engine.model.calendar import LOCAL
from engine.model.ids import PersonId, UnitCode
from engine.model.item import Item
from engine.ports import UnitOfWork
from engine.rules.countersign import ASSISTING_UNITS
from engine.rules.telling import facts_of, own_people, tiers_from, vacancy_for

CALLED = (Role.OFFICE, Role.SECURITY_OFFICER)
"""Who hears of a post that nobody holds: the one has to see to the work, the other grants posts."""


class Directory:
    """Who holds what at one instant; asks storage once for each role and unit."""

    def __init__(self, uow: UnitOfWork, now: datetime) -> None:
        self._uow = uow
        self._now = now
        self._day = now.astimezone(LOCAL).date()
        self._known: dict[tuple[str, UnitCode], tuple[PersonId, ...]] = {}
        self._vacant: dict[tuple[UnitCode, str], Item] = {}

    def recipients(self, item: Item, names: Sequence[str]) -> tuple[PersonId, ...]:
        """The people meant by roles and parties, each once.

        Where nobody holds a post, the next tier above is told instead: a vacancy never swallows a notice.
        """
        return tuple(dict.fromkeys(person for name in names for person in self._named(item, name)))

    def _named(self, item: Item, name: str) -> Iterator[PersonId]:
        if name == ASSISTING_UNITS:
            for unit in item.assisting:
                yield from self._climb(item, unit, Role.UNIT_HEAD)
        elif own := own_people(item, name):
            yield from own
        else:
            yield from self._climb(item, item.unit, name)

    def _climb(self, item: Item, unit: UnitCode, name: str) -> tuple[PersonId, ...]:
        for role in tiers_from(name):
            if holders := self._holders(role, unit):
                return holders
            if role == name:
                self._vacant.setdefault((unit, role), item)
        return ()

    def alert(self) -> None:
        """Write down each vacancy that was met, for whoever can fill it: once for a unit, a role and a day.

        They are written one by one: that somebody else met the same vacancy just now is no conflict.
        """
        for (unit, role), item in sorted(self._vacant.items(), key=itemgetter(0)):
            facts = facts_of(self._uow.definitions.get(item.definition), item)
            for person in dict.fromkeys(one for called in CALLED for one in self._holders(called, unit)):
                told = vacancy_for(item, person, {**facts, "unit": unit, "post": role}, self._now)
                self._uow.notices.write([told], self._uow.channels)

    def _holders(self, role: str, unit: UnitCode) -> tuple[PersonId, ...]:
        key = (role, unit)
        if key not in self._known:
            self._known[key] = self._uow.people.holders(role, unit, self._day)
        return self._known[key]
