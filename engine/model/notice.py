"""Notices (what must be told, written once with the move) and deliveries (the act of telling it)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.model.ids import ItemId, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to one person. `key` is 64 hex digits derived from its cause, so a second insert is impossible.

    `facts` are frozen when it is written; the words come later, from the template of its `kind`.
    """

    key: str
    kind: str
    item: ItemId
    recipient: PersonId
    facts: Mapping[str, str | int | None]
    written_at: datetime


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    """Waiting for a worker, not before `not_before`."""
    LEASED = "leased"
    """In the hands of one worker until its lease runs out."""
    SENT = "sent"
    """The channel took it."""
    DEAD = "dead"
    """Given up after the last try; visible, and can be sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A notice on its way through one channel. `token` rises with every claim and fences off stale workers."""

    notice: Notice
    channel: str
    status: DeliveryStatus
    attempts: int
    token: int
    not_before: datetime
    last_error: str | None = None
    sent_at: datetime | None = None
