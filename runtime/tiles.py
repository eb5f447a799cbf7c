"""Writes the log as static tiles for third-party tools (C2SP tlog-tiles): hashes 256 wide, leaves, checkpoint."""

from collections.abc import Iterator
from pathlib import Path

from engine.model.checkpoint import Checkpoint
from engine.model.errors import Conflict, NotFound
from engine.ports import UnitOfWork
from engine.rules.ledger import sealed_bytes
from engine.rules.proofs import WIDTH
from engine.usecases.inspecting import Inspector


def write_tiles(by: Inspector, folder: Path) -> Checkpoint:
    """Write the log up to its newest checkpoint into a new folder, once it is entered who takes it along.

    Payloads do not go along. Raises NotPermitted, NotFound where nothing was signed, Conflict where the folder exists.
    """
    if folder.exists():
        raise Conflict(f"文件夹 {folder} 已存在", hint="请换一个名称")
    with by.take_whole_log("tiles", {}) as uow:
        newest = uow.checkpoints.newest()
        if newest is None:
            raise NotFound("还没有签过检查点", hint="duban audit checkpoint")
        for place, data in _tiles(uow, newest.head.size):
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (folder / "checkpoint").write_text(newest.note, encoding="utf-8", newline="\n")
    return newest


def _tiles(uow: UnitOfWork, size: int) -> Iterator[tuple[str, bytes]]:
    level, count = 0, size
    while count:
        for first in range(0, count, WIDTH):
            hashes = uow.history.hashes(level, first, min(WIDTH, count - first))
            yield f"tile/{level}/{_name(first // WIDTH, len(hashes))}", b"".join(hashes)
        level, count = level + 1, count // WIDTH
    for first in range(0, size, WIDTH):
        leaves = [sealed_bytes(entry) for entry in uow.history.scan(first, min(first + WIDTH, size))]
        bundle = b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)
        yield f"tile/entries/{_name(first // WIDTH, len(leaves))}", bundle


def _name(number: int, width: int) -> str:
    """A number in groups of three digits, all but the last behind an x; a partial tile says how wide it is."""
    groups = [f"{number % 1000:03}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03}")
    return "/".join(groups) + (f".p/{width}" if width < WIDTH else "")
