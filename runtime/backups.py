"""Keeping and bringing back databases while they are in use.

A backup is a SQLite file, whatever the database: of a file by the library's own online backup, of a server by copying
every row of one snapshot.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.model.calendar import LOCAL
from engine.model.causes import in_chinese
from engine.model.errors import Conflict, Error, NotFound, Unavailable
from engine.rules.tree import root_of
from runtime.settings import Settings
from runtime.stores import Standing, known_revisions, open_store, standing_of
from storage.dialects import BUSY_MS, Database, open_database, sqlite_module
from storage.transfer import copy_whole

_COMPANIONS = ("", "-wal", "-shm")
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A whole database in a file: its version, the size of its log and the root over it."""

    file: Path
    revision: str
    entries: int
    root: bytes


def back_up(settings: Settings, target: Path) -> Copy:
    """Copy the database to a new file while others go on working; returns what was copied, checked.

    Raises Conflict where the file exists, Unavailable where the database cannot be read.
    """
    if target.exists():
        raise Conflict(f"文件 {target} 已存在", hint="请换一个文件名，免得盖掉旧的备份")
    incoming = target.with_name(f"{target.name}.incoming")
    with _named(target):
        try:
            _fetch(settings, incoming)
            copy = inspect(incoming)
            incoming.replace(target)
        finally:
            incoming.unlink(missing_ok=True)
    return replace(copy, file=target)


def restore(settings: Settings, backup: Path, now: datetime) -> tuple[Copy, Path | None]:
    """Put a backup in the place of the database; returns it, and where the database before it was kept.

    Raises NotFound, Unavailable where the backup is not whole or of a later version: nothing is changed then.
    """
    copy, target = inspect(backup), settings.file
    if target is None:
        return copy, _restore_server(settings, copy, now)
    with _named(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        kept = _kept(target, now) if target.exists() else None
        _copy(backup, target, is_live=False)
    return copy, kept


def inspect(file: Path, *, is_live: bool = False) -> Copy:
    """What a file holds; `is_live` where others may be writing it.

    Raises NotFound, Unavailable where it is not whole or of a later version.
    """
    if not file.is_file():
        raise NotFound(f"没有文件 {file}", hint="请核对路径")
    with _named(file), closing(_reading(file, is_live=is_live)) as connection:
        _check_pages(file, connection)
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            raise Unavailable(f"{file} 不是 duban 的数据库", hint="请核对路径")
        revision = str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
        if revision not in known_revisions():
            raise Unavailable(f"{file} 的版本（{revision}）新于本程序", hint="请改用较新的 duban")
        entries, edge = connection.execute("SELECT size, frontier FROM log_head").fetchone()
    hashes = [edge[start : start + _HASH_BYTES] for start in range(0, len(edge), _HASH_BYTES)]
    return Copy(file=file, revision=revision, entries=entries, root=root_of(hashes))


def rows_of(file: Path, query: str) -> list[dict[str, Any]]:
    """What a file that nobody writes answers to a query, each row by column. Raises Unavailable."""
    with _named(file), closing(_reading(file, is_live=False)) as connection:
        cursor = connection.execute(query)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def _check_pages(file: Path, connection: Any) -> None:
    wrong = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    if wrong:
        raise Unavailable(f"{file} 已损坏：{wrong[0]}", hint="请换一份备份")


def _kept(target: Path, now: datetime) -> Path:
    """Where the database that gives way is kept: a copy if it can be read, the damaged files themselves if not."""
    kept = target.with_name(f"{target.name}.before-{now.astimezone(LOCAL):%Y%m%d-%H%M%S}")
    if kept.exists():
        raise Conflict(f"文件 {kept} 已存在", hint="请稍后再恢复")
    try:
        inspect(target, is_live=True)
        _copy(target, kept, is_live=True)
    except Unavailable:
        for suffix in _COMPANIONS:
            if (part := target.with_name(target.name + suffix)).exists():
                part.replace(kept.with_name(kept.name + suffix))
    return kept


def _fetch(settings: Settings, target: Path) -> None:
    """Copy a database that others use into a file."""
    if settings.file is not None:
        _copy(settings.file, target, is_live=True)
        return
    with closing(open_store(settings)) as server:
        _fetch_rows(server, target)


def _fetch_rows(server: Database, target: Path) -> None:
    with closing(open_database(f"sqlite:///{target.absolute().as_posix()}")) as file:
        copy_whole(server, file)
    with closing(_connect(target, "mode=rw")) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()


def _restore_server(settings: Settings, copy: Copy, now: datetime) -> Path | None:
    """Put a backup in the place of what a server holds, in one transaction; what was there is kept beside it."""
    if copy.revision != known_revisions()[-1]:
        raise Unavailable(
            f"备份的版本（{copy.revision}）旧于本程序，不能直接恢复到服务器",
            hint="请先升级它的一份副本：duban --database 副本 db upgrade",
        )
    kept = copy.file.with_name(f"{copy.file.name}.before-{now.astimezone(LOCAL):%Y%m%d-%H%M%S}")
    with closing(open_database(settings.database)) as server, scratch_of(copy.file) as scratch:
        holds = standing_of(server)[0] is not Standing.EMPTY
        if holds:
            back_up(settings, kept)
        with closing(open_database(f"sqlite:///{scratch.as_posix()}")) as file:
            copy_whole(file, server)
    return kept if holds else None


@contextmanager
def scratch_of(backup: Path) -> Iterator[Path]:
    """A copy of a backup that may be written, gone afterwards: opening the backup itself would change its bytes."""
    with tempfile.TemporaryDirectory(prefix="duban-") as folder:
        scratch = Path(folder) / "duban.db"
        _copy(backup, scratch, is_live=False)
        yield scratch


def _copy(source: Path, target: Path, *, is_live: bool) -> None:
    """Write every page of one database into another file, all or nothing, and leave it in one file on disk."""
    if not source.is_file():
        raise NotFound(f"没有数据库文件 {source}", hint="请核对 --database")
    with closing(_reading(source, is_live=is_live)) as old, closing(_connect(target, "mode=rwc")) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode = DELETE").fetchall()
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _reading(file: Path, *, is_live: bool) -> Any:
    """A file nobody writes can be read where nothing beside it may be written."""
    has_log = file.with_name(f"{file.name}-wal").exists()
    return _connect(file, "mode=ro" if is_live or has_log else "immutable=1")


def _connect(file: Path, mode: str) -> Any:
    address = f"{file.absolute().as_uri()}?{mode}"
    return sqlite_module().connect(address, uri=True, timeout=BUSY_MS / 1000, isolation_level=None)


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """Name what the library and the file system raise in their own words."""
    try:
        yield
    except Error:
        raise
    except (OSError, sqlite_module().Error) as error:
        raise Unavailable(
            f"{file} 用不了：{in_chinese(error)}", hint="请核对路径、权限和磁盘空间；文件可能已损坏"
        ) from error
