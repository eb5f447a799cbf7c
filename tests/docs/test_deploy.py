"""What docs/deploy.md shows is there: commands, settings and exit codes; its unit files are whole."""

import re
import shlex
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

from cli.errors import EXIT, FAILED
from engine.model.errors import Unavailable
from runtime.scheduler import GAVE_UP
from runtime.settings import BESIDE, KEYS, PREFIX
from tests.docs.commands import refused, shown

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
UNITS = re.findall(r"```ini\n(.*?)```", PAGE, flags=re.DOTALL)


def commands() -> list[str]:
    """Every command: in the text, at a prompt, and in the unit files."""
    at_prompt = re.findall(r"^\$ (duban .+)$", PAGE, flags=re.MULTILINE)
    started = re.findall(r"/bin/(duban [^'\n]+)", "".join(UNITS))
    return [*shown(PAGE), *at_prompt, *(command.replace("$(", "").replace(")", "") for command in started)]


def unit(text: str) -> ConfigParser:
    read = ConfigParser(strict=False, interpolation=None)
    read.read_string(text)
    return read


def test_every_command_it_shows_is_one() -> None:
    assert len(commands()) >= 20
    assert [command for command in commands() if refused(command)] == []


def test_every_setting_it_names_is_one() -> None:
    known = {f"{PREFIX}{key.replace('.', '_').upper()}" for key in KEYS} | BESIDE
    named = set(re.findall(r"DUBAN_[A-Z_]+", PAGE))

    assert {"DUBAN_DATABASE", "DUBAN_EVIDENCE"} <= named <= known
    assert "smtp.password_file" in KEYS


def test_the_units_are_whole_and_always_start_a_worker_anew() -> None:
    worker, web, backup, timer = map(unit, UNITS)

    assert (worker["Service"]["Restart"], worker["Unit"]["StartLimitIntervalSec"]) == ("always", "0")
    assert shlex.split(worker["Service"]["ExecStart"])[1] == "worker"
    assert shlex.split(web["Service"]["ExecStart"])[1] == "serve"
    assert backup["Service"]["Type"] == "oneshot"
    assert timer["Timer"]["Persistent"] == "true"


def test_the_exit_codes_are_those_of_the_program() -> None:
    codes = [int(code) for code in re.findall(r"^\| (\d) \|", PAGE, flags=re.MULTILINE)]

    assert codes == [0, FAILED, EXIT[Unavailable]]
    assert f"exit code {GAVE_UP}" in PAGE


def test_the_first_start_works_as_it_is_written(tmp_path: Path) -> None:
    (block, *_) = re.findall(r"```console\n(.*?)```", PAGE, flags=re.DOTALL)
    plan = ROOT / "workflows" / "campaigns" / "fazhi-2020"
    words = block.replace("/var/lib/duban/duban.db", f"{tmp_path / 'duban.db'}").replace(
        "/etc/duban/plan", f"{plan}"
    )

    ends = [
        subprocess.run(
            [sys.executable, "-m", "cli", *shlex.split(line)[2:], "--database", f"{tmp_path / 'duban.db'}"],
            cwd=ROOT,
            capture_output=True,
            check=False,
        ).returncode
        for line in words.splitlines()
    ]

    assert ends == [0, 0, 0, 0, FAILED]
