"""Any sequence of attempts, sweeps and repeated keys agrees with a model read from the bare YAML (G-CON-6)."""

import itertools
import json
import tempfile
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from ruamel.yaml import YAML

from engine.model.actor import Actor
from engine.model.entry import EntryKind
from engine.model.errors import Refused
from engine.model.item import Item, NewItem
from engine.model.transition import Attempt, Evidence
from engine.rules.replay import differs, fold
from engine.rules.tree import append_leaf, root_of
from engine.usecases.items import move_item, open_items
from engine.usecases.sweep import sweep
from tests.builders import NOON, UNIT
from tests.integration.house import LIBRARY, POSTS, House, HouseInMemory, definitions, person_in

RAW = YAML(typ="safe").load((LIBRARY / "item.yaml").read_text(encoding="utf-8"))
STATES = {state["id"]: state for state in RAW["states"]}
MOVES = {(state, verb["verb"]): verb for verb in RAW["verbs"] for state in verb["from"]}
VERBS = sorted({verb for _, verb in MOVES})
REQUIRES_INDEPENDENCE = {"approve", "close_out"}
WORK = {"performer", "delegator", "uploader", "extension_approver", "checker"}
PROVEN = {"self_check", "attach"}
MAIN_LINE = {
    "submit", "list", "assign", "sign_for", "self_check", "submit_review", "approve", "assess", "close_out", "sustain",
}  # fmt: skip
PROOF = Evidence(sha256="12" * 32, name="照片.jpg", size=3)


@dataclass
class Model:
    """What the YAML alone says the item must look like."""

    state: str = "draft"
    version: int = 1
    workers: set[str] = field(default_factory=set)

    def allows(self, verb: str) -> bool:
        return (self.state, verb) in MOVES

    def move(self, verb: str, actor: Actor, to: str) -> None:
        declared = MOVES[self.state, verb]
        assert to in (declared.get("to") or [self.state])
        if verb in REQUIRES_INDEPENDENCE:
            assert actor.person not in self.workers
        if declared.get("contributes") in WORK:
            self.workers.add(actor.person)
        self.state, self.version = to, self.version + 1


