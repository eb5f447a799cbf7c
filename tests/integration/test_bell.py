"""The bell rings steadily, at the instant something comes due, and again after an answer that failed."""

import threading
from datetime import UTC, datetime, timedelta

from runtime.clock import system_clock
from runtime.scheduler import Bell


def rings(answer_due: list[datetime | None], *, every: timedelta, count: int, fail_first: bool = False):
    """The instants of the first `count` rings."""
    heard: list[datetime] = []
    enough = threading.Event()

    def answer(now: datetime) -> datetime | None:
        heard.append(now)
        if len(heard) >= count:
            enough.set()
        if fail_first and len(heard) == 1:
            raise ZeroDivisionError
        return answer_due.pop(0) if answer_due else None

    bell = Bell(system_clock, answer, every=every)
    thread = threading.Thread(target=bell.run)
    thread.start()
    assert enough.wait(20)
    bell.stop()
    thread.join(10)
    assert not thread.is_alive()
    return heard, bell


def test_it_rings_at_the_instant_something_comes_due():
    due = datetime.now(UTC) + timedelta(seconds=1.5)

    heard, _ = rings([due], every=timedelta(hours=1), count=2)

    assert timedelta(0) <= heard[1] - due < timedelta(seconds=1)


def test_a_failed_answer_is_counted_and_the_bell_rings_on():
    heard, bell = rings([], every=timedelta(seconds=0.3), count=3, fail_first=True)

    assert bell.failures == 1
    assert len(heard) >= 3
