"""The database under the command line: made, checked, kept, brought back; what may not be used is named, never hurt."""

import ctypes
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from tests.cli.conftest import NOON, Run, printed
from tests.cli.test_items import assigned, opened
from tests.integration.house import House

ROOT = Path(__file__).parents[2]
COMMANDS = (
    "item list --actor officer",
    "item do ZG-2020-000001 submit --actor officer",
    "item show ZG-2020-000001 --actor officer",
    "history show ZG-2020-000001 --actor officer",
    "deadline list --actor officer",
    "notice list --actor officer",
    "db check",
)


def run(*args: str) -> Result:
    return CliRunner().invoke(main, args)


def in_process(
    folder: Path, *args: str, prepare: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does: a process of its own."""
    command = [sys.executable, "-m", "cli", "--at", NOON, *args]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, encoding="utf-8", check=False, preexec_fn=prepare
    )


def without_override() -> None:
    """Take from root what lets it read and write in spite of permissions."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in (1, 2):
            assert libc.prctl(24, capability, 0, 0, 0) == 0


def with_a_full_disk() -> None:
    """Let no file grow beyond what a database needs to be opened."""
    resource = pytest.importorskip("resource")
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


def spoiled(database: Path) -> None:
    """Overwrite the middle pages of a database."""
    data = bytearray(database.read_bytes())
    data[4096 : len(data) // 2] = b"\xa5" * (len(data) // 2 - 4096)
    database.write_bytes(bytes(data))


def test_a_database_is_made_once(tmp_path: Path):
    first, again = run("init"), run("init")

    assert "已建立" in first.stdout
    assert "已是最新" in again.stdout
    assert run("db", "check").exit_code == 0
    assert "已是最新" in run("db", "upgrade").stdout


def test_a_backup_holds_everything_and_brings_it_back(duban: Run, tmp_path: Path):
    number = assigned(duban)
    kept = printed(run("db", "backup", "kept.db", "--json"))
    assert duban("item", "do", number, "签收", actor="officer").exit_code == 0

    restored = run("db", "restore", "kept.db", "--yes")

    assert kept["entries"] == 4
    assert restored.exit_code == 0, restored.stderr
    assert printed(duban("item", "show", number, "--json", actor="officer"))["version"] == 4
    (before,) = tmp_path.glob("duban.db.before-*")
    assert str(before) in restored.stderr
    older = CliRunner().invoke(
        main, ["--database", str(before), "item", "show", number, "--json", "--actor", "officer"]
    )
    assert printed(older)["version"] == 5
    assert "历史条数  5" in run("db", "check").stdout


def test_a_backup_never_covers_another(duban: Run):
    opened(duban)
    assert run("db", "backup", "kept.db").exit_code == 0

    assert run("db", "backup", "kept.db").exit_code == 5


def test_a_restoration_is_never_made_by_accident(duban: Run):
    assert run("db", "backup", "kept.db").exit_code == 0

    result = run("db", "restore", "kept.db")

    assert result.exit_code == 2
    assert "--yes" in result.stderr


def test_a_damaged_database_is_set_aside_and_replaced(duban: Run, tmp_path: Path, house: House):
    number = assigned(duban)
    assert run("db", "backup", "kept.db").exit_code == 0
    house.database.close()
    spoiled(tmp_path / "duban.db")

    result = run("db", "restore", "kept.db", "--yes")

    assert result.exit_code == 0, result.stderr
    assert len(list(tmp_path.glob("duban.db.before-*[0-9]"))) == 1
    assert printed(duban("item", "show", number, "--json", actor="officer"))["version"] == 4


@pytest.mark.parametrize("name", ["nothing.db", "text.db", "other.db", "newer.db"])
def test_what_is_no_backup_changes_nothing(duban: Run, tmp_path: Path, name: str):
    opened(duban)
    (tmp_path / "text.db").write_text("nothing at all" * 100, encoding="utf-8")
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE t (a)")
    other.close()
    assert run("db", "backup", "newer.db").exit_code == 0
    newer(tmp_path / "newer.db")
    before = (tmp_path / "duban.db").read_bytes()

    result = run("db", "restore", name, "--yes")

    assert result.exit_code in (3, 8)
    assert name in result.stderr
    assert (tmp_path / "duban.db").read_bytes() == before


def newer(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()


def test_a_server_that_is_not_there_is_not_backed_up(tmp_path: Path):
    result = run("--database", "postgresql://localhost:1/duban", "db", "backup", "x.db")

    assert result.exit_code == 8
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_server_that_is_not_there_is_named(command: str):
    result = run("--database", "postgresql://me:hush@localhost:1/duban", *command.split())

    assert result.exit_code == 8
    assert "Traceback" not in result.stderr
    assert "hush" not in result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_database_is_named_and_not_made(tmp_path: Path, command: str):
    result = run(*command.split())

    assert (result.exit_code, result.stdout) == (8, "")
    assert "duban init" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", [*COMMANDS, "db upgrade", "init"])
def test_a_database_of_a_later_program_is_left_alone(duban: Run, tmp_path: Path, command: str):
    opened(duban)
    newer(tmp_path / "duban.db")
    before = (tmp_path / "duban.db").read_bytes()

    result = run(*command.split())

    assert (result.exit_code, result.stdout) == (8, "")
    assert "新于本程序" in result.stderr
    assert (tmp_path / "duban.db").read_bytes() == before


@pytest.mark.parametrize("command", COMMANDS)
def test_a_damaged_database_ends_in_a_message(duban: Run, tmp_path: Path, command: str):
    opened(duban)
    spoiled(tmp_path / "duban.db")

    result = run("--at", NOON, *command.split())

    assert result.exit_code in (1, 8)
    assert "Traceback" not in result.stderr
    assert "程序出错" not in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_read_only_database_refuses_writes_and_loses_nothing(duban: Run, tmp_path: Path):
    number = opened(duban)
    file = tmp_path / "duban.db"
    file.chmod(0o444)
    tmp_path.chmod(0o555)

    written = in_process(
        tmp_path, "item", "do", number, "submit", "--actor", "officer", prepare=without_override
    )
    tmp_path.chmod(0o755)
    file.chmod(0o644)

    assert (written.returncode, written.stdout) == (8, ""), written.stderr
    assert "Traceback" not in written.stderr
    assert printed(duban("item", "show", number, "--json", actor="officer"))["version"] == 1


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_unreadable_evidence_is_named(duban: Run, tmp_path: Path):
    number = opened(duban)
    proof = tmp_path / "照片.jpg"
    proof.write_bytes(b"x")
    proof.chmod(0)

    result = in_process(
        tmp_path,
        *f"item do {number} submit --evidence 照片.jpg --actor officer".split(),
        prepare=without_override,
    )

    assert result.returncode == 8, result.stderr
    assert "照片.jpg 读不出来" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_full_disk_stores_nothing_by_halves(duban: Run, tmp_path: Path):
    number = opened(duban)
    command = f"item do {number} submit --actor officer"
    full = in_process(tmp_path, *command.split(), prepare=with_a_full_disk)

    assert (full.returncode, full.stdout) == (8, ""), full.stderr
    assert printed(duban("item", "show", number, "--json", actor="officer"))["version"] == 1
    assert duban("item", "do", number, "submit", actor="officer").exit_code == 0


FULL_FILE_SYSTEM = """
mount -t tmpfs none "$0" && cp duban.db "$0" && cd "$0" || exit 99
mount -o remount,size=$(du -k . | cut -f1)k .
"$@"; first=$?
mount -o remount,size=100m .
"$@" || exit 98
exit $first
"""
"""Run a command twice on a file system of its own: when it is full, and after room was made."""


def may_mount() -> bool:
    """True where a process may have file systems of its own."""
    unshare = shutil.which("unshare")
    trial = [unshare, "-rm", "mount", "-t", "tmpfs", "none", "/mnt"] if unshare else ["false"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(sys.platform == "win32" or not may_mount(), reason="no file system of one's own here")
def test_a_full_file_system_stores_nothing_by_halves(duban: Run, tmp_path: Path):
    number = opened(duban)
    (tmp_path / "full").mkdir()
    command = [sys.executable, "-m", "cli", "--at", NOON, *f"item do {number} submit --actor officer".split()]
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", FULL_FILE_SYSTEM, "full", *command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.returncode == 8, done.stderr
    assert "磁盘" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.count("版本 2") == 1


def test_the_command_speaks_utf8_whatever_the_console_says(duban: Run, tmp_path: Path):
    opened(duban)
    command = [sys.executable, "-m", "cli", "item", "list", "--actor", "officer"]
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "C",
        "PYTHONIOENCODING": "ascii",
        "PYTHONUTF8": "0",
    }

    told = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, check=True)

    assert "记录不全" in told.stdout.decode("utf-8")
    assert shutil.which("true") is None or told.stderr == b""
