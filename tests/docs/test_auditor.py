"""docs/auditor.md is walked through as it stands: every command runs, and what it shows is what comes out."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main
from runtime.keys import write_key
from tests.audit.bureau import Bureau
from tests.docs.commands import refused, shown

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "auditor.md").read_text(encoding="utf-8")
STEPS = [
    step.split("\n")
    for block in re.findall(r"```console\n(.*?)```", PAGE, flags=re.DOTALL)
    for step in block.strip().removeprefix("$ ").split("\n$ ")
]
AT = "2020-08-30T12:00"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bureau that has worked for some weeks and signs its history; returns its public key."""
    bureau = Bureau(tmp_path, 2)
    bureau.live(30)
    write_key(tmp_path / "log.key", bureau.key, "一句足够长的口令 2020", 10)
    bureau.close()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUBAN_SIGNING_PASSPHRASE", "一句足够长的口令 2020")
    monkeypatch.setenv("DUBAN_SIGNING_KEY", "log.key")
    run("duban audit key adopt --actor security")
    run("duban audit checkpoint")
    shutil.copy(ROOT / "tools" / "verify_export.py", tmp_path)
    return bureau.signer.vkey


def run(command: str) -> str:
    program, *words = shlex.split(command)
    if program == "python":
        done = subprocess.run(
            [sys.executable, "-I", "-X", "utf8", *words], capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout
    who = [] if "--actor" in words else ["--actor", "auditor"]
    result = CliRunner().invoke(main, ["--at", AT, *who, *words])
    assert result.exit_code == 0, (command, result.stderr)
    return result.stdout


def test_the_inspection_goes_as_it_says(office: str) -> None:
    for command, *lines in STEPS:
        printed = run(command.replace("VKEY", office))
        for line in lines:
            pattern = "^.*" + re.sub(r"(?:\\ )+", r"\\s+", re.escape(line)).replace("…", ".*") + ".*$"
            assert re.search(pattern, printed, flags=re.MULTILINE), (command, line, printed)


def test_every_command_it_shows_is_one() -> None:
    commands = [*shown(PAGE), *(command for command, *_ in STEPS if command.startswith("duban"))]

    assert len(commands) >= 12
    assert [command for command in commands if refused(command)] == []
