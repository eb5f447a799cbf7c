"""What the ledger shows, to take along: exactly the rows that its address asks for, with the chosen columns."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response, StreamingResponse

from engine.model.calendar import LOCAL
from engine.model.errors import Invalid, Problem
from engine.model.ids import DefinitionRef
from engine.rules.cells import guarded
from engine.usecases.queries import Lit, are_surely_more
from runtime.exports.workbook import Book, Cell, new_book
from runtime.words import LAMPS, STAGES
from web.lists import labels_of
from web.pages.ledger import COLUMNS, Asked, place_of, rows_of
from web.render import minute
from web.site import AnyGuest, Guest
from web.threads import apart

router = APIRouter()
CHUNK: Final = 500
MOST_IN_BOOK: Final = 50_000
"""So many rows a workbook takes while somebody waits; CSV leaves as it is read, and has no end."""
WIDTHS: Final[Mapping[str, int]] = {"lamp": 6, "number": 18, "title": 48, "unit": 22, "due": 20}
BOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/items.csv")
def table(guest: AnyGuest, asked: Annotated[Asked, Depends()]) -> Response:
    """A table for any program."""
    headers = {"content-disposition": f'attachment; filename="{_name(guest)}.csv"'}
    return StreamingResponse(_csv(guest, asked), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/items.xlsx")
@apart
def workbook(guest: AnyGuest, asked: Annotated[Asked, Depends()]) -> Response:
    """A workbook, in which dates are dates and no text is a formula."""
    _refuse_too_many(guest, asked)
    folder = Path(mkdtemp(prefix="duban-"))
    gone = BackgroundTask(_remove, folder)
    try:
        file = folder / "ledger.xlsx"
        with new_book(file, "台账", guest.now.astimezone(LOCAL).replace(tzinfo=None)) as book:
            _fill(book, guest, asked)
    except BaseException:
        _remove(folder)
        raise
    return FileResponse(file, media_type=BOOK, filename=f"{_name(guest)}.xlsx", background=gone)


def _name(guest: Guest) -> str:
    return f"ledger-{guest.now.astimezone(LOCAL):%Y%m%d}"


def _remove(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


def _refuse_too_many(guest: Guest, asked: Asked) -> None:
    """Say so at once where it is known; where it is not, the rows tell. Raises Invalid."""
    wanted = replace(asked.filter(guest), after=None)
    is_known = asked.sort != "due"
    if is_known and are_surely_more(guest.site.app.reading(), guest.asker, wanted, MOST_IN_BOOK):
        raise _too_many()


def _too_many() -> Invalid:
    said, hint = (
        f"超过 {MOST_IN_BOOK} 件，Excel 文件装不下",
        "请按单位、环节或时限缩小条件分几次导出，或导出 CSV（不限件数）",
    )
    return Invalid("没有导出", (Problem(where="台账", text=said, hint=hint),))


def _fill(book: Book, guest: Guest, asked: Asked) -> None:
    """Every row of the ledger. Raises Invalid where there are more than a workbook is made for."""
    heads = [(COLUMNS[name], WIDTHS.get(name, 12)) for name in asked.columns]
    sheet, done = book.sheet("台账", heads), 0
    for rows in _every_page(guest, replace(asked, after="")):
        labels = labels_of(guest.site.app, rows)
        for row, lit in enumerate(rows, done + 1):
            cells = cells_of(lit, labels) | _values(lit)
            for place, name in enumerate(asked.columns):
                book.put(sheet, row, place, cells[name])
        done += len(rows)
        if done > MOST_IN_BOOK:
            raise _too_many()


def _values(lit: Lit) -> dict[str, Cell]:
    """The cells that are no text."""
    due = lit.row.due_at
    return {
        "due": due.astimezone(LOCAL).replace(tzinfo=None) if due else None,
        "returned": lit.row.returned_count or None,
    }


def _csv(guest: Guest, asked: Asked) -> Iterator[str]:
    yield "\ufeff" + _line(COLUMNS[name] for name in asked.columns)
    for rows in _every_page(guest, replace(asked, after="")):
        labels = labels_of(guest.site.app, rows)
        yield "".join(_line(f"{cells_of(lit, labels)[name]}" for name in asked.columns) for lit in rows)


def _every_page(guest: Guest, asked: Asked) -> Iterator[list[Lit]]:
    while True:
        rows, edge = rows_of(guest, asked, CHUNK)
        yield rows
        further = place_of(asked, rows[-1].row) if len(rows) == CHUNK else edge
        if further is None:
            return
        asked = replace(asked, after=further)


def cells_of(lit: Lit, labels: Mapping[tuple[DefinitionRef, str], str]) -> dict[str, Cell]:
    """The text of each column."""
    row = lit.row
    return {
        "lamp": LAMPS[lit.signal.lamp.value],
        "number": row.number,
        "title": row.title,
        "unit": row.unit_name,
        "stage": STAGES[row.stage.value],
        "state": labels[row.definition, row.state],
        "owner": row.owner_name or "",
        "due": minute(row.due_at),
        "returned": f"{row.returned_count or ''}",
    }


def _line(cells: Iterable[str]) -> str:
    made = io.StringIO()
    csv.writer(made).writerow(map(guarded, cells))
    return made.getvalue()
