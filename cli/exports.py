"""`duban audit export`: the history for strangers to verify, and in the forms that other programs read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from cli.desk import desk, emit, warn
from cli.inspection import filtered, inspector, wanted
from cli.panel import Command, OneOf
from cli.values import plain
from engine.model.inspection import ExportForm
from engine.usecases.exporting import Progress as Told
from runtime.bundle import write_bundle
from runtime.exports.writing import write_export

BUNDLE = "bundle"
FORMATS = {
    BUNDLE: "完整的导出，供核对程序使用",
    ExportForm.OCEL.value: "OCEL 2.0，过程挖掘",
    ExportForm.XES.value: "XES，过程挖掘",
    ExportForm.CSV.value: "表格",
    ExportForm.JSONL.value: "JSON Lines",
    ExportForm.XLSX.value: "工作簿",
}


@click.command(
    cls=Command,
    name="export",
    help="导出历史。bundle 是全部历史，供外人用 tools/verify_export.py 核对：不联网，不需要本系统，不必信任本机；"
    "由审计员导出。每次导出都记入历史。\n"
    "其余格式供别的程序读取，只含您有权查看、并合筛选条件的记录；以等号等开头的内容一律写成文本，不会被当作公式。",
    examples=(
        "audit export --format bundle --output 2020.zip",
        "audit export --format xlsx --unit team_a --since 2020-06-01 --output june.xlsx",
        "audit export --format ocel --output 2020.json",
    ),
)
@click.option(
    "--format", "form", metavar="格式", type=OneOf(FORMATS), default=BUNDLE, help="、".join(FORMATS)
)
@click.option(
    "--output", metavar="文件", type=click.Path(path_type=Path), required=True, help="写到这个新文件"
)
@click.option("--without-evidence", is_flag=True, help="bundle 不带佐证文件；核对时会说明没有核")
@filtered
def export(form: str, output: Path, *, without_evidence: bool, **given: Any) -> None:
    """Write the history to a new file."""
    if form != BUNDLE and without_evidence:
        raise click.UsageError("--without-evidence 只用于 bundle；其余格式都不带佐证文件")
    if form == BUNDLE:
        if any(given.values()):
            raise click.UsageError("bundle 总是全部历史，不能筛选；要筛选请换一种 --format")
        _bundle(output, with_evidence=not without_evidence)
    else:
        _export(ExportForm(form), output, given)


def _bundle(output: Path, *, with_evidence: bool) -> None:
    with desk() as at:
        done = write_bundle(inspector(at), at.app.settings.evidence, output, with_evidence=with_evidence)
    for digest in done.missing:
        warn(f"佐证 {digest[:12]}… 不在库中")
    told = f"已导出 {done.head.size} 条历史、{done.evidence} 份佐证到 {output}"
    emit({"format": BUNDLE, **plain(done)}, told)


def _export(form: ExportForm, output: Path, given: dict[str, Any]) -> None:
    with desk() as at, _bar() as told:
        done = write_export(inspector(at), form, wanted(at, given), output, told)
    emit({"format": form.value, **plain(done)}, f"已导出 {done.entries} 条记录到 {output}")


@contextmanager
def _bar() -> Iterator[Told]:
    """A bar on stderr, where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("导出"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        bar = progress.add_task("导出")
        yield lambda done, of: progress.update(bar, completed=done, total=of)
