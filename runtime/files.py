"""New files that are either whole or not there: written beside their place, made durable, then given their name."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.model.causes import in_chinese
from engine.model.errors import Conflict, Unavailable


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A path to write to, which becomes `target` once all is written; whatever goes wrong, nothing is left of it.

    Raises Conflict where the file exists already, Unavailable where it cannot be written (a full disk, say).
    """
    if target.exists():
        raise Conflict(f"文件 {target} 已存在", hint="请换一个文件名")
    try:
        with _beside(target) as incoming:
            yield incoming
            with incoming.open("rb") as file:
                os.fsync(file.fileno())
            incoming.replace(target)
    except OSError as error:
        raise Unavailable(f"写不成 {target}：{in_chinese(error)}", hint="请核对路径和磁盘空间") from error


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """An empty file of its own in the same folder, gone afterwards unless it was renamed."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".incoming")
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
