"""Notices (what must be told, written once with the move) and deliveries (the act of telling it)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from engine.model.deadline import Outcome
from engine.model.errors import Broken
from engine.model.ids import ItemId, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to one person. `key` is 64 hex digits derived from its cause, so a second insert is impossible.

    `facts` are frozen when it is written; the words come later, from the template of its `kind`. One that speaks of a
    time limit names its `clock` and `revision`.
    """

    key: str
    kind: str
    item: ItemId
    recipient: PersonId
    facts: Mapping[str, str | int | None]
    written_at: datetime
    clock: str | None = None
    revision: int | None = None


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
    WITHDRAWN = "withdrawn"
    """What it spoke of was over before it left; it never leaves."""


LEADS_TO: Final[Mapping[DeliveryStatus, frozenset[DeliveryStatus]]] = {
    DeliveryStatus.PENDING: frozenset({DeliveryStatus.LEASED}),
    DeliveryStatus.LEASED: frozenset(DeliveryStatus),
    DeliveryStatus.SENT: frozenset(),
    DeliveryStatus.DEAD: frozenset({DeliveryStatus.PENDING}),
    DeliveryStatus.WITHDRAWN: frozenset(),
}
"""The whole life of a delivery. A lease that ran out is taken over by the next worker: leased to leased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A notice on its way through one channel. `token` rises with every claim and fences off stale workers.

    `letter` is the key of the message it was put into, the same at every try; empty while it is in none.
    """

    notice: Notice
    channel: str
    status: DeliveryStatus
    attempts: int
    token: int
    not_before: datetime
    letter: str | None = None
    last_error: str | None = None
    sent_at: datetime | None = None

    def becomes(self, status: DeliveryStatus) -> Self:
        """The delivery in another status. Raises Broken where that one cannot follow."""
        if status not in LEADS_TO[self.status]:
            raise Broken(f"投递不能从 {self.status} 变为 {status}")
        return replace(self, status=status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """How a worker holds deliveries: by whose name, from when, and until when, by the clock of the database."""

    worker: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which deliveries a worker asks for: at most `limit`, those that may leave, longest waiting first.

    What was written before an instant may leave, and of the rest what is urgent.
    """

    channel: str
    limit: int
    written_before: datetime
    urgent: frozenset[str] = frozenset()
    recipient: PersonId | None = None
    """Only those of one person that are in no letter yet."""
    letter: str | None = None
    """Only those that are in this letter of the recipient's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What has become of what a notice speaks of: how and when its time limit ended, and when its item was closed."""

    outcome: Outcome | None
    ended_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many deliveries of a channel stand in a status that is not the end, and since when the oldest does."""

    channel: str
    status: DeliveryStatus
    count: int
    oldest: datetime
