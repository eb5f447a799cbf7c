"""The outbox: what has to leave, and what became of it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, func, insert, literal_column, or_, select, tuple_, update

from engine.model.deadline import Outcome
from engine.model.notice import Backlog, Cause, Delivery, DeliveryStatus, Lease, Notice, Wanted
from storage.prepared import IsAmong, Prepared, Row, Session, listed
from storage.rows import instant, instant_or_none, micros, micros_or_none
from storage.tables import deadline, delivery, item, notice

TOLD = (notice.c.kind, notice.c.item, notice.c.facts, notice.c.written_at, notice.c.clock, notice.c.revision)
WAITS = delivery.c.status.in_([literal_column("'pending'"), literal_column("'leased'")])
"""Spelled as the indexes over what waits are, so that they serve."""
READY = (
    select(delivery, *TOLD)
    .join(notice)
    .where(
        WAITS,
        delivery.c.channel == bindparam("channel"),
        delivery.c.not_before <= bindparam("now"),
        or_(notice.c.written_at < bindparam("before"), IsAmong(notice.c.kind, "urgent")),
    )
    .order_by(delivery.c.not_before, delivery.c.notice)
    .limit(bindparam("limit"))
)
TO_ONE = READY.where(delivery.c.recipient == bindparam("recipient"))
FRESH = TO_ONE.where(delivery.c.letter.is_(None), delivery.c.attempts == literal_column("0"))
TOGETHER = TO_ONE.where(delivery.c.letter == bindparam("letter"))
FIRST, COMPANY, LETTER = (
    Prepared(each, each.with_for_update(of=delivery, skip_locked=True)) for each in (READY, FRESH, TOGETHER)
)
PLACE = (delivery.c.notice, delivery.c.channel)
THE_DELIVERY = (delivery.c.notice == bindparam("of_notice"), delivery.c.channel == bindparam("by_channel"))
LEASE = Prepared(
    update(delivery)
    .where(*THE_DELIVERY)
    .values(
        status=literal_column("'leased'"),
        token=delivery.c.token + 1,
        not_before=bindparam("until"),
        worker=bindparam("by_worker"),
    )
)
RESULT = ("status", "attempts", "not_before", "letter", "last_error", "sent_at", "worker")
SETTLE = Prepared(
    update(delivery)
    .where(
        *THE_DELIVERY,
        delivery.c.token == bindparam("held_token"),
        delivery.c.status == literal_column("'leased'"),
    )
    .values({name: bindparam(name) for name in RESULT})
)
QUEUE = Prepared(insert(delivery))
GIVEN_UP = Prepared(
    select(delivery, *TOLD)
    .join(notice)
    .where(
        delivery.c.status == literal_column("'dead'"),
        tuple_(*PLACE) > tuple_(bindparam("notice"), bindparam("channel")),
    )
    .order_by(*PLACE)
    .limit(bindparam("limit"))
)
REVIVE = Prepared(
    update(delivery)
    .where(*THE_DELIVERY, delivery.c.status == literal_column("'dead'"))
    .values({name: bindparam(name) for name in RESULT})
)
HASTEN = Prepared(
    update(delivery)
    .where(WAITS, delivery.c.not_before > bindparam("beyond"))
    .values(not_before=bindparam("to_when"))
)
CAUSES = Prepared(
    select(notice.c.key, deadline.c.outcome, deadline.c.ended_at, item.c.closed_at)
    .join(item, item.c.id == notice.c.item)
    .outerjoin(
        deadline,
        and_(
            deadline.c.item == notice.c.item,
            deadline.c.clock == notice.c.clock,
            deadline.c.revision == notice.c.revision,
        ),
    )
    .where(IsAmong(notice.c.key, "keys"))
)
COUNT = Prepared(select(delivery.c.status, func.count().label("count")).group_by(delivery.c.status))
STANDING = (
    delivery.c.channel,
    delivery.c.status,
    func.count().label("count"),
    func.min(delivery.c.not_before).label("oldest"),
)
BACKLOG = Prepared(
    select(*STANDING)
    .where(delivery.c.status.in_([literal_column(f"'{status}'") for status in ("pending", "leased", "dead")]))
    .group_by(delivery.c.channel, delivery.c.status)
    .order_by(delivery.c.channel, delivery.c.status)
)


class SqlDeliveries:
    """Fulfils `Deliveries`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def claim(self, lease: Lease, wanted: Wanted) -> list[Delivery]:
        """See `Deliveries.claim`."""
        until = micros(lease.until)
        rows = self._session.rows(_statement(wanted), now=micros(lease.at), **_asked(wanted))
        held = {"until": until, "by_worker": lease.worker}
        places = [{"of_notice": row["notice"], "by_channel": row["channel"], **held} for row in rows]
        self._session.many(LEASE, places)
        return [_leased(row, until) for row in rows]

    def settle(self, deliveries: Sequence[Delivery]) -> int:
        """See `Deliveries.settle`."""
        return self._session.many(SETTLE, [_result(one) for one in deliveries])

    def given_up(self, after: tuple[str, str], limit: int) -> list[Delivery]:
        """See `Deliveries.given_up`."""
        notice, channel = after
        return [
            _delivery(row)
            for row in self._session.rows(GIVEN_UP, notice=notice, channel=channel, limit=limit)
        ]

    def revive(self, deliveries: Sequence[Delivery]) -> int:
        """See `Deliveries.revive`."""
        return self._session.many(REVIVE, [_result(one) for one in deliveries])

    def hasten(self, beyond: datetime, to: datetime) -> int:
        """See `Deliveries.hasten`."""
        return self._session.run(HASTEN, beyond=micros(beyond), to_when=micros(to))

    def causes(self, keys: Sequence[str]) -> dict[str, Cause]:
        """See `Deliveries.causes`."""
        return {
            row["key"]: Cause(
                outcome=Outcome(row["outcome"]) if row["outcome"] else None,
                ended_at=instant_or_none(row["ended_at"]),
                closed_at=instant_or_none(row["closed_at"]),
            )
            for row in self._session.rows(CAUSES, keys=listed(keys))
        }

    def count(self) -> Mapping[str, int]:
        """See `Deliveries.count`."""
        return {row["status"]: row["count"] for row in self._session.rows(COUNT)}

    def backlog(self) -> list[Backlog]:
        """See `Deliveries.backlog`."""
        return [
            Backlog(
                channel=row["channel"],
                status=DeliveryStatus(row["status"]),
                count=row["count"],
                oldest=instant(row["oldest"]),
            )
            for row in self._session.rows(BACKLOG)
        ]


