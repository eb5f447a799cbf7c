"""Whatever is typed, every command ends in a message and a declared exit code; never in a traceback or a defect."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import Result

from cli import errors
from cli.main import main
from engine.model.errors import Unavailable
from tests.cli.conftest import NOON, Run
from tests.cli.test_items import opened
from tests.cli.test_storage import ROOT, newer, run, spoiled, with_a_full_disk, without_override

NONSENSE = (
    "",
    "x",
    "-1",
    "ZG-2020-000001",
    "../../etc/passwd",
    "'; DROP TABLE item; --",
    "\udcff",
    "𠮷" * 300,
    "\x00",
)
CODES = {errors.DONE, errors.MISUSED, errors.UNDELIVERED, *errors.EXIT.values()}
PLAN = f"{ROOT / 'workflows' / 'campaigns' / 'fazhi-2020'}"
WHOLE_YEAR = (
    ("rehearse", PLAN, "--units", "3", "--items", "10", "--output", "year"),
    ("demo", "--once", "--items", "10", "--output", "demo"),
)
WITHOUT_END = (("worker",), ("worker", "--once"), ("serve",), ("serve", "--worker"))
LASTING = {call[0] for call in (*WHOLE_YEAR, *WITHOUT_END)}


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        elif name not in LASTING:
            yield (*path, name), command


LEAVES = {" ".join(path): (path, command) for path, command in leaves(main)}


def calls(path: tuple[str, ...], command: click.Command, word: str) -> Iterator[list[str]]:
    arguments = [word for parameter in command.params if isinstance(parameter, click.Argument)]
    yield [*path, *arguments]
    for option in command.params:
        if isinstance(option, click.Option) and not option.is_flag and option.name not in ("database", "at"):
            yield [*path, *arguments, option.opts[0], word]


@pytest.mark.parametrize("name", LEAVES)
def test_nonsense_is_told_and_does_no_harm(duban: Run, tmp_path: Path, name: str):
    path, command = LEAVES[name]
    wrong = []
    for word in NONSENSE:
        for call in calls(path, command, word):
            result = duban(*call, actor="officer")
            if (
                result.exit_code not in CODES
                or "程序出错" in result.stderr
                or (result.exit_code and not result.stderr)
            ):
                wrong.append((call, result.exit_code, result.stderr))

    assert not wrong
    assert duban("doctor", "--deep").exit_code == 0
    assert duban("item", "list", actor="officer").exit_code == 0


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_runs_without_a_terminal_and_without_a_database(name: str, duban: Run, tmp_path: Path):
    path, command = LEAVES[name]
    for database in ("nowhere/duban.db", str(tmp_path), "/dev/null", "\x00"):
        for call in calls(path, command, "x"):
            result = duban("--database", database, *call, actor="officer")

            assert result.exit_code in CODES, (call, database, result.stderr)
            assert "程序出错" not in result.stderr, (call, database, result.stderr)


def test_every_command_answers_in_json_where_json_is_asked_for(duban: Run):
    number, wrong = opened(duban), []
    for path, command in LEAVES.values():
        for word in ("x", number):
            call = next(calls(path, command, word))
            result = duban(*call, "--json", actor="office")
            if not is_json(result.stdout or result.stderr):
                wrong.append((call, result.exit_code, result.stdout, result.stderr))

    assert not wrong


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def misbehaving(duban: Run, number: str) -> list[tuple[str, int, str]]:
    """The commands that end in a defect, an undeclared code or in silence, each called as if all were well."""
    wrong = []
    for name, (path, command) in LEAVES.items():
        result = duban(*next(calls(path, command, number)), actor="officer")
        is_told = result.exit_code == 0 or result.stderr
        if result.exit_code not in CODES or "程序出错" in result.stderr or not is_told:
            wrong.append((name, result.exit_code, result.stderr))
    return wrong


def starting(run: Callable[..., Result], calls: Iterable[tuple[str, ...]]) -> list[tuple[str, int, str]]:
    """The lasting commands that do not say at once, and in Chinese alone, that the store cannot be used."""
    results = ((" ".join(call), run(*call)) for call in calls)
    return [
        (call, result.exit_code, result.stderr)
        for call, result in results
        if result.exit_code != errors.EXIT[Unavailable] or not result.stderr.startswith("错误：")
    ]


@pytest.mark.parametrize("spoil", [newer, spoiled], ids=["of a later program", "damaged"])
def test_a_database_that_may_not_be_used_is_told_by_every_command(
    duban: Run, tmp_path: Path, spoil: Callable[[Path], None]
):
    number = opened(duban)
    spoil(tmp_path / "duban.db")
    before = (tmp_path / "duban.db").read_bytes()

    assert not misbehaving(duban, number)
    assert not starting(run, WITHOUT_END)
    assert (tmp_path / "duban.db").read_bytes() == before


EVERY_COMMAND = f"""
import json, sys
from click.testing import CliRunner
from cli.main import main
from tests.cli.test_nonsense import WHOLE_YEAR, WITHOUT_END, misbehaving, starting
from tests.cli.test_storage import run

def duban(*args, actor):
    return CliRunner().invoke(main, ["--at", "{NOON}", "--actor", actor, *args])

print(json.dumps([*misbehaving(duban, sys.argv[1]), *starting(run, [*WHOLE_YEAR, *WITHOUT_END])]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="permissions and limits of POSIX")
@pytest.mark.parametrize(
    ("prepare", "folder", "file"),
    [(without_override, 0o555, 0o444), (with_a_full_disk, 0o755, 0o644)],
    ids=["read-only", "full"],
)
def test_a_disk_that_takes_nothing_is_told_by_every_command_and_loses_nothing(
    duban: Run, tmp_path: Path, prepare: Callable[[], None], folder: int, file: int
):
    number = opened(duban)
    (tmp_path / "duban.db").chmod(file)
    tmp_path.chmod(folder)
    child = subprocess.run(
        [sys.executable, "-c", EVERY_COMMAND, number],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        preexec_fn=prepare,
    )
    tmp_path.chmod(0o755)
    (tmp_path / "duban.db").chmod(0o644)

    assert child.returncode == 0, child.stderr
    assert json.loads(child.stdout) == []
    assert duban("doctor", "--deep").exit_code == 0
    assert duban("item", "show", number, actor="officer").exit_code == 0