class EngineAgainstModel(RuleBasedStateMachine):
    """One item, six people, one of them also in every post at once, and a clock."""

    def move_in(self) -> House:
        return HouseInMemory()

    @initialize()
    def begin(self) -> None:
        self.house = self.move_in()
        self.now = NOON
        self.count = itertools.count()
        self.actors = [self.house.actor(code) for code, *_ in POSTS]
        everything = tuple(post for actor in self.actors for post in actor.posts)
        self.actors.append(replace(self.actors[0], posts=everything))  # one person in every post at once
        new = NewItem(
            definition=definitions()["item"].ref,
            campaign="sample",
            unit=UNIT,
            title="样例",
            fields={"problem": "样例"},
        )
        self.item = open_items(self.house.begin(), self.now, [new], self.actors[0])[0]
        self.model = Model()
        self.last: tuple[Attempt, Item] | None = None

    def equipped(self, verb: str, actor: Actor) -> Attempt:
        """An attempt that brings everything any verb may ask for, and only what this one may set."""
        declared = MOVES[self.model.state, verb]
        values = {
            "due_on": "2020-06-30",
            "progress_percent": 50,
            "grade": "好",
        }
        fields = {name: values.get(name, "样例") for name in declared.get("sets") or []}
        targets = declared.get("to") or []
        return Attempt(
            item=self.item.id,
            verb=verb,
            actor=actor,
            key=f"key-{next(self.count)}",
            reason="样例",
            fields=fields,
            evidence=(PROOF,) if verb in PROVEN else (),
            target=targets[0] if len(targets) > 1 else None,
            assignee=person_in("officer"),
            until_on=date(2020, 12, 31),
            due_on=date(2020, 11, 1),
            unit=UNIT,
            other=None,
        )

    def make(self, attempt: Attempt) -> bool:
        try:
            self.item = move_item(self.house.begin(), self.now, attempt)
        except Refused:
            return False
        self.model.move(attempt.verb, attempt.actor, self.item.state)
        if attempt.evidence:
            self.model.workers.add(attempt.actor.person)
        self.last = (attempt, self.item)
        return True

    @rule(verb=st.sampled_from(VERBS), who=st.integers(0, len(POSTS)))
    def attempt(self, verb: str, who: int) -> None:
        if not self.model.allows(verb):
            bare = Attempt(
                item=self.item.id, verb=verb, actor=self.actors[who], key=f"key-{next(self.count)}"
            )
            assert not self.make(bare)
        else:
            self.make(self.equipped(verb, self.actors[who]))

    @rule(choice=st.randoms(use_true_random=False))
    def go_on(self, choice) -> None:
        """Somebody, if anybody can, makes one of the declared moves: so that long lives are lived."""
        moves = [verb for state, verb in MOVES if state == self.model.state]
        order = [(verb, actor) for verb in moves for actor in self.actors]
        choice.shuffle(order)
        if choice.random() < 0.8:
            order.sort(key=lambda step: step[0] not in MAIN_LINE)
        for verb, actor in order:
            if self.make(self.equipped(verb, actor)):
                return

    @precondition(lambda self: self.last is not None)
    @rule()
    def repeat(self) -> None:
        attempt, _ = self.last
        again = move_item(self.house.begin(), self.now, attempt)
        assert again.version == self.item.version

    @rule(days=st.integers(0, 40))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        for escalation in sweep(self.house.begin, self.now):
            if escalation.item.id == self.item.id:
                self.refresh()

    def refresh(self) -> None:
        with self.house.begin() as uow:
            self.item = uow.items.get([self.item.id])[self.item.id]
        if self.item.version > self.model.version:  # the clock's own move: the end of the watch
            assert (self.model.state, self.item.state) == ("sustained", "archived")
            self.model.state, self.model.version = self.item.state, self.item.version

    @invariant()
    def the_row_is_the_model_and_the_fold(self) -> None:
        with self.house.begin() as uow:
            stored = uow.items.get([self.item.id])[self.item.id]
            entries = uow.history.of_item(self.item.id)
            frontier: tuple[bytes, ...] = ()
            for entry in uow.history.scan():
                frontier = append_leaf(frontier, entry.index, entry.leaf)
            assert root_of(frontier) == root_of(uow.history.head().frontier)
            running = {d.clock for d in uow.deadlines.open_of([stored.id]).get(stored.id, [])}
        assert (stored.state, stored.version) == (self.model.state, self.model.version)
        assert stored == replace(self.item, head=stored.head)
        moves = [json.loads(e.payload) for e in entries if e.kind is EntryKind.TRANSITION]
        assert differs(fold(move["changes"] for move in moves), stored) == ()
        assert [e.previous for e in entries[1:]] == [e.leaf for e in entries[:-1]]
        assert entries[-1].leaf == stored.head
        for clock in RAW["clocks"]:
            if clock["id"] in running:
                assert stored.state in clock["runs_in"]

    def teardown(self) -> None:
        if hasattr(self, "house"):
            self.house.close()


class OnSqlite(EngineAgainstModel):
    """The same on a file, where each step costs more."""

    def move_in(self) -> House:
        self.folder = tempfile.TemporaryDirectory()
        return House(Path(self.folder.name))

    def teardown(self) -> None:
        super().teardown()
        self.folder.cleanup()


EngineAgainstModel.TestCase.settings = settings(
    max_examples=100, stateful_step_count=30, suppress_health_check=list(HealthCheck), deadline=None
)
OnSqlite.TestCase.settings = settings(EngineAgainstModel.TestCase.settings, max_examples=12)
TestEngineInMemory = EngineAgainstModel.TestCase
TestEngineOnSqlite = OnSqlite.TestCase
