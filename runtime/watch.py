"""Looks at a clock again and again, beside one that never jumps."""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from engine.usecases.clock_watch import SLACK, Jump


class Watch:
    """Tells the jumps of a clock. A computer that slept looks the same: its steady clock stood still."""

    def __init__(self, steady: Callable[[], float] = monotonic) -> None:
        self._steady = steady
        self._last: tuple[datetime, float] | None = None

    def look(self, at: datetime) -> Jump | None:
        """The jump since the last look, where there was one of more than a minute."""
        now, last = self._steady(), self._last
        self._last = at, now
        if last is None:
            return None
        jump = Jump(last[0] + timedelta(seconds=now - last[1]), at)
        return jump if abs(jump.at - jump.expected) > SLACK else None
