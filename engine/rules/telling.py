"""What is told to whom: the key that makes a second notice impossible, and the facts frozen in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from engine.model.actor import Party, Role
from engine.model.calendar import LOCAL
from engine.model.deadline import Deadline
from engine.model.definition import Definition
from engine.model.ids import NOBODY, PersonId
from engine.model.item import Item
from engine.model.notice import Notice
from engine.rules.ledger import Json, canonical

CLIMB = (Role.UNIT_LEGAL_OFFICER, Role.UNIT_HEAD, Role.OFFICE, Role.OFFICE_DIRECTOR, Role.LEADING_GROUP)
"""Where a notice climbs when nobody holds the post it is meant for."""
VACANCY = "vacancy"


_PARTIES: Mapping[str, Callable[[Item], PersonId | None]] = {
    Party.OWNER: lambda item: item.owner,
    Party.DELEGATE: lambda item: item.delegation.person if item.delegation else None,
    Party.REVIEWER: lambda item: item.reviewer,
    Party.OPENER: lambda item: item.opener,
    Party.SYSTEM: lambda _: None,
}


LEVEL = "level"
"""The cause of what is told of a level of quality, and what its entry is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A cause to tell somebody something: `cause` is what makes it one and the same telling.

    `limit` is the clock and revision that it speaks of, if any: what is over with the limit need not leave any more.
    """

    kind: str
    cause: tuple[str | int, ...]
    facts: dict[str, str | int | None]
    limit: tuple[str, int] | None = None


def own_people(item: Item, name: str) -> tuple[PersonId, ...]:
    """The item's own people under a party's name; empty for a role, and where nobody is named or the clock acted."""
    person = _PARTIES[name](item) if name in _PARTIES else None
    return (person,) if person and person != NOBODY else ()


def tiers_from(name: str) -> tuple[str, ...]:
    """The roles to try for `name`, nearest first: itself, then every tier above it.

    An owner who is not there is stood in for; a delegate, reviewer or opener who is not there is nobody.
    """
    if name == Party.OWNER:
        return CLIMB
    if name in _PARTIES:
        return ()
    start = next((place + 1 for place, role in enumerate(CLIMB) if role == name), 0)
    return (name, *CLIMB[start:])


def notice_for(item: Item, recipient: PersonId, telling: Telling, now: datetime) -> Notice:
    """The notice of one telling to one recipient."""
    clock, revision = telling.limit or (None, None)
    return Notice(
        key=sha256(canonical([item.id, telling.kind, *telling.cause, recipient])).hexdigest(),
        kind=telling.kind,
        item=item.id,
        recipient=recipient,
        facts=telling.facts,
        written_at=now,
        clock=clock,
        revision=revision,
    )


def vacancy_for(
    item: Item,
    recipient: PersonId,
    facts: dict[str, str | int | None],
    now: datetime,
    gone: PersonId = NOBODY,
) -> Notice:
    """That nobody holds the post `facts` name, or who is `gone` held a part in an item and has no post any more.

    It is the same notice all day, whichever item it is met on.
    """
    day = now.astimezone(LOCAL).date().isoformat()
    cause = [VACANCY, facts["unit"], facts["post"], day, recipient, *([gone] if gone != NOBODY else [])]
    return Notice(
        key=sha256(canonical(cause)).hexdigest(),
        kind=VACANCY,
        item=item.id,
        recipient=recipient,
        facts=facts,
        written_at=now,
    )


def facts_of_limit(definition: Definition, deadline: Deadline) -> dict[str, str | int | None]:
    """What a notice about a limit says: its name, its date, and the first date where it is another one."""
    due = _minute(deadline.due_at)
    facts: dict[str, str | int | None] = {"clock": definition.clocks_by_id[deadline.clock].label, "due": due}
    if deadline.original_due_at != deadline.due_at and (original := _minute(deadline.original_due_at)) != due:
        facts["original"] = original
    return facts


def _minute(at: datetime) -> str:
    return at.astimezone(LOCAL).isoformat(" ", "minutes")[:16]


def facts_of(definition: Definition, item: Item) -> dict[str, str | int | None]:
    """What every notice about an item says of it."""
    return {
        "number": item.number,
        "title": item.title,
        "kind": definition.label,
        "state": definition.states_by_id[item.state].label,
        "unit": item.unit,
        **({"paper": item.fields.get(definition.paper.field)} if definition.paper else {}),
    }


def step_label(definition: Definition, name: str, payload: Mapping[str, Json]) -> str:
    """What the rung or level is called whose entry has this name and payload; the name where it is not to be found."""
    if payload.get("type") == LEVEL:
        level = definition.levels_by_id.get(name)
        return level.label if level else name
    rung = definition.rung(f"{payload.get('clock')}", name)
    return rung.label if rung else name
