"""The database: its version, its health, keeping it and bringing it back."""

import sys
from base64 import b64encode
from pathlib import Path

import click

from cli.desk import clock, desk, emit, settings, warn
from cli.panel import Group
from cli.text import pairs
from cli.values import plain
from engine.model.entry import TreeHead
from engine.model.errors import Broken, Error, NotFound, Unavailable
from engine.rules.ledger import Json
from engine.usecases.checkpoints import enter_checkpoint, make_checkpoint
from engine.usecases.operations import note_operation
from engine.usecases.rollback import note_rollback
from runtime.backups import Copy, back_up, restore
from runtime.drills import contents_of, dropped_from, judge, move_store, require_sound
from runtime.kept import evidence_beside, folder_of, keep_evidence, missing_from, return_evidence
from runtime.manifests import require_manifest, write_manifest
from runtime.sealing import sealing_of, sign_before_upgrade
from runtime.settings import read_settings
from runtime.stores import known_revisions, upgrade_store
from runtime.wiring import seal_secrets

db = Group(
    name="db",
    help="数据库：检查、升级、备份、恢复。",
    examples=("db check", "db backup /backup/duban-0506.db"),
    no_args_is_help=True,
)


@db.command(
    "check",
    help="检查数据库：能否打开、版本、每一页是否完好。逐件核对数据，用 doctor --deep。",
    examples=("db check --database duban.db",),
)
@click.pass_context
def check(ctx: click.Context) -> None:
    """Check the database as a file."""
    with desk() as at:
        with at.app.reading() as uow:
            found, head = uow.views.integrity(), uow.history.head()
        note = at.app.note
    told = {
        "database": settings().place,
        "revision": known_revisions()[-1],
        "entries": head.size,
        "findings": found,
    }
    names = [
        ("数据库", told["database"]),
        ("版本", told["revision"]),
        ("历史条数", head.size),
        ("注意", note),
    ]
    emit(told, "\n".join([pairs(names), *(f"损坏：{each}" for each in found), *([] if found else ["完好"])]))
    if found:
        ctx.exit(1)


@db.command(
    "upgrade",
    help="把数据库升到本程序的版本。请先备份。",
    examples=("db backup before.db", "db upgrade"),
)
def upgrade() -> None:
    """Run the migrations that are missing."""
    chosen = settings()
    note = _signed_before_upgrade()
    before, after = upgrade_store(chosen)
    if before and before != after:
        _enter_upgrade(before, after, note)
    done = "已是最新，未作改动" if before == after else f"已由 {before or '空库'} 升到 {after}"
    emit({"database": chosen.place, "before": before, "after": after}, f"{chosen.place} {done}")


@db.command(
    "backup",
    help="在线备份到一个新文件；他人可以照常办理。备份写成后自动核对。\n"
    "佐证复制到旁边的 duban-evidence 文件夹，已在那里的不再复制；动态口令的密钥文件（.key）请另存他处。",
    examples=("db backup /backup/duban-0506.db",),
)
@click.argument("file", metavar="文件", type=click.Path(path_type=Path, readable=False))
def backup(file: Path) -> None:
    """Copy the database to a new file."""
    _sign("before-backup")
    copy = back_up(settings(), file)
    _sign("after-backup", TreeHead(copy.entries, copy.root))
    missing = keep_evidence(settings().evidence, file)
    manifest = write_manifest(settings(), file, contents_of(copy), clock()())
    _enter("backup", copy)
    kept = evidence_beside(file)
    emit(
        {**plain(copy), "manifest": f"{manifest}", "evidence": len(kept), "missing": list(missing)},
        f"已备份到 {_told(copy)}，清单 {manifest.name}，佐证 {len(kept)} 份在 {folder_of(file)}",
    )
    for digest in missing:
        warn(f"佐证 {digest[:12]}… 不在库中，或已损坏，没有备份")


@db.command(
    "restore",
    help="用备份换下现在的数据库；换下的另存，不会丢。较新版本的备份不接受。\n"
    "备份之后又签过检查点，恢复就会丢掉已签的记录：要加 --accept-rollback，并记入历史。"
    "没有签过的退回多少条，会说明。",
    examples=(
        "db restore /backup/duban-0506.db --verify --yes",
        "db restore /backup/duban-0506.db --checkpoint checkpoint.txt --accept-rollback --yes",
    ),
)
@click.argument("file", metavar="文件", type=click.Path(path_type=Path, readable=False))
@click.option("--verify", "thorough", is_flag=True, help="先核实：清单须有签名，并逐件核对备份里的数据")
@click.option(
    "--checkpoint",
    "notes",
    metavar="文件",
    type=click.Path(path_type=Path),
    multiple=True,
    help="审计留存的检查点，备份须包含它",
)
@click.option("--accept-rollback", is_flag=True, help="明知会丢掉已签的记录，仍要恢复")
@click.option("--yes", is_flag=True, help="已想好，不再问")
def bring_back(file: Path, thorough: bool, notes: tuple[Path, ...], accept_rollback: bool, yes: bool) -> None:
    """Put a backup in the place of the database."""
    chosen = settings()
    judged = judge(chosen, file, notes)
    if thorough:
        require_manifest(judged.is_certain)
        require_sound(file)
    if judged.lost and not accept_rollback:
        raise Broken(
            f"备份只有 {judged.copy.entries} 条，而已签到 {judged.lost.size} 条：恢复会丢掉已签的记录",
            hint="请换一份较新的备份；确要恢复，请加 --accept-rollback，此事会记入历史",
        )
    if not yes:
        _ask(chosen.place)
    lost = judged.lost and (_signed_before_rollback() or judged.lost)
    returned = return_evidence(file, chosen.evidence)
    copy, kept = restore(chosen, file, clock()())
    dropped = dropped_from(kept, copy) if kept else None
    _note(copy, lost, dropped)
    emit(
        {**plain(copy), "kept": plain(kept), "evidence": returned},
        f"已从 {_told(copy)} 恢复，找回佐证 {returned} 份",
    )
    for digest in missing_from(file, chosen.evidence):
        warn(f"佐证 {digest[:12]}… 不在库中，备份旁也没有，请另行找回")
    if dropped and not lost:
        warn(f"备份之后的 {dropped} 条没有签过，已退回")
    if kept:
        warn(f"换下的数据库另存为 {kept}")


