"""How long a stranger's verifier takes for a million entries: one reviewed item, again and again, in a real bundle."""

import gc
import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from hashlib import sha256
from io import StringIO
from pathlib import Path
from time import process_time
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from engine.rules.proofs import completed
from engine.rules.tree import edge_with, joined, root_of
from runtime.bundle import pack_history
from tests.audit.bureau import Bureau
from tests.audit.life import walked
from tests.bench.moves import Figure
from tools.verify_export import INCOMPLETE, leaf_of, main

MILLION = 1_000_000
LIMIT = 60
Row = dict[str, Any]


def figures(folder: Path) -> Iterator[Figure]:
    """Seconds of the processor for a million entries over the limit."""
    bureau = Bureau(folder / "one")
    item = walked(bureau)
    pack_history(bureau.app.reading(), None, folder / "one.zip")
    bureau.close()
    size = multiply(folder / "one.zip", folder / "million.zip", item.id, item.number)
    begun = process_time()
    with redirect_stdout(StringIO()) as told:
        code = main([f"{folder / 'million.zip'}"])
    took = process_time() - begun
    gc.enable()
    assert code == INCOMPLETE, told.getvalue()  # it holds, but for signatures and evidence that are not there
    yield "verify-1e6-of-60s", took / LIMIT * MILLION / size


def multiply(source: Path, target: Path, item: str, number: str) -> int:
    """Write a bundle in which one item of another has come to pass again and again; returns its size."""
    with ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members.pop("manifest.json"))
    tables = {name: _rows(data) for name, data in members.items() if name.startswith("tables/")}
    rows = _rows(members.pop("entries.jsonl"))
    own = [row for row in rows if row["item"] == item]
    others = [row for row in rows if row["item"] != item]
    copies = (MILLION - len(others)) // len(own)
    grown = _Grown(rows[-1]["at"])
    with (
        ZipFile(target, "w", ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("entries.jsonl", "w") as file,
    ):
        for row in others:
            file.write(grown.line(row))
        for copy in range(copies):
            grown.begin(item, number, copy)
            for row in own:
                file.write(grown.line(row))
    with ZipFile(target, "a", ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in members.items():
            if name not in tables:
                archive.writestr(name, data)
        for name, table in tables.items():
            made = (
                grown.hashes if name == "tables/tree_hash.jsonl" else _table(table, item, number, grown.heads)
            )
            archive.writestr(name, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in made))
        names = dict.fromkeys(archive.namelist(), "")
        manifest |= {
            "size": grown.size,
            "root": root_of(grown.edge).hex(),
            "members": _hashed(archive, names),
        }
        archive.writestr("manifest.json", json.dumps(manifest))
    return grown.size


def _hashed(archive: ZipFile, names: Row) -> Row:
    return {name: _digest(archive, name) for name in names}


def _digest(archive: ZipFile, name: str) -> str:
    digest = sha256()
    with archive.open(name) as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _rows(data: bytes) -> list[Row]:
    return [json.loads(line) for line in data.decode().splitlines()]


def _table(table: list[Row], item: str, number: str, heads: list[tuple[str, str, str]]) -> Iterator[Row]:
    for row in table:
        if item not in (row.get("id"), row.get("item")):
            yield row
            continue
        for new, numbered, head in heads:
            changed = {
                name: new if value == item else numbered if value == number else value
                for name, value in row.items()
            }
            yield changed | ({"head": head} if "head" in row else {})


class _Grown:
    """A log as it grows by copies of entries."""

    def __init__(self, at: int) -> None:
        self.size, self.edge, self.hashes, self.heads = 0, (), [], []  # type: ignore[var-annotated]
        self._at, self._names, self._item, self._head = at, ("", ""), "", "00" * 32

    def begin(self, item: str, number: str, copy: int) -> None:
        """The next copy."""
        self._names, self._item, self._head = (number, f"ZG-2020-{copy:08}"), f"{copy:032x}", "00" * 32
        self.heads.append((self._item, self._names[1], ""))

    def line(self, row: Row) -> bytes:
        """An entry at its new place."""
        payload = row["payload"].replace(*self._names) if self._item else row["payload"]
        new = row | {"index": self.size, "payload": payload, "at": self._at if self._item else row["at"]}
        new |= {"item": self._item, "previous": self._head} if self._item else {}
        leaf, commitment = leaf_of(new)
        new |= {"leaf": leaf.hex(), "commitment": commitment.hex()}
        made = joined(self.edge, self.size, leaf)
        self.edge = edge_with(self.edge, made)
        found = completed(made, self.size)
        self.hashes += [
            {"level": level, "position": place, "hash": each.hex()} for level, place, each in found
        ]
        self.size, self._head = self.size + 1, new["leaf"]
        if self._item:
            self.heads[-1] = (self._item, self._names[1], self._head)
        return f"{json.dumps(new, ensure_ascii=False)}\n".encode()
