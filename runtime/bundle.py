"""Writes the bundle: everything a stranger needs to verify the history, in one zip file.

The same database gives the same bytes: members stand in a fixed order, without times of their own, and nothing in them
depends on when or where they were written. `docs/history-format.md` tells what each member holds.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from engine.model.entry import TreeHead
from engine.ports import UnitOfWork
from engine.rules.tree import root_of
from engine.usecases.inspecting import Inspector
from runtime.evidence import place_of
from runtime.files import new_file

FORMAT: Final = "duban-bundle-1"
ENTRY_FIELDS: Final = {
    "position": "index",
    "at": "at",
    "kind": "kind",
    "what": "what",
    "flags": "flags",
    "item": "item",
    "item_version": "version",
    "actor": "actor",
    "previous": "previous",
    "commitment": "commitment",
    "leaf": "leaf",
    "salt": "salt",
    "payload": "payload",
}
"""Columns of an entry, and what they are called in the bundle."""
TABLES: Final = (
    "tree_hash",
    "checkpoint",
    "log_key",
    "unit",
    "post",
    "post_role",
    "person",
    "holding",
    "item",
    "deadline",
    "firing",
    "evidence",
)
"""Tables whose rows lie in the bundle as they stand."""
DOCUMENTS: Final = {"definition": "definitions", "campaign": "campaigns", "calendar": "calendars"}
"""Tables whose documents are files of their own; the rows go without."""
README: Final = """本压缩包是一份督办历史的完整导出，供审计人员在自己的电脑上核对，无需联网，无需本系统。

  python verify_export.py 本文件.zip --vkey 公钥

核对程序 verify_export.py 只用 Python 标准库（3.8 以上）。公钥请从第一份月报或审计留存处抄录，不要从本文件里抄。
手里有以前的检查点文件，用 --checkpoint 文件；有月报上的校验行，用 --printed "校验行"。
退出码：0 相符，1 有改动，2 材料不全，3 用法不对。各文件的格式见项目文档 docs/history-format.md。
"""
_SINCE = (1980, 1, 1, 0, 0, 0)
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle as it was written."""

    file: Path
    head: TreeHead
    evidence: int
    """How many files of evidence lie in it."""
    missing: tuple[str, ...]
    """SHA-256 of evidence that is registered and not in the store."""


def write_bundle(by: Inspector, store: Path, target: Path, *, with_evidence: bool = True) -> Bundle:
    """Write everything to a new file, once it is entered who takes it along.

    Raises NotPermitted, Conflict where the file exists, Unavailable where it cannot be written.
    """
    with new_file(target) as incoming:
        uow = by.take_whole_log("bundle", {"evidence": with_evidence})
        return _packed(uow, store if with_evidence else None, incoming, target)


def pack_history(uow: UnitOfWork, store: Path | None, target: Path) -> Bundle:
    """Write everything to a new file, asking nobody; evidence only from a store. Raises Conflict, Unavailable."""
    with new_file(target) as incoming:
        return _packed(uow, store, incoming, target)


def _packed(uow: UnitOfWork, store: Path | None, incoming: Path, target: Path) -> Bundle:
    with uow, ZipFile(incoming, "w", ZIP_DEFLATED, compresslevel=6) as archive:
        return _write(uow, store, _Writer(archive), target)


class _Writer:
    """Members of an archive, each with its hash for the manifest."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self.members: dict[str, str] = {}

    @contextmanager
    def member(self, name: str) -> Iterator[IO[bytes]]:
        info = ZipInfo(name, _SINCE)
        info.compress_type, info.external_attr, info.create_system = ZIP_DEFLATED, 0o644 << 16, 3
        with self._archive.open(info, "w", force_zip64=True) as file:
            yield file

    def pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        digest = sha256()
        with self.member(name) as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
        self.members[name] = digest.hexdigest()

    def lines(self, name: str, rows: Iterable[Mapping[str, object]]) -> None:
        self.pieces(name, (f"{_json(row)}\n".encode() for row in rows))


def _write(uow: UnitOfWork, store: Path | None, writer: _Writer, target: Path) -> Bundle:
    head = uow.history.head()
    tree = TreeHead(head.size, root_of(head.frontier))
    writer.pieces("README.txt", [README.encode()])
    writer.lines("entries.jsonl", map(_entry, uow.dump.rows("entry")))
    for table in TABLES:
        writer.lines(f"tables/{table}.jsonl", map(_plain, uow.dump.rows(table)))
    for table, folder in DOCUMENTS.items():
        _documents(uow, writer, table, folder)
    digests = sorted({f"{row['sha256']}" for row in uow.dump.rows("evidence")}) if store else []
    missing = tuple(digest for digest in digests if store and not _evidence(writer, store, digest))
    manifest = {
        "format": FORMAT,
        "size": tree.size,
        "root": tree.root.hex(),
        "evidence": store is not None,
        "members": writer.members,
    }
    with writer.member("manifest.json") as file:
        file.write(f"{json.dumps(manifest, indent=1)}\n".encode())
    return Bundle(target, tree, len(digests) - len(missing), missing)


def _documents(uow: UnitOfWork, writer: _Writer, table: str, folder: str) -> None:
    rows = []
    for row in uow.dump.rows(table):
        kept = _plain(row)
        name = "@".join(f"{kept[key]}" for key in ("id", "version") if key in kept)
        document = kept.pop("document", None) or kept.get("body")
        kept.pop("body", None)
        writer.pieces(f"{folder}/{name}.json", [f"{document}".encode()])
        rows.append(kept)
    writer.lines(f"tables/{table}.jsonl", rows)


def _evidence(writer: _Writer, store: Path, digest: str) -> bool:
    place = place_of(store, digest)
    if not place.is_file():
        return False
    with place.open("rb") as file, writer.member(f"evidence/{digest}") as kept:
        shutil.copyfileobj(file, kept, _PIECE)
    return True


def _entry(row: Mapping[str, object]) -> dict[str, object]:
    told = {name: _value(row[column]) for column, name in ENTRY_FIELDS.items()}
    payload = row["payload"]
    return told | {"payload": payload.decode() if isinstance(payload, bytes) else None}


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value


def _json(row: Mapping[str, object]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))
