"""The outbox: what has to leave, and what became of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from engine.model.notice import Backlog, Cause, Delivery, DeliveryStatus, Lease, Notice, Wanted
from storage.memory.rows import delivery_key
from storage.memory.tables import Tables
from storage.memory.work import Work

WAITS = (DeliveryStatus.PENDING, DeliveryStatus.LEASED)
STANDS = (*WAITS, DeliveryStatus.DEAD)


class MemoryDeliveries:
    """Fulfils `Deliveries`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def claim(self, lease: Lease, wanted: Wanted) -> list[Delivery]:
        """See `Deliveries.claim`."""
        with self._work.writing() as tables:
            ready = [one for one in tables.deliveries if _is_ready(one, lease) and _is_wanted(one, wanted)]
            ready.sort(key=lambda one: (one.not_before, one.notice.key))
            leased = [_leased(one, lease) for one in ready[: wanted.limit]]
            for one in leased:
                tables.deliveries.put(one)
        return leased

    def settle(self, deliveries: Sequence[Delivery]) -> int:
        """See `Deliveries.settle`."""
        with self._work.writing() as tables:
            return sum(_is_settled(tables, one) for one in deliveries)

    def given_up(self, after: tuple[str, str], limit: int) -> list[Delivery]:
        """See `Deliveries.given_up`."""
        dead = [one for one in self._work.tables.deliveries if one.status is DeliveryStatus.DEAD]
        return sorted((one for one in dead if delivery_key(one) > after), key=delivery_key)[:limit]

    def revive(self, deliveries: Sequence[Delivery]) -> int:
        """See `Deliveries.revive`."""
        with self._work.writing() as tables:
            return sum(_is_revived(tables, one) for one in deliveries)

    def hasten(self, beyond: datetime, to: datetime) -> int:
        """See `Deliveries.hasten`."""
        with self._work.writing() as tables:
            waiting = [one for one in tables.deliveries if one.status in WAITS and one.not_before > beyond]
            for one in waiting:
                tables.deliveries.put(replace(one, not_before=to))
        return len(waiting)

    def causes(self, keys: Sequence[str]) -> dict[str, Cause]:
        """See `Deliveries.causes`."""
        told = [one for one in map(self._work.tables.notices.get, keys) if one is not None]
        return {one.key: self._cause(one) for one in told}

    def count(self) -> Mapping[str, int]:
        """See `Deliveries.count`."""
        return Counter(one.status.value for one in self._work.tables.deliveries)

    def backlog(self) -> list[Backlog]:
        """See `Deliveries.backlog`."""
        standing = [one for one in self._work.tables.deliveries if one.status in STANDS]
        counts = Counter((one.channel, one.status) for one in standing)
        oldest = {(one.channel, one.status): one.not_before for one in sorted(standing, key=_youngest_first)}
        return [
            Backlog(channel=channel, status=status, count=count, oldest=oldest[channel, status])
            for (channel, status), count in sorted(counts.items())
        ]

    def _cause(self, one: Notice) -> Cause:
        tables = self._work.tables
        item = tables.items.get(one.item)
        limit = tables.deadlines.get((one.item, one.clock or "", one.revision or 0))
        return Cause(
            outcome=limit.outcome if limit else None,
            ended_at=limit.ended_at if limit else None,
            closed_at=item.closed_at if item else None,
        )


def _youngest_first(one: Delivery) -> float:
    return -one.not_before.timestamp()


def _is_ready(one: Delivery, lease: Lease) -> bool:
    return one.status in WAITS and one.not_before <= lease.at


def _is_wanted(one: Delivery, wanted: Wanted) -> bool:
    if one.channel != wanted.channel:
        return False
    if one.notice.written_at >= wanted.written_before and one.notice.kind not in wanted.urgent:
        return False
    return _is_in_letter(one, wanted)


def _is_in_letter(one: Delivery, wanted: Wanted) -> bool:
    if wanted.letter is not None:
        return one.letter == wanted.letter and one.notice.recipient == wanted.recipient
    if wanted.recipient is not None:
        return one.notice.recipient == wanted.recipient and one.letter is None and one.attempts == 0
    return True


def _leased(one: Delivery, lease: Lease) -> Delivery:
    return replace(one, status=DeliveryStatus.LEASED, token=one.token + 1, not_before=lease.until)


def _is_settled(tables: Tables, one: Delivery) -> bool:
    """Store a result where its lease still holds."""
    known = tables.deliveries.get(delivery_key(one))
    if known is None or (known.status, known.token) != (DeliveryStatus.LEASED, one.token):
        return False
    tables.deliveries.put(replace(one, notice=known.notice))
    return True


def _is_revived(tables: Tables, one: Delivery) -> bool:
    """Store what waits again where it still was given up."""
    known = tables.deliveries.get(delivery_key(one))
    if known is None or known.status is not DeliveryStatus.DEAD:
        return False
    tables.deliveries.put(replace(one, notice=known.notice, token=known.token))
    return True
