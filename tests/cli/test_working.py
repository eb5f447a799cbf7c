"""`duban sweep` and `duban worker` on a real database."""

import signal
import subprocess
import sys
from pathlib import Path

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
    first = worker.stderr.readline()  # it listens to signals before it answers its first ring
    worker.send_signal(signal.SIGTERM)
    _, rest = worker.communicate(timeout=60)

    assert worker.returncode == 0, rest
    assert "通知" in first + rest
