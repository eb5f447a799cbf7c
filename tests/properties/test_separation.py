"""G-SEC-4: nobody reviews or closes out what they worked on, whatever happens to posts, substitutes and delegates.

People change posts at every step and stand in for one another. The oracle knows verbs and persons, nothing of the
product's capacities. In the suite 500 lives of an item, by `make storm N=…` as many as asked for.
"""

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from engine.model.actor import Actor, HeldPost, Role
from engine.model.definition import MoveDef
from engine.model.errors import Refused
from engine.model.item import NewItem
from engine.model.transition import Attempt, Evidence, Surroundings, Transition
from engine.rules.lifecycle import decide
from engine.rules.opening import Opening, decide_opening
from tests.builders import BUREAU, NOON, UNIT, a_person
from tests.integration.house import definitions

ITEM = definitions()["item"]
PEOPLE = 7
ROLES = (Role.OFFICER, Role.UNIT_HEAD, Role.OFFICE, Role.OFFICE_DIRECTOR, Role.LEADING_GROUP)
WORKING = {
    "assign",
    "sign_for",
    "progress",
    "attach",
    "delegate",
    "grant_extension",
    "self_check",
    "submit_review",
}
JUDGING = {"approve", "close_out"}
FORWARD = (
    "submit",
    "list",
    "assign",
    "sign_for",
    "self_check",
    "submit_review",
    "approve",
    "assess",
    "close_out",
)
"""The way to the end; a life strays from it one time in four."""
AROUND = Surroundings(lineage=(UNIT, BUREAU))
VALUES = {"source": "自查", "due_on": "2020-10-30", "progress_percent": 50, "grade": "好"}


@dataclass
class Life:
    """One item, and who has worked on it so far, by themselves or through a substitute."""

    chance: random.Random
    now: object = NOON
    workers: set[str] = field(default_factory=set)
    judged: Counter = field(default_factory=Counter)

    def __post_init__(self) -> None:
        new = NewItem(
            definition=ITEM.ref, campaign="sample", unit=UNIT, title="样例", fields={"problem": "样例"}
        )
        opener = Actor(person=a_person(1), name="示例", posts=(_post(Role.OFFICER, None),))
        opening = Opening(new=new, actor=opener, at=NOON, id="f" * 32, number="ZG-2020-000001")
        self.item = decide_opening(ITEM, opening, AROUND).after

    def live(self) -> None:
        """Try eighty moves."""
        for _ in range(80):
            self.now += timedelta(hours=self.chance.randrange(1, 40))
            moves = [move for move in ITEM.moves_from(self.item.state) if "system" not in move.who]
            if not moves:
                return
            self._attempt(self._chosen(moves), self._somebody())

    def _chosen(self, moves: list[MoveDef]) -> MoveDef:
        onward = [move for move in moves if move.verb in FORWARD]
        return self.chance.choice(onward if onward and self.chance.random() < 0.75 else moves)

    def _somebody(self) -> Actor:
        """A person in one to three posts of this moment, some of them somebody else's."""
        posts = tuple(
            _post(self.chance.choice(ROLES), self.chance.choice([None, None, self._anybody()]))
            for _ in range(self.chance.randrange(1, 4))
        )
        return Actor(person=self._anybody(), name="示例", posts=posts)

    def _anybody(self) -> str:
        return a_person(self.chance.randrange(1, PEOPLE + 1))

    def _attempt(self, move: MoveDef, actor: Actor) -> None:
        proof = Evidence(sha256=f"{self.chance.randrange(2**64):064x}", name="照片.jpg", size=3)
        with_proof = move.verb in ("attach", "self_check") or self.chance.random() < 0.1
        attempt = Attempt(
            item=self.item.id,
            verb=move.verb,
            actor=actor,
            key="key",
            reason="样例",
            fields={name: VALUES.get(name, "样例") for name in move.sets},
            evidence=(proof,) if with_proof else (),
            target=self.chance.choice(move.to) if len(move.to) > 1 else None,
            assignee=self._anybody(),
            until_on=date(2020, 12, 31),
            due_on=date(2020, 11, 30),
            unit=UNIT,
        )
        around = replace(AROUND, due_at={"rectify": self.now + timedelta(days=30)})
        try:
            done = decide(ITEM, self.item, attempt, self.now, around)
        except Refused:
            return
        self._check(done, attempt)

    def _check(self, done: Transition, attempt: Attempt) -> None:
        acted = {attempt.actor.person, done.on_behalf_of} - {None}
        if attempt.verb in JUDGING:
            assert not acted & self.workers, (attempt.verb, acted, self.workers)
            self.judged[attempt.verb] += 1
        if attempt.verb in WORKING or attempt.evidence:
            self.workers |= acted
        self.item = done.after


def _post(role: Role, principal: str | None) -> HeldPost:
    return HeldPost(
        post=f"p_{role}", unit=UNIT, scope=BUREAU, roles=frozenset({role}), on_behalf_of=principal
    )


@pytest.mark.storm
def test_nobody_judges_their_own_work(rounds: int | None):
    judged: Counter[str] = Counter()
    for seed in range(rounds or 500):
        life = Life(random.Random(seed))
        life.live()
        judged += life.judged

    print(f"{rounds or 500} lives, judged {dict(judged)}, seeds from 0")
    assert judged["approve"] > (rounds or 500) // 10
    assert judged["close_out"] > 0
