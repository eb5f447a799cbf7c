"""Finds the people a notice is meant for, and tells of the posts in which it found nobody."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from engine.model.actor import Party, Role
from engine.model.calendar import LOCAL
from engine.model.deadline import Deadline
from engine.model.definition import Definition
from engine.model.ids import NOBODY, PersonId, UnitCode
from engine.model.item import Item
from engine.model.notice import Notice
from engine.ports import UnitOfWork
from engine.rules.countersign import ASSISTING_UNITS
from engine.rules.telling import (
    Telling,
    facts_of,
    facts_of_limit,
    notice_for,
    own_people,
    tiers_from,
    vacancy_for,
)

CALLED = (Role.OFFICE, Role.SECURITY_OFFICER)
"""Who hears of a post that nobody holds: the one has to see to the work, the other grants posts."""
RESCHEDULED = "rescheduled"
KEEPERS = (Party.OWNER.value, Party.DELEGATE.value)
"""Who has to keep a date, and hears that it is another one."""


class Directory:
    """Who holds what at one instant; asks storage once for each role, in all the units that were sought."""

    def __init__(self, uow: UnitOfWork, now: datetime) -> None:
        self._uow = uow
        self._now = now
        self._day = now.astimezone(LOCAL).date()
        self._known: dict[tuple[str, UnitCode], tuple[PersonId, ...]] = {}
        self._vacant: dict[tuple[UnitCode, str, PersonId], Item] = {}
        self._gone: set[PersonId] = set()
        self._sought: set[UnitCode] = set()

    def seek(self, items: Sequence[Item]) -> None:
        """Ask once who of these items' own people holds no post any more: they are stood in for from now on."""
        self._sought.update(item.unit for item in items)
        own = {person for item in items for name in Party for person in own_people(item, name)}
        self._gone |= own - self._uow.people.in_post(sorted(own), self._day) if own else own

    def recipients(self, item: Item, names: Sequence[str]) -> tuple[PersonId, ...]:
        """The people meant by roles and parties, each once.

        Where nobody holds a post, or an owner was sought and is gone, the next tier above is told instead: a vacancy
        never swallows a notice.
        """
        tiers = (tier for name in names for tier in self.tiers(item, name))
        return tuple(dict.fromkeys(person for _, people in tiers for person in people))

    def tiers(self, item: Item, name: str) -> Iterator[tuple[str, tuple[PersonId, ...]]]:
        """Who is told under a role or party: by which one they are found, another where nobody is there, and they."""
        if name == ASSISTING_UNITS:
            for unit in item.assisting:
                yield from self._climb(item, unit, Role.UNIT_HEAD)
        elif (own := own_people(item, name)) and self._gone.isdisjoint(own):
            yield name, own
        else:
            for person in own:
                self._vacant.setdefault((item.unit, name, person), item)
            yield from self._climb(item, item.unit, name)

    def _climb(self, item: Item, unit: UnitCode, name: str) -> Iterator[tuple[str, tuple[PersonId, ...]]]:
        for role in tiers_from(name):
            if holders := self._holders(role, unit):
                yield role, holders
                return
            if role == name:
                self._vacant.setdefault((unit, role, NOBODY), item)

    def alert(self) -> None:
        """Write down each vacancy that was met, for whoever can fill it: once a day for a unit and a role, or a person.

        They are written one by one: that somebody else met the same vacancy just now is no conflict.
        """
        names = self._uow.people.by_id(sorted(self._gone)) if self._gone else {}
        for (unit, role, gone), item in sorted(self._vacant.items(), key=itemgetter(0)):
            facts = facts_of(self._uow.definitions.get(item.definition), item)
            facts |= {"by": names[gone].name} if gone in names else {}
            for person in dict.fromkeys(one for called in CALLED for one in self._holders(called, unit)):
                told = vacancy_for(item, person, {**facts, "unit": unit, "post": role}, self._now, gone)
                self._uow.notices.write([told], self._uow.channels)

    def _holders(self, role: str, unit: UnitCode) -> tuple[PersonId, ...]:
        if (role, unit) not in self._known:
            found = self._uow.people.holders(role, sorted({unit, *self._sought}), self._day)
            self._known.update({(role, each): people for each, people in found.items()})
        return self._known[role, unit]


@dataclass(frozen=True, slots=True)
class Rescheduling:
    """A limit of an item that falls otherwise without a move of anybody's: as it was, as it is, and what did it."""

    definition: Definition
    item: Item
    before: Deadline
    after: Deadline
    cause: str

    @property
    def label(self) -> str:
        """What the definition calls the limit."""
        return self.definition.clocks_by_id[self.after.clock].label

    @property
    def sentence(self) -> str:
        """The old and the new date, or that the date is settled now."""
        old, new = (f"{each.due_at.astimezone(LOCAL):%Y-%m-%d %H:%M}" for each in (self.before, self.after))
        if old == new:
            return f"{self.label} {new} {'改为待核' if self.after.is_provisional else '不再待核'}"
        return f"{self.label} {old} → {new}{'（待核）' if self.after.is_provisional else ''}"


def rescheduled(directory: Directory, change: Rescheduling, now: datetime) -> Iterator[Notice]:
    """The notices to whoever has to keep the date; none where it is the same."""
    after = change.after
    if after.due_at == change.before.due_at:
        return
    facts = {
        **facts_of(change.definition, change.item),
        **facts_of_limit(change.definition, after),
        "proof": after.proof,
        "reason": change.sentence,
    }
    limit = (after.clock, after.revision)
    telling = Telling(kind=RESCHEDULED, cause=(change.cause, *limit), facts=facts, limit=limit)
    for person in directory.recipients(change.item, KEEPERS):
        yield notice_for(change.item, person, telling, now)
