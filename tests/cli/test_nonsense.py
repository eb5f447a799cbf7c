"""Whatever is typed, every command ends in a message and a declared exit code; never in a traceback or a defect."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cli import errors
from cli.main import main
from tests.cli.conftest import Run

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
NEVER_ENDING = ("worker", "rehearse", "serve", "demo")


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        elif name not in NEVER_ENDING:
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
