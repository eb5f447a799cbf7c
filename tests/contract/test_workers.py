"""Signs of life: one row a worker, by the clock of the database."""

from dataclasses import replace
from datetime import timedelta

from engine.model.heartbeat import Heartbeat
from tests.contract.conftest import NOW

FIRST = Heartbeat(worker="a" * 32, at=NOW, place="机房/1", started_at=NOW, fired=0)
SECOND = replace(FIRST, worker="b" * 32, at=NOW + timedelta(seconds=1), place="机房/2")


def test_a_beat_takes_the_place_of_the_last(begin):
    later = replace(FIRST, at=NOW + timedelta(minutes=1), fired=7)
    for beat in (FIRST, SECOND, later):
        with begin() as uow:
            uow.workers.beat(beat)
            uow.commit()

    with begin(write=False) as uow:
        assert uow.workers.seen() == [later, SECOND]


def test_a_worker_leaves_and_the_old_are_forgotten(begin):
    third = replace(FIRST, worker="c" * 32, at=NOW + timedelta(days=2))
    with begin() as uow:
        for beat in (FIRST, SECOND, third):
            uow.workers.beat(beat)
        uow.workers.forget(SECOND.at)
        assert uow.workers.seen() == [third, SECOND]
        uow.workers.leave(third.worker)
        assert uow.workers.seen() == [SECOND]
