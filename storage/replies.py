"""What was answered to an idempotency key."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, insert, select

from engine.model.ids import PersonId
from storage.prepared import IsAmong, Prepared, Session, listed
from storage.rows import micros
from storage.tables import reply

FIND = Prepared(select(reply).where(reply.c.person == bindparam("by_person"), IsAmong(reply.c.key, "keys")))
KEEP = Prepared(insert(reply))


class SqlReplies:
    """Fulfils `Replies`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, keys: Sequence[tuple[PersonId, str]]) -> dict[tuple[PersonId, str], tuple[str, str]]:
        """See `Replies.find`."""
        return {
            (row["person"], row["key"]): (row["request_hash"], row["answer"])
            for person in dict.fromkeys(person for person, _ in keys)
            for row in self._session.rows(
                FIND, by_person=person, keys=listed(key for one, key in keys if one == person)
            )
        }

    def keep(self, rows: Sequence[tuple[PersonId, str, str, str]], now: datetime) -> None:
        """See `Replies.keep`."""
        at = micros(now)
        names = ("person", "key", "request_hash", "answer")
        self._session.many(KEEP, [{**dict(zip(names, row, strict=True)), "at": at} for row in rows])
