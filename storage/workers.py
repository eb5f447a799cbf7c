"""The signs of life of the workers."""

import json
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from engine.model.heartbeat import Heartbeat
from storage.prepared import Prepared, Session
from storage.rows import instant, micros, to_json
from storage.tables import heartbeat

BEAT = Prepared(
    update(heartbeat)
    .where(heartbeat.c.worker == bindparam("by"))
    .values(at=bindparam("now"), detail=bindparam("told"))
)
FIRST = Prepared(insert(heartbeat))
SEEN = Prepared(select(heartbeat).order_by(heartbeat.c.at.desc(), heartbeat.c.worker))
LEAVE = Prepared(delete(heartbeat).where(heartbeat.c.worker == bindparam("by")))
FORGET = Prepared(delete(heartbeat).where(heartbeat.c.at < bindparam("before")))


class SqlWorkers:
    """Fulfils `Workers`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def beat(self, beat: Heartbeat) -> None:
        """See `Workers.beat`."""
        told = to_json({"place": beat.place, "started_at": micros(beat.started_at), "fired": beat.fired})
        if not self._session.run(BEAT, by=beat.worker, now=micros(beat.at), told=told):
            self._session.run(FIRST, worker=beat.worker, at=micros(beat.at), detail=told)

    def seen(self) -> list[Heartbeat]:
        """See `Workers.seen`."""
        return [
            _heartbeat(row["worker"], row["at"], **json.loads(row["detail"]))
            for row in self._session.rows(SEEN)
        ]

    def leave(self, worker: str) -> None:
        """See `Workers.leave`."""
        self._session.run(LEAVE, by=worker)

    def forget(self, before: datetime) -> None:
        """See `Workers.forget`."""
        self._session.run(FORGET, before=micros(before))


def _heartbeat(worker: str, at: int, *, place: str, started_at: int, fired: int) -> Heartbeat:
    return Heartbeat(worker=worker, at=instant(at), place=place, started_at=instant(started_at), fired=fired)
