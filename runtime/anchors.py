"""Checkpoints on paper and in files: written, drawn as a code to scan, and read back with an auditor's signature."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import segno

from engine.model.checkpoint import Note, VerifierKey
from engine.model.errors import Conflict, Invalid, NotFound, Problem
from engine.rules.notes import COSIGNER, is_signed, read_note, read_vkey
from runtime.keys import verify

HALVES = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}


def write_note(path: Path, note: str) -> None:
    """Write a note to a new file, byte for byte. Raises Conflict where the file exists."""
    _write_new(path, note.encode())


def write_code(path: Path, note: str) -> None:
    """Draw the QR code of a whole note into a new picture. Raises Conflict; Invalid where its name ends otherwise."""
    if path.suffix not in (".svg", ".png"):
        raise Invalid("画二维码", (Problem(where=f"{path}", text="文件名应以 .svg 或 .png 结尾"),))
    picture = BytesIO()
    _code(note).save(picture, kind=path.suffix[1:], scale=4)
    _write_new(path, picture.getvalue())


def drawn_code(note: str) -> str:
    """The QR code of a whole note as SVG, to stand in a page."""
    return _code(note).svg_inline(scale=4, border=2)


def _write_new(path: Path, data: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise Conflict(f"文件 {path} 已存在", hint="请换一个文件名") from error


def show_code(note: str, *, is_terminal: bool) -> str:
    """The QR code in characters; off a terminal the note itself, which programs read more easily."""
    if not is_terminal:
        return note
    rows = [[bool(cell) for cell in row] for row in _code(note).matrix_iter(border=2)]
    rows += [[False] * len(rows[0])] * (len(rows) % 2)
    return "\n".join(_halves(upper, lower) for upper, lower in zip(rows[::2], rows[1::2], strict=True))


def _halves(upper: Sequence[bool], lower: Sequence[bool]) -> str:
    """Two rows of a code in one line of characters, light on a dark terminal."""
    return "".join(HALVES[pair] for pair in zip(upper, lower, strict=True))


def _code(note: str) -> segno.QRCode:
    return segno.make_qr(note.encode(), error="m", mode="byte", boost_error=False)


def read_cosigned(path: Path, vkey: str) -> tuple[VerifierKey, Note]:
    """A note that this cosigner has signed. Raises NotFound, Invalid."""
    try:
        key, note = read_vkey(vkey), read_note(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFound(f"没有文件 {path}", hint="请核对路径") from error
    except ValueError as error:
        raise Invalid("读取联署", (Problem(where=f"{path}", text=f"公钥或文件不对：{error}"),)) from error
    if key.kind != COSIGNER or not is_signed(note, key, verify):
        raise Invalid("读取联署", (Problem(where=f"{path}", text=f"没有 {key.name} 的有效联署"),))
    return key, note
