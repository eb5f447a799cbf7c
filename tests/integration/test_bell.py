"""The bell rings steadily, when something comes due, again after a failure, and when its own parts break."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.schedulers.blocking import BlockingScheduler

from engine.model.errors import Unavailable
from runtime import scheduler
from runtime.scheduler import GAVE_UP, Bell, Steady

ROOT = Path(__file__).parents[2]
HOUR = timedelta(hours=1)
SOON = timedelta(seconds=0.2)


class Ears:
    """Hears rings; `enough` is set after `count` of them."""

    def __init__(self, count: int, waits: list[timedelta] | None = None, failures: int = 0) -> None:
        self.heard: list[datetime] = []
        self.first, self.enough = threading.Event(), threading.Event()
        self._count = count
        self._waits = waits or []
        self._failures = failures

    def __call__(self) -> timedelta | None:
        self.heard.append(datetime.now(UTC))
        self.first.set()
        if len(self.heard) >= self._count:
            self.enough.set()
        if len(self.heard) <= self._failures:
            raise ZeroDivisionError
        return self._waits.pop(0) if self._waits else None


@contextmanager
def ringing(bell: Bell):
    """A bell at work; it has ended when this is left."""
    thread = threading.Thread(target=bell.run)
    thread.start()
    yield
    bell.stop()
    thread.join(20)
    assert not thread.is_alive()


def test_it_stops_while_an_answer_asks_for_its_next_ring(monkeypatch):
    """The scheduler holds its locks while it waits for its threads; one that hangs a ring then waits for the locks."""
    bell = Bell({"sweep": lambda: SOON}, every=HOUR)

    def stopped_meanwhile() -> datetime:
        bell.stop()
        taken_down.wait(1)
        return datetime.now(UTC)

    taken_down = threading.Event()
    monkeypatch.setattr(scheduler, "system_clock", stopped_meanwhile)

    with ringing(bell):
        pass


def test_it_rings_at_the_instant_something_comes_due():
    ears = Ears(2, [timedelta(seconds=1.5)])

    with ringing(Bell({"sweep": ears}, every=HOUR)):
        assert ears.enough.wait(20)

    assert timedelta(seconds=1.5) <= ears.heard[1] - ears.heard[0] < timedelta(seconds=2.5)


def test_a_failed_answer_is_asked_for_again_soon():
    ears = Ears(2, failures=1)

    with ringing(Bell({"sweep": ears}, every=HOUR)):
        assert ears.enough.wait(20)


def test_every_answer_has_its_own_time():
    slow, quick = threading.Event(), Ears(5, [timedelta()] * 4)

    def blocked() -> None:
        slow.wait(20)

    with ringing(Bell({"deliver": blocked, "sweep": quick}, every=HOUR)):
        assert quick.enough.wait(20)
        slow.set()


def test_a_ring_for_more_is_heard_at_once():
    ears = Ears(2)
    bell = Bell({"deliver": ears}, every=HOUR)

    with ringing(bell):
        assert ears.first.wait(20)
        bell.ring("deliver")
        assert ears.enough.wait(20)


def test_a_clock_put_forward_by_a_century_is_one_ring():
    then = datetime(1926, 1, 1, tzinfo=UTC)
    now = then.replace(year=2026)

    assert Steady(SOON).get_next_fire_time(then, now) == now + SOON


def test_a_thread_that_dies_is_replaced(monkeypatch: pytest.MonkeyPatch):
    ears, look = Ears(3), BlockingScheduler._process_jobs
    breaks = [True]

    def broken_once(self):
        if ears.heard and breaks:
            raise RuntimeError(breaks.pop())
        return look(self)

    monkeypatch.setattr(BlockingScheduler, "_process_jobs", broken_once)
    with ringing(Bell({"sweep": ears}, every=SOON, grace=60)):
        assert ears.enough.wait(20)

    assert not breaks


def test_an_executor_that_cannot_submit_is_replaced(monkeypatch: pytest.MonkeyPatch):
    ears, submit = Ears(3), ThreadPoolExecutor.submit
    broken: set[int] = set()

    def broken_after_one(self, *args):
        if ears.heard and not broken:
            broken.add(id(self))
        if id(self) in broken:
            raise RuntimeError("can't start new thread")
        return submit(self, *args)

    monkeypatch.setattr(ThreadPoolExecutor, "submit", broken_after_one)
    with ringing(Bell({"sweep": ears}, every=SOON, grace=0.3)):
        assert ears.enough.wait(20)

    assert broken


def test_a_bell_that_stays_silent_ends_the_process(monkeypatch: pytest.MonkeyPatch):
    def broken(self, *args):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(ThreadPoolExecutor, "submit", broken)
    monkeypatch.setattr(scheduler, "_LOOK", 0.05)
    bell = Bell({"sweep": Ears(1)}, every=SOON, grace=0.1)

    with pytest.raises(Unavailable, match="重启无效"):
        bell.run()


HANGS = """
import threading
from datetime import timedelta
from runtime.scheduler import Bell
Bell({"sweep": threading.Event().wait}, every=timedelta(seconds=1), hung=0.5).run()
"""


def test_an_answer_that_hangs_ends_the_process():
    done = subprocess.run([sys.executable, "-c", HANGS], cwd=ROOT, timeout=60, check=False)

    assert done.returncode == GAVE_UP
