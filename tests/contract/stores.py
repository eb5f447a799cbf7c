"""The stores that must all behave alike. Each begins units of work, and says which of them it is."""

import itertools
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

from engine.model.calendar import Calendar
from storage.dialects import open_database
from storage.memory.unit_of_work import Memory, MemoryUnitOfWork
from storage.schema import upgrade
from storage.tables import metadata
from storage.unit_of_work import SqlUnitOfWork
from workflows.builder import definition_from_json

ENTROPY = SimpleNamespace()
CALENDAR = Calendar(id="plain", exceptions={}, covered_until=date(2020, 12, 31))
CHANNELS = ("mail",)
COUNTER = itertools.count()


class InMemory:
    """The twin, with the clock of this machine for its leases, as a database has."""

    def __init__(self):
        self._memory = Memory(lambda: datetime.now(UTC))

    def begin(self, *, write=True):
        return MemoryUnitOfWork(self._memory, ENTROPY, CALENDAR, CHANNELS, write=write)


class InDatabase:
    """A database that stands at the newest migration."""

    def __init__(self, url):
        self.database = open_database(url)

    def begin(self, *, write=True):
        return SqlUnitOfWork(self.database, ENTROPY, CALENDAR, definition_from_json, CHANNELS, write=write)

    def close(self):
        self.database.close()


def migrated(url):
    """The URL of a database, after every migration was run on it."""
    database = open_database(url)
    upgrade(database)
    database.close()
    return url


@cache
def migrated_file():
    """The content of an SQLite file after every migration; made once, because that takes longer than most tests."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "duban.db"
        migrated(f"sqlite:///{path}")
        return path.read_bytes()


def fresh(server):
    """The URL of an empty database of the test's own on a server."""
    name = f"t{next(COUNTER)}"
    admin = open_database(server + "postgres")
    with admin.engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.close()
    return server + name


def empty(store):
    """Bring a database of a server back to where its migrations left it: faster than to make another one."""
    tables = [table.name for table in metadata.sorted_tables if table.name != "log_head"]
    statements = [
        "SET session_replication_role = replica",  # no trigger and no foreign key stands in the way
        *[f"DELETE FROM {table}" for table in tables],
        "UPDATE log_head SET size = 0, at = 0, frontier = ''",
        "SET session_replication_role = DEFAULT",
    ]
    with store.database.engine.connect() as connection:
        connection.exec_driver_sql(";".join(statements))
