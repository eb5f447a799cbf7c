"""`duban audit`: from a key to a checkpoint on paper, through the command line."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main
from engine.rules.notes import COSIGNER, is_signed, read_note, read_vkey, signed, vkey_of
from engine.rules.printed import read_printed
from runtime.keys import SigningKey, verify, write_key
from runtime.signer import signature_of
from tests.audit.bureau import START, Bureau

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
    assert "领导小组 1 人" in signing("audit", "anchor", "--way", "mail", "--actor", "auditor")
    assert note.text in signing("audit", "anchor", "--way", "paper", "--actor", "auditor")
    signing("audit", "anchor", "--way", "paper", "--output", "qr.svg", "--actor", "auditor")
    assert (tmp_path / "qr.svg").read_text(encoding="utf-8").count("<path") >= 1
    assert "已存在" in signing(
        "audit", "anchor", "--way", "file", "--output", "out.txt", "--actor", "auditor", code=5
    )

    auditor = SigningKey("auditor.example", COSIGNER, bytes(range(32)))
    cosigned = signed(note.text, *note.signatures, signature_of(auditor, note.text, START))
    (tmp_path / "back.txt").write_text(cosigned, encoding="utf-8", newline="\n")

    told = signing("audit", "accept", "back.txt", "--vkey", vkey_of(auditor.public), "--actor", "auditor")
    assert "已登记 auditor.example" in told
    assert "没有" in signing(
        "audit", "accept", "out.txt", "--vkey", vkey_of(auditor.public), "--actor", "auditor", code=6
    )


def test_a_backup_is_signed_before_and_after(signing):
    signing("db", "backup", "kept.db")

    assert "尚未签入    1 条" in signing("audit", "status")


def test_a_restored_backup_is_not_signed_and_people_hear_of_it(signing):
    signing("db", "backup", "kept.db")

    done = CliRunner().invoke(main, ["--at", AT, "db", "restore", "kept.db", "--yes"])
    assert (done.exit_code, "没有签检查点：拒绝签名" in done.stderr) == (0, True)
    worker = CliRunner().invoke(main, ["--at", "2020-05-07T12:00", "worker", "--once"])
    assert (worker.exit_code, "没有签检查点：拒绝签名" in worker.stderr) == (0, True)


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
