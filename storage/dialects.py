"""Opens databases: which driver, which settings, and how a transaction begins."""

import importlib
import sqlite3
from dataclasses import dataclass
from types import ModuleType

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection

BUSY_MS = 30_000
"""How long a statement waits for somebody else's lock."""
IDLE_MS = 300_000
"""After this time a server cuts a connection that keeps a transaction open and asks nothing."""
RESET_BUG = ((3, 7, 0), (3, 51, 3))
"""Between these versions a WAL can be reset under a reader's feet, and committed pages be lost."""
REPAIRED = {(3, 44): 6, (3, 50): 7}
"""Older lines in which it was repaired, and from which patch on."""


@dataclass(frozen=True, slots=True)
class Database:
    """An engine and what was decided when it was opened. `journal_note` tells why WAL is off, or is empty."""

    engine: Engine
    journal_note: str = ""

    @property
    def is_sqlite(self) -> bool:
        """True on SQLite."""
        return self.engine.dialect.name == "sqlite"

    def begin(self, *, write: bool) -> str:
        """The statement that opens a transaction."""
        if self.is_sqlite:
            return "BEGIN IMMEDIATE" if write else "BEGIN"
        return "BEGIN" if write else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """The database at an SQLAlchemy URL: `sqlite:///…` or `postgresql+psycopg://…`."""
    if make_url(url).get_backend_name() == "sqlite":
        return _open_sqlite(url, sqlite_module())
    limits = f"-c lock_timeout={BUSY_MS} -c idle_in_transaction_session_timeout={IDLE_MS}"
    return Database(create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"options": limits}))


def sqlite_module() -> ModuleType:
    """The bundled library where there is a wheel for it, else that of Python."""
    try:
        return importlib.import_module("pysqlite3")
    except ImportError:
        return sqlite3


def has_reset_bug(version: tuple[int, int, int]) -> bool:
    """True when a library of this version can lose pages in WAL mode."""
    first, repaired = RESET_BUG
    patch = REPAIRED.get(version[:2])
    return first <= version < repaired and (patch is None or version[2] < patch)


def _open_sqlite(url: str, module: ModuleType) -> Database:
    version: tuple[int, int, int] = module.sqlite_version_info
    broken = has_reset_bug(version)
    engine = create_engine(
        url, module=module, connect_args={"isolation_level": None, "timeout": BUSY_MS / 1000}
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: DBAPIConnection, _record: object) -> None:
        for pragma in _pragmas("DELETE" if broken else "WAL"):
            connection.execute(pragma).fetchall()

    note = f"SQLite {module.sqlite_version} 的 WAL 有缺陷，已改用 DELETE 日志" if broken else ""
    return Database(engine, note)


def _pragmas(journal: str) -> tuple[str, ...]:
    return (
        f"PRAGMA busy_timeout = {BUSY_MS}",
        f"PRAGMA journal_mode = {journal}",
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
    )
