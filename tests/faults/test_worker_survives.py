"""Whatever dies inside a worker (G-CRA-5): it goes on by itself, or the process ends, and its health tells."""

import json
import subprocess
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import takewhile

import pytest

from engine.usecases.health import PATIENCE
from runtime.scheduler import GAVE_UP
from tests.integration.test_worker import command, due_in, healthy, let_pass, stage, until, url

__all__ = ["stage", "url"]
WAIT = 60
FAULTS = 500
"""Statements that fail, on each database."""
FOR_EVER = 10**9
EVERY = 1


@contextmanager
def planted(url, fault, many):
    """A worker with a fault in it; what it logs comes as objects."""
    run = command(url, "worker", "--json", "--every", f"{EVERY}")
    run["args"][2:3] = ["tests.faults.planted", fault, f"{many}"]
    with subprocess.Popen(**run, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        try:
            yield process, map(json.loads, process.stderr)
        finally:
            process.kill()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_scheduler_whose_thread_dies_is_replaced_and_fires(stage, url):
    with planted(url, "thread", 1) as (_, events):
        dead = until(events, "bell_restarted")
        due = due_in(stage, stage.items[0], timedelta())
        fired = until(events, "fired")

    late = datetime.fromisoformat(fired["at"]) - max(due, datetime.fromisoformat(dead["at"]))
    assert fired["item"]
    print(f"fired {late.total_seconds():.3f} s after the thread was replaced or the rung was due")


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_scheduler_that_cannot_be_replaced_ends_the_process_and_its_health_turns_red(stage, url):
    with planted(url, "thread", FOR_EVER) as (process, _):
        assert process.wait(WAIT) == GAVE_UP

    assert healthy(stage).is_green
    let_pass(stage, PATIENCE)
    assert [alarm.code for alarm in healthy(stage).alarms if alarm.is_red] == ["sweep"]


@pytest.mark.storm
@pytest.mark.timeout(600)
def test_a_worker_whose_database_fails_at_every_other_statement_fires_once_it_does_not(stage, url, rounds):
    faults = rounds or FAULTS
    with planted(url, "database", faults) as (process, events):
        failed = sum(
            each["event"] == "failed" for each in takewhile(lambda e: e["event"] != "healed", events)
        )
        due_in(stage, stage.items[0], timedelta())
        fired = until(events, "fired")
        assert process.poll() is None

    print(f"{faults} statements failed, {failed} answers with them; then fired {fired['item']}")
