"""The tour in README.md is executed: every command runs and prints exactly what is shown."""

import os
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PATHS = sorted(set(re.findall(r"`((?:engine|storage|workflows|docs|runtime|cli)/[\w./-]+)`", README)))


def steps() -> list[tuple[str, str]]:
    """Each command of the tour with what it is said to print."""
    blocks = re.findall(r"```console\n(.*?)```", README, flags=re.DOTALL)
    parts = re.split(r"^\$ ", "".join(blocks), flags=re.MULTILINE)[1:]
    return [
        (command.strip(), output.strip()) for command, _, output in (part.partition("\n") for part in parts)
    ]


def told(command: str, folder: Path) -> str:
    """What the command prints, in one process with the others; other tests start each in a process of its own."""
    program, *arguments = shlex.split(command)
    assert program == "duban"
    done = CliRunner().invoke(main, arguments, env={"DUBAN_DATABASE": str(folder / "duban.db")})
    return (done.stdout + done.stderr).replace(f"{folder}{os.sep}", "").strip()


def test_the_tour_prints_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert len(steps()) >= 8
    for command, shown in steps():
        assert told(command, tmp_path) == shown, command


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`make (\w+)`", README))))
def test_every_target_named_is_there(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.mark.parametrize("path", PATHS)
def test_every_path_named_is_there(path: str) -> None:
    assert (ROOT / path).exists()
