"""What all workers know of each channel."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.model.channel import Gate
from engine.model.errors import Broken
from tests.contract.conftest import NOW

GATE = Gate(
    channel="mail",
    recent=(NOW, NOW + timedelta(microseconds=1)),
    failures=2,
    shut_until=NOW,
    last_error="连不上",
    failed_at=NOW,
)


def test_a_channel_that_was_never_used_has_a_fresh_gate(begin):
    for write in (False, True, False):
        with begin(write=write) as uow:
            assert uow.gates.get("mail") == Gate(channel="mail")
            uow.commit()


def test_every_worker_sees_the_same_gate(begin):
    with begin() as uow:
        uow.gates.put(replace(uow.gates.get("mail"), failures=1))
        uow.gates.put(replace(uow.gates.get("mail"), recent=GATE.recent))
        uow.gates.get("mail")
        uow.gates.put(GATE)
        uow.commit()

    for write in (False, True):
        with begin(write=write) as uow:
            assert uow.gates.get("mail") == GATE
            assert uow.gates.get("other") == Gate(channel="other")


def test_workers_that_count_at_once_lose_nothing(begin):
    def count(_):
        with begin() as uow:
            gate = uow.gates.get("mail")
            uow.gates.put(replace(gate, failures=gate.failures + 1))
            uow.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(8)))

    with begin(write=False) as uow:
        assert uow.gates.get("mail").failures == 8


def test_failures_are_counted_from_nothing(begin):
    with begin() as uow, pytest.raises(Broken):
        uow.gates.put(replace(uow.gates.get("mail"), failures=-1))


def test_the_clock_is_that_of_the_store(begin):
    with begin(write=False) as uow:
        assert abs(uow.gates.now() - datetime.now(UTC)) < timedelta(minutes=1)
