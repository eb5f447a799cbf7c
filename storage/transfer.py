"""Copies a whole database into another one, row by row: from a file to a server and back, whatever the dialects."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from engine.model.errors import Broken
from storage.dialects import Database
from storage.log_tables import entry, log_head
from storage.schema import upgrade_on
from storage.tables import metadata

_BATCH = 1000
_FUNCTIONS = ("entry_refuse", "entry_erase")
"""What migrations make on a server beside tables."""


def copy_whole(source: Database, target: Database) -> None:
    """Make the target hold what the source holds at one instant, in one transaction; what it held before is gone.

    Both stand at the newest migration afterwards; the source must stand there already. Raises Broken where the copy
    is not the same, and leaves the target as it was.
    """
    with _inside(source, write=False) as old, _inside(target, write=True) as new:
        _emptied(target, new)
        for table in metadata.sorted_tables:
            _copy_table(old, new, table)
        if told_of(old) != told_of(new):
            raise Broken("搬过去的与原来的不同，未作改动", hint="请核对两边的数据库，再试一次")


def told_of(connection: Connection) -> tuple[str, dict[str, int]]:
    """What two copies must have in common: SHA-256 over every entry byte for byte, and the rows of each table."""
    digest = sha256()
    for row in _streamed(connection, entry):
        digest.update(repr([bytes(part) if isinstance(part, bytes) else part for part in row]).encode())
    counts = {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }
    return digest.hexdigest(), counts


def _emptied(target: Database, connection: Connection) -> None:
    """Every table anew; the head of the log that migrations put there gives way to the one that is copied."""
    metadata.drop_all(connection)
    connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")
    for function in () if target.is_sqlite else _FUNCTIONS:
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {function}")
    upgrade_on(connection)
    connection.execute(log_head.delete())


def _copy_table(source: Connection, target: Connection, table: Table) -> None:
    for rows in _streamed(source, table).partitions(_BATCH):
        _add(target, table, rows)


def _add(target: Connection, table: Table, rows: Sequence[Any]) -> None:
    target.execute(insert(table), [dict(row._mapping) for row in rows])  # noqa: SLF001 - the library's public name


def _streamed(connection: Connection, table: Table) -> Any:
    ordered = select(table).order_by(*table.primary_key.columns)
    return connection.execute(ordered, execution_options={"yield_per": _BATCH})


@contextmanager
def _inside(database: Database, *, write: bool) -> Iterator[Connection]:
    """A transaction of its own: committed when it was left in peace, and only if it writes."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql(database.begin(write=write))
        try:
            yield connection
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT" if write else "ROLLBACK")
