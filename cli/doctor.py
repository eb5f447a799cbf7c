"""Whether the installation is healthy, and everything stored follows from its history."""

from collections.abc import Iterator
from itertools import islice

import click

from cli.desk import Desk, desk, emit, warn
from cli.panel import Command
from cli.text import table
from cli.values import plain
from engine.usecases.audit import Finding
from engine.usecases.doctor import examine, examine_deeply
from runtime.evidence import is_whole

_MOST = 500


@click.command(
    cls=Command,
    help="体检：数据库完好与否、有没有漏催办的时限和发不出的通知。\n"
    "加 --deep 重放全部历史，逐件核对不变量（I1 至 I14）；加 --evidence 逐份核对佐证文件。\n"
    "有任何发现时退出码为 1。",
    examples=("doctor", "doctor --deep --evidence --json"),
)
@click.option("--deep", is_flag=True, help="重放全部历史，逐件核对")
@click.option("--evidence", is_flag=True, help="逐份核对佐证文件")
@click.pass_context
def doctor(ctx: click.Context, deep: bool, evidence: bool) -> None:
    """Examine the installation."""
    with desk() as at:
        found = examine(at.app.reading(), at.now)
        if deep:
            found += islice(examine_deeply(at.app.reading()), _MOST)
        if evidence:
            found += islice(_evidence(at), _MOST)
    if len(found) >= _MOST:
        warn(f"只列出前 {_MOST} 项")
    text = table(("不变量", "对象", "发现"), [(f.code, f.subject, f.text) for f in found], most=90)
    emit(plain(found), text if found else f"{'全部历史核对无误' if deep else '一切正常'}")
    if found:
        ctx.exit(1)


def _evidence(at: Desk) -> Iterator[Finding]:
    """Every registered piece of evidence lies in the store, byte for byte (I13)."""
    with at.app.reading() as uow:
        numbers = {item.id: item.number for item in uow.items.scan() if item.evidence_count}
        for item, number in numbers.items():
            for piece in uow.evidence.of_item(item):
                if not is_whole(at.app.settings.evidence, piece):
                    yield Finding(
                        "I13", number, f"佐证“{piece.name}”（{piece.sha256[:12]}…）不在库中，或已被改动"
                    )
