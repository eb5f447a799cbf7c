"""PostgreSQL killed and started again every few seconds under load (G-CRA-4): `make chaos` (N=… seconds)."""

import argparse
import multiprocessing
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
EVERY = 5
"""Seconds between two sweeps of a worker."""
SETTLED = frozenset({DeliveryStatus.SENT, DeliveryStatus.WITHDRAWN})
PATIENCE = 240
"""Seconds for what was in a dead worker's hands: its lease, then a channel that was left alone for a while."""


@dataclass(frozen=True)
class Size:
    """How many work, how long the server stays up each time, how often workers sweep, and when the attack ends."""

    workers: int
    clients: int
    up: tuple[float, float]
    every: int
    is_over: Callable[[int], bool]
    """Asked with the number of restarts before each."""
    hasten: Callable[[Stage], None] = lambda stage: None
    """Called when the attack is over: a lease makes the last wait a long one."""


@dataclass(frozen=True)
class Seen:
    """What an attack showed: seconds to the return of all workers, what clients were told, what is wrong now."""

    back: list[float]
    told: list[Any]
    broken: list[Any]
    counts: dict[DeliveryStatus, int]
    alive: int


def main():
    """Run, print what was seen, and fail where anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    asked = parser.parse_args()
    print(f"seed {asked.seed}, {asked.seconds} s", flush=True)
    end = time.monotonic() + asked.seconds
    size = Size(WORKERS, CLIENTS, UP, EVERY, lambda _: time.monotonic() >= end)
    with restartable(binaries(), fsync="on") as (url, restart), tempfile.TemporaryDirectory() as folder:
        seen = storm(f"{url}postgres", restart, Path(folder), size, random.Random(asked.seed))
    print(told_of(seen))
    for each in seen.broken[:10]:
        print(each)
    sys.exit(0 if set(seen.counts) <= SETTLED and not seen.broken and seen.alive == WORKERS else 1)


def told_of(seen):
    """The outcome in two lines."""
    mean = sum(seen.back) / len(seen.back)
    counts = {f"{status}": count for status, count in seen.counts.items()}
    return (
        f"{len(seen.back)} restarts; workers back after {max(seen.back):.1f} s at most, {mean:.1f} s on average\n"
        f"{len(seen.told)} moves acknowledged, {len(seen.broken)} findings, deliveries {counts}, "
        f"{seen.alive} workers never ended"
    )


def storm(url, restart, folder, size, dice):
    """Attack a database until it is over, let what was begun come to an end, and look at everything."""
    stage = Stage(open_database(url), channels=("file",))
    stage.fill(3 * size.clients)
    clients = [Client(folder / f"{n}", tuple(stage.items[3 * n : 3 * n + 3])) for n in range(size.clients)]
    with ExitStack() as stack:
        workers = [stack.enter_context(_worker(url, folder, size.every)) for _ in range(size.workers)]
        stack.callback(lambda: [worker.kill() for worker in workers])
        stop = multiprocessing.Event()
        movers = [multiprocessing.Process(target=_move, args=(url, client, stop)) for client in clients]
        for mover in movers:
            mover.start()
        assert _until(lambda: len(_seen(stage)) == size.workers)
        back = _restart_often(stage, restart, size, dice)
        stop.set()
        for mover in movers:
            mover.join(PATIENCE)
        size.hasten(stage)
        _until(lambda: set(_counts(stage)) <= SETTLED)
        alive = sum(worker.poll() is None for worker in workers)
    told = [answer for client in clients for answer in client.acknowledged(stage)]
    seen = Seen(back, told, findings(stage, told), dict(_counts(stage)), alive)
    stage.database.close()
    return seen


def _worker(url, folder, every):
    run = command(url, "worker", "--json", "--every", f"{every}")
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


def _restart_often(stage, restart, size, dice):
    """Kill the server again and again; returns how long it took each time until every worker had swept."""
    back = []
    while not size.is_over(len(back)):
        time.sleep(dice.uniform(*size.up))
        restart()
        up, at = time.monotonic(), _now(stage)
        assert _until(lambda at=at: sum(one.at > at for one in _seen(stage)) == size.workers), (
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
