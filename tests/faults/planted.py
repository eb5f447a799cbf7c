"""The command line with a fault planted in its own process: `python -m tests.faults.planted FAULT worker …`."""

import itertools
import logging
import random
import sys
import threading
from datetime import timedelta

from apscheduler.schedulers.blocking import BlockingScheduler

from cli.main import main
from runtime import scheduler
from storage.prepared import Session

LOOKS = 3
"""How often the scheduler's thread may look at its jobs before it dies."""


def dying_thread(often):
    """The thread of the scheduler ends without a word, so many times."""
    look, deaths, looks = BlockingScheduler._process_jobs, iter(range(often)), iter(range(LOOKS))

    def look_and_die(self):
        if next(looks, None) is None and next(deaths, None) is not None:
            raise SystemExit
        return look(self)

    BlockingScheduler._process_jobs = look_and_die


def failing_database(count):
    """Every other statement of an answer fails, so many in all, in one of the ways in which one can."""
    execute, dice = Session._execute, random.Random(count)
    faults = itertools.chain(range(count), _announced())
    scheduler._AGAIN = timedelta()  # a thousand failures must not take an hour

    def fail_or_execute(self, text, values):
        is_answer = threading.current_thread() is not threading.main_thread()
        if is_answer and dice.random() < 0.5 and next(faults, None) is not None:
            raise dice.choice(_ways(self))
        return execute(self, text, values)

    Session._execute = fail_or_execute


def _announced():
    """Nothing more; says so once."""
    logging.getLogger("duban.worker").info("no more faults", extra={"event": "healed"})
    yield from ()


def _ways(session):
    driver = session._driver
    refusals = [driver.OperationalError, driver.InterfaceError, driver.DatabaseError]
    return [*(session._failed(way("planted")) for way in refusals), MemoryError(), KeyError("planted")]


if __name__ == "__main__":
    fault, many, *words = sys.argv[1:]
    {"thread": dying_thread, "database": failing_database}[fault](int(many))
    main(words)
