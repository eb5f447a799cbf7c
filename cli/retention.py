"""Archiving a campaign, how long it is kept, and erasing what is due."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from cli.desk import desk, emit, warn
from cli.panel import Command, Group
from cli.text import table
from cli.values import local, plain
from engine.model.actor import Actor
from engine.model.entry import Entry
from engine.model.errors import Conflict
from engine.ports import UnitOfWork
from engine.usecases.checkpoints import make_checkpoint
from engine.usecases.clearing import Clear, Cleared, clear_campaign, items_to_clear
from engine.usecases.retention import enter_archive, enter_hold, enter_release, retention
from runtime.archive import write_archive
from runtime.redaction import forget
from runtime.sealing import sealing_of

CAMPAIGN = click.argument("name", metavar="专项活动编号")
WHY = click.option("--reason", metavar="理由", required=True, help="写明理由，记入历史")


def add_to(campaign: Group) -> None:
    """Make these commands part of `duban campaign`."""
    for command in (archive, kept, hold, release, erase):
        campaign.add_command(command)


@click.command(
    cls=Command,
    name="archive",
    help="归档已全部办结的专项活动：写成一个签了名的压缩包，内有全部历史、佐证、流程、检查点、核对程序和说明，"
    "日后在任何有 Python 的电脑上都能单独核对。归档和保存期限记入历史。",
    examples=("campaign archive fazhi-2020 --output fazhi-2020.zip --keep-until 2030-12-31 --actor admin",),
)
@CAMPAIGN
@click.option(
    "--output", metavar="文件", type=click.Path(path_type=Path), required=True, help="写到这个新文件"
)
@click.option(
    "--keep-until",
    "until",
    metavar="日期",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="保存到哪天；至少六个月",
)
def archive(name: str, output: Path, until: datetime) -> None:
    """Archive a campaign."""
    with desk() as at:
        at.require_writer()
        if output.exists():
            raise Conflict(f"文件 {output} 已存在", hint="请换一个文件名")
        entry = enter_archive(at.app.writing(), at.now, at.asker, name, until.date())
        make_checkpoint(sealing_of(at.app), at.now, f"archive/{entry.index}")
        missing = write_archive(at.app, at.now, output, name, until.date().isoformat())
    for digest in missing:
        warn(f"佐证 {digest[:12]}… 不在库中")
    told = f"已归档到 {output}，记为第 {entry.index} 条，保存到 {until.date()}"
    emit({"campaign": name, "entry": entry.index, "output": f"{output}", "missing": list(missing)}, told)


@click.command(
    cls=Command,
    name="retention",
    help="各专项活动保存到哪天，是否封存，哪些已到期可以清除。到期不会自动清除。",
    examples=("campaign retention",),
)
def kept() -> None:
    """List the periods."""
    with desk() as at:
        found = retention(at.app.reading())
        day = at.today
    rows = [
        (
            each.campaign,
            each.title,
            each.archived_at and local(each.archived_at),
            each.until,
            _state(each.is_due(day), each.held),
        )
        for each in found
    ]
    told = [{**plain(each), "is_due": each.is_due(day)} for each in found]
    emit(told, table(("编号", "名称", "归档", "保存到", "情况"), rows))


def _state(is_due: bool, held: str) -> str:
    return f"封存：{held}" if held else "已到期，可以清除" if is_due else ""


@click.command(
    cls=Command,
    name="hold",
    help="封存：有诉讼、复议、信访或督察时，不论保存期限，一概不得清除或抹去。",
    examples=("campaign hold fazhi-2020 --reason 行政复议未结 --actor director",),
)
@CAMPAIGN
@WHY
def hold(name: str, reason: str) -> None:
    """Keep a campaign."""
    _enter(enter_hold, name, reason, "已封存")


@click.command(
    cls=Command,
    name="release",
    help="解除封存，由领导小组办理。",
    examples=("campaign release fazhi-2020 --reason 复议已结 --actor leader",),
)
@CAMPAIGN
@WHY
def release(name: str, reason: str) -> None:
    """Let the period count again."""
    _enter(enter_release, name, reason, "已解除封存")


def _enter(
    enter: Callable[[UnitOfWork, datetime, Actor, str, str], Entry], name: str, reason: str, done: str
) -> None:
    with desk() as at:
        at.require_writer()
        entry = enter(at.app.writing(), at.now, at.asker, name, reason)
    emit({"campaign": name, "entry": entry.index}, f"{done}，记为第 {entry.index} 条")


@click.command(
    cls=Command,
    name="erase",
    help="清除已到期的专项活动：逐件抹去各栏文字、通知和佐证，每件一条记录；叶散列、状态和经过仍在，证明照样成立。"
    "由安全管理员办理；没有归档、没有到期或已封存的，不能清除。\n"
    "不能清除的事项逐件列出原因（例如有办理人自己的记录，须由另一位安全管理员办理），此时退出码为 1。",
    examples=("campaign erase fazhi-2020 --reason 保存期满 --basis 保存期限表 --yes --actor security",),
)
@CAMPAIGN
@WHY
@click.option("--basis", metavar="依据", required=True, help="法律或文件依据")
@click.option("--yes", is_flag=True, help="已想好，清除")
@click.pass_context
def erase(ctx: click.Context, name: str, reason: str, basis: str, yes: bool) -> None:
    """Erase what is due."""
    with desk() as at:
        command = Clear(campaign=name, reason=reason, basis=basis, actor=at.asker)
        if not yes:
            numbers = items_to_clear(at.app.reading(), at.now, command)
            emit({"done": False, "items": len(numbers)}, f"将清除 {len(numbers)} 件；确要清除，请加 --yes")
            return
        at.require_writer()
        done = clear_campaign(at.app.reading, at.app.writing, at.now, command)
        forget(at.app, *done.erasures)
    emit({"done": True, "items": len(done.erasures), "stays": plain(done.stays)}, _told(done))
    if not all(each.is_empty for each in done.stays):
        ctx.exit(1)


def _told(done: Cleared) -> str:
    """What was cleared, and every item of which something stays, with the reason."""
    empty = sum(each.is_empty for each in done.stays)
    kept = [(each.number, each.why) for each in done.stays if not each.is_empty]
    told = [f"已清除 {len(done.erasures)} 件"]
    if empty:
        told.append(f"{empty} 件已没有可抹去的内容")
    if kept:
        told.append(f"{len(kept)} 件没有清除")
    return "，".join(told) + ("\n" + table(("没有清除", "原因"), kept, most=90) if kept else "")