@db.command(
    "move",
    help="把全部数据搬到另一个空的数据库：文件搬到服务器，或搬回来。历史一字不变，根相同。\n"
    "请先停用网页和 worker；佐证文件夹不搬，请在新设置里写明。",
    examples=("db move postgresql://duban@db/duban", "db move 搬回.db"),
)
@click.argument("target", metavar="目标")
def move(target: str) -> None:
    """Copy everything into an empty database."""
    chosen, new = settings(), read_settings({"database": target}, {}, Path.cwd())
    _sign("before-move")
    with desk() as at:
        note_operation(at.app.writing(), at.now, "move", {"to": new.place})
    head = move_store(chosen, new)
    emit(
        {"database": new.place, "entries": head.size, "root": head.root.hex()},
        f"已搬到 {new.place}（历史 {head.size} 条，root {b64encode(head.root).decode()}）。"
        f"\n请把设置里的 database 改为它，evidence 写明为 {chosen.evidence}；旧库不要再用",
    )


def _ask(place: str) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError("将换下现在的数据库；非交互运行时请加 --yes")
    if click.prompt(f"用备份换下 {place}？输入“是”继续", default="否", err=True) not in ("是", "y", "yes"):
        raise click.Abort


def _note(copy: Copy, lost: TreeHead | None, dropped: int | None) -> None:
    """Enter the restoration in the history it brings back; an older version has to be upgraded first."""
    if copy.revision != known_revisions()[-1]:
        warn(f"备份的版本（{copy.revision}）旧于本程序，请运行 duban db upgrade")
        return
    if lost:
        with desk() as at:
            note_rollback(at.app.writing(), at.now, copy.entries, lost)
        warn("已签的记录被退回，原密钥将拒绝签名：请由安全管理员启用换了名字的新密钥")
    _enter("restore", copy, {"dropped": dropped})
    _sign("after-restore")


def _enter(what: str, copy: Copy, more: dict[str, Json] | None = None) -> None:
    """Enter what was done to the database."""
    with desk() as at:
        facts: dict[str, Json] = {"entries": copy.entries, "root": copy.root.hex(), **(more or {})}
        note_operation(at.app.writing(), at.now, what, facts)


def _signed_before_upgrade() -> str | None:
    try:
        return sign_before_upgrade(settings(), clock())
    except (Broken, NotFound, Unavailable) as error:
        warn(f"升级前没有签检查点：{error.message}")
        return None


def _enter_upgrade(before: str, after: str, note: str | None) -> None:
    """Enter what was signed before the upgrade, and the upgrade; then sign what has come of it."""
    with desk() as at:
        if note:
            cause = f"before-upgrade/{at.app.entropy.new_id(at.now)}"
            enter_checkpoint(at.app.writing(), at.now, note, cause)
        note_operation(at.app.writing(), at.now, "upgrade", {"before": before, "after": after})
        seal_secrets(at.app)
    _sign("after-upgrade")


def _signed_before_rollback() -> TreeHead | None:
    """The head of a history whose signed records are given up, signed as far as it goes; None where it cannot be."""
    try:
        return _sign("before-restore")
    except Error:  # it is given up because it cannot be opened, as often as not
        warn("换下的数据库打不开，恢复前没有签检查点")
        return None


def _sign(occasion: str, copied: TreeHead | None = None) -> TreeHead | None:
    """Sign the head of the history, or of what was copied from it, where the settings name a key; returns it."""
    if settings().signing_key is None:
        return None
    with desk() as at:
        try:
            cause = f"{occasion}/{at.app.entropy.new_id(at.now)}"
            made = make_checkpoint(sealing_of(at.app), at.now, cause, copied=copied)
        except (Broken, Unavailable) as error:
            warn(f"没有签检查点：{error.message}")
            return None
    return made.head if made else None


def _told(copy: Copy) -> str:
    return f"{copy.file}（历史 {copy.entries} 条，root {b64encode(copy.root).decode()}）"
