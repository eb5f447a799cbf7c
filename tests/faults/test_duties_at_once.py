"""Any number of workers begin a period at the same instant: each unit gets one report, and every number is used."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from engine.usecases.campaigns import LoadCampaign, load_campaign
from engine.usecases.duties import open_duties
from storage.dialects import open_database
from storage.schema import upgrade
from tests.bench.stage import Stage
from tests.faults.checks import findings
from tests.faults.crew import PATIENCE
from tests.integration.duties import a_plan, at, with_unit
from tests.integration.house import definitions

WORKERS = 4
UNITS = 25


@pytest.fixture
def offices(url):
    """As many connections to one installation as there are workers, with a plan for many units."""
    stages = [Stage(open_database(url)) for _ in range(WORKERS)]
    upgrade(stages[0].database)
    roster = a_plan().roster
    for number in range(UNITS - 2):
        roster = with_unit(roster, f"unit_{number:03}", number + 10)
    command = LoadCampaign(replace(a_plan(), roster=roster), tuple(definitions().values()))
    load_campaign(stages[0].begin(), at("2020-04-20T08:30"), command)
    yield stages
    for stage in stages:
        stage.database.close()


def test_workers_that_begin_a_period_together_open_each_report_once(offices):
    gate = Barrier(WORKERS)

    def work(stage, when):
        gate.wait(PATIENCE)
        return [(item.period, item.unit) for item in open_duties(stage.begin, at(when))]

    done = []
    for when in ("2020-05-01T00:00", "2020-07-01T00:00", "2020-11-25T00:00"):
        with ThreadPoolExecutor(WORKERS) as pool:
            done += [pair for got in pool.map(work, offices, [when] * WORKERS) for pair in got]

    assert len(done) == len(set(done)) == 4 * UNITS
    with offices[0].begin() as uow:
        counts = uow.items.count_by_period("plan", "report")
        numbers = [item.number for item in uow.items.of_campaign("plan", "report")]
    assert set(counts.values()) == {UNITS}
    assert numbers == [f"BS-2020-{number:06}" for number in range(1, 5 * UNITS + 1)]
    assert findings(offices[0]) == []
