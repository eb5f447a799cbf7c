"""Between rows and values."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from engine.model.actor import Capacity, Grant, Person, Post, Unit
from engine.model.calendar import CalendarOverride
from engine.model.campaign import Campaign
from engine.model.checkpoint import Checkpoint, LogKey
from engine.model.deadline import Deadline, Firing, Outcome
from engine.model.definition import Definition, Stage
from engine.model.entry import Entry, EntryFlag, EntryKind
from engine.model.ids import DefinitionRef, ItemId, PersonId, UnitCode
from engine.model.item import Contribution, Delegation, ExtensionRequest, Item, Vote
from engine.model.transition import Evidence
from storage.codec import dump
from storage.prepared import Row

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
DECODER = json.JSONDecoder()
STAGES = {stage.value: stage for stage in Stage}
OUTCOMES = {outcome.value: outcome for outcome in Outcome} | {None: None}
MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """An instant as stored."""
    return (at - EPOCH) // MICROSECOND


def instant(stored: int) -> datetime:
    """A stored instant."""
    return EPOCH + timedelta(0, 0, stored)


def micros_or_none(at: datetime | None) -> int | None:
    """An instant as stored, if any."""
    return None if at is None else micros(at)


def instant_or_none(stored: int | None) -> datetime | None:
    """A stored instant, if any."""
    return None if stored is None else instant(stored)


def iso_or_none(day: date | None) -> str | None:
    """A day as stored, if any."""
    return None if day is None else day.isoformat()


def day_or_none(stored: str | None) -> date | None:
    """A stored day, if any."""
    return None if stored is None else date.fromisoformat(stored)


def to_json(value: Any) -> str:
    """Compact JSON in a fixed order."""
    return ENCODER.encode(value)


def row_of_item(item: Item) -> Row:
    """An item as stored."""
    return {
        "id": item.id,
        "number": item.number,
        "definition_id": item.definition.id,
        "definition_version": item.definition.version,
        "campaign": item.campaign,
        "unit": item.unit,
        "title": item.title,
        "state": item.state,
        "stage": item.stage.value,
        "version": item.version,
        "head": item.head,
        "opened_at": micros(item.opened_at),
        "entered_at": micros(item.entered_at),
        "opener": item.opener,
        "closed_at": micros_or_none(item.closed_at),
        "owner": item.owner,
        "reviewer": item.reviewer,
        "delegate": item.delegation and item.delegation.person,
        "parent": item.parent,
        "link": item.link,
        "category": item.category,
        "duty": item.duty,
        "period": item.period or "",
        "as_of": iso_or_none(item.as_of),
        "returned_count": item.returned_count,
        "evidence_count": item.evidence_count,
        "body": to_json(_body(item)),
    }


def _body(item: Item) -> dict[str, Any]:
    delegation, extension = item.delegation, item.extension
    return {
        "fields": dict(item.fields),
        "contributions": sorted([c.person, c.capacity] for c in item.contributions),
        "votes": [[vote.party, vote.person] for vote in item.votes],
        "assisting": list(item.assisting),
        "delegation": delegation and [delegation.person, delegation.until_on.isoformat()],
        "extension": extension and [extension.clock, extension.due_on.isoformat(), extension.applicant],
    }


def item_of_row(row: Row) -> Item:
    """A stored item."""
    return Item(
        id=row["id"],
        number=row["number"],
        definition=DefinitionRef(row["definition_id"], row["definition_version"]),
        campaign=row["campaign"],
        unit=row["unit"],
        title=row["title"],
        state=row["state"],
        stage=STAGES[row["stage"]],
        version=row["version"],
        head=row["head"],
        opened_at=instant(row["opened_at"]),
        entered_at=instant(row["entered_at"]),
        opener=row["opener"],
        closed_at=instant_or_none(row["closed_at"]),
        owner=row["owner"],
        reviewer=row["reviewer"],
        parent=row["parent"],
        link=row["link"],
        category=row["category"],
        duty=row["duty"],
        period=row["period"] or None,
        as_of=day_or_none(row["as_of"]),
        returned_count=row["returned_count"],
        evidence_count=row["evidence_count"],
        **_parts(DECODER.decode(row["body"])),
    )


def _parts(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "fields": body["fields"],
        "contributions": frozenset(
            _contribution(person, capacity) for person, capacity in body["contributions"]
        ),
        "votes": tuple(Vote(party, PersonId(person)) for party, person in body["votes"]),
        "assisting": tuple(UnitCode(unit) for unit in body["assisting"]),
        "delegation": _delegation(body["delegation"]),
        "extension": _extension(body["extension"]),
    }


@lru_cache(maxsize=4096)
def _contribution(person: str, capacity: str) -> Contribution:
    return Contribution(PersonId(person), Capacity(capacity))


def _delegation(stored: list[str] | None) -> Delegation | None:
    return stored and Delegation(PersonId(stored[0]), date.fromisoformat(stored[1]))  # type: ignore[return-value]


def _extension(stored: list[str] | None) -> ExtensionRequest | None:
    if not stored:
        return None
    clock, due_on, applicant = stored
    return ExtensionRequest(clock, date.fromisoformat(due_on), PersonId(applicant))


def row_of_entry(entry: Entry) -> Row:
    """An entry as stored."""
    return {
        "position": entry.index,
        "at": micros(entry.at),
        "kind": int(entry.kind),
        "what": entry.what,
        "flags": int(entry.flags),
        "item": entry.item,
        "item_version": entry.item_version,
        "actor": entry.actor,
        "previous": entry.previous,
        "commitment": entry.commitment,
        "leaf": entry.leaf,
        "payload": entry.payload,
        "salt": entry.salt,
    }


def entry_of_row(row: Row) -> Entry:
    """A stored entry."""
    typed = {"at": instant(row["at"]), "kind": EntryKind(row["kind"]), "flags": EntryFlag(row["flags"])}
    return Entry(index=row["position"], **{**{k: v for k, v in row.items() if k != "position"}, **typed})


def row_of_deadline(deadline: Deadline) -> Row:
    """A deadline as stored."""
    return {
        "item": deadline.item,
        "clock": deadline.clock,
        "revision": deadline.revision,
        "armed_at": micros(deadline.armed_at),
        "started_at": micros(deadline.started_at),
        "due_at": micros(deadline.due_at),
        "original_due_at": micros(deadline.original_due_at),
        "proof": deadline.proof,
        "is_provisional": int(deadline.is_provisional),
        "calendar": deadline.calendar,
        "next_rung": deadline.next_rung,
        "next_at": micros_or_none(deadline.next_at),
        "outcome": deadline.outcome and deadline.outcome.value,
        "ended_at": micros_or_none(deadline.ended_at),
        "counts_from": micros(deadline.counts_from),
    }


def deadline_of_row(row: Row) -> Deadline:
    """A stored deadline."""
    return Deadline(
        item=ItemId(row["item"]),
        clock=row["clock"],
        revision=row["revision"],
        armed_at=instant(row["armed_at"]),
        started_at=instant(row["started_at"]),
        counts_from=instant(row["started_at"] if row["counts_from"] is None else row["counts_from"]),
        due_at=instant(row["due_at"]),
        original_due_at=instant(row["original_due_at"]),
        proof=row["proof"],
        is_provisional=bool(row["is_provisional"]),
        calendar=row["calendar"],
        next_rung=row["next_rung"],
        next_at=instant_or_none(row["next_at"]),
        outcome=OUTCOMES[row["outcome"]],
        ended_at=instant_or_none(row["ended_at"]),
    )


def row_of_firing(firing: Firing) -> Row:
    """A firing as stored."""
    return {
        "item": firing.item,
        "clock": firing.clock,
        "revision": firing.revision,
        "rung": firing.rung,
        "spoken_by": firing.spoken_by,
        "fired_at": micros(firing.fired_at),
    }


def firing_of_row(row: Row) -> Firing:
    """A stored firing."""
    return Firing(**{**row, "fired_at": instant(row["fired_at"])})


def row_of_unit(new: Unit) -> Row:
    """A unit as stored."""
    return {
        "code": new.code,
        "name": new.name,
        "parent": new.parent,
        "ordinal": new.ordinal,
        "handles_cases": int(new.handles_cases),
    }


def row_of_post(new: Post) -> Row:
    """A post as stored, without its roles."""
    return {"code": new.code, "unit": new.unit, "scope": new.scope, "title": new.title}


def row_of_person(new: Person) -> Row:
    """A person as stored."""
    return {"id": new.id, "login": new.login, "name": new.name, "is_sample": int(new.is_sample)}


def row_of_grant(new: Grant) -> Row:
    """A grant as stored."""
    return {
        "person": new.person,
        "post": new.post,
        "from_on": new.from_on.isoformat(),
        "until_on": iso_or_none(new.until_on),
        "on_behalf_of": new.on_behalf_of or "",
    }


def grant_of_row(row: Row) -> Grant:
    """A stored grant."""
    return Grant(
        person=row["person"],
        post=row["post"],
        from_on=date.fromisoformat(row["from_on"]),
        until_on=day_or_none(row["until_on"]),
        on_behalf_of=row["on_behalf_of"] or None,
    )


def row_of_evidence(piece: Evidence) -> Row:
    """A piece of evidence as stored, without its item, who brought it, and when."""
    return {
        "sha256": piece.sha256,
        "name": piece.name,
        "size": piece.size,
        "made_on": iso_or_none(piece.made_on),
    }


def row_of_definition(definition: Definition, published_at: datetime) -> Row:
    """A definition as stored."""
    return {
        "id": definition.ref.id,
        "version": definition.ref.version,
        "sha256": definition.sha256,
        "document": definition.document,
        "published_at": micros(published_at),
    }


def row_of_campaign(campaign: Campaign, loaded_at: datetime) -> Row:
    """A campaign as stored."""
    return {
        "id": campaign.id,
        "sha256": campaign.sha256,
        "document": campaign.document,
        "body": dump(campaign),
        "loaded_at": micros(loaded_at),
    }


def row_of_calendar(override: CalendarOverride, position: int, loaded_at: datetime) -> Row:
    """A calendar as stored."""
    return {
        "position": position,
        "id": override.id,
        "version": override.version,
        "sha256": override.sha256,
        "body": dump(override),
        "loaded_at": micros(loaded_at),
    }


def row_of_checkpoint(one: Checkpoint) -> Row:
    """A checkpoint as stored."""
    return {
        "position": one.position,
        "size": one.head.size,
        "root": one.head.root,
        "cause": one.cause,
        "note": one.note,
        "at": micros(one.at),
    }


def row_of_key(key: LogKey) -> Row:
    """A key of the log as stored."""
    return {"position": key.position, "vkey": key.vkey}
