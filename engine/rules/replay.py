"""State is the fold of history: what an entry says of an item, and how entries rebuild it.

A transition's payload carries every attribute of the item that changed, before and after. Folding the payloads in order
yields the item's document again; where that differs from the stored row, somebody has touched the row.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from engine.model.errors import Broken
from engine.model.item import Item
from engine.model.transition import Transition
from engine.rules.ledger import Json


def document_of(item: Item) -> dict[str, Json]:
    """Everything an item is, but for version and head, as JSON values; fields stand under `field:<id>`."""
    flat: dict[str, Json] = {f"field:{name}": value for name, value in item.fields.items()}
    return {**_place(item), **_people(item), **_progress(item), **flat}


def _place(item: Item) -> dict[str, Json]:
    return {
        "number": item.number,
        "definition": str(item.definition),
        "campaign": item.campaign,
        "unit": item.unit,
        "title": item.title,
        "parent": item.parent,
        "link": item.link,
        "category": item.category,
        "duty": item.duty,
        "period": item.period,
        "as_of": _day(item.as_of),
        "opened_at": instant(item.opened_at),
    }


def _people(item: Item) -> dict[str, Json]:
    delegation, extension = item.delegation, item.extension
    return {
        "opener": item.opener,
        "owner": item.owner,
        "reviewer": item.reviewer,
        "delegation": None if delegation is None else [delegation.person, delegation.until_on.isoformat()],
        "assisting": [*item.assisting],
        "contributions": [[c.person, c.capacity.value] for c in sorted(item.contributions)],
        "votes": [[vote.party, vote.person] for vote in item.votes],
        "extension": None
        if extension is None
        else [extension.clock, extension.due_on.isoformat(), extension.applicant],
    }


def _progress(item: Item) -> dict[str, Json]:
    return {
        "state": item.state,
        "stage": item.stage.value,
        "entered_at": instant(item.entered_at),
        "closed_at": None if item.closed_at is None else instant(item.closed_at),
        "returned_count": item.returned_count,
        "evidence_count": item.evidence_count,
    }


def changes_of(transition: Transition) -> dict[str, Json]:
    """Each attribute the transition changed, as [before, after]. Attributes that stay None are left out."""
    before = {} if transition.before is None else document_of(transition.before)
    after = document_of(transition.after)
    names = dict.fromkeys([*before, *after])
    return {
        name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)
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


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
