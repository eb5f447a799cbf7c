"""The inbox."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from engine.model.ids import ItemId, PersonId
from engine.model.notice import Delivery, DeliveryStatus, Notice
from engine.model.views import NoticeRow
from storage.memory.rows import Reading
from storage.memory.work import Work


class MemoryNotices:
    """Fulfils `Notices`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def write(self, notices: Sequence[Notice], channels: Sequence[str]) -> int:
        """See `Notices.write`."""
        with self._work.writing() as tables:
            new = [kept for kept in map(_kept, notices) if tables.notices.add_new(kept)]
            for one in new:
                for channel in channels:
                    tables.deliveries.add(_pending(one, channel))
        return len(new)

    def get(self, key: str) -> Notice | None:
        """See `Notices.get`."""
        return self._work.tables.notices.get(key)

    def rows(
        self, recipient: PersonId | None, item: ItemId | None, after: str | None, limit: int
    ) -> list[NoticeRow]:
        """See `Notices.rows`."""
        newest = [one for one in reversed(list(self.scan())) if recipient in (None, one.recipient)]
        if item is not None:
            newest = [one for one in newest if one.item == item]
        if after is not None:
            start = self.get(after)
            newest = [one for one in newest if start is not None and _age(one) < _age(start)]
        items = map(self._work.tables.items.get, [one.item for one in newest])
        told = [(one, its) for one, its in zip(newest, items, strict=True) if its is not None]
        return [self._row(one, its.number) for one, its in told[:limit]]

    def mark_read(self, recipient: PersonId, keys: Sequence[str], now: datetime) -> None:
        """See `Notices.mark_read`."""
        with self._work.writing() as tables:
            for one in filter(None, map(tables.notices.get, keys)):
                if one.recipient == recipient:
                    tables.readings.add_new(Reading(one.key, now))

    def count_unread(self, recipient: PersonId, most: int) -> int:
        """See `Notices.count_unread`."""
        read = self._work.tables.readings
        own = (one for one in self._work.tables.notices if one.recipient == recipient)
        return min(most, sum(read.get(one.key) is None for one in own))

    def scan(self) -> Iterator[Notice]:
        """See `Notices.scan`."""
        return iter(sorted(self._work.tables.notices, key=_age))

    def _row(self, one: Notice, number: str) -> NoticeRow:
        tables = self._work.tables
        person, reading = tables.persons.get(one.recipient), tables.readings.get(one.key)
        ways = sorted(
            (way.channel, way.status.value) for way in tables.deliveries if way.notice.key == one.key
        )
        return NoticeRow(
            key=one.key,
            kind=one.kind,
            item=one.item,
            number=number,
            recipient=one.recipient,
            recipient_name=person.name if person else "",
            written_at=one.written_at,
            facts=one.facts,
            deliveries=dict(ways),
            read_at=reading.at if reading else None,
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
