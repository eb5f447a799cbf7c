"""What was answered to an idempotency key."""

from collections.abc import Sequence
from datetime import datetime

from engine.model.ids import PersonId
from storage.memory.rows import Reply
from storage.memory.work import Work


class MemoryReplies:
    """Fulfils `Replies`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def find(self, keys: Sequence[tuple[PersonId, str]]) -> dict[tuple[PersonId, str], tuple[str, str]]:
        """See `Replies.find`."""
        known = {key: self._work.tables.replies.get(key) for key in keys}
        return {key: (reply.request_hash, reply.answer) for key, reply in known.items() if reply is not None}

    def keep(
        self,
        rows: Sequence[tuple[PersonId, str, str, str]],
        now: datetime,  # noqa: ARG002 - no port tells when
    ) -> None:
        """See `Replies.keep`."""
        with self._work.writing() as tables:
            for row in rows:
                tables.replies.add(Reply(*row))
