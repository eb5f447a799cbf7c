"""APScheduler as a bell: it rings steadily, and at the instant the next rung comes due; it knows nothing else.

Jobs live in memory. A bell that is missed does no harm, because whoever answers it works from the rows that are due.
"""

import logging
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler

from runtime.clock import Clock

Answer = Callable[[datetime], datetime | None]
"""Does what is due at an instant and returns the instant at which something comes due next."""

LOG = logging.getLogger("duban.worker")
_DUE = "due"


class Bell:
    """Rings until it is stopped. One answer is given at a time; rings that pile up meanwhile are one ring."""

    def __init__(self, clock: Clock, answer: Answer, *, every: timedelta) -> None:
        self._clock = clock
        self._answer = answer
        self._every = every
        self.failures = 0
        self._scheduler = BlockingScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def run(self) -> None:
        """Ring at once, then again and again until `stop` or a signal to end; returns when the last answer is given."""
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(ValueError):  # only the main thread may listen to signals
                signal.signal(number, self._end)
        self._scheduler.add_job(
            self._ring, "interval", seconds=self._every.total_seconds(), next_run_time=self._clock()
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ringing; returns once the answer being given is given, so that nothing is closed under its feet."""
        self._scheduler.shutdown(wait=True)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()

    def _ring(self) -> None:
        try:
            due = self._answer(self._clock())
        except Exception:
            self.failures += 1
            LOG.exception("这一轮没有办成，下一轮再办")
            return
        if due is not None and due < self._clock() + self._every:
            at = max(due, self._clock())
            self._scheduler.add_job(self._ring, "date", run_date=at, id=_DUE, replace_existing=True)
