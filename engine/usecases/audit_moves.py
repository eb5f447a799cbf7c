"""What an audit asks of each transition: legal in the pinned definition, independent, by somebody who held the post."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from engine.model.actor import Actor, Role
from engine.model.calendar import LOCAL
from engine.model.definition import Definition, MoveDef, Stage
from engine.model.entry import Entry
from engine.model.errors import NotFound
from engine.model.guards import Countersign, Independent
from engine.model.ids import DefinitionRef, ItemId, PersonId, UnitCode
from engine.model.item import Delegation, Item
from engine.ports import UnitOfWork
from engine.rules.countersign import parties_of, party_of
from engine.rules.ledger import Json
from engine.rules.migration import MIGRATE
from engine.rules.opening import OPEN
from engine.rules.standing import standing_of
from engine.usecases.audit_fields import (
    Fields,
    Problem,
    Series,
    fields_of,
    judged_choices,
    judged_fields,
    judged_paper,
)

Document = dict[str, Json]


class Register:
    """What the replay looks up of people and definitions, each once."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._actors: dict[tuple[PersonId, date], Actor | None] = {}
        self._lineages: dict[UnitCode, tuple[UnitCode, ...]] = {}
        self._plans: dict[tuple[str, str, str], Mapping[str, Json]] = {}
        self.papers: Counter[Series] = Counter()
        """How many numbers each series of papers has given so far."""

    def actor(self, person: PersonId, day: date) -> Actor | None:
        """The person with the posts of the day; None where there is no such person."""
        key = (person, day)
        if key not in self._actors:
            try:
                self._actors[key] = self._uow.people.actor(person, day)
            except NotFound:
                self._actors[key] = None
        return self._actors[key]

    def lineage(self, unit: UnitCode) -> tuple[UnitCode, ...]:
        """The unit and every unit above it."""
        if unit not in self._lineages:
            self._lineages[unit] = self._uow.people.lineage(unit)
        return self._lineages[unit]

    def definition(self, name: Json) -> Definition | None:
        """The definition an item is pinned to, from `id@version`."""
        kind, _, version = f"{name}".rpartition("@")
        return self._uow.definitions.find(DefinitionRef(kind, int(version))) if version.isdecimal() else None

    def learn(self, payload: Document) -> None:
        """Keep a plan by which items go over to another version of their definition."""
        spot = (f"{payload.get('campaign')}", f"{payload.get('from')}", f"{payload.get('to')}")
        self._plans.pop(spot, None)  # the newest plan is the last one
        self._plans[spot] = mapping(payload.get("states"))

    def plan(self, campaign: Json, before: Json, after: Json) -> Mapping[str, Json]:
        """Where the newest plan between two versions sends each state; empty where there is none."""
        return self._plans.get((f"{campaign}", f"{before}", f"{after}"), {})

    def pins(self) -> dict[tuple[str, str], str]:
        """The version that each campaign opens a kind of item under, as far as a plan has changed it."""
        found = ((campaign, after) for campaign, _, after in self._plans)
        return {(campaign, after.rpartition("@")[0]): after for campaign, after in found}


@dataclass(frozen=True, slots=True)
class _Act:
    """A transition as its entry tells it, on the item as it stood before."""

    entry: Entry
    payload: Document
    before: Document
    definition: Definition

    @property
    def verb(self) -> str:
        return f"{self.payload.get('verb')}"

    @property
    def standing(self) -> str:
        return f"{mapping(self.payload.get('actor')).get('standing')}"

    @property
    def is_automatic(self) -> bool:
        return bool(mapping(self.payload.get("actor")).get("system"))

    @property
    def principal(self) -> PersonId | None:
        person = mapping(self.payload.get("actor")).get("for")
        return PersonId(person) if isinstance(person, str) else None

    @property
    def fields(self) -> Fields:
        """The fields that were written."""
        return fields_of(mapping(self.payload.get("changes")))

    @property
    def state(self) -> Json:
        """The state afterwards."""
        return self.after("state")

    def after(self, name: str) -> Json:
        """An attribute as it is afterwards."""
        pair = listed(mapping(self.payload.get("changes")).get(name))
        return pair[1] if len(pair) == 2 else self.before.get(name)


def judged(document: Document, register: Register, entry: Entry, payload: Document) -> Iterator[Problem]:
    """Where a transition, on an item with this document, breaks a rule: the invariant and in what way."""
    changes = mapping(payload.get("changes"))
    named = listed(changes.get("definition"))
    definition = register.definition(named[1] if len(named) == 2 else document.get("definition"))
    if definition is None:
        yield "I3", "所依的流程没有发布过"
        return
    act = _Act(entry, payload, document, definition)
    if payload.get("sha256") != definition.sha256:
        yield "I3", "所依流程的内容与登记的不同"
    if not document:
        yield from _opening(act)
        yield from _choices(act, register, act.fields)
    elif act.verb == MIGRATE:
        yield from _migrated(act, register)
    elif move := definition.moves_by_place.get((f"{document.get('state')}", act.verb)):
        yield from _legal(act, move)
        yield from _independent(act, move)
        yield from judged_fields(definition, move, act.fields)
        yield from _choices(act, register, move.sets)
    else:
        yield "I3", f"在“{document.get('state')}”不能办理“{act.verb}”"
    yield from judged_paper(definition, act.fields, entry.at, register.papers)
    yield from _in_post(act, register)


