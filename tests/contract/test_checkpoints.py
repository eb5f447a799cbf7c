"""Signed heads of the log, and the keys they are signed with."""

from dataclasses import replace

import pytest

from engine.model.checkpoint import Checkpoint, LogKey
from engine.model.entry import EntryKind, TreeHead
from engine.model.errors import Broken, Conflict
from engine.model.ids import DefinitionRef
from tests.contract.conftest import NOW
from tests.contract.values import a_draft

FIRST = Checkpoint(position=3, head=TreeHead(3, b"1" * 32), cause="day", note="一\n", at=NOW)
SECOND = replace(FIRST, position=20, head=TreeHead(20, b"2" * 32), cause="phase")


@pytest.fixture
def checkpoints(begin):
    with begin() as uow:
        yield uow.checkpoints


def test_a_checkpoint_comes_back_as_it_was(begin):
    with begin() as uow:
        uow.checkpoints.add(FIRST)
        uow.commit()

    with begin(write=False) as uow:
        assert uow.checkpoints.newest() == FIRST


def test_checkpoints_are_told_oldest_first(checkpoints):
    assert (checkpoints.newest(), checkpoints.every()) == (None, [])

    checkpoints.add(SECOND)
    checkpoints.add(FIRST)

    assert checkpoints.newest() == SECOND
    assert checkpoints.every() == [FIRST, SECOND]


@pytest.mark.parametrize("taken", ["cause", "position"])
def test_a_cause_and_a_position_have_one_checkpoint(checkpoints, taken):
    checkpoints.add(FIRST)
    assert (checkpoints.has("day"), checkpoints.has("phase")) == (True, False)

    with pytest.raises(Conflict):
        checkpoints.add(replace(SECOND, **{taken: getattr(FIRST, taken), "head": FIRST.head}))


@pytest.mark.parametrize("head", [TreeHead(4, b"1" * 32), TreeHead(-1, b"1" * 32), TreeHead(3, b"1")])
def test_a_head_that_cannot_be_is_not_stored(checkpoints, head):
    with pytest.raises(Broken):
        checkpoints.add(replace(FIRST, head=head))


def test_keys_are_told_oldest_first_and_come_into_force_once(checkpoints):
    new, old = LogKey(9, "b"), LogKey(0, "a")
    checkpoints.add_key(new)
    checkpoints.add_key(old)

    assert checkpoints.keys() == [old, new]
    with pytest.raises(Conflict):
        checkpoints.add_key(LogKey(12, "a"))


def test_the_first_move_of_a_phase_is_found(begin, new_item):
    phase, other = new_item(1, definition=DefinitionRef("phase", 1)), new_item(2)
    drafts = [
        a_draft(phase.id, 1),
        a_draft(other.id, 2),
        replace(a_draft(phase.id, 2), kind=EntryKind.FIRING),
        a_draft(None, 2),
        a_draft(phase.id, 2),
        a_draft(phase.id, 3),
    ]
    with begin() as uow:
        uow.items.add([phase, other])
        uow.history.append(drafts, NOW)

        assert [uow.checkpoints.phase_moved_since(start) for start in (0, 4, 5, 6)] == [4, 4, 5, None]
