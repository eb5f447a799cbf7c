"""Decides how an item begins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.model.actor import Actor
from engine.model.calendar import LOCAL
from engine.model.definition import Definition
from engine.model.errors import NotPermitted, Refused
from engine.model.ids import ItemId
from engine.model.item import Contribution, Item, NewItem
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.transition import Surroundings, Transition
from engine.rules.fields import field_reasons, reserved_reasons, writable
from engine.rules.standing import Standing, standing_of

OPEN = "open"
"""The verb of the first entry of every item."""
SUPERVISION_ORDER = "supervision_order"
SUPERVISES = "supervises"


def link_of(kind: str) -> str:
    """How an item of this kind is tied to the one that it is opened under."""
    return SUPERVISES if kind == SUPERVISION_ORDER else "part"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A request to open an item, with the id and number that it would get."""

    new: NewItem
    actor: Actor
    at: datetime
    id: ItemId
    number: str


def decide_opening(definition: Definition, opening: Opening, around: Surroundings) -> Transition:
    """The first transition of a new item.

    Raises Refused (NotPermitted when only the asker is wrong) with all the reasons.
    """
    day = opening.at.astimezone(LOCAL).date()
    standing = standing_of(opening.actor, definition.openers, around.lineage, None, day)
    reasons = tuple(_reasons(definition, opening, standing, around))
    if reasons or standing is None:
        raise _refusal(definition, reasons)
    return Transition(
        verb=OPEN,
        before=None,
        after=_first(definition, opening, standing),
        actor=opening.actor,
        at=opening.at,
        standing=standing.name,
        on_behalf_of=standing.on_behalf_of,
        claimed_on=opening.new.as_of,
    )


def _refusal(definition: Definition, reasons: tuple[Reason, ...]) -> Refused:
    only_standing = all(r.code is ReasonCode.NOT_STANDING for r in reasons)
    return (NotPermitted if only_standing else Refused)(f"不能新建{definition.label}", reasons)


def _reasons(
    definition: Definition, opening: Opening, standing: Standing | None, around: Surroundings
) -> Iterator[Reason]:
    new = opening.new
    if standing is None:
        yield reason(ReasonCode.NOT_STANDING, who="、".join(definition.openers))
    if not around.unit_exists:
        yield reason(ReasonCode.INPUT_UNKNOWN, value=new.unit, option="--unit")
    if new.category is not None and new.category not in around.categories:
        known = "、".join(around.categories) or "无"
        yield reason(ReasonCode.CATEGORY_UNKNOWN, value=new.category, known=known)
    for name in definition.required_to_open:
        if new.fields.get(name) in (None, ""):
            yield reason(ReasonCode.FIELD_MISSING, field=definition.fields_by_id[name].label, id=name)
    yield from field_reasons(definition, writable(definition), new.fields)
    yield from reserved_reasons(definition, new.fields, lambda roles: _may(opening, roles, around))


def _may(opening: Opening, roles: Sequence[str], around: Surroundings) -> bool:
    day = opening.at.astimezone(LOCAL).date()
    return standing_of(opening.actor, roles, around.lineage, None, day) is not None


def _first(definition: Definition, opening: Opening, standing: Standing) -> Item:
    new, actor = opening.new, opening.actor
    people = [p for p in (actor.person, standing.on_behalf_of) if p and not actor.system]
    return Item(
        id=opening.id,
        number=opening.number,
        definition=definition.ref,
        campaign=new.campaign,
        unit=new.unit,
        title=new.title,
        state=definition.initial,
        stage=definition.states_by_id[definition.initial].stage,
        version=1,
        head=b"",
        opened_at=opening.at,
        entered_at=opening.at,
        opener=actor.person,
        owner=new.owner,
        assisting=new.assisting,
        parent=new.parent,
        link=new.link,
        category=new.category,
        duty=new.duty,
        period=new.period,
        as_of=new.as_of,
        fields=dict(new.fields),
        contributions=frozenset(Contribution(person, definition.opening) for person in people),
    )