def _choices(act: _Act, register: Register, filled_in: Collection[str]) -> Iterator[Problem]:
    """The reserved choices that were filled in, asked of whoever filled them in."""
    day = act.entry.at.astimezone(LOCAL).date()
    actor = None if act.is_automatic else register.actor(act.entry.actor, day)
    lineage = register.lineage(UnitCode(f"{act.before.get('unit') or act.after('unit')}"))

    def may(roles: Sequence[str]) -> bool:
        return actor is not None and standing_of(actor, roles, lineage, None, day) is not None

    yield from judged_choices(
        act.definition, {name: act.fields[name] for name in filled_in if name in act.fields}, may
    )


def _opening(act: _Act) -> Iterator[Problem]:
    if act.verb != OPEN or act.state != act.definition.initial:
        yield "I3", f"第一条应为新建，实为“{act.verb}”"
    if act.standing not in act.definition.openers:
        yield "I3", f"“{act.standing}”不能新建"


def _migrated(act: _Act, register: Register) -> Iterator[Problem]:
    before, after = act.before.get("definition"), act.after("definition")
    plan = register.plan(act.before.get("campaign"), before, after)
    if not plan:
        yield "I3", f"没有从 {before} 到 {after} 的迁移方案"
    elif plan.get(f"{act.before.get('state')}") != act.state:
        yield "I3", f"“{act.before.get('state')}”没有按迁移方案走，到了“{act.state}”"
    if act.standing != Role.ADMINISTRATOR:
        yield "I3", f"“{act.standing}”不能迁移"


def _legal(act: _Act, move: MoveDef) -> Iterator[Problem]:
    signing = [guard for guard in move.guards if isinstance(guard, Countersign)]
    stays = act.state == act.before.get("state") and (not move.to or bool(signing))
    if act.state not in move.to and not stays:
        yield "I3", f"“{act.verb}”不能到“{act.state}”"
    if move.reason_required and not act.payload.get("reason"):
        yield "I3", f"“{act.verb}”没有理由"
    signers = [party for guard in signing for party in parties_of(guard, _item_of(act.before))]
    if act.standing not in (*move.who, *signers):
        yield "I3", f"“{act.standing}”不能办理“{act.verb}”"


def _independent(act: _Act, move: MoveDef) -> Iterator[Problem]:
    people = {act.entry.actor, act.principal}
    for guard in move.guards:
        if not isinstance(guard, Independent):
            continue
        for person, capacity in map(listed, listed(act.before.get("contributions"))):
            if person in people and capacity in guard.of:
                yield "I11", f"“{act.verb}”的办理人参与过此事项（{capacity}）"


def _in_post(act: _Act, register: Register) -> Iterator[Problem]:
    if act.is_automatic:
        if int(act.entry.actor, 16):
            yield "I12", "自动办理记在了人的名下"
        return
    day = act.entry.at.astimezone(LOCAL).date()
    actor = register.actor(act.entry.actor, day)
    if actor is None:
        yield "I12", "办理人不在名册"
    elif not _holds(
        act, actor, register.lineage(UnitCode(f"{act.before.get('unit') or act.after('unit')}")), day
    ):
        yield "I12", f"办理人当时不是此单位的“{act.standing}”"


def _holds(act: _Act, actor: Actor, lineage: Sequence[UnitCode], day: date) -> bool:
    item = _item_of(act.before) if act.before else None
    if standing_of(actor, [act.standing], lineage, item, day):
        return True
    move = act.definition.moves_by_place.get((f"{act.before.get('state')}", act.verb))
    guards = [guard for guard in move.guards if isinstance(guard, Countersign)] if move and item else []
    return any(item is not None and party_of(guard, item, actor) is not None for guard in guards)


def _item_of(document: Document) -> Item:
    """An item with the people and units of a document, and nothing else that counts."""
    person, day = (*listed(document.get("delegation")), None, None)[:2]
    return Item(
        id=ItemId(""),
        number="",
        definition=DefinitionRef("", 0),
        campaign="",
        unit=UnitCode(f"{document.get('unit')}"),
        title="",
        state="",
        stage=Stage.FINDING,
        version=0,
        head=b"",
        opened_at=_EPOCH,
        entered_at=_EPOCH,
        opener=PersonId(f"{document.get('opener')}"),
        owner=_person(document.get("owner")),
        reviewer=_person(document.get("reviewer")),
        delegation=Delegation(PersonId(f"{person}"), date.fromisoformat(f"{day}")) if person else None,
        assisting=tuple(UnitCode(f"{unit}") for unit in listed(document.get("assisting"))),
    )


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _person(value: Json) -> PersonId | None:
    return PersonId(value) if isinstance(value, str) else None


def mapping(value: Json) -> Mapping[str, Json]:
    """A mapping as such; an empty one where it is none."""
    return value if isinstance(value, Mapping) else {}


def listed(value: Json) -> Sequence[Json]:
    """A list as such; an empty one where it is none."""
    return value if isinstance(value, list | tuple) else ()
