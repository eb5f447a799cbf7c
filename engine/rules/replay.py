"""State is the fold of history: what an entry says of an item, and how entries rebuild it.

A transition's payload carries every attribute of the item that changed, before and after. Folding the payloads in order
yields the item's document again; where that differs from the stored row, somebody has touched the row.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from operator import attrgetter

from engine.model.errors import Broken
from engine.model.item import Delegation, ExtensionRequest, Item
from engine.model.transition import Transition
from engine.rules.ledger import Json

_SPELLED: Mapping[str, Callable[[Item], Json]] = {
    "number": lambda item: item.number,
    "definition": lambda item: str(item.definition),
    "campaign": lambda item: item.campaign,
    "unit": lambda item: item.unit,
    "title": lambda item: item.title,
    "parent": lambda item: item.parent,
    "link": lambda item: item.link,
    "category": lambda item: item.category,
    "duty": lambda item: item.duty,
    "period": lambda item: item.period,
    "as_of": lambda item: None if item.as_of is None else item.as_of.isoformat(),
    "opened_at": lambda item: instant(item.opened_at),
    "opener": lambda item: item.opener,
    "owner": lambda item: item.owner,
    "reviewer": lambda item: item.reviewer,
    "delegation": lambda item: _delegation(item.delegation),
    "assisting": lambda item: [*item.assisting],
    "contributions": lambda item: [[c.person, c.capacity.value] for c in sorted(item.contributions)],
    "votes": lambda item: [[vote.party, vote.person] for vote in item.votes],
    "extension": lambda item: _extension(item.extension),
    "state": lambda item: item.state,
    "stage": lambda item: item.stage.value,
    "entered_at": lambda item: instant(item.entered_at),
    "closed_at": lambda item: None if item.closed_at is None else instant(item.closed_at),
    "returned_count": lambda item: item.returned_count,
    "evidence_count": lambda item: item.evidence_count,
}
"""How each attribute of an item is written in history."""
_attributes = attrgetter(*_SPELLED)


def document_of(item: Item) -> dict[str, Json]:
    """Everything an item is, but for version and head, as JSON values; fields stand under `field:<id>`."""
    flat: dict[str, Json] = {f"field:{name}": value for name, value in item.fields.items()}
    return {name: spelled(item) for name, spelled in _SPELLED.items()} | flat


def _delegation(running: Delegation | None) -> Json:
    return None if running is None else [running.person, running.until_on.isoformat()]


def _extension(asked: ExtensionRequest | None) -> Json:
    return None if asked is None else [asked.clock, asked.due_on.isoformat(), asked.applicant]


def changes_of(transition: Transition) -> dict[str, Json]:
    """Each attribute the transition changed, as [before, after]. Attributes that stay None are left out."""
    before, after = transition.before, transition.after
    if before is None:
        return {name: [None, value] for name, value in document_of(after).items() if value is not None}
    pairs = zip(_SPELLED.items(), _attributes(before), _attributes(after), strict=True)
    changed: dict[str, Json] = {
        name: [spelled(before), spelled(after)]
        for (name, spelled), old, new in pairs
        if old is not new and old != new
    }
    return changed if before.fields == after.fields else changed | _field_changes(before, after)


def _field_changes(before: Item, after: Item) -> dict[str, Json]:
    old, new = before.fields, after.fields
    return {
        f"field:{name}": [old.get(name), new.get(name)]
        for name in {**old, **new}
        if old.get(name) != new.get(name)
    }


def fold(changes: Iterable[Mapping[str, Json]]) -> dict[str, Json]:
    """The document the entries of one item add up to, oldest first. Raises Broken where a “before” does not fit."""
    document: dict[str, Json] = {}
    for version, entry in enumerate(changes, start=1):
        for name, pair in entry.items():
            document[name] = _step(document.get(name), pair, f"{name}, version {version}")
    return document


def _step(current: Json, pair: Json, place: str) -> Json:
    if not isinstance(pair, list) or len(pair) != 2 or pair[0] != current:
        raise Broken(f"history does not follow on at {place}")
    after: Json = pair[1]
    return after


def differs(document: Mapping[str, Json], item: Item) -> tuple[str, ...]:
    """The attributes in which a folded document and a stored item disagree."""
    stored = document_of(item)
    names = dict.fromkeys([*document, *stored])
    return tuple(name for name in names if document.get(name) != stored.get(name))


def instant(at: datetime) -> str:
    """An aware instant as RFC 3339 in UTC with microseconds."""
    return at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
