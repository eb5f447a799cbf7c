"""The history as a table: CSV for any program, a workbook for readers, JSON Lines with everything an entry says."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from engine.model.calendar import LOCAL
from engine.rules.cells import guarded, is_risky
from engine.usecases.exporting import Event, Export
from runtime.exports.columns import COLUMNS, Cell, cells_of, event_label
from runtime.words import marks_of

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
CUT: Final = "…（截断，全文见 JSON Lines）"


def write_csv(export: Export, target: Path) -> int:
    """Write a table, UTF-8 with a byte order mark, lines ending as RFC 4180 wants; returns how many entries it has."""
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.head for column in COLUMNS])
        return sum(
            bool(writer.writerow([_in_csv(cell) for cell in cells_of(event)])) for event in export.events()
        )


def _in_csv(cell: Cell) -> str | int:
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="microseconds")
    return cell if isinstance(cell, int) else guarded(cell or "")


def write_jsonl(export: Export, target: Path) -> int:
    """Write an object a line; returns how many entries there are."""
    with target.open("w", encoding="utf-8", newline="\n") as file:
        return sum(bool(file.write(f"{spelled(object_of(event))}\n")) for event in export.events())


def spelled(value: object) -> str:
    """A value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def object_of(event: Event) -> dict[str, object]:
    """Everything that an entry says, and what is known of its item around it."""
    entry = event.entry
    return {
        "index": entry.index,
        "at": entry.at.isoformat(),
        "kind": entry.kind.name.lower(),
        "what": entry.what,
        "label": event_label(event),
        "item": entry.item,
        "number": event.item.number if event.item else None,
        "title": event.item.title if event.item else None,
        "version": entry.item_version,
        "rules": event.after.text("definition") or None,
        "unit": event.unit or None,
        "unit_name": event.names.get(event.unit),
        "actor": entry.actor,
        "actor_name": event.actor_name,
        "standing": event.standing,
        "for": event.principal,
        "for_name": event.names.get(event.principal or ""),
        "state_before": event.before.text("state") or None,
        "state_after": event.after.text("state") or None,
        "stage": event.after.text("stage") or None,
        "seconds_in_state_before": event.waited,
        "flags": marks_of(entry.flags),
        "erased": entry.payload is None,
        "payload": event.payload,
        "previous": entry.previous.hex(),
        "commitment": entry.commitment.hex(),
        "leaf": entry.leaf.hex(),
    }


def write_xlsx(export: Export, target: Path) -> int:
    """Write a workbook, row by row, in constant memory; returns how many entries it has.

    Every text is written as text, whatever it begins with; one that a spreadsheet might take for a formula also says so
    itself, so that it stays text when somebody edits the cell. A full sheet is followed by another one.
    """
    with TemporaryDirectory(dir=target.parent, prefix=f"{target.name}.") as folder:
        book = xlsxwriter.Workbook(f"{target}", OPTIONS | {"tmpdir": folder})
        book.set_properties({"created": _local(export.at), "title": "督办历史"})
        count = _Book(book).write(export)
        try:
            book.close()
        except FileCreateError as error:
            raise OSError(f"{error}") from error
    return count


class _Book:
    """A workbook that is written from its first row to its last."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._head = book.add_format({"bold": True, "bottom": 1})
        self._instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._quoted = book.add_format({"quote_prefix": True})

    def write(self, export: Export) -> int:
        self._about(export)
        count = 0
        for count, event in enumerate(export.events(), 1):
            row = (count - 1) % ROWS
            if row == 0:
                sheet = self._sheet(1 + count // ROWS)
            for place, cell in enumerate(cells_of(event)):
                self._put(sheet, row + 1, place, cell)
        if count == 0:
            self._sheet(1)
        return count

    def _about(self, export: Export) -> None:
        sheet = self._book.add_worksheet("说明")
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 1, 90)
        for row, (name, value) in enumerate(about(export)):
            sheet.write_string(row, 0, name, self._head)
            self._put(sheet, row, 1, value)

    def _sheet(self, number: int) -> Any:
        sheet = self._book.add_worksheet("历史" if number == 1 else f"历史{number}")
        for place, column in enumerate(COLUMNS):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, column.head, self._head)
        sheet.freeze_panes(1, 1)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        return sheet

    def _put(self, sheet: Any, row: int, place: int, cell: Cell) -> None:
        if isinstance(cell, datetime):
            sheet.write_datetime(row, place, cell, self._instant)
        elif isinstance(cell, int):
            sheet.write_number(row, place, cell)
        elif cell:
            text = (cell if len(cell) <= LONGEST else cell[: LONGEST - len(CUT)] + CUT).translate(NO_TEXT)
            sheet.write_string(row, place, text, self._quoted if is_risky(text) else None)


def about(export: Export) -> Iterator[tuple[str, Cell]]:
    """What a reader has to know of an export: when and for whom it was made, and of which history."""
    yield "导出时间", _local(export.at)
    yield "导出人", export.asker
    yield "历史条数", export.head.size
    yield "历史根散列", export.head.root.hex()
    yield "范围", "只含导出人有权查看、并合筛选条件的记录"
    yield "时间", "北京时间；秒以下见 JSON Lines"


def _local(at: datetime) -> datetime:
    return at.astimezone(LOCAL).replace(tzinfo=None)
