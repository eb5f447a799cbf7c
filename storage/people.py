"""The organisation: units, posts, persons, grants."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import ColumnElement, Text, and_, bindparam, func, insert, literal_column, or_, select, update

from engine.model.actor import Actor, Grant, HeldPost, Person, Role, Unit
from engine.model.campaign import Roster
from engine.model.errors import NotFound
from engine.model.ids import PersonId, UnitCode
from engine.model.views import Member, Tenure
from storage.prepared import IsAmong, Prepared, Row, Session, listed
from storage.refusals import NOT_RUNNING, too_late
from storage.rows import grant_of_row, row_of_grant, row_of_person, row_of_post, row_of_unit
from storage.tables import holding, person, post, post_role, unit, unit_closure

BY_LOGIN = Prepared(select(person).where(IsAmong(person.c.login, "logins")))
BY_ID = Prepared(select(person).where(IsAmong(person.c.id, "ids")))


def _runs_beyond(name: str) -> ColumnElement[bool]:
    """True for grants that have not ended by the day of this name, whether they have begun or not."""
    return or_(holding.c.until_on.is_(None), holding.c.until_on > bindparam(name, type_=Text()))


def _held() -> ColumnElement[bool]:
    """True for grants in force on the day `on`."""
    return and_(holding.c.from_on <= bindparam("on", type_=Text()), _runs_beyond("on"))


HELD = Prepared(
    select(post.c.code, post.c.unit, post.c.scope, holding.c.on_behalf_of, post_role.c.role)
    .join(holding, holding.c.post == post.c.code)
    .outerjoin(post_role, post_role.c.post == post.c.code)
    .where(holding.c.person == bindparam("person"), _held())
    .order_by(post.c.code, holding.c.on_behalf_of, post_role.c.role)
)
ROLES_FROM = Prepared(
    select(post_role.c.role)
    .join(holding, holding.c.post == post_role.c.post)
    .where(
        holding.c.person == bindparam("person"),
        _runs_beyond("on"),
    )
    .distinct()
)
LINEAGE = Prepared(
    select(unit_closure.c.ancestor)
    .where(unit_closure.c.unit == bindparam("unit"))
    .order_by(unit_closure.c.distance)
)
SUBTREE = Prepared(select(unit_closure.c.unit).where(unit_closure.c.ancestor == bindparam("unit")))
HOLDERS = Prepared(
    select(unit_closure.c.unit, holding.c.person)
    .join(post_role, post_role.c.post == holding.c.post)
    .join(post, post.c.code == holding.c.post)
    .join(unit_closure, unit_closure.c.ancestor == post.c.scope)
    .where(post_role.c.role == bindparam("role"), IsAmong(unit_closure.c.unit, "units"), _held())
    .order_by(unit_closure.c.distance, post.c.code, holding.c.from_on, holding.c.person)
)
IN_POST = Prepared(select(holding.c.person).where(IsAmong(holding.c.person, "persons"), _held()).distinct())
MEMBERS = Prepared(
    select(
        holding.c.person,
        person.c.login,
        person.c.name,
        post.c.unit,
        unit.c.name.label("unit_name"),
        post.c.title,
    )
    .join(post, post.c.code == holding.c.post)
    .join(person, person.c.id == holding.c.person)
    .join(unit, unit.c.code == post.c.unit)
    .where(IsAmong(post.c.unit, "units"), holding.c.on_behalf_of == literal_column("''"), _held())
    .order_by(unit.c.ordinal, post.c.code, person.c.login)
    .limit(bindparam("limit"))
)
PRINCIPAL = person.alias("principal")
TENURES = Prepared(
    select(
        holding,
        post.c.title,
        unit.c.name.label("unit_name"),
        func.coalesce(PRINCIPAL.c.name, "").label("principal_name"),
    )
    .join(post, post.c.code == holding.c.post)
    .join(unit, unit.c.code == post.c.unit)
    .outerjoin(PRINCIPAL, PRINCIPAL.c.id == holding.c.on_behalf_of)
    .where(
        holding.c.person == bindparam("person"),
        _runs_beyond("on"),
    )
    .order_by(holding.c.from_on, holding.c.post, holding.c.on_behalf_of)
)
UNITS = Prepared(select(unit).order_by(unit.c.ordinal, unit.c.code))
ADD_UNIT = Prepared.adding(unit)
ADD_CLOSURE = Prepared.adding(unit_closure)
ADD_POST = Prepared.adding(post)
ADD_ROLE = Prepared(insert(post_role))
ADD_PERSON = Prepared.adding(person)
ADD_HOLDING = Prepared.adding(holding)
GRANT = Prepared(insert(holding))
RECALL = Prepared(
    update(holding)
    .where(
        *[holding.c[name] == bindparam(name) for name in ("person", "post", "from_on", "on_behalf_of")],
        _runs_beyond("until_on"),
    )
    .values(until_on=bindparam("until_on"))
)


class SqlPeople:
    """Fulfils `People`. What is asked again within one transaction is answered from the first answer."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lineages: dict[UnitCode, tuple[UnitCode, ...]] = {}
        self._persons: dict[PersonId, Person] = {}

    def actor(self, person: PersonId, on: date) -> Actor:
        """See `People.actor`."""
        known = self.by_id([person]).get(person)
        if known is None:
            raise NotFound("没有此人")
        posts: dict[tuple[str, str], tuple[Row, set[Role]]] = {}
        for row in self._session.rows(HELD, person=person, on=on.isoformat()):
            roles = posts.setdefault((row["code"], row["on_behalf_of"]), (row, set()))[1]
            roles.update([Role(row["role"])] if row["role"] else [])
        return Actor(
            person=person, name=known.name, posts=tuple(_held_post(*held) for held in posts.values())
        )

    def roles_from(self, person: PersonId, on: date) -> frozenset[Role]:
        """See `People.roles_from`."""
        return frozenset(
            Role(row["role"]) for row in self._session.rows(ROLES_FROM, person=person, on=on.isoformat())
        )

    def by_login(self, logins: Sequence[str]) -> dict[str, Person]:
        """See `People.by_login`."""
        rows = self._session.rows(BY_LOGIN, logins=listed(logins))
        return {row["login"]: _person(row) for row in rows}

    def by_id(self, persons: Sequence[PersonId]) -> dict[PersonId, Person]:
        """See `People.by_id`."""
        if missing := [person for person in persons if person not in self._persons]:
            rows = self._session.rows(BY_ID, ids=listed(missing))
            self._persons.update({row["id"]: _person(row) for row in rows})
        return {person: self._persons[person] for person in persons if person in self._persons}

    def lineage(self, unit: UnitCode) -> tuple[UnitCode, ...]:
        """See `People.lineage`."""
        if unit not in self._lineages:
            rows = self._session.rows(LINEAGE, unit=unit)
            self._lineages[unit] = tuple(row["ancestor"] for row in rows)
        return self._lineages[unit]

    def subtree(self, unit: UnitCode) -> frozenset[UnitCode]:
        """See `People.subtree`."""
        return frozenset(row["unit"] for row in self._session.rows(SUBTREE, unit=unit))

    def holders(self, role: str, units: Sequence[UnitCode], on: date) -> dict[UnitCode, tuple[PersonId, ...]]:
        """See `People.holders`."""
        found: dict[UnitCode, dict[PersonId, None]] = {unit: {} for unit in units}
        for row in self._session.rows(HOLDERS, role=role, units=listed(units), on=on.isoformat()):
            found[row["unit"]][row["person"]] = None
        return {unit: tuple(people) for unit, people in found.items()}

    def in_post(self, persons: Sequence[PersonId], on: date) -> frozenset[PersonId]:
        """See `People.in_post`."""
        rows = self._session.rows(IN_POST, persons=listed(persons), on=on.isoformat())
        return frozenset(row["person"] for row in rows)

    def members(self, units: Sequence[UnitCode], on: date, limit: int) -> list[Member]:
        """See `People.members`."""
        rows = self._session.rows(MEMBERS, units=listed(units), on=on.isoformat(), limit=limit)
        return [Member(**row) for row in rows]

    def units(self) -> list[Unit]:
        """See `People.units`."""
        return [
            Unit(**{**row, "handles_cases": bool(row["handles_cases"])}) for row in self._session.rows(UNITS)
        ]

    def add(self, roster: Roster) -> None:
        """See `People.add`."""
        self._lineages.clear()
        many = self._session.many
        many(ADD_UNIT, [row_of_unit(new) for new in roster.units])
        many(ADD_CLOSURE, _closure({known.code: known.parent for known in self.units()}))
        posts = [p for p in roster.posts if self._session.run(ADD_POST, **row_of_post(p))]
        many(ADD_ROLE, [{"post": p.code, "role": role.value} for p in posts for role in p.roles])
        many(ADD_PERSON, [row_of_person(new) for new in roster.persons])
        many(ADD_HOLDING, [row_of_grant(new) for new in roster.grants])

    def grant(self, grant: Grant) -> None:
        """See `People.grant`."""
        self._session.run(GRANT, **row_of_grant(grant))

    def tenures(self, person: PersonId, on: date) -> list[Tenure]:
        """See `People.tenures`."""
        return [_tenure(row) for row in self._session.rows(TENURES, person=person, on=on.isoformat())]

    def recall(self, grant: Grant, until_on: date) -> None:
        """See `People.recall`."""
        if not self._session.run(RECALL, **row_of_grant(replace(grant, until_on=until_on))):
            raise self._session.conflict(too_late(NOT_RUNNING))


def _closure(parents: dict[UnitCode, UnitCode | None]) -> list[Row]:
    rows: list[Row] = []
    for code in parents:
        above: UnitCode | None = code
        distance = 0
        while above is not None and distance <= len(parents):
            rows.append({"ancestor": above, "unit": code, "distance": distance})
            above, distance = parents.get(above), distance + 1
    return rows


def _held_post(row: Row, roles: set[Role]) -> HeldPost:
    return HeldPost(
        post=row["code"],
        unit=row["unit"],
        scope=row["scope"],
        roles=frozenset(roles),
        on_behalf_of=row["on_behalf_of"] or None,
    )


def _tenure(row: Row) -> Tenure:
    return Tenure(
        grant=grant_of_row(row),
        title=row["title"],
        unit_name=row["unit_name"],
        principal_name=row["principal_name"],
    )


def _person(row: Row) -> Person:
    return Person(**{**row, "is_sample": bool(row["is_sample"])})
