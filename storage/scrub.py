"""Makes sure that what was erased is gone from the files of the database, not only from its answers."""

from collections.abc import Iterable

from storage.dialects import Database


def scrub(database: Database, tables: Iterable[str]) -> bool:
    """Leave no older state of these tables on disk; returns False where somebody still reads it, so that some stays.

    A file: pages were overwritten when they were freed, and the journal is emptied. A server: tables are written anew.
    """
    with database.engine.connect() as connection:
        if database.is_sqlite:
            return not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        for table in tables:
            connection.exec_driver_sql(f"VACUUM FULL {table}")
    return True
