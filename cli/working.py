"""The clock at work: one sweep now, or a worker that sweeps and delivers until it is stopped."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

import click

from cli.desk import desk, emit, option, warn
from cli.panel import Command, Whole
from cli.text import table
from cli.values import local
from engine.model.ids import ItemId
from engine.model.item import Item
from engine.usecases.duties import open_duties
from engine.usecases.firing import Escalation
from engine.usecases.sweep import sweep as sweep_due
from runtime.log import write_log
from runtime.work import LONGEST_STEP, Work


@click.command(
    cls=Command,
    help="扫描一次：建立到期次的报送，对到期时限发出提醒、催办、升级。可以随时运行，重复运行不会重复通知。",
    examples=("sweep", "sweep --at 2020-05-06T09:00"),
)
def sweep() -> None:
    """Open the reports whose period has come, fire what is due, and say what was done."""
    with desk() as at:
        opened = list(open_duties(at.app.writing, at.now))
        fired = list(sweep_due(at.app.writing, at.now, tell=_tell_failed))
    rows = [
        (
            escalation.item.number,
            escalation.reached.speaker.label,
            local(escalation.deadline.due_at),
            escalation.recipients,
            "、".join(rung.label for rung in escalation.reached.spoken[:-1]),
        )
        for escalation in fired
    ]
    text = table(("编号", "台阶", "时限", "通知人数", "合并的台阶"), rows) if rows else "没有到期的时限"
    told = {"fired": [_told(escalation) for escalation in fired], "opened": [item.number for item in opened]}
    emit(told, "\n".join([*_opened(opened), text]))


def _opened(items: Sequence[Item]) -> Iterator[str]:
    for title, count in Counter(item.title for item in items).items():
        yield f"建立报送 {count} 件：{title}"


def _tell_failed(item: ItemId, error: Exception) -> None:
    warn(f"事项 {item} 这次没能催办，稍后再办：{type(error).__name__}：{error}")


def _told(escalation: Escalation) -> dict[str, object]:
    return {
        "number": escalation.item.number,
        "clock": escalation.deadline.clock,
        "rungs": [rung.id for rung in escalation.reached.rungs],
        "due_at": escalation.deadline.due_at,
        "recipients": escalation.recipients,
    }


@click.command(
    cls=Command,
    help="常驻运行：到期次建立报送，到点即扫描，随时投递通知，定期签检查点。\n"
    "可以在多台机器上同时开多个；以数据库时钟为准。\n"
    "用 Ctrl+C 或 SIGTERM 停止，手上的一笔办完才退出。是否正常，用 duban health 查看。\n"
    "每件事在 stderr 记一行；加 --json 则每行一个 JSON 对象。",
    examples=("worker", "worker --every 30 --json", "worker --once"),
)
@click.option(
    "--every",
    metavar="秒",
    type=Whole(most=LONGEST_STEP),
    default=LONGEST_STEP,
    help=f"最长间隔，默认 {LONGEST_STEP} 秒；有时限到期时会提前",
)
@click.option("--once", is_flag=True, help="只做一轮")
def worker(every: int, *, once: bool) -> None:
    """Sweep and deliver until stopped."""
    if option("at") and not once:
        raise click.UsageError("--at 只能与 --once 同用：常驻运行以数据库时钟为准")
    with desk() as at:
        write_log(sys.stderr, as_json=bool(option("as_json")), secrets=at.app.settings.secrets)
        work = Work(at.app, every=timedelta(seconds=every))
        if once:
            work.once(at.now)
        else:
            work.run()
