"""Erasing personal data from the history and everywhere beside it."""

import click

from cli.desk import desk, emit, warn
from cli.panel import Command
from cli.text import table
from engine.model.redaction import Erasure
from engine.usecases.redaction import Redact, try_redaction
from runtime.redaction import erase_for_good, whereabouts


@click.command(
    cls=Command,
    name="redact",
    help="抹去历史里的个人信息：内容和盐一并抹去，叶散列不动，所有证明照样成立；抹去本身记入历史（何人、何故、何依据）。\n"
    "同样的内容在事项、通知、外发、佐证名称里也一并抹去。先看会抹去什么；加 --yes 才抹去，不能恢复。"
    "只有安全管理员可以办理，且不能抹去自己办理的记录。此前的备份里仍有原文，请按保存期限销毁。",
    examples=(
        "audit redact ZG-2020-000001:存在问题 --words 王某某 --reason 当事人申请 --basis 个人信息保护法第47条",
        "audit redact 120 --reason 误录身份证号 --basis 个人信息保护法第47条 --yes",
    ),
)
@click.argument("target", metavar="序号、编号:栏目或编号:佐证散列")
@click.option(
    "--words", metavar="词", multiple=True, help="只抹去这个词，不论在何处；不给则抹去整栏或整条的文字"
)
@click.option("--reason", metavar="理由", required=True, help="何故，不要写出要抹去的内容")
@click.option("--basis", metavar="依据", required=True, help="法律或文件依据")
@click.option("--yes", is_flag=True, help="已看过，抹去")
def erase(target: str, words: tuple[str, ...], reason: str, basis: str, yes: bool) -> None:
    """Show what would be erased, or erase it."""
    with desk() as at:
        command = Redact(target=target, words=words, reason=reason, basis=basis, actor=at.asker)
        if not yes:
            found = try_redaction(at.app.writing(), at.now, command)
            emit({"done": False, **_plain(found)}, f"{_told(found)}\n还没有抹去；确要抹去，请加 --yes")
            return
        at.require_writer()
        done, is_gone = erase_for_good(at.app, at.now, command)
    emit({"done": True, **_plain(done)}, f"{_told(done)}\n已抹去，记为第 {done.entry} 条")
    if not is_gone:
        warn("数据库正有人在读，日志文件里还留着旧页；无人在读时会自行覆盖")
    if done.backups:
        warn(f"此前的备份 {done.backups} 份仍有原文，请按保存期限销毁")


def _plain(found: Erasure) -> dict[str, object]:
    return {
        "entry": found.entry,
        "indexes": list(found.indexes),
        "files": list(found.files),
        "rows": dict(found.rows),
        "backups": found.backups,
    }


def _told(found: Erasure) -> str:
    return table(("何处", "多少", "序号"), whereabouts(found))
