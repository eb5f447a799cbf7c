"""Who may act: which role or party admits an actor to a move, and for whom they then act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.model.actor import Actor, Party, Role
from engine.model.errors import NotPermitted
from engine.model.ids import PersonId, UnitCode
from engine.model.item import Item
from engine.model.reasons import ReasonCode, reason


@dataclass(frozen=True, slots=True)
class Standing:
    """The role or party that admits the actor, and the person stood in for, if any."""

    name: str
    on_behalf_of: PersonId | None = None


def standing_of(
    actor: Actor, who: Sequence[str], lineage: Sequence[UnitCode], item: Item | None, day: date
) -> Standing | None:
    """The first standing among `who` that the actor has on `day`; None when nobody there is the actor.

    lineage: the item's unit and every unit above it; a role counts where the scope of its post is among them.
    """
    for name in who:
        if found := _party(actor, name, item, day) or _role(actor, name, lineage):
            return found
    return None


def require(actor: Actor, roles: Sequence[Role], tried: str) -> None:
    """Raises NotPermitted unless the actor holds one of these roles."""
    if not any(role in held.roles for held in actor.posts for role in roles):
        raise NotPermitted(tried, (reason(ReasonCode.NOT_STANDING, who="、".join(roles)),))


def _role(actor: Actor, name: str, lineage: Sequence[UnitCode]) -> Standing | None:
    for held in actor.posts:
        if name in held.roles and held.scope in lineage:
            return Standing(name, held.on_behalf_of)
    return None


def _party(actor: Actor, name: str, item: Item | None, day: date) -> Standing | None:
    if name == Party.SYSTEM:
        return Standing(name) if actor.system else None
    if item is None or actor.system or not actor.posts:
        return None
    if name == Party.OWNER:
        return _owner(actor, item, day)
    if name == Party.DELEGATE:
        return _delegate(actor, item, day)
    if name == Party.REVIEWER:
        return _named(actor, name, item.reviewer)
    return _named(actor, name, item.opener) if name == Party.OPENER else None


def _named(actor: Actor, name: str, person: PersonId | None) -> Standing | None:
    if person is None:
        return None
    if actor.person == person:
        return Standing(name)
    return _substitute(actor, name, person)


def _owner(actor: Actor, item: Item, day: date) -> Standing | None:
    return _named(actor, Party.OWNER, item.owner) or _delegate(actor, item, day)


def _delegate(actor: Actor, item: Item, day: date) -> Standing | None:
    running = item.delegation
    if running is None or running.person != actor.person or day > running.until_on:
        return None
    return Standing(Party.DELEGATE, item.owner)


def _substitute(actor: Actor, name: str, person: PersonId) -> Standing | None:
    stands_in = any(held.on_behalf_of == person for held in actor.posts)
    return Standing(name, person) if stands_in else None
