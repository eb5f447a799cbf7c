"""Channels: the manner in which each may be used, and the gate through which all workers see it at one instant."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Digest(StrEnum):
    """What becomes of several notices that wait for the same person."""

    EACH = "each"
    """Each is a message of its own."""
    TOGETHER = "together"
    """What waits leaves as one message."""
    DAILY = "daily"
    """One message a working day, when the hours begin, with all that was written before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a channel may be used; the settings say so."""

    at_once: int = 1
    """How many messages a worker holds before it settles: above one where a second copy replaces the first."""
    per_minute: int | None = None
    """How many messages all workers together may hand over in any minute; None is as many as there are."""
    hours: tuple[int, int] | None = None
    """From and to, in local minutes of a working day; None is at any time."""
    digest: Digest = Digest.EACH
    urgent: frozenset[str] = frozenset()
    """Kinds of notice that keep to no hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What every worker has to know of a channel, kept in the database.

    `recent` are the instants at which messages were taken to it, as far back as the limit counts.
    """

    channel: str
    recent: tuple[datetime, ...] = ()
    failures: int = 0
    """How often in a row nothing could be handed over."""
    shut_until: datetime | None = None
    last_error: str | None = None
    failed_at: datetime | None = None
