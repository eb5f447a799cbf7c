"""Shared by every test: Hypothesis profiles, the size of fault campaigns, where files lie, one server a process."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.contract.postgres import binaries, server

settings.register_profile(
    "suite",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", settings.get_profile("suite"), derandomize=False, max_examples=5_000)
settings.load_profile("suite")

MEMORY = Path("/dev/shm")
ENOUGH = 2 << 30
"""Bytes; a single test was seen to take 0.5 GB, which is given back when it has passed."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rounds", type=int, help="how long a fault campaign runs (make storm N=…)")


def pytest_configure() -> None:
    """Keep files of tests in memory where there is room: no test cuts the power, so none can tell it from a disk."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long and with the browser: no process ends alone with it, or makes its demo twice."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if item.get_closest_marker("storm") or "faults" in item.path.parts:
        return 0
    return 1 if "browser" in item.path.parts else 2


@pytest.fixture(scope="session")
def rounds(request: pytest.FixtureRequest) -> int | None:
    """The length asked for with --rounds; None means the small size each campaign has in the suite."""
    value: int | None = request.config.getoption("--rounds")
    return value


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server of this process, on which every test makes databases of its own."""
    folder = binaries()
    if folder is None:
        pytest.skip("no PostgreSQL binaries for this platform")
    with server(folder) as url:
        yield url
