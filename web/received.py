"""Files that come with a move, kept only where the move is open; and a kept one, to be given out again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from starlette.datastructures import UploadFile

from engine.model.errors import Invalid, NotFound, Problem
from engine.model.item import Item
from engine.model.transition import Attempt, Evidence
from engine.rules.uploads import HEAD_BYTES, MOST_BYTES, objection, safe_name
from engine.usecases.items import check_move, move_item
from engine.usecases.queries import ItemDetail
from runtime.wiring import App

UNHASHED = "0" * 64
Named = tuple[str, UploadFile]


def checked(files: Sequence[UploadFile]) -> list[Named]:
    """Files under the names they are kept by. Raises Invalid with everything that is wrong."""
    named = [(safe_name(file.filename or ""), file) for file in files]
    wrong = [said for name, file in named if (said := _objection(name, file))]
    if wrong:
        hint = f"请换成可以上传的文件，每份不超过 {MOST_BYTES // 1024**2} MB"
        raise Invalid("佐证没有收下", tuple(Problem(where="", text=said, hint=hint) for said in wrong))
    return named


def moved_with(app: App, now: datetime, attempt: Attempt, files: Sequence[Named]) -> Item:
    """Make a move with its evidence. A move that is refused keeps no file. Raises as `move_item`."""
    tried = replace(
        attempt, evidence=tuple(Evidence(sha256=UNHASHED, name=name, size=1) for name, _ in files)
    )
    if files:
        check_move(app.writing(), now, tried)
    kept = tuple(app.receive_evidence(file.file, name, attempt.claimed_on) for name, file in files)
    return move_item(app.writing(), now, replace(attempt, evidence=kept))


def kept_piece(app: App, detail: ItemDetail, sha256: str) -> tuple[Evidence, Path]:
    """A piece of evidence of an item, and where it lies. Raises NotFound."""
    piece = next((each for each in detail.evidence if each.sha256 == sha256), None)
    place = app.evidence_at(sha256) if piece else None
    if piece is None or place is None or not place.is_file():
        raise NotFound("没有这份佐证")
    return piece, place


def _objection(name: str, file: UploadFile) -> str:
    head = file.file.read(HEAD_BYTES)
    size = file.file.seek(0, 2)
    file.file.seek(0)
    return objection(name, size, head)
