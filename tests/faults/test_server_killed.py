"""PostgreSQL killed under load (G-CRA-4), in the small: `make chaos` does it for minutes, with three workers."""

import random

import pytest

from tests.contract.postgres import binaries, restartable
from tests.faults.chaos import SETTLED, Size, storm, told_of

RESTARTS = 2


def let_waits_end(stage):
    """As if the leases of the dead and the pauses of the channel were over; what the worker holds is left to it."""
    waits = "SELECT notice FROM delivery WHERE status IN ('leased', 'pending') FOR UPDATE SKIP LOCKED"
    for over in (
        f"UPDATE delivery SET not_before = 0 WHERE notice IN ({waits})",
        "UPDATE gate SET shut_until = 0",
    ):
        with stage.database.engine.connect() as connection:
            connection.exec_driver_sql(over)


SMALL = Size(
    workers=1,
    clients=1,
    up=(0.1, 0.5),
    every=1,
    is_over=lambda restarts: restarts == RESTARTS,
    hasten=let_waits_end,
)


@pytest.mark.postgres
def test_a_server_killed_under_load_loses_nothing_and_workers_come_back(tmp_path):
    folder, seed = binaries(), random.randrange(2**32)
    if folder is None:
        pytest.skip("no PostgreSQL binaries for this platform")
    with restartable(folder) as (url, restart):
        seen = storm(f"{url}postgres", restart, tmp_path, SMALL, random.Random(seed))

    print(f"seed {seed}\n{told_of(seen)}")
    assert seen.told
    assert seen.broken == []
    assert set(seen.counts) <= SETTLED
    assert seen.alive == SMALL.workers
