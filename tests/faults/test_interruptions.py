"""What PostgreSQL does to a transaction: cuts its connection, breaks a deadlock, ends a wait."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from engine.model.errors import InDoubt, Unavailable
from engine.usecases.again import again
from engine.usecases.items import move_items, open_items
from tests.contract.stores import fresh
from tests.faults.checks import entries, findings
from tests.faults.crew import PATIENCE
from tests.faults.story import an_opening
from tests.faults.traps import LAST, Cut

pytestmark = pytest.mark.postgres


@pytest.fixture
def url(postgres_server):
    return fresh(postgres_server)


def test_a_connection_cut_at_any_statement_of_a_move_is_mended_by_asking_again(stage):
    for at in itertools.count():
        before, cut = entries(stage), Cut(stage, at)

        move_items(cut.begin(), stage.now, stage.attempts(1))

        assert entries(stage) == before + 1, at
        if not cut.is_sprung:
            break

    assert at > 10
    assert findings(stage) == []


def test_a_move_whose_commit_was_cut_is_found_by_its_key(stage):
    before, cut, attempts = entries(stage), Cut(stage, LAST), stage.attempts(1)

    (moved,) = move_items(cut.begin(), stage.now, attempts)

    assert cut.is_sprung
    assert [moved.version] == [item.version for item in move_items(stage.begin(), stage.now, attempts)]
    assert entries(stage) == before + 1


def test_an_opening_whose_commit_was_cut_is_left_in_doubt(stage):
    before, cut = entries(stage), Cut(stage, LAST)

    with pytest.raises(InDoubt, match="不知是否已存入"):
        open_items(cut.begin(), stage.now, [an_opening()], stage.actor("officer"))

    assert entries(stage) == before + 1


def test_the_loser_of_a_deadlock_is_asked_again(stage):
    gate, tries = Barrier(2), []

    @again
    def take(uow, first, second):
        with uow:
            tries.append(first)
            uow.items.get([first])
            if len(tries) <= 2:
                gate.wait(PATIENCE)
            uow.items.get([second])
            uow.commit()

    one, two = stage.items[:2]
    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(take, stage.begin(), one, two), pool.submit(take, stage.begin(), two, one)]
        assert [each.result(PATIENCE) for each in done] == [None, None]
    assert len(tries) == 3


def test_a_wait_for_a_lock_ends_with_a_word(stage):
    with stage.begin() as holder:
        holder.items.get(stage.items[:1])
        with stage.begin() as waiting:
            waiting.items._session.plain("SET LOCAL lock_timeout = '20ms'")
            with pytest.raises(Unavailable, match="占用太久"):
                waiting.items.get(stage.items[:1])


def test_every_connection_has_its_limits(stage):
    with stage.begin() as uow:
        shown = [
            uow.items._session.plain(f"SHOW {name}")[0][0]
            for name in ("lock_timeout", "idle_in_transaction_session_timeout")
        ]

    assert shown == ["30s", "5min"]
