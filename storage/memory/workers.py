"""The signs of life of the workers."""

from datetime import datetime

from engine.model.heartbeat import Heartbeat
from storage.memory.work import Work


class MemoryWorkers:
    """Fulfils `Workers`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def beat(self, beat: Heartbeat) -> None:
        """See `Workers.beat`."""
        with self._work.writing() as tables:
            tables.heartbeats.put(beat)

    def seen(self) -> list[Heartbeat]:
        """See `Workers.seen`."""
        by_worker = sorted(self._work.tables.heartbeats, key=lambda one: one.worker)
        return sorted(by_worker, key=lambda one: one.at, reverse=True)

    def leave(self, worker: str) -> None:
        """See `Workers.leave`."""
        with self._work.writing() as tables:
            tables.heartbeats.drop(lambda one: one.worker == worker)

    def forget(self, before: datetime) -> None:
        """See `Workers.forget`."""
        with self._work.writing() as tables:
            tables.heartbeats.drop(lambda one: one.at < before)
