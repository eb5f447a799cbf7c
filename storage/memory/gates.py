"""What all workers know of each channel, and the clock they share."""

from collections.abc import Callable
from datetime import datetime

from engine.model.channel import Gate
from storage.memory.work import Work


class MemoryGates:
    """Fulfils `Gates`, by the clock of the store."""

    def __init__(self, work: Work, clock: Callable[[], datetime]) -> None:
        self._work = work
        self._clock = clock

    def now(self) -> datetime:
        """See `Gates.now`."""
        return self._clock()

    def get(self, channel: str) -> Gate:
        """See `Gates.get`."""
        return self._work.tables.gates.get(channel) or Gate(channel=channel)

    def put(self, gate: Gate) -> None:
        """See `Gates.put`."""
        with self._work.writing() as tables:
            tables.gates.put(gate)
