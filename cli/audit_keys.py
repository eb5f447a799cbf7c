"""The keys that sign the history: made apart from the server, put in force by the security officer."""

from pathlib import Path

import click

from cli.desk import desk, emit, settings
from cli.panel import Group
from cli.text import table
from engine.rules.notes import COSIGNER, LOG, vkey_of
from engine.usecases.checkpoints import adopt_key, make_checkpoint, standing
from runtime.keys import new_key, public_of, read_key, write_key
from runtime.sealing import sealing_of
from runtime.signer import FileSigner, memory_of, signer_of

key = Group(
    name="key",
    help="签名密钥：生成、启用、更换、查看。私钥加密保存，口令只从文件或环境变量 DUBAN_SIGNING_PASSPHRASE 读取。",
    examples=("audit key new log.key --name duban.example/2020", "audit key show"),
    no_args_is_help=True,
)


@key.command(
    "new",
    help="生成一把密钥，存入新的加密文件。请在不联网的电脑上生成，两人在场，公钥抄入第一份月报。",
    examples=(
        "audit key new log.key --name duban.example/2020",
        "audit key new my.key --name auditor.example --cosigner",
    ),
)
@click.argument("file", metavar="文件", type=click.Path(path_type=Path))
@click.option("--name", metavar="名称", required=True, help="写在检查点首行的名称，不含空格和加号")
@click.option("--cosigner", is_flag=True, help="联署用，由审计人员自己保管")
def new(file: Path, name: str, cosigner: bool) -> None:
    """Make a key."""
    made = new_key(name, COSIGNER if cosigner else LOG)
    write_key(file, made, _passphrase())
    vkey = vkey_of(made.public)
    emit({"file": f"{file}", "vkey": vkey}, f"已写到 {file}\n公钥 {vkey}")


@key.command(
    "show",
    help="启用过的公钥，和设置里的密钥。审计人员据此核对，请另行告知，不要从待核的文件里抄。",
    examples=("audit key show",),
)
def show() -> None:
    """Show every public key."""
    chosen = settings().signing_key
    mine = public_of(chosen) if chosen else ""
    with desk() as at:
        keys = standing(at.app.reading()).keys
    rows = [(each.position, each.vkey, "设置中" if each.vkey == mine else "") for each in keys]
    unused = [("未启用", mine, "设置中")] if mine and mine not in {each.vkey for each in keys} else []
    emit(
        {"keys": [{"position": k.position, "vkey": k.vkey} for k in keys], "configured": mine or None},
        table(("启用于第几条", "公钥", ""), [*rows, *unused], most=160) if rows or unused else "还没有密钥",
    )


@key.command(
    "adopt",
    help="启用设置里的密钥。由安全管理员办理，记入历史，随即签第一个检查点。",
    examples=("audit key adopt --actor security",),
)
def adopt() -> None:
    """Put the key of the settings in force and sign with it."""
    with desk() as at:
        signer = signer_of(at.app.settings)
        adopt_key(at.app.writing(), at.now, signer.vkey, at.asker)
        made = make_checkpoint(sealing_of(at.app), at.now, f"key/{signer.vkey}")
    emit(made, f"已启用 {signer.vkey}" + (f"\n\n{made.note}" if made else ""))


@key.command(
    "rotate",
    help="更换密钥：启用设置里的新密钥，并由新旧两把共同签一个检查点。旧密钥的口令从文件读取。",
    examples=("audit key rotate --old old.key --old-passphrase-file old.txt --actor security",),
)
@click.option("--old", metavar="文件", type=click.Path(path_type=Path), required=True, help="旧密钥的文件")
@click.option(
    "--old-passphrase-file",
    metavar="文件",
    type=click.Path(path_type=Path),
    required=True,
    help="旧密钥口令的文件",
)
def rotate(old: Path, old_passphrase_file: Path) -> None:
    """Put a new key in force, with a checkpoint that both sign."""
    before = FileSigner(
        read_key(old, old_passphrase_file.read_text(encoding="utf-8").strip()), memory_of(old)
    )
    with desk() as at:
        signer = signer_of(at.app.settings)
        adopt_key(at.app.writing(), at.now, signer.vkey, at.asker)
        made = make_checkpoint(sealing_of(at.app, before, signer), at.now, f"key/{signer.vkey}")
    emit(made, f"已改用 {signer.vkey}" + (f"\n\n{made.note}" if made else ""))


def _passphrase() -> str:
    if found := settings().signing_passphrase:
        return found
    raise click.UsageError("没有口令：请设 DUBAN_SIGNING_PASSPHRASE，或 signing.passphrase_file")
