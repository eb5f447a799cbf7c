"""What makes the history trustworthy to strangers: keys, checkpoints, anchors, cosignatures."""

import sys
from pathlib import Path

import click

from cli import audit_proofs, inspection
from cli.audit_keys import key
from cli.conformance import conformance
from cli.desk import desk, emit
from cli.exports import export
from cli.panel import Group, OneOf
from cli.redaction import erase
from cli.text import pairs
from cli.values import local, plain
from engine.model.checkpoint import AnchorWay, Checkpoint
from engine.model.entry import TreeHead
from engine.rules.printed import printed
from engine.usecases.anchors import Anchor, enter_anchor, enter_cosignature, tell_leaders, to_bring_out
from engine.usecases.checkpoints import make_checkpoint, standing
from runtime.anchors import read_cosigned, show_code, write_code, write_note
from runtime.sealing import sealing_of

WAYS = {AnchorWay.FILE.value: "文件", AnchorWay.MAIL.value: "发给领导小组", AnchorWay.PAPER.value: "打印"}

audit = Group(
    name="audit",
    help="审计：查历史、回到过去、比较、找疑点；密钥、检查点、锚定、联署，让外人不必相信本机也能核对历史。",
    examples=("audit log --since 2020-06-01", "audit findings", "audit checkpoint"),
    no_args_is_help=True,
)
audit.add_command(key)
inspection.add_to(audit)
audit_proofs.add_to(audit)
audit.add_command(conformance)
audit.add_command(export)
audit.add_command(erase)


@audit.command("status", help="历史签到了哪里：条数、最新检查点、公钥。", examples=("audit status --json",))
def status() -> None:
    """Show how far the log is signed."""
    with desk() as at:
        found = standing(at.app.reading())
    newest = found.newest
    rows = [
        ("历史条数", found.head.size),
        ("校验行", printed(found.head)),
        ("最新检查点", f"{newest.head.size} 条，{local(newest.at)}" if newest else "还没有"),
        ("尚未签入", f"{found.unsigned} 条"),
        ("公钥", found.keys[-1].vkey if found.keys else "还没有启用密钥"),
    ]
    emit(found, pairs(rows))


@audit.command(
    "checkpoint",
    help="给历史的末端签名，存为检查点。worker 每天和阶段变动时会自动签；这里可随时另签。",
    examples=("audit checkpoint --actor auditor",),
)
def checkpoint() -> None:
    """Sign the head of the log."""
    with desk() as at:
        cause = f"manual/{at.app.entropy.new_id(at.now)}"
        made = make_checkpoint(sealing_of(at.app), at.now, cause, at.asker)
        if made is None:
            raise click.Abort
    emit(made, f"{_told(made.head)}\n\n{made.note}")


@audit.command(
    "anchor",
    help="把最新检查点带出本机：写成文件，发给领导小组，或打印（校验行和二维码）。每次锚定都记入历史。",
    examples=("audit anchor --way file --output checkpoint.txt", "audit anchor --way paper --output qr.svg"),
)
@click.option("--way", metavar="方式", type=OneOf(WAYS), required=True, help="、".join(WAYS))
@click.option(
    "--output", metavar="文件", type=click.Path(path_type=Path), help="写到这个文件；纸质锚定为 .svg 或 .png"
)
def anchor(way: str, output: Path | None) -> None:
    """Bring the newest checkpoint out of the house."""
    chosen = AnchorWay(way)
    if chosen is AnchorWay.FILE and output is None:
        raise click.UsageError("写成文件，请加 --output 文件")
    with desk() as at:
        newest, vkey = to_bring_out(at.app.reading(), at.asker)
        if chosen is AnchorWay.MAIL:
            count = tell_leaders(at.app.writing(), at.now, at.asker, newest)
            text = f"已通知领导小组 {count} 人"
        else:
            text = _brought_out(chosen, newest, vkey, output)
            to = output.name if output else "屏幕"
            enter_anchor(at.app.writing(), at.now, at.asker, Anchor(newest, chosen, to))
    emit({"way": way, **plain(newest)}, text)


def _brought_out(way: AnchorWay, newest: Checkpoint, vkey: str, output: Path | None) -> str:
    line = f"{_told(newest.head)}\n公钥 {vkey}"
    if way is AnchorWay.FILE and output:
        write_note(output, newest.note)
        return f"{line}\n已写到 {output}"
    if output:
        write_code(output, newest.note)
        return f"{line}\n二维码已写到 {output}，扫出的就是整份检查点"
    return f"{line}\n\n{show_code(newest.note, is_terminal=sys.stdout.isatty())}"


@audit.command(
    "accept",
    help="登记审计人员的联署：读入他们在自己电脑上联署过的检查点文件，核对签名后记入历史。",
    examples=("audit accept cosigned.txt --actor auditor",),
)
@click.argument("file", metavar="文件", type=click.Path(path_type=Path))
@click.option("--vkey", metavar="公钥", required=True, help="联署人的公钥，由其本人提供")
def accept(file: Path, vkey: str) -> None:
    """Enter an auditor's cosignature."""
    cosigner, note = read_cosigned(file, vkey)
    with desk() as at:
        found = enter_cosignature(at.app.writing(), at.now, at.asker, cosigner, note)
    emit(found, f"已登记 {cosigner.name} 对 {found.head.size} 条处检查点的联署")


def _told(head: TreeHead) -> str:
    return f"历史 {head.size} 条\n校验行 {printed(head)}"
