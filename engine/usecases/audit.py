"""One item's history replayed: what its entries add up to, and where one of them breaks a rule.

The invariants are those of `doctor --deep`: I1 versions without gaps, I2 state is the fold of history, I3 every move
legal in the pinned definition, I6 each rung fired once, I11 nobody reviews what they worked on, I12 everybody who acted
held the post.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.model.calendar import LOCAL
from engine.model.clock import RungEffectKind
from engine.model.deadline import Deadline
from engine.model.entry import Entry
from engine.model.ids import ItemId, UnitCode
from engine.model.item import Item
from engine.rules.ledger import Json
from engine.rules.replay import differs, instant
from engine.rules.telling import LEVEL
from engine.usecases.audit_fields import Problem
from engine.usecases.audit_moves import Document, Register, judged, listed, mapping
from engine.usecases.audit_steps import (
    effects_told,
    judged_expiry,
    judged_firing,
    judged_level,
    judged_verdict,
    levels_reached,
)
from engine.usecases.escalating import MARK_CRITICISM

CLOCKWORK = ("sweep", "levels")
"""Who acts only because a rung or a level says so."""
Spot = tuple[str, int]
"""A clock and its revision."""


@dataclass(frozen=True, slots=True)
class Fired:
    """A rung that was reached: which one spoke for it, whether somebody got its own words, and its definition.

    is_heard: None where the entry does not say; then the one that spoke for all is asked for.
    """

    spoken_by: str
    definition: Json
    is_heard: bool | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be: which invariant, on what, and in what way."""

    code: str
    subject: str
    text: str


