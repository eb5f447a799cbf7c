"""The history as a table: CSV for any program, a workbook for readers, JSON Lines with everything an entry says."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from engine.model.calendar import LOCAL
from engine.rules.cells import guarded
from engine.usecases.exporting import Event, Export
from runtime.exports.columns import COLUMNS, cells_of, event_label
from runtime.exports.workbook import ROWS, Cell, new_book
from runtime.words import marks_of

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
    """Write a workbook; returns how many entries it has. A full sheet is followed by another one."""
    with new_book(target, "督办历史", _local(export.at), CUT) as book:
        book.facts("说明", about(export))
        heads, count = [(column.head, column.width) for column in COLUMNS], 0
        for count, event in enumerate(export.events(), 1):
            row = (count - 1) % ROWS
            if row == 0:
                sheet = book.sheet(_sheet_name(1 + count // ROWS), heads)
            for place, cell in enumerate(cells_of(event)):
                book.put(sheet, row + 1, place, cell)
        if count == 0:
            book.sheet(_sheet_name(1), heads)
    return count


def _sheet_name(number: int) -> str:
    return "历史" if number == 1 else f"历史{number}"


def about(export: Export) -> Iterator[tuple[str, Cell]]:
    """What a reader has to know of an export: when and for whom it was made, and of which history."""
    yield "导出时间", _local(export.at)
    yield "导出人", export.asker
    yield "历史条数", export.head.size
    yield "历史根散列", export.head.root.hex()
    yield "范围", "只含导出人有权查看、并合筛选条件的记录"
    yield "时间", "北京时间；秒以下见 JSON Lines"
    if export.head.size > ROWS:
        yield "工作表", f"每张至多 {ROWS} 条，放不下的接在“{_sheet_name(2)}”及以后各张"


def _local(at: datetime) -> datetime:
    return at.astimezone(LOCAL).replace(tzinfo=None)
