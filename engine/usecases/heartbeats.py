"""The sign of life that a worker gives when it has swept, and takes back when it ends."""

from collections.abc import Callable
from datetime import datetime, timedelta

from engine.model.heartbeat import Heartbeat
from engine.ports import UnitOfWork
from engine.usecases.again import again

FORGOTTEN_AFTER = timedelta(days=1)
"""How long a worker that was killed stays in the list, for whoever looks for it."""


def shared_time(uow: UnitOfWork) -> datetime:
    """The present instant by the clock of the database."""
    with uow:
        return uow.gates.now()


@again
def beat(uow: UnitOfWork, heartbeat: Callable[[datetime], Heartbeat]) -> datetime | None:
    """Store a sign of life; returns the instant at which the next rung comes due."""
    with uow:
        at = uow.gates.now()
        uow.workers.beat(heartbeat(at))
        uow.workers.forget(at - FORGOTTEN_AFTER)
        due = uow.deadlines.next_at()
        uow.commit()
    return due


@again
def leave(uow: UnitOfWork, worker: str) -> None:
    """Take the sign of life of a worker back: it ends of its own will."""
    with uow:
        uow.workers.leave(worker)
        uow.commit()
