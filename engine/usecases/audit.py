"""One item's history replayed: what its entries add up to, and where one of them breaks a rule.

The invariants are those of `doctor --deep`: I1 versions without gaps, I2 state is the fold of history, I3 every move
legal in the pinned definition, I6 each rung fired once, I11 nobody reviews what they worked on, I12 everybody who acted
held the post.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from engine.model.actor import Actor
from engine.model.calendar import LOCAL
from engine.model.deadline import Deadline
from engine.model.definition import Definition, MoveDef, Stage
from engine.model.entry import Entry
from engine.model.errors import NotFound
from engine.model.guards import Countersign, Independent
from engine.model.ids import DefinitionRef, ItemId, PersonId, UnitCode
from engine.model.item import Delegation, Item
from engine.ports import UnitOfWork
from engine.rules.countersign import parties_of, party_of
from engine.rules.ledger import Json
from engine.rules.opening import OPEN
from engine.rules.replay import differs, instant
from engine.rules.standing import standing_of

Document = dict[str, Json]
Spot = tuple[str, int]
"""A clock and its revision."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be: which invariant, on what, and in what way."""

    code: str
    subject: str
    text: str


class Register:
    """What the replay looks up of people and definitions, each once."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._actors: dict[tuple[PersonId, date], Actor | None] = {}
        self._lineages: dict[UnitCode, tuple[UnitCode, ...]] = {}

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


@dataclass(slots=True)
class Trail:
    """What the entries of one item add up to so far. After an erased entry it is `blind`: only versions count."""

    item: ItemId
    version: int = 0
    leaf: bytes = bytes(32)
    document: Document = field(default_factory=dict)
    clocks: dict[Spot, Mapping[str, Json]] = field(default_factory=dict)
    outcomes: dict[Spot, Json] = field(default_factory=dict)
    fired: dict[tuple[str, int, str], str] = field(default_factory=dict)
    blind: bool = False

    @property
    def subject(self) -> str:
        """What findings call the item."""
        return f"{self.document.get('number') or self.item}"

    def move(self, register: Register, entry: Entry, payload: Document) -> Iterator[Finding]:
        """Replay a transition."""
        if entry.item_version != self.version + 1:
            yield self._wrong(
                "I1", f"第 {entry.index} 条的版本应为 {self.version + 1}，实为 {entry.item_version}"
            )
        self.version = entry.item_version
        if self.blind:
            return
        for code, text in _judged(self, register, entry, payload):
            yield self._wrong(code, f"第 {entry.index} 条：{text}")
        yield from self._fold(entry, payload)
        self._clocks(payload)

    def fire(self, entry: Entry, payload: Document) -> Iterator[Finding]:
        """Replay the firing of rungs."""
        if entry.item_version != self.version:
            yield self._wrong(
                "I1", f"第 {entry.index} 条催办记的版本是 {entry.item_version}，当时为 {self.version}"
            )
        for rung in _listed(payload.get("rungs")):
            spot = (*_spot(payload), f"{rung}")
            if spot in self.fired:
                yield self._wrong("I6", f"第 {entry.index} 条：{spot[0]} 第 {spot[1]} 次的 {rung} 催办了两次")
            self.fired[spot] = f"{payload.get('rung')}"

    def reproject(self, entry: Entry, payload: Document) -> Iterator[Finding]:
        """Replay the reckoning of a deadline under another calendar."""
        if entry.item_version != self.version:
            yield self._wrong(
                "I1", f"第 {entry.index} 条重算记的版本是 {entry.item_version}，当时为 {self.version}"
            )
        self._clocks(payload)

    def compare(self, item: Item) -> Iterator[Finding]:
        """Where the stored row differs from what the history adds up to."""
        if item.version != self.version:
            yield self._wrong("I1", f"行的版本是 {item.version}，历史到 {self.version}")
        if item.head != self.leaf:
            yield self._wrong("I4", "行所记的历史末端与历史不符")
        if not self.blind and (names := differs(self.document, item)):
            yield self._wrong("I2", f"行与历史不符：{'、'.join(names)}")

    def compare_deadline(self, deadline: Deadline) -> Iterator[Finding]:
        """Where a stored deadline differs from the entry that armed or ended it."""
        if self.blind:
            return
        spot = (deadline.clock, deadline.revision)
        armed = self.clocks.pop(spot, None)
        if armed is None:
            yield self._wrong("I2", f"时限 {spot[0]} 第 {spot[1]} 次没有出处")
            return
        stored: Document = {
            "due": instant(deadline.due_at),
            "original": instant(deadline.original_due_at),
            "proof": deadline.proof,
            "calendar": deadline.calendar,
        }
        if "from" in armed:  # what was armed before elapsed time was kept does not say it
            stored["from"] = instant(deadline.counts_from)
        names = [name for name, value in stored.items() if armed.get(name) != value]
        outcome = deadline.outcome.value if deadline.outcome else None
        if names or self.outcomes.get(spot) != outcome:
            yield self._wrong(
                "I2", f"时限 {spot[0]} 第 {spot[1]} 次与历史不符：{'、'.join(names) or 'outcome'}"
            )

    def missing_deadlines(self) -> Iterator[Finding]:
        """Deadlines that an entry armed and that are not stored; asked after all that are stored were compared."""
        for clock, revision in self.clocks:
            yield self._wrong("I2", f"时限 {clock} 第 {revision} 次不见了")

    def _wrong(self, code: str, text: str) -> Finding:
        return Finding(code, self.subject, text)

    def _fold(self, entry: Entry, payload: Document) -> Iterator[Finding]:
        for name, pair in _mapping(payload.get("changes")).items():
            before, after = pair if isinstance(pair, list) and len(pair) == 2 else (None, None)
            if before != self.document.get(name):
                yield self._wrong("I2", f"第 {entry.index} 条的 {name} 接不上前一条")
            self.document[name] = after

    def _clocks(self, payload: Document) -> None:
        for armed in map(_mapping, _listed(payload.get("armed"))):
            self.clocks[_spot(armed)] = armed
        for ended in map(_listed, _listed(payload.get("ended"))):
            clock, revision, outcome = ended
            self.outcomes[_spot({"clock": clock, "revision": revision})] = outcome


def _spot(facts: Mapping[str, Json]) -> Spot:
    revision = facts.get("revision")
    return f"{facts.get('clock')}", revision if isinstance(revision, int) else 0


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _listed(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list | tuple) else ()


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
        return f"{_mapping(self.payload.get('actor')).get('standing')}"

    @property
    def is_automatic(self) -> bool:
        return bool(_mapping(self.payload.get("actor")).get("system"))

    @property
    def principal(self) -> PersonId | None:
        person = _mapping(self.payload.get("actor")).get("for")
        return PersonId(person) if isinstance(person, str) else None

    @property
    def state(self) -> Json:
        """The state afterwards."""
        return self.after("state")

    def after(self, name: str) -> Json:
        """An attribute as it is afterwards."""
        pair = _listed(_mapping(self.payload.get("changes")).get(name))
        return pair[1] if len(pair) == 2 else self.before.get(name)


def _judged(trail: Trail, register: Register, entry: Entry, payload: Document) -> Iterator[tuple[str, str]]:
    changes = _mapping(payload.get("changes"))
    named = _listed(changes.get("definition"))
    definition = register.definition(named[1] if len(named) == 2 else trail.document.get("definition"))
    if definition is None:
        yield "I3", "所依的流程没有发布过"
        return
    act = _Act(entry, payload, trail.document, definition)
    if payload.get("sha256") != definition.sha256:
        yield "I3", "所依流程的内容与登记的不同"
    if not trail.document:
        yield from _opening(act)
    elif move := definition.moves_by_place.get((f"{trail.document.get('state')}", act.verb)):
        yield from _legal(act, move)
        yield from _independent(act, move)
    else:
        yield "I3", f"在“{trail.document.get('state')}”不能办理“{act.verb}”"
    yield from _in_post(act, register)


def _opening(act: _Act) -> Iterator[tuple[str, str]]:
    if act.verb != OPEN or act.state != act.definition.initial:
        yield "I3", f"第一条应为新建，实为“{act.verb}”"
    if act.standing not in act.definition.openers:
        yield "I3", f"“{act.standing}”不能新建"


def _legal(act: _Act, move: MoveDef) -> Iterator[tuple[str, str]]:
    signing = [guard for guard in move.guards if isinstance(guard, Countersign)]
    stays = act.state == act.before.get("state") and (not move.to or bool(signing))
    if act.state not in move.to and not stays:
        yield "I3", f"“{act.verb}”不能到“{act.state}”"
    if move.reason_required and not act.payload.get("reason"):
        yield "I3", f"“{act.verb}”没有理由"
    signers = [party for guard in signing for party in parties_of(guard, _item_of(act.before))]
    if act.standing not in (*move.who, *signers):
        yield "I3", f"“{act.standing}”不能办理“{act.verb}”"


def _independent(act: _Act, move: MoveDef) -> Iterator[tuple[str, str]]:
    people = {act.entry.actor, act.principal}
    for guard in move.guards:
        if not isinstance(guard, Independent):
            continue
        for person, capacity in map(_listed, _listed(act.before.get("contributions"))):
            if person in people and capacity in guard.of:
                yield "I11", f"“{act.verb}”的办理人参与过此事项（{capacity}）"


def _in_post(act: _Act, register: Register) -> Iterator[tuple[str, str]]:
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
    person, day = (*_listed(document.get("delegation")), None, None)[:2]
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
        assisting=tuple(UnitCode(f"{unit}") for unit in _listed(document.get("assisting"))),
    )


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _person(value: Json) -> PersonId | None:
    return PersonId(value) if isinstance(value, str) else None
