"""What telling people needs: the inbox, the outbox, and how much each channel takes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from engine.model.channel import Gate
from engine.model.ids import ItemId, PersonId
from engine.model.notice import Backlog, Cause, Delivery, Lease, Notice, Wanted
from engine.model.views import NoticeRow


class Notices(Protocol):
    """The inbox."""

    def write(self, notices: Sequence[Notice], channels: Sequence[str]) -> int:
        """Store notices that are not there yet, with one pending delivery per channel; returns how many were new."""

    def get(self, key: str) -> Notice | None:
        """One notice."""

    def rows(
        self, recipient: PersonId | None, item: ItemId | None, after: str | None, limit: int
    ) -> list[NoticeRow]:
        """Notices, newest first, narrowed to a recipient or an item; `after` is the key the page starts behind."""

    def mark_read(self, recipient: PersonId, keys: Sequence[str], now: datetime) -> None:
        """Store that a recipient has read these notices; those of somebody else are left alone."""

    def count_unread(self, recipient: PersonId, most: int) -> int:
        """How many notices a recipient has not read, counted up to `most`."""

    def scan(self) -> Iterator[Notice]:
        """Every notice."""


class Deliveries(Protocol):
    """The outbox: what has to leave, and what became of it."""

    def claim(self, lease: Lease, wanted: Wanted) -> list[Delivery]:
        """Lease deliveries that may leave now; their token rises. What another worker holds is passed over."""

    def settle(self, deliveries: Sequence[Delivery]) -> int:
        """Store what became of leased deliveries; those whose token is stale are left alone. Returns how many held."""

    def given_up(self, after: tuple[str, str], limit: int) -> list[Delivery]:
        """At most `limit` deliveries that were given up, in the order of (notice, channel), behind `after`."""

    def revive(self, deliveries: Sequence[Delivery]) -> int:
        """Let deliveries that were given up wait again, as they are now; returns how many still were given up."""

    def hasten(self, beyond: datetime, to: datetime) -> int:
        """Let what waits, or is under way, until after `beyond` wait until `to` only; returns how many."""

    def causes(self, keys: Sequence[str]) -> dict[str, Cause]:
        """What has become of what each of these notices speaks of."""

    def count(self) -> Mapping[str, int]:
        """How many deliveries stand in each status; looks at every one."""

    def backlog(self) -> list[Backlog]:
        """What waits, what is under way and what was given up, by channel and status."""


class Gates(Protocol):
    """What all workers know of each channel."""

    def now(self) -> datetime:
        """The present instant by the clock of the database."""

    def get(self, channel: str) -> Gate:
        """The gate of a channel, locked against other workers in a write unit; a fresh one where it was never used."""

    def put(self, gate: Gate) -> None:
        """Store a gate that was got in this unit."""
