"""`duban sweep`, `duban worker` and `duban health` on a real database."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.loaded import ROOT, plan_loaded, run


def test_a_sweep_fires_what_is_due_once(tmp_path: Path):
    database = plan_loaded(tmp_path)

    first = run("sweep", "--at", "2020-05-30T09:00", "--database", database)
    again = run("sweep", "--at", "2020-05-30T09:00", "--database", database)

    assert first.returncode == 0
    assert "到期" in first.stdout
    assert again.stdout.strip() == "没有到期的时限"


def test_a_worker_starts_sweeps_and_ends_on_a_signal(tmp_path: Path):
    database = plan_loaded(tmp_path)
    worker = subprocess.Popen(
        [sys.executable, "-m", "cli", "worker", "--every", "1", "--database", database],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert worker.stderr is not None
    first = worker.stderr.readline()
    fired = next(line for line in worker.stderr if "通知" in line)
    worker.send_signal(signal.SIGTERM)
    _, rest = worker.communicate(timeout=60)

    assert worker.returncode == 0, rest
    assert "开始值守" in first
    assert fired.endswith("人\n")
    assert rest.endswith("停止值守\n")


def test_one_round_at_an_instant_of_its_own(tmp_path: Path):
    database = plan_loaded(tmp_path)

    done = run("worker", "--once", "--json", "--at", "2020-05-30T09:00", "--database", database)

    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 0
    assert {"opened", "fired"} == {event["event"] for event in events}


@pytest.mark.parametrize(
    ("words", "said"), [(("--at", "2020-05-30T09:00"), "--once"), (("--every", "61"), "不大于 60")]
)
def test_a_worker_keeps_the_clock_of_the_database_and_comes_often_enough(words: tuple[str, ...], said: str):
    done = run("worker", *words)

    assert done.returncode == 2
    assert said in done.stderr


def test_health_says_what_is_wrong_and_what_to_do(duban: Run):
    page = duban("health")
    told = duban("health", "--json")

    assert (page.exit_code, told.exit_code) == (1, 1)
    assert "异常" in page.stdout
    assert "红 没有常驻进程在扫描" in page.stderr
    assert "duban worker" in page.stderr
    assert json.loads(told.stdout)["is_green"] is False


def test_a_clock_is_accepted_by_an_administrator_only_and_only_when_it_was_put_back(duban: Run):
    refused = duban("accept-clock", "--reason", "已校准", actor="officer")

    assert refused.exit_code == 4
    assert "不能认可时钟" in refused.stderr
