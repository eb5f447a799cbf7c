"""The checkers agree: a change that fails here would be sent back by a reviewer anyway."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

SCRIPTS = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["ruff", "check", "."], id="rules"),
        pytest.param(["ruff", "format", "--check", "--diff", "--quiet", "."], id="format"),
        pytest.param(["mypy"], id="types"),
        pytest.param(["lint-imports", "--no-cache"], id="imports"),
    ],
)
def test_checker_has_nothing_to_say(command: list[str]):
    program = SCRIPTS / command[0]

    result = subprocess.run([program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout + result.stderr
