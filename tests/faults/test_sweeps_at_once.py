"""Four workers sweep the same due rungs at the same instant, each by a clock of its own (G-CON-5): each fires once."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from storage.dialects import open_database
from tests.bench.stage import Stage
from tests.faults.checks import findings
from tests.faults.crew import Crew, sweep_all
from tests.faults.rungs import fired, next_at, wanted

WORKERS = 4
RUNGS = 600
RUNGS_OF_AN_ITEM = 10
"""At least; three days past its date an item begets an order with rungs of its own."""
CHUNK = 20
"""Deadlines in one transaction, so that even a small campaign has more than one worker at work."""
APART = timedelta(milliseconds=100)
LONG = 600


@pytest.fixture
def sweepers():
    with Crew(WORKERS, partial(sweep_all, chunk=CHUNK)) as hired:
        yield hired


@pytest.mark.storm
@pytest.mark.timeout(LONG)
def test_of_four_workers_one_fires_each_rung(url, sweepers, rounds):
    stage, due = Stage(open_database(url)), set()
    stage.fill(-(-(rounds or RUNGS) // RUNGS_OF_AN_ITEM))
    told = [Counter() for _ in range(WORKERS)]

    while len(due) < (rounds or RUNGS):
        clocks = [next_at(stage) + APART * number for number in range(WORKERS)]
        due |= wanted(stage, clocks[-1])
        for worker, one in zip(told, sweepers(stage, clocks, LONG), strict=True):
            worker.update(one)

    every = sum(told, Counter())
    print(f"{len(due)} rungs due, {every.total()} fired, by each worker {[one.total() for one in told]}")
    assert (set(every), set(every.values())) == (due, {1})
    assert set(fired(stage)) == due
    assert findings(stage) == []
    stage.database.close()
