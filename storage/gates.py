"""What all workers know of each channel, and the clock they share."""

import json
from datetime import datetime

from sqlalchemy import bindparam, literal_column, select, update

from engine.model.channel import Gate
from storage.prepared import Prepared, Row, Session
from storage.rows import instant, instant_or_none, micros, micros_or_none
from storage.tables import gate

CLOCK = Prepared(
    select(literal_column("CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)").label("at")),
    select(literal_column("CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)").label("at")),
)
ONE = select(gate).where(gate.c.channel == bindparam("of"))
READ = Prepared(ONE)
LOCK = Prepared(ONE, ONE.with_for_update())
ADD = Prepared.adding(gate)
VALUES = ("recent", "failures", "shut_until", "last_error", "failed_at")
STORE = Prepared(
    update(gate).where(gate.c.channel == bindparam("of")).values({name: bindparam(name) for name in VALUES})
)


class SqlGates:
    """Fulfils `Gates`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def now(self) -> datetime:
        """See `Gates.now`."""
        return instant(self._session.rows(CLOCK)[0]["at"])

    def get(self, channel: str) -> Gate:
        """See `Gates.get`."""
        row = self._session.one(LOCK if self._session.write else READ, of=channel)
        if row is None and self._session.write:
            self._session.run(ADD, channel=channel, **_values(Gate(channel=channel)))
            row = self._session.one(LOCK, of=channel)
        return Gate(channel=channel) if row is None else _gate(row)

    def put(self, gate: Gate) -> None:
        """See `Gates.put`."""
        self._session.run(STORE, of=gate.channel, **_values(gate))


def _values(one: Gate) -> Row:
    return {
        "recent": json.dumps([micros(at) for at in one.recent]),
        "failures": one.failures,
        "shut_until": micros_or_none(one.shut_until),
        "last_error": one.last_error,
        "failed_at": micros_or_none(one.failed_at),
    }


def _gate(row: Row) -> Gate:
    return Gate(
        channel=row["channel"],
        recent=tuple(map(instant, json.loads(row["recent"]))),
        failures=row["failures"],
        shut_until=instant_or_none(row["shut_until"]),
        last_error=row["last_error"],
        failed_at=instant_or_none(row["failed_at"]),
    )
