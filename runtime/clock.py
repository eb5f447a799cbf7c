"""The only reader of the time of day. Everything else is handed `now`."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Tells the present instant, aware and in UTC."""


def system_clock() -> datetime:
    """The present instant by the clock of this computer."""
    return datetime.now(UTC)


def fixed_clock(at: datetime) -> Clock:
    """A clock that stands still at `at`: for tests, for a scheduler that names its own instant, for a rehearsal."""
    instant = at.astimezone(UTC)
    return lambda: instant