@dataclass(slots=True)
class Trail:
    """What the entries of one item add up to so far. After an erased entry it is `blind`: only versions count."""

    item: ItemId
    version: int = 0
    leaf: bytes = bytes(32)
    document: Document = field(default_factory=dict)
    clocks: dict[Spot, Mapping[str, Json]] = field(default_factory=dict)
    outcomes: dict[Spot, Json] = field(default_factory=dict)
    fired: dict[tuple[str, int, str], Fired] = field(default_factory=dict)
    """Each rung that was reached, with the one that spoke for it; a level counts as one of the clock `level`."""
    marks: dict[str, Json] = field(default_factory=dict)
    """Each cause for which it was a candidate for criticism, with the verdict."""
    owes: Counter[str] = field(default_factory=Counter)
    """Effects that were declared and levels that were reached, as often as nothing has followed yet."""
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
        for code, text in judged(self.document, register, entry, payload):
            yield self._wrong(code, f"第 {entry.index} 条：{text}")
        for code, text in self._too_early(register, entry, payload):
            yield self._wrong(code, f"第 {entry.index} 条：{text}")
        if self.document and not self._is_founded(payload):
            yield self._wrong("I6", f"第 {entry.index} 条：系统办理没有出处")
        returned = self.document.get("returned_count")
        yield from self._fold(entry, payload)
        self._clocks(payload)
        if definition := register.definition(self.document.get("definition")):
            reached = levels_reached(definition, returned, self.document.get("returned_count"))
            self.owes.update(f"level:{level}" for level in reached)

    def fire(self, register: Register, entry: Entry, payload: Document) -> Iterator[Finding]:
        """Replay the firing of rungs, or the raising of a level."""
        yield from self._unmoved(entry, "催办")
        if int(entry.actor, 16):
            yield self._wrong("I12", f"第 {entry.index} 条：自动催办记在了人的名下")
        is_level = payload.get("type") == LEVEL
        clock, revision = (LEVEL, 0) if is_level else _spot(payload)
        silent, voices = listed(payload.get("silent")), payload.get("voices")
        for rung in [payload.get("rung")] if is_level else listed(payload.get("rungs")):
            spot = (clock, revision, f"{rung}")
            if spot in self.fired:
                yield self._wrong("I6", f"第 {entry.index} 条：{clock} 第 {revision} 次的 {rung} 催办了两次")
            speaker = "" if rung in silent else f"{payload.get('rung')}"
            is_heard = rung in voices if isinstance(voices, list) else None
            self.fired[spot] = Fired(speaker, self.document.get("definition"), is_heard)
        for code, text in () if self.blind else self._judged_step(register, entry, payload):
            yield self._wrong(code, f"第 {entry.index} 条：{text}")
        if is_level and not self.settles(f"level:{payload.get('rung')}"):
            yield self._wrong("I6", f"第 {entry.index} 条：升级没有出处")
        self.owes.update(effects_told(payload))

    def mark(self, entry: Entry, payload: Document) -> Iterator[Finding]:
        """Replay that the item became a candidate for criticism."""
        yield from self._unmoved(entry, "候选")
        cause = f"{payload.get('cause')}"
        if not self.settles(MARK_CRITICISM) or cause in self.marks:
            yield self._wrong("I6", f"第 {entry.index} 条：列为候选没有出处")
        self.marks[cause] = None

    def judge(self, register: Register, entry: Entry, payload: Document) -> Iterator[Finding]:
        """Replay a verdict on what the item is a candidate for."""
        yield from self._unmoved(entry, "决定")
        for cause in map(str, listed(payload.get("causes"))):
            if self.marks.get(cause, entry.what) is not None:
                yield self._wrong("I6", f"第 {entry.index} 条：{cause} 不是待决定的候选")
            self.marks[cause] = entry.what
        day = entry.at.astimezone(LOCAL)
        lineage = register.lineage(UnitCode(f"{self.document.get('unit')}"))
        for code, text in judged_verdict(register.actor(entry.actor, day.date()), lineage, payload, day):
            yield self._wrong(code, f"第 {entry.index} 条：{text}")

    def settles(self, effect: str) -> bool:
        """Whether something was owed, or is not to be known; it is settled then."""
        owed = self.owes[effect] > 0
        self.owes[effect] -= owed
        return owed or self.blind

    def unsettled(self) -> Iterator[Finding]:
        """What was declared and never followed. A move or an order may have been out of place by then."""
        owed = (name for name, count in self.owes.items() if count > 0 and not self.blind)
        for name in owed:
            if name == MARK_CRITICISM or name.startswith("level:"):
                yield self._wrong("I6", f"应有而没有：{name}")

    def _too_early(self, register: Register, entry: Entry, payload: Document) -> Iterator[Problem]:
        definition = register.definition(self.document.get("definition"))
        place = f"{self.document.get('state')}", f"{payload.get('verb')}"
        move = definition.moves_by_place.get(place) if definition else None
        running = {spot[0]: armed for spot, armed in self.clocks.items() if spot not in self.outcomes}
        yield from judged_expiry(move, running, entry.at) if move else ()

    def _is_founded(self, payload: Document) -> bool:
        """Whether what the clock or a level has moved was declared by what was reached before."""
        system = mapping(payload.get("actor")).get("system")
        moves = (f"{RungEffectKind.MOVE}:{payload.get('verb')}", RungEffectKind.MOVE.value)
        return system not in CLOCKWORK or any(map(self.settles, moves))

    def _judged_step(self, register: Register, entry: Entry, payload: Document) -> Iterator[Problem]:
        definition = register.definition(self.document.get("definition"))
        if definition is None:
            return
        if payload.get("type") == LEVEL:
            yield from judged_level(definition, self.document, payload)
            return
        spot = _spot(payload)
        armed = None if spot in self.outcomes else self.clocks.get(spot)
        yield from judged_firing(definition, self.document, payload, armed, entry.at)

    def _unmoved(self, entry: Entry, what: str) -> Iterator[Finding]:
        if entry.item_version != self.version:
            yield self._wrong(
                "I1", f"第 {entry.index} 条{what}记的版本是 {entry.item_version}，当时为 {self.version}"
            )

    def remind(self, entry: Entry) -> Iterator[Finding]:
        """Replay that somebody was reminded of the item."""
        yield from self._unmoved(entry, "催办")

    def reproject(self, entry: Entry, payload: Document) -> Iterator[Finding]:
        """Replay the reckoning of a deadline under another calendar."""
        yield from self._unmoved(entry, "重算")
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
        for name, pair in mapping(payload.get("changes")).items():
            before, after = pair if isinstance(pair, list) and len(pair) == 2 else (None, None)
            if before != self.document.get(name):
                yield self._wrong("I2", f"第 {entry.index} 条的 {name} 接不上前一条")
            self.document[name] = after

    def _clocks(self, payload: Document) -> None:
        for armed in map(mapping, listed(payload.get("armed"))):
            self.clocks[_spot(armed)] = armed
        for ended in map(listed, listed(payload.get("ended"))):
            clock, revision, outcome = ended
            self.outcomes[_spot({"clock": clock, "revision": revision})] = outcome


def _spot(facts: Mapping[str, Json]) -> Spot:
    revision = facts.get("revision")
    return f"{facts.get('clock')}", revision if isinstance(revision, int) else 0
