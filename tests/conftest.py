"""Shared by every test: Hypothesis profiles and the size of fault campaigns."""

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "suite",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", settings.get_profile("suite"), derandomize=False, max_examples=5_000)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rounds", type=int, help="how long a fault campaign runs (make storm N=…)")


@pytest.fixture(scope="session")
def rounds(request: pytest.FixtureRequest) -> int | None:
    """The length asked for with --rounds; None means the small size each campaign has in the suite."""
    value: int | None = request.config.getoption("--rounds")
    return value
