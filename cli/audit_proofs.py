"""What leaves the house for strangers to check: proofs, tiles; and the checks on the live database."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click

from cli.desk import clock, desk, emit, settings
from cli.inspection import inspector
from cli.panel import Command, Group, Whole
from cli.text import table
from cli.values import plain
from engine.model.errors import Invalid, Problem
from engine.rules.notes import read_vkey
from engine.usecases.audit import Finding
from engine.usecases.doctor import examine_deeply
from engine.usecases.proofs import examine_checkpoints, prove_entry, prove_growth, prove_item
from runtime.anchors import write_note
from runtime.cosigner import cosign, write_cosigned
from runtime.keys import read_key, verify
from runtime.signer import memory_of
from runtime.tiles import write_tiles
from runtime.wiring import App

_MOST = 500


def add_to(audit: Group) -> None:
    """Make these commands part of `duban audit`."""
    for command in (check, prove, growth, tiles, sign_along):
        audit.add_command(command)


@click.command(
    cls=Command,
    name="verify",
    help="在本机核对：重放全部历史，核对树、检查点和签名，与现有各表逐行比较。外人请用导出和核对程序。",
    examples=("audit verify",),
)
@click.pass_context
def check(ctx: click.Context) -> None:
    """Check the live database."""
    with desk() as at:
        found = list(islice(_found(at.app), _MOST))
        with at.app.reading() as uow:
            size = uow.history.head().size
    text = table(("不变量", "对象", "发现"), [(f.code, f.subject, f.text) for f in found], most=90)
    emit(plain(found), text if found else f"历史 {size} 条，与检查点和各表相符")
    if found:
        ctx.exit(1)


def _found(app: App) -> Iterator[Finding]:
    yield from examine_checkpoints(app.reading(), verify)
    yield from examine_deeply(app.reading())


@click.command(
    cls=Command,
    name="prove",
    help="写出证明文件（C2SP tlog-proof）：某一条记录在已签名的历史里；给事项编号，则逐条证明，一条不少。\n"
    "能看该记录、该事项的人才能取得证明；审计人员取证记入历史。",
    examples=("audit prove 120 --output 120.tlog-proof", "audit prove ZG-2020-000001 --output proofs"),
)
@click.argument("what", metavar="编号或序号")
@click.option(
    "--output", metavar="文件", type=click.Path(path_type=Path), required=True, help="文件；事项则为新文件夹"
)
def prove(what: str, output: Path) -> None:
    """Write the proof of an entry, or of all entries of an item."""
    with desk() as at:
        by = inspector(at)
        made = [prove_entry(by, int(what))] if what.isdecimal() else prove_item(by, what)
    if what.isdecimal():
        write_note(output, made[0].text)
    else:
        output.mkdir()
        for proven in made:
            write_note(output / f"{proven.entry.index}.tlog-proof", proven.text)
    emit([proven.entry.index for proven in made], f"已写出 {len(made)} 份证明到 {output}")


@click.command(
    cls=Command,
    name="growth",
    help="写出历史只增不改的证明：最新检查点的前若干条，就是先前检查点（如纸上校验行）所签的那些。\n"
    "格式为 C2SP tlog-witness 的 add-checkpoint；能看历史的人才能取得，审计人员取证记入历史。",
    examples=("audit growth 113 --output growth.txt",),
)
@click.argument("size", metavar="先前大小", type=Whole())
@click.option(
    "--output", metavar="文件", type=click.Path(path_type=Path), required=True, help="写到这个新文件"
)
def growth(size: int, output: Path) -> None:
    """Write the proof that the newest checkpoint continues an older one."""
    with desk() as at:
        write_note(output, prove_growth(inspector(at), size))
    emit({"old": size, "output": f"{output}"}, f"已写出自 {size} 条以来只增不改的证明到 {output}")


@click.command(
    cls=Command,
    name="tiles",
    help="把历史写成静态的散列瓦片（C2SP tlog-tiles），供第三方工具读取；不含内容，只有散列和叶子。\n"
    "由审计员导出，记入历史。",
    examples=("audit tiles --output tiles",),
)
@click.option(
    "--output", metavar="文件夹", type=click.Path(path_type=Path), required=True, help="写到这个新文件夹"
)
def tiles(output: Path) -> None:
    """Write the tree as static tiles."""
    with desk() as at:
        newest = write_tiles(inspector(at), output)
    emit(
        {"size": newest.head.size, "output": f"{output}"},
        f"已写出 {newest.head.size} 条历史的瓦片到 {output}",
    )


@click.command(
    cls=Command,
    name="cosign",
    help="审计人员在自己的电脑上联署：核对导出与上次联署相接，再签名。不需要服务器。\n"
    "密钥用 signing.key 设置，其旁的 .last 文件记着上次联署，请一并保管。",
    examples=("audit cosign 2020.zip --vkey duban.example/2020+… --output cosigned.txt",),
)
@click.argument("bundle", metavar="导出", type=click.Path(path_type=Path))
@click.option("--vkey", metavar="公钥", required=True, help="历史的签名公钥，从月报抄录")
@click.option(
    "--output",
    metavar="文件",
    type=click.Path(path_type=Path),
    required=True,
    help="联署后的检查点，带回服务器登记",
)
def sign_along(bundle: Path, vkey: str, output: Path) -> None:
    """Cosign the newest checkpoint of a bundle."""
    chosen = settings()
    if chosen.signing_key is None:
        raise click.UsageError("没有设置联署密钥：请设 DUBAN_SIGNING_KEY")
    try:
        log = read_vkey(vkey)
    except ValueError as error:
        raise Invalid("联署", (Problem(where="--vkey", text=f"公钥抄错了：{error}"),)) from error
    key = read_key(chosen.signing_key, chosen.signing_passphrase)
    done = cosign(bundle, key, memory_of(chosen.signing_key), log, clock()())
    write_cosigned(output, done)
    since = f"，与上次的 {done.before.size} 条相接" if done.before else "（首次）"
    emit(done, f"已联署 {done.head.size} 条{since}，写到 {output}")
