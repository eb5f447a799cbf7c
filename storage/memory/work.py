"""One transaction over plain tables. The twin of `storage.prepared.Session`."""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.model.errors import Broken, Unavailable
from storage.memory.tables import Tables
from storage.refusals import FAILED, OVER, READ_ONLY


class Work:
    """What a transaction sees, and has written in a draft of its own."""

    def __init__(self, tables: Tables, *, write: bool) -> None:
        self._tables: Tables | None = tables.draft() if write else tables
        self.write = write
        self._has_failed = False

    @property
    def tables(self) -> Tables:
        """The tables as this transaction sees them."""
        if self._tables is None:
            raise Unavailable(OVER)
        return self._tables

    @contextmanager
    def writing(self) -> Iterator[Tables]:
        """The tables to write in. Whatever is raised meanwhile keeps the transaction from being committed."""
        try:
            if not self.write:
                raise Broken(READ_ONLY)
            yield self.tables
        except BaseException:
            self._has_failed = True
            raise

    def checked(self) -> Tables:
        """The tables as they are to stand. Raises Broken where something has failed or names what is not there."""
        if self._has_failed:
            raise Broken(FAILED)
        if lost := self.tables.lost():
            raise Broken(f"数据库拒绝写入：{lost[0]} 所指的记录不存在")
        return self.tables

    def close(self) -> None:
        """End the transaction: nothing more is read or written."""
        self._tables = None
