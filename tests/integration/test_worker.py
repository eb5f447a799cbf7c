"""A worker as a process of its own: on time, alive to be seen, and gone when it is told to go."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest

from engine.model.deadline import Outcome
from engine.usecases.health import PATIENCE, check_health
from storage.dialects import open_database
from tests.bench.stage import Stage
from tests.contract.stores import fresh

ROOT = Path(__file__).parents[2]
WAIT = 60
TRIALS = 20
STEP = timedelta(seconds=0.15)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'duban.db'}"
    return fresh(request.getfixturevalue("postgres_server"))


@pytest.fixture
def stage(url):
    made = Stage(open_database(url))
    made.fill(TRIALS)
    _still(made)
    yield made
    made.database.close()


def _still(stage):
    with stage.database.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE deadline SET next_rung = NULL, next_at = NULL")


def due_in(stage, item, wait):
    """Arm the clock of an item so that it comes due so much after the present instant; returns that instant."""
    with stage.begin() as uow:
        old = uow.deadlines.open_of([item])[item][0]
        at = uow.gates.now() + wait
        uow.deadlines.end([replace(old, outcome=Outcome.REARMED, ended_at=at)])
        new = replace(
            old, revision=old.revision + 1, armed_at=at - wait, due_at=at, next_rung="due", next_at=at
        )
        uow.deadlines.arm([new])
        uow.commit()
    return at


def command(url, *words):
    environment = {**os.environ, "DUBAN_DATABASE": url.replace("+psycopg", "")}
    return {"args": [sys.executable, "-m", "cli", *words], "cwd": ROOT, "env": environment, "text": True}


@contextmanager
def working(url, *words):
    """A worker; what it logs comes as objects."""
    with subprocess.Popen(
        **command(url, "worker", "--json", *words), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        try:
            yield process, map(json.loads, process.stderr)
        finally:
            process.kill()


def healthy(stage):
    return check_health(stage.begin(), datetime.now(UTC))


def let_pass(stage, time):
    """Leave every sign of life behind, as if a little more than so much time had passed."""
    with stage.database.engine.connect() as connection:
        ago = (time + timedelta(seconds=1)) // timedelta(microseconds=1)
        connection.exec_driver_sql(f"UPDATE heartbeat SET at = at - {ago}")


def until(events, wanted):
    """The first event of a kind."""
    return next(event for event in events if event["event"] == wanted)


def test_a_deadline_fires_within_a_second_of_its_instant(stage, url):
    """Measured to the line in the log, which follows the commit; a busy machine may hold up a trial, not all."""
    first = 2 * STEP + 3 * _start_up(url)
    due = {_number(stage, item): due_in(stage, item, first + n * STEP) for n, item in enumerate(stage.items)}

    with working(url) as (process, events):
        fired = [until(events, "fired") for _ in due]
        process.terminate()
        ended = process.wait(WAIT)

    late = sorted(
        (datetime.fromisoformat(event["at"]) - due[event["item"]]).total_seconds() for event in fired
    )
    shown = ", ".join(f"{part} % {late[part * (len(late) - 1) // 100]:.3f} s" for part in (0, 50, 95, 100))
    print(f"{len(late)} deadlines, late by {shown}")
    assert 0 <= min(late) < 1
    assert max(late) < 10
    if os.name == "posix":  # Windows has no signal that asks a process to end
        assert (ended, healthy(stage).workers) == (0, ())


def test_health_is_green_beside_a_worker_and_red_once_it_was_killed(stage, url):
    assert not healthy(stage).is_green
    with working(url) as (process, events):
        until(events, "started")
        assert _within(lambda: healthy(stage).is_green)
        process.kill()
        process.wait(WAIT)

    let_pass(stage, PATIENCE)
    done = subprocess.run(**command(url, "health", "--json"), capture_output=True, check=False)
    told = json.loads(done.stdout)

    assert done.returncode == 1
    assert (told["is_green"], [alarm["code"] for alarm in told["alarms"]]) == (False, ["sweep"])
    assert len(told["workers"]) == 1


def _start_up(url):
    """How long a process takes on this machine until it has looked into the database."""
    begun = monotonic()
    subprocess.run(**command(url, "health"), capture_output=True, check=False)
    return timedelta(seconds=monotonic() - begun)


def _number(stage, item):
    with stage.begin() as uow:
        return uow.items.get([item])[item].number


def _within(is_so):
    end = monotonic() + WAIT
    while monotonic() < end:
        if is_so():
            return True
    return False
