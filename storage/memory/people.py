"""The organisation: units, posts, persons, grants."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from engine.model.actor import Actor, Grant, HeldPost, Person, Post, Role, Unit
from engine.model.campaign import Roster
from engine.model.errors import NotFound
from engine.model.ids import PersonId, UnitCode
from engine.model.views import Member, Tenure
from storage.memory.tables import grant_key
from storage.memory.work import Work
from storage.refusals import NOT_RUNNING, too_late


class MemoryPeople:
    """Fulfils `People`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def actor(self, person: PersonId, on: date) -> Actor:
        """See `People.actor`."""
        known = self._work.tables.persons.get(person)
        if known is None:
            raise NotFound("没有此人")
        held = {_held_post(post, grant) for post, grant in self._held(on) if grant.person == person}
        ordered = sorted(held, key=lambda one: (one.post, one.on_behalf_of or ""))
        return Actor(person=person, name=known.name, posts=tuple(ordered))

    def roles_from(self, person: PersonId, on: date) -> frozenset[Role]:
        """See `People.roles_from`."""
        tables = self._work.tables
        held = [one for one in tables.grants if one.person == person and one.runs_beyond(on)]
        posts = filter(None, [tables.posts.get(one.post) for one in held])
        return frozenset(role for post in posts for role in post.roles)

    def by_login(self, logins: Sequence[str]) -> dict[str, Person]:
        """See `People.by_login`."""
        return {one.login: one for one in self._work.tables.persons if one.login in logins}

    def by_id(self, persons: Sequence[PersonId]) -> dict[PersonId, Person]:
        """See `People.by_id`."""
        return {one.id: one for one in map(self._work.tables.persons.get, persons) if one is not None}

    def lineage(self, unit: UnitCode) -> tuple[UnitCode, ...]:
        """See `People.lineage`."""
        above: list[UnitCode] = []
        known = self._work.tables.units.get(unit)
        while known is not None and known.code not in above:
            above.append(known.code)
            known = self._work.tables.units.get(known.parent) if known.parent else None
        return tuple(above)

    def subtree(self, unit: UnitCode) -> frozenset[UnitCode]:
        """See `People.subtree`."""
        return frozenset(one.code for one in self._work.tables.units if unit in self.lineage(one.code))

    def holders(self, role: str, units: Sequence[UnitCode], on: date) -> dict[UnitCode, tuple[PersonId, ...]]:
        """See `People.holders`."""
        return {unit: self._reaching(role, unit, on) for unit in units}

    def _reaching(self, role: str, unit: UnitCode, on: date) -> tuple[PersonId, ...]:
        above = self.lineage(unit)
        reaching = [
            (above.index(post.scope), post.code, grant.from_on, grant.person)
            for post, grant in self._held(on)
            if role in post.roles and post.scope in above
        ]
        return tuple(dict.fromkeys(person for *_, person in sorted(reaching)))

    def in_post(self, persons: Sequence[PersonId], on: date) -> frozenset[PersonId]:
        """See `People.in_post`."""
        return frozenset(grant.person for _, grant in self._held(on)).intersection(persons)

    def members(self, units: Sequence[UnitCode], on: date, limit: int) -> list[Member]:
        """See `People.members`."""
        tables = self._work.tables
        found = [
            (unit.ordinal, post.code, person.login, _member(person, unit, post))
            for post, grant in self._held(on)
            if post.unit in units
            and grant.on_behalf_of is None
            and (unit := tables.units.get(post.unit)) is not None
            and (person := tables.persons.get(grant.person)) is not None
        ]
        return [member for *_, member in sorted(found, key=lambda row: row[:3])][:limit]

    def units(self) -> list[Unit]:
        """See `People.units`."""
        return sorted(self._work.tables.units, key=lambda one: (one.ordinal, one.code))

    def add(self, roster: Roster) -> None:
        """See `People.add`."""
        with self._work.writing() as tables:
            for unit in roster.units:
                tables.units.add_new(unit)
            for post in roster.posts:
                tables.posts.add_new(post)
            for person in roster.persons:
                tables.persons.add_new(person)
            for grant in roster.grants:
                tables.grants.add_new(grant)

    def grant(self, grant: Grant) -> None:
        """See `People.grant`."""
        with self._work.writing() as tables:
            tables.grants.add(grant)

    def tenures(self, person: PersonId, on: date) -> list[Tenure]:
        """See `People.tenures`."""
        running = [one for one in self._work.tables.grants if one.person == person and one.runs_beyond(on)]
        running.sort(key=lambda one: (one.from_on, one.post, one.on_behalf_of or ""))
        return [told for one in running if (told := self._tenure(one)) is not None]

    def recall(self, grant: Grant, until_on: date) -> None:
        """See `People.recall`."""
        with self._work.writing() as tables:
            stored = tables.grants.get(grant_key(grant))
            if stored is None or not stored.runs_beyond(until_on):
                raise too_late(NOT_RUNNING)
            tables.grants.put(replace(stored, until_on=until_on))

    def _tenure(self, grant: Grant) -> Tenure | None:
        tables = self._work.tables
        post = tables.posts.get(grant.post)
        unit = tables.units.get(post.unit) if post else None
        if post is None or unit is None:
            return None
        principal = tables.persons.get(grant.on_behalf_of) if grant.on_behalf_of else None
        return Tenure(
            grant=grant,
            title=post.title,
            unit_name=unit.name,
            principal_name=principal.name if principal else "",
        )

    def _held(self, on: date) -> list[tuple[Post, Grant]]:
        tables = self._work.tables
        held = [(tables.posts.get(grant.post), grant) for grant in tables.grants if grant.is_held_on(on)]
        return [(post, grant) for post, grant in held if post is not None]


def _member(person: Person, unit: Unit, post: Post) -> Member:
    return Member(
        person=person.id,
        login=person.login,
        name=person.name,
        unit=unit.code,
        unit_name=unit.name,
        title=post.title,
    )


def _held_post(post: Post, grant: Grant) -> HeldPost:
    return HeldPost(
        post=post.code,
        unit=post.unit,
        scope=post.scope,
        roles=post.roles,
        on_behalf_of=grant.on_behalf_of,
    )
