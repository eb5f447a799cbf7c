"""The folder a rehearsal leaves behind: a database, every notice as a file, the timeline and a summary page."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.model.causes import in_chinese
from engine.model.errors import Unavailable

MARK = "rehearsal.json"
"""A folder that holds this file was made by a rehearsal and may be made anew."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Where a rehearsal writes."""

    path: Path

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.path / "duban.db"

    @property
    def evidence(self) -> Path:
        """The store of sample evidence."""
        return self.path / "evidence"

    @property
    def outbox(self) -> Path:
        """Where the file channel drops notices."""
        return self.path / "notices"

    @property
    def page(self) -> Path:
        """The summary page."""
        return self.path / "summary.html"


@contextmanager
def open_folder(path: Path, seed: int) -> Iterator[Folder]:
    """An empty folder at `path`; the leavings of an earlier rehearsal are cleared away, anything else is not.

    Raises Unavailable where the folder holds something else or cannot be written.
    """
    try:
        _clear(path)
        path.mkdir(parents=True, exist_ok=True)
        (path / MARK).write_text(json.dumps({"seed": seed}), encoding="utf-8")
    except OSError as error:
        raise Unavailable(
            f"结果目录 {path} 写不进去：{in_chinese(error)}", hint="请用 --output 换一个目录"
        ) from error
    yield Folder(path)


def _clear(path: Path) -> None:
    if not path.exists():
        return
    if not path.is_dir():
        raise Unavailable(f"{path} 不是目录", hint="请用 --output 换一个目录")
    if any(path.iterdir()):
        if not (path / MARK).exists():
            raise Unavailable(
                f"结果目录 {path} 里有别的东西，未作任何改动", hint="请用 --output 换一个空目录"
            )
        shutil.rmtree(path)
