"""The inbox."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select, tuple_

from engine.model.ids import ItemId, PersonId
from engine.model.notice import Notice
from engine.model.views import NoticeRow
from storage.deliveries import QUEUE, queued
from storage.prepared import IsAmong, Prepared, Row, Session, listed
from storage.refusals import too_late
from storage.rows import instant, instant_or_none, micros, to_json
from storage.tables import delivery, item, notice, person, reading

WRITE = Prepared.adding(notice)
KNOWN = Prepared(select(notice.c.key).where(IsAmong(notice.c.key, "keys")))
GET = Prepared(select(notice).where(notice.c.key == bindparam("key")))
SCAN = Prepared(select(notice).order_by(notice.c.written_at, notice.c.key))
WHEN = select(notice.c.written_at).where(notice.c.key == bindparam("after")).scalar_subquery()
SHOWN = [notice.c[name] for name in ("key", "kind", "item", "recipient", "facts", "written_at")]
PAGE = (
    select(*SHOWN, item.c.number, func.coalesce(person.c.name, "").label("recipient_name"), reading.c.read_at)
    .join(item, item.c.id == notice.c.item)
    .outerjoin(person, person.c.id == notice.c.recipient)
    .outerjoin(reading, reading.c.notice == notice.c.key)
    .order_by(notice.c.written_at.desc(), notice.c.key.desc())
    .limit(bindparam("limit"))
)
BEHIND = or_(
    notice.c.written_at < WHEN,
    tuple_(notice.c.written_at, notice.c.key) < tuple_(WHEN, bindparam("after")),
)
TO_ONE = notice.c.recipient == bindparam("recipient")
ON_ITEM = notice.c.item == bindparam("item")
PAGES = {
    (to, on, after): Prepared(
        PAGE.where(*[part for part, wanted in ((TO_ONE, to), (ON_ITEM, on), (BEHIND, after)) if wanted])
    )
    for to in (False, True)
    for on in (False, True)
    for after in (False, True)
}
OWN = Prepared(select(notice.c.key).where(IsAmong(notice.c.key, "keys"), TO_ONE))
READ = Prepared.adding(reading)
UNREAD = Prepared(
    select(func.count().label("count")).select_from(
        select(notice.c.key)
        .outerjoin(reading, reading.c.notice == notice.c.key)
        .where(TO_ONE, reading.c.notice.is_(None))
        .limit(bindparam("most"))
        .subquery()
    )
)
STATUSES = Prepared(
    select(delivery.c.notice, delivery.c.channel, delivery.c.status)
    .where(IsAmong(delivery.c.notice, "keys"))
    .order_by(delivery.c.notice, delivery.c.channel)
)


class SqlNotices:
    """Fulfils `Notices`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def write(self, notices: Sequence[Notice], channels: Sequence[str]) -> int:
        """See `Notices.write`."""
        new = self._written(notices)
        self._session.many(QUEUE, [queued(one, channel) for one in new for channel in channels])
        return len(new)

    def _written(self, notices: Sequence[Notice]) -> Sequence[Notice]:
        if len(notices) < 2:
            return [one for one in notices if self._session.run(WRITE, **_rows([one])[0])]
        known = {row["key"] for row in self._session.rows(KNOWN, keys=listed(one.key for one in notices))}
        new = list({one.key: one for one in reversed(notices) if one.key not in known}.values())
        if self._session.many(WRITE, _rows(new)) != len(new):
            raise self._session.conflict(too_late("这些通知刚由他人写入"))
        return new

    def get(self, key: str) -> Notice | None:
        """See `Notices.get`."""
        row = self._session.one(GET, key=key)
        return None if row is None else _notice(row)

    def rows(
        self, recipient: PersonId | None, item: ItemId | None, after: str | None, limit: int
    ) -> list[NoticeRow]:
        """See `Notices.rows`."""
        statement = PAGES[recipient is not None, item is not None, after is not None]
        rows = self._session.rows(statement, recipient=recipient, item=item, after=after, limit=limit)
        sent: dict[str, dict[str, str]] = {row["key"]: {} for row in rows}
        for row in self._session.rows(STATUSES, keys=listed(sent)):
            sent[row["notice"]][row["channel"]] = row["status"]
        return [_notice_row(row, sent[row["key"]]) for row in rows]

    def mark_read(self, recipient: PersonId, keys: Sequence[str], now: datetime) -> None:
        """See `Notices.mark_read`."""
        own = self._session.rows(OWN, keys=listed(keys), recipient=recipient)
        self._session.many(READ, [{"notice": row["key"], "read_at": micros(now)} for row in own])

    def count_unread(self, recipient: PersonId, most: int) -> int:
        """See `Notices.count_unread`."""
        return sum(row["count"] for row in self._session.rows(UNREAD, recipient=recipient, most=most))

    def scan(self) -> Iterator[Notice]:
        """See `Notices.scan`."""
        return map(_notice, self._session.stream(SCAN))


def _rows(notices: Sequence[Notice]) -> list[Row]:
    """Notices as stored; those of one telling share their facts, which are spelled once."""
    spelled = {id(one.facts): one.facts for one in notices}
    facts = {name: to_json(dict(told)) for name, told in spelled.items()}
    return [
        {
            "key": one.key,
            "kind": one.kind,
            "item": one.item,
            "recipient": one.recipient,
            "facts": facts[id(one.facts)],
            "written_at": micros(one.written_at),
            "clock": one.clock,
            "revision": one.revision,
        }
        for one in notices
    ]


def _notice_row(row: Row, deliveries: Mapping[str, str]) -> NoticeRow:
    return NoticeRow(
        **{**row, **_typed(row), "read_at": instant_or_none(row["read_at"])}, deliveries=deliveries
    )


def _typed(row: Row) -> Row:
    return {"facts": json.loads(row["facts"]), "written_at": instant(row["written_at"])}


def _notice(row: Row) -> Notice:
    return Notice(**{**row, **_typed(row)})
