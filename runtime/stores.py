"""Databases as files and servers: whether one is there, at which version, and how it is made, kept and brought back."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path

import storage
from engine.model.causes import in_chinese
from engine.model.errors import Error, Unavailable
from runtime.settings import Settings
from storage.dialects import Database, open_database

VERSIONS = Path(storage.__file__).parent / "migrations" / "versions"


class Standing(StrEnum):
    """Where a database stands against this program."""

    EMPTY = "empty"
    """No tables yet."""
    OLDER = "older"
    """Migrations are missing."""
    CURRENT = "current"
    """It can be used."""
    NEWER = "newer"
    """A later program has made it; this one must not touch it."""


def known_revisions() -> list[str]:
    """Every migration of this program, oldest first."""
    return sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


def open_store(settings: Settings) -> Database:
    """The database, ready for use.

    Raises Unavailable where there is none, where it cannot be read, or where it is not of this program's version.
    """
    if settings.file is not None and not settings.file.exists():
        raise Unavailable(f"没有数据库文件 {settings.file}", hint="请先运行 duban init，或用 --database 指明")
    database = open_database(settings.database)
    try:
        _require_current(database)
    except BaseException:
        database.close()
        raise
    return database


def _require_current(database: Database) -> None:
    standing, revision = standing_of(database)
    if standing is Standing.EMPTY:
        raise Unavailable("数据库里还没有表", hint="请运行 duban init")
    if standing is Standing.OLDER:
        raise Unavailable(f"数据库版本（{revision}）旧于本程序", hint="请先备份，再运行 duban db upgrade")
    if standing is Standing.NEWER:
        raise Unavailable(f"数据库版本（{revision}）新于本程序，未作任何改动", hint="请改用较新的 duban")


def standing_of(database: Database) -> tuple[Standing, str]:
    """Where the database stands, and the migration it stands at. Raises Unavailable where it cannot be read."""
    revision, known = _revision(database), known_revisions()
    if not revision:
        return Standing.EMPTY, ""
    if revision not in known:
        return Standing.NEWER, revision
    return (Standing.CURRENT if revision == known[-1] else Standing.OLDER), revision


def _revision(database: Database) -> str:
    wrong = database.engine.dialect.loaded_dbapi.Error
    with _reached():
        connection = database.engine.raw_connection()
    cursor = connection.cursor()
    try:
        cursor.execute("SELECT version_num FROM alembic_version")
        row = cursor.fetchone()
    except wrong as error:
        if "alembic_version" in str(error):
            return ""
        raise Unavailable(
            f"数据库读不出来：{in_chinese(error)}", hint="请运行 duban db check；必要时用备份恢复"
        ) from error
    finally:
        cursor.close()
        with suppress(wrong):
            connection.rollback()
        connection.close()
    return str(row[0]) if row else ""


def upgrade_store(settings: Settings) -> tuple[str, str]:
    """Bring the database to the newest version, making it where there is none; returns the versions before and after.

    Raises Unavailable; the database is then as it was.
    """
    from storage.schema import upgrade  # noqa: PLC0415 - alembic is only loaded where it is used

    if settings.file is not None:
        with _reached():
            settings.file.parent.mkdir(parents=True, exist_ok=True)
    database = open_database(settings.database)
    try:
        standing, before = standing_of(database)
        if standing is Standing.NEWER:
            _require_current(database)
        with _reached():
            upgrade(database)
        return before, standing_of(database)[1]
    finally:
        database.close()


@contextmanager
def _reached() -> Iterator[None]:
    """Name what the driver, SQLAlchemy and alembic each raise in their own words."""
    try:
        yield
    except Error:
        raise
    except Exception as error:
        raise Unavailable(
            f"数据库用不了：{in_chinese(error)}", hint="请核对路径、权限、磁盘空间和地址"
        ) from error
