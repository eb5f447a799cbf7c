"""What only the twin can do: it is given its clock, and its writers take turns for as long as it is told."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.model.errors import Unavailable
from storage.memory import unit_of_work
from storage.memory.unit_of_work import Memory, MemoryUnitOfWork
from tests.contract.stores import CALENDAR, ENTROPY
from tests.contract.values import a_notice

MAIL = ("mail",)


def test_leases_run_by_the_clock_that_the_store_is_given(new_item):
    now = datetime(2020, 4, 20, tzinfo=UTC)
    memory = Memory(lambda: now)
    with MemoryUnitOfWork(memory, ENTROPY, CALENDAR) as uow:
        uow.items.add([new_item()])
        uow.notices.write([a_notice(new_item(), written_at=now)], MAIL)
        (leased,) = uow.notices.claim("w", 60, 9, MAIL)
        now += timedelta(seconds=59)
        early = uow.notices.claim("w", 60, 9, MAIL)
        now += timedelta(seconds=1)
        (again,) = uow.notices.claim("w", 60, 9, MAIL)

    assert (leased.not_before, early, again.token) == (now, [], 2)


def test_a_writer_that_waits_too_long_is_told(memory, monkeypatch):
    monkeypatch.setattr(unit_of_work, "WAIT_SECONDS", 0.01)

    with memory.begin(), pytest.raises(Unavailable, match="占用太久"):
        memory.begin().__enter__()

    with memory.begin():
        pass
