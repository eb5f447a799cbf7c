"""A workbook, row by row, in constant memory. Every text is written as text, whatever it begins with.

One that a spreadsheet might take for a formula also says so itself, so that it stays text when somebody edits the cell.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from engine.rules.cells import is_risky

Cell = str | int | datetime | None
"""A number stays a number, an instant an instant (in the time of China, without a zone), everything else is text."""
LONGEST: Final = 32_767
"""So many characters fit in a cell of a workbook."""
ROWS: Final = 1_048_575
"""So many rows fit on a sheet below its head."""
OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
NO_TEXT: Final = dict.fromkeys((0xFFFE, 0xFFFF), 0xFFFD)
"""What XML cannot hold, and the writer of workbooks lets pass."""


class Book:
    """An open workbook; `cut` ends a text that was too long for its cell."""

    def __init__(self, book: Any, cut: str) -> None:
        self._book = book
        self._cut = cut
        self._head = book.add_format({"bold": True, "bottom": 1})
        self._instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._quoted = book.add_format({"quote_prefix": True})

    def facts(self, name: str, rows: Iterator[tuple[str, Cell]]) -> None:
        """A sheet that says what a reader has to know of the others."""
        sheet = self._book.add_worksheet(name)
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 1, 90)
        for row, (fact, value) in enumerate(rows):
            sheet.write_string(row, 0, fact, self._head)
            self.put(sheet, row, 1, value)

    def sheet(self, name: str, heads: Sequence[tuple[str, int]]) -> Any:
        """A sheet with a head that stays, and the width of each column in characters."""
        sheet = self._book.add_worksheet(name)
        for place, (head, width) in enumerate(heads):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, head, self._head)
        sheet.freeze_panes(1, 1)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        return sheet

    def put(self, sheet: Any, row: int, place: int, cell: Cell) -> None:
        """Write a cell; nothing for none."""
        if isinstance(cell, datetime):
            sheet.write_datetime(row, place, cell, self._instant)
        elif isinstance(cell, int):
            sheet.write_number(row, place, cell)
        elif cell:
            text = (cell if len(cell) <= LONGEST else cell[: LONGEST - len(self._cut)] + self._cut).translate(
                NO_TEXT
            )
            sheet.write_string(row, place, text, self._quoted if is_risky(text) else None)


@contextmanager
def new_book(target: Path, title: str, made_at: datetime, cut: str = "…（截断）") -> Iterator[Book]:
    """A workbook that is written to `target` when it is left; `made_at` in the time of China, without a zone."""
    with TemporaryDirectory(dir=target.parent, prefix=f"{target.name}.") as folder:
        book = xlsxwriter.Workbook(f"{target}", OPTIONS | {"tmpdir": folder})
        book.set_properties({"created": made_at, "title": title})
        try:
            yield Book(book, cut)
        finally:
            _close(book)


def _close(book: Any) -> None:
    """Write what was gathered, also of a book that was given up: else the writer does so later, unheard."""
    try:
        book.close()
    except FileCreateError as error:
        raise OSError(f"{error}") from error