def queued(one: Notice, channel: str) -> Row:
    """The row of a delivery that nobody has claimed yet."""
    return {
        "notice": one.key,
        "channel": channel,
        "recipient": one.recipient,
        "status": DeliveryStatus.PENDING.value,
        "attempts": 0,
        "token": 0,
        "not_before": micros(one.written_at),
        "letter": None,
        "worker": None,
        "last_error": None,
        "sent_at": None,
    }


def _statement(wanted: Wanted) -> Prepared:
    if wanted.letter is not None:
        return LETTER
    return FIRST if wanted.recipient is None else COMPANY


def _asked(wanted: Wanted) -> Row:
    asked = {
        "channel": wanted.channel,
        "limit": wanted.limit,
        "before": micros(wanted.written_before),
        "urgent": listed(sorted(wanted.urgent)),
    }
    narrowed = {"recipient": wanted.recipient, "letter": wanted.letter}
    return asked | {name: value for name, value in narrowed.items() if value is not None}


def _leased(row: Row, until: int) -> Delivery:
    """A delivery as it stands after the lease that its row does not show yet."""
    held = {"status": "leased", "token": row["token"] + 1, "not_before": until}
    return _delivery({**row, **held})


def _delivery(row: Row) -> Delivery:
    """A delivery that waits or was given up; only one that was sent has an instant of sending."""
    told = Notice(
        key=row["notice"],
        kind=row["kind"],
        item=row["item"],
        recipient=row["recipient"],
        facts=json.loads(row["facts"]),
        written_at=instant(row["written_at"]),
        clock=row["clock"],
        revision=row["revision"],
    )
    return Delivery(
        notice=told,
        channel=row["channel"],
        status=DeliveryStatus(row["status"]),
        attempts=row["attempts"],
        token=row["token"],
        not_before=instant(row["not_before"]),
        letter=row["letter"],
        last_error=row["last_error"],
    )


def _result(one: Delivery) -> Row:
    return {
        "of_notice": one.notice.key,
        "by_channel": one.channel,
        "held_token": one.token,
        "status": one.status.value,
        "attempts": one.attempts,
        "not_before": micros(one.not_before),
        "letter": one.letter,
        "worker": None,
        "last_error": one.last_error,
        "sent_at": micros_or_none(one.sent_at),
    }
