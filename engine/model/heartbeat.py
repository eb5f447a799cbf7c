"""The sign of life of a worker."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """What a worker left when it had swept, by the clock of the database. `worker` is random, fresh at every start."""

    worker: str
    at: datetime
    place: str
    """Where it runs, for whoever looks for it; nothing is decided by it."""
    started_at: datetime
    fired: int
    """How many deadlines it has escalated since its start."""
