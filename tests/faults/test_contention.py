"""Eight contenders for one item (G-CON-1) and one key sent many times at once (G-CON-3)."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from engine.model.transition import Attempt
from tests.faults.checks import acknowledgement, entries, findings, item_of, state_of
from tests.faults.crew import PATIENCE, contend
from tests.integration.house import person_in

CONTENDERS = 8
LEGAL = {
    "assigned": (("sign_for", "officer"), ("assign", "head"), ("assign", "office")),
    "rectifying": (
        ("progress", "officer"),
        ("suspend", "office"),
        ("assign", "head"),
        ("attach", "officer"),
        ("assign", "office"),
    ),
    "suspended": (("resume", "office"),),
}
"""Moves that are open in each state, by different people; together they lead round and round."""


@pytest.fixture
def threads():
    gate = Barrier(CONTENDERS)

    def one(stage, attempt):
        gate.wait(PATIENCE)
        return contend(stage, attempt)

    with ThreadPoolExecutor(CONTENDERS) as pool:
        yield lambda stage, attempts: list(pool.map(one, [stage] * CONTENDERS, attempts))


@pytest.fixture(params=["threads", "crew"])
def at_once(request):
    """Make eight attempts at the same instant."""
    return request.getfixturevalue(request.param)


class Round:
    """Attempts of one round on the item of a stage."""

    def __init__(self, stage):
        self._actors = {post: stage.actor(post) for post in ("officer", "head", "office")}
        self._stage = stage

    def attempts(self, keys):
        item = item_of(self._stage)
        moves = LEGAL[item.state]
        return [
            self.attempt(*moves[number % len(moves)], next(keys), item.version)
            for number in range(CONTENDERS)
        ]

    def attempt(self, verb, post, key, version=None, progress="进行中"):
        return Attempt(
            item=self._stage.items[0],
            verb=verb,
            actor=self._actors[post],
            key=key,
            expected_version=version,
            reason="情况有变",
            fields={"progress": progress} if verb == "progress" else {},
            assignee=person_in("officer") if verb == "assign" else None,
        )


@pytest.mark.storm
def test_of_eight_contenders_one_wins_and_the_others_are_told_the_new_state(stage, at_once, keys, rounds):
    game, won, states = Round(stage), [], set()
    before = entries(stage)

    for _ in range(rounds or 25):
        attempts = game.attempts(keys)
        outcomes = at_once(stage, attempts)
        winners = [(a, o.version) for a, o in zip(attempts, outcomes, strict=True) if o.version]
        state = state_of(stage)
        assert len(winners) == 1, outcomes
        for lost in (outcome for outcome in outcomes if outcome.version is None):
            assert (lost.code, f"“{state}”" in lost.text) == ("conflict", True), outcomes
        won += [acknowledgement(*winners[0])]
        states.add(state)

    assert (entries(stage), findings(stage, won)) == (before + len(won), [])
    assert len(states) > 1


def test_a_loser_that_named_no_version_is_told_the_new_state_too(stage, at_once, keys):
    game = Round(stage)

    outcomes = at_once(stage, [game.attempt("sign_for", "officer", next(keys)) for _ in range(CONTENDERS)])

    assert sorted(outcome.code for outcome in outcomes) == ["", *["refused"] * (CONTENDERS - 1)]
    assert all(f"“{state_of(stage)}”" in outcome.text for outcome in outcomes if outcome.code)


@pytest.mark.storm
def test_one_key_sent_many_times_at_once_has_one_effect_and_one_answer(stage, at_once, keys, rounds):
    game, before = Round(stage), entries(stage)
    count = rounds or 10

    for _ in range(count):
        version = item_of(stage).version
        attempt = game.attempt("assign", "head", next(keys), version)
        outcomes = at_once(stage, [attempt] * CONTENDERS)

        assert {outcome.version for outcome in outcomes} == {version + 1}, outcomes

    assert entries(stage) == before + count
    assert findings(stage) == []


@pytest.mark.storm
def test_one_key_with_different_content_belongs_to_the_first(stage, at_once, keys, rounds):
    game, before = Round(stage), entries(stage)
    at_once(stage, [game.attempt("sign_for", "officer", "sign")] * CONTENDERS)
    count = rounds or 10

    for _ in range(count):
        key = next(keys)
        attempts = [game.attempt("progress", "officer", key, progress=f"第{n}稿") for n in range(CONTENDERS)]
        outcomes = at_once(stage, attempts)

        assert sorted(outcome.code for outcome in outcomes) == ["", *["conflict"] * (CONTENDERS - 1)], (
            outcomes
        )

    assert entries(stage) == before + 1 + count
    assert findings(stage) == []
