"""The store of evidence: files kept under the SHA-256 of their bytes, written once and never changed."""

import os
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from engine.model.causes import in_chinese
from engine.model.errors import NotFound, Unavailable
from engine.model.transition import Evidence

_PIECE = 1024 * 1024


def place_of(store: Path, digest: str) -> Path:
    """Where a piece of evidence lies in its store."""
    return store / digest[:2] / digest


def describe(path: Path, made_on: date | None = None) -> Evidence:
    """What a file is as evidence. Raises NotFound where there is none, Unavailable where it cannot be read."""
    digest, size = sha256(), 0
    with _opened(path) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return Evidence(sha256=digest.hexdigest(), name=_name_of(path), size=size, made_on=made_on)


def keep(store: Path, path: Path, made_on: date | None = None) -> Evidence:
    """Copy a file into the store; returns what was kept, by the bytes that were copied. Raises as `describe`.

    The copy is whole and on disk before it gets its name, so that a crash leaves no half piece behind.
    """
    with _opened(path) as file:
        return keep_stream(store, file, _name_of(path), made_on)


def keep_stream(store: Path, file: BinaryIO, name: str, made_on: date | None = None) -> Evidence:
    """Copy an open file into the store under a name that may come from anywhere; raises as `keep`."""
    with _incoming(store) as incoming:
        digest, size = _copy(file, incoming)
        place = place_of(store, digest)
        place.parent.mkdir(exist_ok=True)
        incoming.replace(place)
    return Evidence(sha256=digest, name=name, size=size, made_on=made_on)


def _copy(file: BinaryIO, incoming: Path) -> tuple[str, int]:
    digest, size = sha256(), 0
    with incoming.open("wb") as copy:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += copy.write(piece)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest(), size


def is_whole(store: Path, evidence: Evidence) -> bool:
    """True when the store holds these very bytes."""
    kept = place_of(store, evidence.sha256)
    return kept.is_file() and describe(kept).sha256 == evidence.sha256


def _name_of(path: Path) -> str:
    """The name of a file as it can be kept: composed characters, and a sign where its bytes are no text."""
    return unicodedata.normalize("NFC", path.name.encode("utf-8", "replace").decode())


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except FileNotFoundError as error:
        raise NotFound(f"没有文件 {path}", hint="请核对路径") from error
    except OSError as error:
        raise Unavailable(f"文件 {path} 读不出来：{in_chinese(error)}", hint="请核对路径和权限") from error


@contextmanager
def _incoming(store: Path) -> Iterator[Path]:
    """A name nobody else has, in the store; whatever still bears it afterwards is removed."""
    try:
        store.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=store, prefix="incoming-")
        os.close(number)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(
            f"佐证库 {store} 写不进去：{in_chinese(error)}", hint="请核对权限和磁盘空间"
        ) from error
