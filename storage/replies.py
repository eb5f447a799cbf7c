"""What was answered to an idempotency key."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select

from engine.model.ids import PersonId
from storage.prepared import IsAmong, Prepared, Session, listed
from storage.rows import micros
from storage.tables import reply

FIND = Prepared(select(reply).where(IsAmong(reply.c.person, "persons"), IsAmong(reply.c.key, "keys")))
KEEP = Prepared(insert(reply))


class SqlReplies:
    """Fulfils `Replies`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, keys: Sequence[tuple[PersonId, str]]) -> dict[tuple[PersonId, str], tuple[str, str]]:
        """See `Replies.find`."""
        asked = set(keys)
        persons, names = listed({person for person, _ in asked}), listed({key for _, key in asked})
        rows = self._session.rows(FIND, persons=persons, keys=names)
        return {
            place: (row["request_hash"], row["answer"])
            for row in rows
            if (place := (row["person"], row["key"])) in asked
        }

    def keep(self, rows: Sequence[tuple[PersonId, str, str, str]], now: datetime) -> None:
        """See `Replies.keep`."""
        at = micros(now)
        names = ("person", "key", "request_hash", "answer")
        self._session.many(KEEP, [{**dict(zip(names, row, strict=True)), "at": at} for row in rows])
