"""The organisation as people look it up: units with their posts and holders, and what substitutes stand in for whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.model.actor import Actor, Post, Unit
from engine.model.calendar import LOCAL
from engine.model.ids import PostCode
from engine.model.views import Member
from engine.ports import UnitOfWork
from engine.usecases.queries import visible_units

MOST = 2_000


@dataclass(frozen=True, slots=True)
class UnitPage:
    """A unit with those who hold posts in it today, and how deep it stands in the tree."""

    unit: Unit
    depth: int
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """What of the organisation the asker may see."""

    units: tuple[UnitPage, ...]
    posts: tuple[Post, ...]
    substitutes: tuple[tuple[str, str, str], ...]
    """Who stands in, in which post, for whom."""


def organisation(uow: UnitOfWork, now: datetime, asker: Actor) -> Organisation:
    """Units with their people, in the order of the annex."""
    with uow:
        seen = visible_units(uow, asker)
        units = [unit for unit in uow.people.units() if unit.code in seen]
        members = uow.people.members([unit.code for unit in units], now.astimezone(LOCAL).date(), MOST)
        posts = {post.code: post for post in _posts(uow)}
        return Organisation(
            units=tuple(
                UnitPage(unit, _depth(uow, unit, units), tuple(m for m in members if m.unit == unit.code))
                for unit in units
            ),
            posts=tuple(post for post in posts.values() if post.unit in seen),
            substitutes=tuple(_substitutes(uow, now, members, posts)),
        )


def _posts(uow: UnitOfWork) -> Iterator[Post]:
    for name in uow.campaigns.ids():
        yield from uow.campaigns.get(name).roster.posts


def _depth(uow: UnitOfWork, unit: Unit, shown: list[Unit]) -> int:
    """How many of the units above it are shown."""
    return len({each.code for each in shown}.intersection(uow.people.lineage(unit.code))) - 1


def _substitutes(
    uow: UnitOfWork, now: datetime, members: list[Member], posts: dict[PostCode, Post]
) -> Iterator[tuple[str, str, str]]:
    today = now.astimezone(LOCAL).date()
    for person in dict.fromkeys(member.person for member in members):
        actor = uow.people.actor(person, today)
        for held in actor.posts:
            if held.on_behalf_of:
                principal = uow.people.by_id([held.on_behalf_of])[held.on_behalf_of]
                title = posts[held.post].title if held.post in posts else f"{held.post}"
                yield actor.name, title, principal.name
