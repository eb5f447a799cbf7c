"""PostgreSQL killed and started again every few seconds under load (G-CRA-4): `make chaos` (N=… seconds)."""

import argparse
import multiprocessing
import random
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from engine.model.errors import Error
from engine.model.notice import DeliveryStatus
from storage.dialects import open_database
from tests.bench.stage import Stage
from tests.contract.postgres import binaries, restartable
from tests.faults.checks import findings
from tests.faults.victims import Client
from tests.integration.test_worker import command

WORKERS = 3
CLIENTS = 3
SECONDS = 300
UP = (5.0, 15.0)
"""How long the server runs before it is killed again."""
SETTLED = frozenset({DeliveryStatus.SENT, DeliveryStatus.WITHDRAWN})
PATIENCE = 240
"""Seconds for what was in a dead worker's hands: its lease, then a channel that was left alone for a while."""


def main():
    """Run, print what was seen, and fail where anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    asked = parser.parse_args()
    print(f"seed {asked.seed}, {asked.seconds} s", flush=True)
    with restartable(binaries(), fsync="on") as (url, restart), tempfile.TemporaryDirectory() as folder:
        stage = Stage(open_database(f"{url}postgres"), channels=("file",))
        stage.fill(3 * CLIENTS)
        sys.exit(_storm(stage, restart, Path(folder), asked))


def _storm(stage, restart, folder, asked):
    url = stage.database.engine.url.render_as_string(hide_password=False)
    clients = [Client(folder / f"{n}", tuple(stage.items[3 * n : 3 * n + 3])) for n in range(CLIENTS)]
    with ExitStack() as stack:
        workers = [stack.enter_context(_worker(url, folder)) for _ in range(WORKERS)]
        stack.callback(lambda: [worker.kill() for worker in workers])
        stop = multiprocessing.Event()
        movers = [multiprocessing.Process(target=_move, args=(url, client, stop)) for client in clients]
        for mover in movers:
            mover.start()
        _until(lambda: len(_seen(stage)) == WORKERS)
        back = _restart_often(stage, restart, asked)
        stop.set()
        for mover in movers:
            mover.join(PATIENCE)
        settled = _until(lambda: set(_counts(stage)) <= SETTLED)
        alive = sum(worker.poll() is None for worker in workers)
    told = [answer for client in clients for answer in client.acknowledged(stage)]
    broken = findings(stage, told)
    print(
        f"{len(back)} restarts; workers back after {max(back):.1f} s at most, {sum(back) / len(back):.1f} s on average"
    )
    print(f"{len(told)} moves acknowledged, {len(broken)} findings, deliveries {dict(_counts(stage))}")
    print(f"{alive} of {WORKERS} workers never ended")
    for each in broken[:10]:
        print(each)
    return 0 if settled and not broken and alive == WORKERS else 1


def _worker(url, folder):
    run = command(url, "worker", "--json", "--every", "5")
    run["env"] |= {"DUBAN_CHANNELS": "file", "DUBAN_OUTBOX": f"{folder / 'outbox'}"}
    return subprocess.Popen(**run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _move(url, client, stop):
    """Send one command after the other; what was not answered is sent again under the same key."""
    client.journal.touch()
    stage = Stage(open_database(url), channels=("file",))
    while not stop.is_set():
        try:
            client.go_on(stage, 1)
        except Error:
            time.sleep(0.2)


def _restart_often(stage, restart, asked):
    """Kill the server again and again; returns how long it took each time until every worker had swept."""
    dice, end, back = random.Random(asked.seed), time.monotonic() + asked.seconds, []
    while time.monotonic() < end:
        time.sleep(dice.uniform(*UP))
        restart()
        up, at = time.monotonic(), _now(stage)
        assert _until(lambda at=at: sum(one.at > at for one in _seen(stage)) == WORKERS), (
            "a worker stays away"
        )
        back.append(time.monotonic() - up)
        print(f"restart {len(back)}: back after {back[-1]:.1f} s", flush=True)
    return back


def _now(stage):
    with stage.begin() as uow:
        return uow.gates.now()


def _seen(stage):
    with stage.begin() as uow:
        return uow.workers.seen()


def _counts(stage):
    with stage.begin() as uow:
        return uow.deliveries.count()


def _until(is_so):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.2)
    return False


if __name__ == "__main__":
    main()
