"""A small bureau in a file, and the command line over it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from runtime import passwords
from tests.integration.house import House

NOON = "2020-05-06T12:00"
Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine reaches a test, and no file is left in the checkout."""
    for name in ("DUBAN_DATABASE", "DUBAN_ACTOR", "DUBAN_CONFIG", "DUBAN_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password is hashed at the least cost: two tests spent four seconds on nothing else."""
    cheap = passwords.Argon2Hasher(passwords.Cost(passes=1, memory=64, lanes=1))
    monkeypatch.setattr(passwords, "Argon2Hasher", lambda: cheap)


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    house.database.close()
    return house


@pytest.fixture
def duban(house: House) -> Run:
    """Run a command on the small bureau at noon of 6 May 2020 (or `at`), as `actor`."""

    def run(*args: str, actor: str | None = None, at: str = NOON) -> Result:
        who = ["--actor", actor] if actor else []
        return CliRunner().invoke(main, ["--at", at, *who, *args])

    return run


def printed(result: Result) -> Any:
    """What a command printed as JSON."""
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)
