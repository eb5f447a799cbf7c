"""Writes an export to a new file, whole or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.model.entry import TreeHead
from engine.model.inspection import ExportForm, LogFilter
from engine.usecases.exporting import Export, Progress, export_log
from engine.usecases.inspecting import Inspector
from runtime.exports.ocel import write_ocel
from runtime.exports.tables import write_csv, write_jsonl, write_xlsx
from runtime.exports.xes import write_xes
from runtime.files import new_file

WRITERS: Final[Mapping[ExportForm, Callable[[Export, Path], int]]] = {
    ExportForm.OCEL: write_ocel,
    ExportForm.XES: write_xes,
    ExportForm.CSV: write_csv,
    ExportForm.JSONL: write_jsonl,
    ExportForm.XLSX: write_xlsx,
}


@dataclass(frozen=True, slots=True)
class Exported:
    """An export as it was written: how many entries it has, and of which history."""

    file: Path
    form: ExportForm
    entries: int
    head: TreeHead


def _nothing(_done: int, _of: int) -> None:
    """Tell nobody."""


def write_export(
    by: Inspector, form: ExportForm, wanted: LogFilter, target: Path, progress: Progress = _nothing
) -> Exported:
    """Write the wanted entries to a new file. Raises NotPermitted, NotFound, Conflict, Unavailable."""
    with new_file(target) as incoming, export_log(by, form, wanted, progress) as export:
        count = WRITERS[form](export, incoming)
        return Exported(target, form, count, export.head)
