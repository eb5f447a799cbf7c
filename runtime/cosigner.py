"""An auditor's own computer: checks that the log only grew since it last looked, and signs what it saw.

It needs the bundle and two files of the auditor's: the key, and what was cosigned last. No server, no database.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from engine.model.causes import in_chinese
from engine.model.checkpoint import Note, VerifierKey
from engine.model.entry import TreeHead
from engine.model.errors import Broken, Invalid, NotFound, Problem, Unavailable
from engine.rules.notes import is_signed, read_checkpoint, read_note, signed
from engine.rules.tree import append_leaf, root_of
from runtime.anchors import write_note
from runtime.keys import SigningKey, verify
from runtime.signer import remember, signature_of


@dataclass(frozen=True, slots=True)
class Cosigned:
    """What was signed, and what had been signed before, if anything."""

    head: TreeHead
    before: TreeHead | None
    note: str


def cosign(bundle: Path, key: SigningKey, memory: Path, log: VerifierKey, now: datetime) -> Cosigned:
    """Sign the newest checkpoint of a bundle below the log's own signature, and remember it.

    Raises Invalid where the log has not signed it, Broken where the log is not a continuation of what was seen before,
    or the entries of the bundle do not have this root.
    """
    leaves, note = _contents(bundle)
    if not is_signed(note, log, verify):
        raise Invalid("联署", (Problem(where=f"{bundle}", text="最新检查点没有所给公钥的签名"),))
    head = read_checkpoint(note.text)[1]
    last = read_checkpoint(_last(memory, key).text)[1] if memory.exists() else None
    roots = _roots(leaves, {head.size, last.size if last else 0})
    if last and (last.size > head.size or roots.get(last.size) != last.root):
        raise Broken(
            f"拒绝联署：与上次联署的 {last.size} 条不相接",
            hint="历史被截去、换过或改写。请保留两份文件，上报",
        )
    if roots.get(head.size) != head.root:
        raise Broken("拒绝联署：检查点的根与导出的记录不符", hint="请保留文件，上报")
    cosigned = signed(note.text, *note.signatures, signature_of(key, note.text, now))
    remember(memory, cosigned)
    return Cosigned(head, last, cosigned)


def write_cosigned(path: Path, done: Cosigned) -> None:
    """Write the cosigned checkpoint to a new file, to be brought back to the server."""
    write_note(path, done.note)


def _last(memory: Path, key: SigningKey) -> Note:
    try:
        note = read_note(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unavailable(
            f"联署记忆 {memory} 读不出来：{in_chinese(error)}", hint="请用备份的文件，不要删除"
        ) from error
    if not is_signed(note, key.public, verify):
        raise Unavailable(f"联署记忆 {memory} 不是这把密钥签的", hint="请核对密钥和文件，不要删除")
    return note


def _contents(bundle: Path) -> tuple[list[bytes], Note]:
    try:
        with ZipFile(bundle) as archive, archive.open("entries.jsonl") as entries:
            leaves = [bytes.fromhex(json.loads(line)["leaf"]) for line in entries]
            rows = [json.loads(line) for line in archive.read("tables/checkpoint.jsonl").splitlines()]
    except FileNotFoundError as error:
        raise NotFound(f"没有文件 {bundle}", hint="请核对路径") from error
    except (OSError, BadZipFile, ValueError, KeyError, TypeError) as error:
        raise Unavailable(f"{bundle} 读不出来：{in_chinese(error)}", hint="请重新导出") from error
    if not rows:
        raise NotFound("导出里还没有检查点", hint="请先在服务器上 duban audit checkpoint，再导出")
    return leaves, read_note(rows[-1]["note"])


def _roots(leaves: Sequence[bytes], sizes: set[int]) -> dict[int, bytes]:
    frontier: tuple[bytes, ...] = ()
    roots = {0: root_of(frontier)}
    for size, leaf in enumerate(leaves, start=1):
        frontier = append_leaf(frontier, size - 1, leaf)
        if size in sizes:
            roots[size] = root_of(frontier)
    return roots
