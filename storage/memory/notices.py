"""The inbox and the outbox."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from engine.model.ids import ItemId, PersonId
from engine.model.notice import Delivery, DeliveryStatus, Notice
from engine.model.views import NoticeRow
from storage.memory.tables import Tables, delivery_key
from storage.memory.work import Work

SENDABLE = (DeliveryStatus.PENDING, DeliveryStatus.LEASED)


class MemoryNotices:
    """Fulfils `Notices`. Leases run by the clock of the store."""

    def __init__(self, work: Work, clock: Callable[[], datetime]) -> None:
        self._work = work
        self._clock = clock

    def write(self, notices: Sequence[Notice], channels: Sequence[str]) -> int:
        """See `Notices.write`."""
        with self._work.writing() as tables:
            new = [kept for kept in map(_kept, notices) if tables.notices.add_new(kept)]
            for one in new:
                for channel in channels:
                    tables.deliveries.add(_pending(one, channel))
        return len(new)

    def claim(
        self,
        worker: str,  # noqa: ARG002 - who holds a lease is for those who look into a database
        lease_seconds: int,
        limit: int,
        channels: Sequence[str],
    ) -> list[Delivery]:
        """See `Notices.claim`."""
        now = self._clock()
        until = now + timedelta(seconds=lease_seconds)
        with self._work.writing() as tables:
            ready = [one for one in tables.deliveries if _is_ready(one, now) and one.channel in channels]
            ready.sort(key=lambda one: (one.not_before, delivery_key(one)))
            leased = [_leased(one, until) for one in ready[:limit]]
            for one in leased:
                tables.deliveries.put(one)
        return leased

    def settle(self, deliveries: Sequence[Delivery]) -> int:
        """See `Notices.settle`."""
        with self._work.writing() as tables:
            return sum(_is_settled(tables, one) for one in deliveries)

    def get(self, key: str) -> Notice | None:
        """See `Notices.get`."""
        return self._work.tables.notices.get(key)

    def rows(
        self, recipient: PersonId | None, item: ItemId | None, after: str | None, limit: int
    ) -> list[NoticeRow]:
        """See `Notices.rows`."""
        newest = [
            one
            for one in reversed(list(self.scan()))
            if recipient in (None, one.recipient) and item in (None, one.item)
        ]
        if after is not None:
            start = self.get(after)
            newest = [one for one in newest if start is not None and _age(one) < _age(start)]
        return [self._row(one) for one in newest[:limit]]

    def scan(self) -> Iterator[Notice]:
        """See `Notices.scan`."""
        return iter(sorted(self._work.tables.notices, key=_age))

    def count_deliveries(self) -> Mapping[str, int]:
        """See `Notices.count_deliveries`."""
        return Counter(one.status.value for one in self._work.tables.deliveries)

    def _row(self, one: Notice) -> NoticeRow:
        tables = self._work.tables
        item, person = tables.items.get(one.item), tables.persons.get(one.recipient)
        ways = sorted(
            (way.channel, way.status.value) for way in tables.deliveries if way.notice.key == one.key
        )
        return NoticeRow(
            key=one.key,
            kind=one.kind,
            item=one.item,
            number=item.number if item else "",
            recipient=one.recipient,
            recipient_name=person.name if person else "",
            written_at=one.written_at,
            facts=one.facts,
            deliveries=dict(ways),
        )


def _kept(one: Notice) -> Notice:
    """The notice as nobody can change it from outside."""
    return replace(one, facts=MappingProxyType(dict(one.facts)))


def _age(one: Notice) -> tuple[datetime, str]:
    return one.written_at, one.key


def _pending(one: Notice, channel: str) -> Delivery:
    return Delivery(
        notice=one,
        channel=channel,
        status=DeliveryStatus.PENDING,
        attempts=0,
        token=0,
        not_before=one.written_at,
    )


def _is_ready(one: Delivery, now: datetime) -> bool:
    return one.status in SENDABLE and one.not_before <= now


def _leased(one: Delivery, until: datetime) -> Delivery:
    return replace(one, status=DeliveryStatus.LEASED, token=one.token + 1, not_before=until)


def _is_settled(tables: Tables, one: Delivery) -> bool:
    """Store a result where its lease still holds."""
    known = tables.deliveries.get(delivery_key(one))
    if known is None or (known.status, known.token) != (DeliveryStatus.LEASED, one.token):
        return False
    tables.deliveries.put(replace(one, notice=known.notice))
    return True
