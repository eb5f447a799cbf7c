"""Failure at every statement and at the commit of every use case that writes (G-CRA-3): old or new, never mixed."""

import itertools

import pytest

from engine.model.errors import Unavailable
from storage.prepared import Session
from tests.faults.checks import findings
from tests.faults.story import Story
from tests.faults.traps import LAST, NOWHERE, Trap, contents


def test_a_failure_at_any_statement_leaves_everything_as_it_was(stage):
    points = [(step.name, _fail_everywhere(stage, step)) for step in Story(stage)]

    print(f"{sum(count for _, count in points)} points in {len(points)} steps")
    assert min(count for _, count in points) >= 3, points


def test_an_erasure_that_fails_anywhere_erases_nothing(stage):
    points = [(step.name, _fail_everywhere(stage, step)) for step in Story(stage).erasing()]

    assert points[-1][0] == "redact"
    assert points[-1][1] > 20


def test_a_commit_whose_answer_is_lost_is_whole_and_a_key_tells_so(stage):
    for step in Story(stage):
        trap = Trap(stage, LAST)

        with pytest.raises(Unavailable):
            step.run(trap.begin)

        after = contents(stage)
        assert (after != trap.stood, findings(stage)) == (True, []), step.name
        if step.is_keyed:
            step.run(Trap(stage, NOWHERE).begin)
            assert contents(stage) == after, step.name


def test_a_rollback_that_cannot_be_done_holds_up_nobody(stage, monkeypatch):
    plain = Session.plain

    def without_memory(self, statement):
        if statement == "ROLLBACK":
            raise MemoryError
        return plain(self, statement)

    def look(broken):
        with stage.begin() as uow:
            broken.setattr(Session, "plain", without_memory)
            uow.items.get(stage.items[:1])

    with monkeypatch.context() as broken, pytest.raises(MemoryError) as kept:
        look(broken)
    with stage.begin() as uow:
        assert uow.items.get(stage.items[:1])
    assert kept.tb


def _fail_everywhere(stage, step):
    """Fail at one statement after the other until none is left; returns how many there were."""
    before = stood = contents(stage)
    for at in itertools.count():
        trap = Trap(stage, at, stood)
        try:
            step.run(trap.begin)
        except Unavailable:
            assert contents(stage) == trap.stood, (step.name, at)
            stood = step.again(stage) or trap.stood
        else:
            assert not trap.is_sprung, (step.name, at)
            assert (trap.stood != before, findings(stage)) == (True, []), step.name
            return at
    return None
