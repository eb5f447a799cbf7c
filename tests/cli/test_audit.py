"""`duban audit`: from a key to a checkpoint on paper, through the command line."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main
from engine.model.entry import TreeHead
from engine.rules.notes import (
    COSIGNER,
    is_signed,
    read_checkpoint,
    read_growth,
    read_note,
    read_proof,
    read_vkey,
    signed,
    vkey_of,
)
from engine.rules.printed import printed, read_printed
from engine.rules.tree import is_extended, is_included, leaf_hash
from runtime.backups import inspect
from runtime.keys import SigningKey, verify, write_key
from runtime.signer import signature_of
from tests.audit.bureau import START, Bureau
from tests.audit.test_tiles import root
from tools.verify_export import main as verifier

AT = "2020-05-06T12:00"


@pytest.fixture
def duban(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    Bureau(tmp_path).close()
    monkeypatch.setattr(write_key, "__defaults__", (10,))
    monkeypatch.setenv("DUBAN_SIGNING_PASSPHRASE", "一句足够长的口令 2020")
    monkeypatch.setenv("DUBAN_SIGNING_KEY", "log.key")

    def run(*args: str, code: int = 0) -> str:
        done = CliRunner().invoke(main, ["--at", AT, *args])
        assert done.exit_code == code, done.stderr
        return done.stdout if code == 0 else done.stderr

    return run


@pytest.fixture
def signing(duban):
    duban("audit", "key", "new", "log.key", "--name", "duban.example/small")
    duban("audit", "key", "adopt", "--actor", "security")
    return duban


def test_a_history_is_signed_and_brought_out(signing, tmp_path: Path):
    status = signing("audit", "status")
    line = next(row for row in status.splitlines() if row.startswith("校验行")).split(maxsplit=1)[1]
    assert f"{read_printed(line).size}" in status.splitlines()[0]
    assert "尚未签入    1 条" in status
    vkey = signing("audit", "key", "show").split()[-2]

    signing("audit", "checkpoint", "--actor", "auditor")
    signing("audit", "anchor", "--way", "file", "--output", "out.txt", "--actor", "auditor")
    note = read_note((tmp_path / "out.txt").read_text(encoding="utf-8"))
    assert is_signed(note, read_vkey(vkey), verify)
    head = read_checkpoint(note.text)[1]
    assert "领导小组 1 人" in signing("audit", "anchor", "--way", "mail", "--actor", "auditor")
    on_paper = signing("audit", "anchor", "--way", "paper", "--actor", "auditor")
    assert all(told in on_paper for told in (note.text, printed(head), vkey))
    signing("audit", "anchor", "--way", "paper", "--output", "qr.svg", "--actor", "auditor")
    assert (tmp_path / "qr.svg").read_text(encoding="utf-8").count("<path") >= 1
    for way, name in (("file", "out.txt"), ("paper", "qr.svg")):
        again = ("anchor", "--way", way, "--output", name)
        assert "已存在" in signing("audit", *again, "--actor", "auditor", code=5)

    auditor = SigningKey("auditor.example", COSIGNER, bytes(range(32)))
    cosigned = signed(note.text, *note.signatures, signature_of(auditor, note.text, START))
    (tmp_path / "back.txt").write_text(cosigned, encoding="utf-8", newline="\n")

    told = signing("audit", "accept", "back.txt", "--vkey", vkey_of(auditor.public), "--actor", "auditor")
    assert "已登记 auditor.example" in told
    assert "没有" in signing(
        "audit", "accept", "out.txt", "--vkey", vkey_of(auditor.public), "--actor", "auditor", code=6
    )


def entered(folder: Path, what: str) -> list[dict[str, object]]:
    """What the entries of one name say, oldest first."""
    with closing(sqlite3.connect(folder / "duban.db")) as connection:
        rows = connection.execute("SELECT payload FROM entry WHERE what = ? ORDER BY position", [what])
        return [json.loads(payload) for (payload,) in rows]


def signed_sizes(folder: Path) -> list[int]:
    """How long the history was at each checkpoint, oldest first."""
    with closing(sqlite3.connect(folder / "duban.db")) as connection:
        return [size for (size,) in connection.execute("SELECT size FROM checkpoint ORDER BY position")]


def open_one(signing, title: str) -> None:
    given = ("--unit", "team_a", "--title", title, "--set", "problem=缺", "--actor", "officer_a")
    signing("item", "open", *given)


def test_a_backup_is_signed_before_and_what_it_holds_after(signing, tmp_path: Path):
    kept = json.loads(signing("db", "backup", "kept.db", "--json"))

    assert signed_sizes(tmp_path)[-2:] == [kept["entries"] - 1, kept["entries"]]
    assert "尚未签入    2 条" in signing("audit", "status")
    assert "相符" in signing("audit", "verify")


def test_the_newest_backup_comes_back_without_a_word_of_rollback_and_is_signed_on(signing, tmp_path: Path):
    open_one(signing, "备份里有的")
    kept = json.loads(signing("db", "backup", "kept.db", "--json"))
    open_one(signing, "备份后的")

    done = CliRunner().invoke(main, ["--at", AT, "db", "restore", "kept.db", "--verify", "--yes"])

    assert (done.exit_code, "拒绝签名" in done.stderr) == (0, False), done.stderr
    assert "备份之后的 3 条没有签过，已退回" in done.stderr
    (told,) = entered(tmp_path, "restore")
    assert (told["entries"], told["dropped"]) == (kept["entries"], 3)
    assert entered(tmp_path, "rollback") == []
    assert signed_sizes(tmp_path)[-1] == kept["entries"] + 1
    assert "没有签检查点" not in signing("worker", "--once")
    assert "相符" in signing("audit", "verify")


@pytest.mark.parametrize(
    "since", [("audit", "checkpoint", "--actor", "auditor"), ("worker", "--once"), ("db", "backup", "2.db")]
)
def test_a_restoration_past_what_was_signed_is_refused_and_once_accepted_entered(
    signing, tmp_path: Path, since: tuple[str, ...]
):
    signing("db", "backup", "kept.db")
    open_one(signing, "备份后的")
    signing(*since)
    before = signing("audit", "status")

    assert "--accept-rollback" in signing("db", "restore", "kept.db", "--verify", "--yes", code=8)
    assert signing("audit", "status") == before
    (tmp_path / "duban.db").rename(tmp_path / "elsewhere.db")
    assert "--accept-rollback" in signing("db", "restore", "kept.db", "--verify", "--yes", code=8)
    assert not (tmp_path / "duban.db").exists()
    (tmp_path / "elsewhere.db").rename(tmp_path / "duban.db")
    open_one(signing, "还没有签的")
    gave_way = inspect(tmp_path / "duban.db", is_live=True).entries
    arguments = ("db", "restore", "kept.db", "--verify", "--accept-rollback", "--yes")
    done = CliRunner().invoke(main, ["--at", AT, *arguments])

    assert (done.exit_code, "没有签检查点：拒绝签名" in done.stderr) == (0, True)
    (told,) = entered(tmp_path, "rollback")
    assert told["size"] == gave_way
    (kept,) = tmp_path.glob("duban.db.before-*")
    with closing(sqlite3.connect(kept)) as connection:
        cause, size = connection.execute(
            "SELECT cause, size FROM checkpoint ORDER BY position DESC"
        ).fetchone()
    assert (cause.split("/")[0], size) == ("before-restore", gave_way)
    worker = CliRunner().invoke(main, ["--at", "2020-05-07T12:00", "worker", "--once"])
    assert (worker.exit_code, "没有签检查点：拒绝签名" in worker.stderr) == (0, True)


@pytest.mark.parametrize("what", ["kept.db", "kept.db.manifest"])
def test_a_backup_that_is_not_what_its_manifest_says_changes_nothing(signing, tmp_path: Path, what: str):
    signing("db", "backup", "kept.db")
    data = bytearray((tmp_path / what).read_bytes())
    data[-30] ^= 1
    (tmp_path / what).write_bytes(data)
    before = signing("audit", "status")

    done = CliRunner().invoke(
        main, ["--at", AT, "db", "restore", "kept.db", "--verify", "--accept-rollback", "--yes"]
    )

    assert done.exit_code not in (0, 70), done.output
    assert signing("audit", "status") == before


def test_keys_are_rotated(signing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "old.txt").write_text("一句足够长的口令 2020\n", encoding="utf-8")
    signing("audit", "key", "new", "new.key", "--name", "duban.example/small")
    monkeypatch.setenv("DUBAN_SIGNING_KEY", "new.key")

    told = signing(
        "audit",
        "key",
        "rotate",
        "--old",
        "log.key",
        "--old-passphrase-file",
        "old.txt",
        "--actor",
        "security",
    )
    assert told.count("— duban.example/small") == 2


def test_without_a_key_the_way_to_one_is_told(duban, monkeypatch: pytest.MonkeyPatch):
    assert "还没有启用密钥" in duban("audit", "status")
    assert "还没有签过" in duban("audit", "anchor", "--way", "paper", "--actor", "auditor", code=3)
    assert "没有密钥文件" in duban("audit", "checkpoint", "--actor", "auditor", code=3)
    monkeypatch.delenv("DUBAN_SIGNING_KEY")
    assert "signing.key" in duban("audit", "checkpoint", "--actor", "auditor", code=3)
    monkeypatch.delenv("DUBAN_SIGNING_PASSPHRASE")
    assert "没有口令" in duban("audit", "key", "new", "x.key", "--name", "n", code=2)


def test_a_worker_signs_with_its_rings(signing):
    signing("worker", "--once")
    signing("worker", "--once")

    assert "尚未签入    1 条" in signing("audit", "status")


def test_a_stranger_is_handed_everything(signing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    signing(
        "item", "open", "--unit", "team_a", "--title", "不全", "--set", "problem=缺", "--actor", "officer_a"
    )
    signing("audit", "checkpoint", "--actor", "auditor")
    assert "相符" in signing("audit", "verify")
    signing("audit", "export", "--output", "all.zip", "--actor", "auditor")
    vkey = next(word for word in signing("audit", "key", "show").split() if "+" in word)
    assert verifier(["all.zip", "--vkey", vkey]) == 0

    signing("audit", "prove", "3", "--output", "3.tlog-proof", "--actor", "auditor")
    signing("audit", "prove", "ZG-2020-000001", "--output", "item", "--actor", "officer_a")
    proofs = [tmp_path / "3.tlog-proof", *(tmp_path / "item").iterdir()]
    for path in proofs:
        index, leaf, proof, note = read_proof(path.read_text(encoding="utf-8"))
        head = read_checkpoint(read_note(note).text)[1]
        assert is_signed(read_note(note), read_vkey(vkey), verify)
        assert is_included(leaf_hash(leaf), index, proof, head)
    newer = signing("audit", "prove", f"{head.size}", "--output", "x", "--actor", "auditor", code=3)
    assert f"第 {head.size} 条还没有签入" in newer
    signing("audit", "tiles", "--output", "tiles", "--actor", "auditor")
    size = head.size
    assert len((tmp_path / f"tiles/tile/0/000.p/{size}").read_bytes()) == 32 * size
    assert len((tmp_path / f"tiles/tile/entries/000.p/{size}").read_bytes()) == 124 * size

    signing("audit", "key", "new", "auditor.key", "--name", "auditor.example", "--cosigner")
    monkeypatch.setenv("DUBAN_SIGNING_KEY", "auditor.key")
    assert "首次" in signing("audit", "cosign", "all.zip", "--vkey", vkey, "--output", "cosigned.txt")


def test_that_the_history_only_grew_is_handed_to_a_stranger(signing, tmp_path: Path):
    signing("audit", "checkpoint", "--actor", "auditor")
    with closing(sqlite3.connect(tmp_path / "duban.db")) as connection:
        leaves = [row[0] for row in connection.execute("SELECT leaf FROM entry ORDER BY position")]
        (note,) = connection.execute("SELECT note FROM checkpoint ORDER BY position DESC LIMIT 1").fetchone()
    head = read_checkpoint(read_note(note).text)[1]
    for old in range(1, head.size + 1):
        signing("audit", "growth", f"{old}", "--output", f"{old}.txt", "--actor", "auditor")
        size, proof, told = read_growth((tmp_path / f"{old}.txt").read_text(encoding="utf-8"))

        assert (size, told) == (old, note)
        assert is_extended(TreeHead(old, root(leaves[:old])), head, proof)
        assert not is_extended(TreeHead(old, root([*leaves[: old - 1], bytes(32)])), head, proof)
    missing = signing("audit", "growth", f"{head.size + 1}", "--output", "x", "--actor", "auditor", code=3)
    assert f"第 {head.size} 条还没有签入" in missing
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    "command",
    [
        ("export",),
        ("export", "--format", "csv"),
        ("tiles",),
        ("prove", "0"),
        ("growth", "1"),
        ("conformance",),
    ],
)
def test_what_only_an_office_may_take_along_is_refused_to_others_and_leaves_no_file(
    signing, tmp_path: Path, command: tuple[str, ...]
):
    output = () if command == ("conformance",) else ("--output", "out")

    told = signing("audit", *command, *output, "--actor", "officer_a", code=4)

    assert "应由审计" in told
    assert not (tmp_path / "out").exists()


def test_drift_of_the_live_tables_is_found(signing, tmp_path: Path):
    signing(
        "item", "open", "--unit", "team_a", "--title", "不全", "--set", "problem=缺", "--actor", "officer_a"
    )
    signing("audit", "checkpoint", "--actor", "auditor")
    with sqlite3.connect(tmp_path / "duban.db") as connection:
        connection.execute("UPDATE item SET title = 'x' WHERE number = 'ZG-2020-000001'")
        connection.execute("UPDATE checkpoint SET note = replace(note, 'small', 'smalx')")
    connection.close()

    done = CliRunner().invoke(main, ["--at", AT, "audit", "verify"])
    assert done.exit_code == 1
    assert "行与历史不符：title" in done.stdout
    assert "检查点没有当时密钥的有效签名" in done.stdout
