"""What only the twin can do: it is given its clock, and its writers take turns for as long as it is told."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.model.errors import Unavailable
from storage.memory import unit_of_work
from storage.memory.unit_of_work import Memory, MemoryUnitOfWork
from tests.contract.stores import CALENDAR, ENTROPY


def test_workers_share_the_clock_that_the_store_is_given():
    now = datetime(2020, 4, 20, tzinfo=UTC)
    memory = Memory(lambda: now)
    with MemoryUnitOfWork(memory, ENTROPY, CALENDAR) as uow:
        first = uow.gates.now()
        now += timedelta(seconds=59)

        assert uow.gates.now() - first == timedelta(seconds=59)


def test_a_writer_that_waits_too_long_is_told(memory, monkeypatch):
    monkeypatch.setattr(unit_of_work, "WAIT_SECONDS", 0.01)

    with memory.begin(), pytest.raises(Unavailable, match="占用太久"):
        memory.begin().__enter__()

    with memory.begin():
        pass
