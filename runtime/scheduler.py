"""APScheduler as a bell: it rings steadily, and at the instant the next thing comes due; it knows nothing else.

Jobs live in memory. A bell that is missed does no harm, because whoever answers it works from the rows that are due.
The thread that waits only looks whether the bell is alive: a bell that has fallen silent is hung anew, and a process
that cannot be mended that way ends, for whoever watches over it to start another.
"""

import logging
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Lock, Thread
from time import monotonic, sleep
from types import FrameType
from typing import Any, Final

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.base import SchedulerNotRunningError
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.base import BaseTrigger

from engine.model.errors import Unavailable
from runtime.clock import system_clock

Answer = Callable[[], timedelta | None]
"""Does what is due and returns how long it is until something comes due next."""

LOG = logging.getLogger("duban.worker")
GRACE: Final = 10.0
"""Seconds by which a ring may be late before the bell is hung anew."""
HUNG: Final = 900.0
"""Seconds after which an answer is given up as hung; a long one comes back in between."""
GAVE_UP: Final = 8
"""The exit code of a process that cannot go on."""
_LOOK = 0.2
_AGAIN = timedelta(seconds=1)
_MOST_HANGINGS = 3


class Steady(BaseTrigger):  # type: ignore[misc] # ships no types
    """Rings in equal steps from the present ring on: a clock put forward by a year is one ring, not half a million."""

    def __init__(self, every: timedelta) -> None:
        self._every = every

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """At once, then a step after each ring."""
        return now if previous is None else now + self._every


class _Rope:
    """One answer and how it goes. `moved` is when it was last begun or given, by a clock that never jumps."""

    def __init__(self, name: str, answer: Answer) -> None:
        self.name = name
        self.answer = answer
        self.lock = Lock()
        self.moved = monotonic()
        self.failures = 0

    @property
    def quiet(self) -> float:
        """Seconds since it last moved."""
        return monotonic() - self.moved


class Bell:
    """Rings for each answer, in a thread of its own, until it is stopped; rings that pile up meanwhile are one ring."""

    def __init__(
        self, answers: Mapping[str, Answer], *, every: timedelta, grace: float = GRACE, hung: float = HUNG
    ) -> None:
        self._ropes = [_Rope(name, answer) for name, answer in answers.items()]
        self._every = every
        self._silence = every.total_seconds() + grace
        self._hung = hung
        self._is_stopping = False
        self._hangings = 0
        self._scheduler = BlockingScheduler()
        self._thread = Thread()

    @property
    def is_stopping(self) -> bool:
        """True when the answer being given is to be the last."""
        return self._is_stopping

    def obey_signals(self) -> None:
        """Let a signal to end be a `stop`. Only the main thread may ask for it."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)

    def run(self) -> None:
        """Ring at once, then again and again until `stop`; returns when the last answer is given.

        Raises Unavailable where the bell falls silent however often it is hung anew.
        """
        self._hang()
        while not self._is_stopping:
            sleep(_LOOK)
            self._look()
        self._take_down()
        for rope in self._ropes:
            with rope.lock:  # the answer being given; none is begun any more
                pass

    def stop(self) -> None:
        """Let `run` end when the answers being given are given; takes no lock, so that a signal may call it."""
        self._is_stopping = True

    def ring(self, name: str) -> None:
        """Ring for one answer now."""
        for rope in self._ropes:
            if rope.name == name:
                self._ring_in(rope, timedelta())

    def _end(self, number: int, _frame: FrameType | None) -> None:
        self.stop()
        signal.signal(number, signal.SIG_DFL)  # whoever asks a second time means at once

    def _hang(self) -> None:
        scheduler = BlockingScheduler(
            timezone="UTC",
            executors={rope.name: ThreadPoolExecutor(1) for rope in self._ropes},
            # One thread gives one answer at a time; a ring that comes while it ends must still be heard.
            job_defaults={"coalesce": True, "max_instances": 9, "misfire_grace_time": None},
        )
        for rope in self._ropes:
            rope.moved = monotonic()
            scheduler.add_job(self._ring, Steady(self._every), [rope], executor=rope.name)
        self._scheduler = scheduler
        self._thread = Thread(target=_start, args=[scheduler], name="bell", daemon=True)
        self._thread.start()

    def _take_down(self) -> None:
        """Silence the scheduler. It would wait for answers with its locks held, and those may ask it for a ring."""
        with suppress(SchedulerNotRunningError):
            self._scheduler.shutdown(wait=False)

    def _look(self) -> None:
        for rope in self._ropes:
            if rope.lock.locked() and rope.quiet > self._hung:
                give_up(f"一轮（{rope.name}）过久没有结束")
        silent = [r.name for r in self._ropes if not r.lock.locked() and r.quiet > self._silence]
        if silent or not self._thread.is_alive():
            self._hang_anew("、".join(silent) or "bell")

    def _hang_anew(self, what: str) -> None:
        self._hangings += 1
        if self._hangings > _MOST_HANGINGS:
            raise Unavailable(f"定时器（{what}）多次重启无效", hint="请看日志，重新启动 duban worker")
        LOG.error("定时器（%s）不响了，重新启动", what, extra={"event": "bell_restarted"})
        self._take_down()
        self._hang()

    def _ring(self, rope: _Rope) -> None:
        if not rope.lock.acquire(blocking=False):
            return  # a bell that was taken down meanwhile had rung before; that answer is still being given
        try:
            rope.moved = monotonic()
            wait = None if self.is_stopping else self._answer(rope)
        finally:
            rope.moved = monotonic()
            rope.lock.release()
        self._hangings = 0
        if wait is not None and wait < self._every:
            self._ring_in(rope, wait)

    def _answer(self, rope: _Rope) -> timedelta | None:
        try:
            wait = rope.answer()
        except Exception:
            rope.failures += 1
            LOG.exception("这一轮没有办成，稍后再办", extra=_failed(rope))
            return _AGAIN * rope.failures
        if rope.failures:
            LOG.info("恢复正常，此前连续 %d 轮没有办成", rope.failures, extra=_failed(rope, "recovered"))
            rope.failures = 0
        return wait

    def _ring_in(self, rope: _Rope, wait: timedelta) -> None:
        if self.is_stopping:
            return
        at = system_clock() + max(wait, timedelta())
        given: dict[str, Any] = {"run_date": at, "id": rope.name, "replace_existing": True}
        self._scheduler.add_job(self._ring, "date", args=[rope], executor=rope.name, **given)


def _failed(rope: _Rope, event: str = "failed") -> dict[str, object]:
    return {"event": event, "facts": {"answer": rope.name, "failures": rope.failures}}


def _start(scheduler: BlockingScheduler) -> None:
    try:
        scheduler.start()
    except Exception:
        LOG.exception("定时器停了", extra={"event": "bell_broken"})


def give_up(text: str) -> None:
    """End the process: a thread that hangs cannot be ended, and nothing but what is committed counts anyway."""
    LOG.critical("%s，进程退出", text, extra={"event": "gave_up"})
    logging.shutdown()
    os._exit(GAVE_UP)
