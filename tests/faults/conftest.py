"""Databases under attack, each filled with a small bureau and examined deeply when the attack is over."""

import itertools

import pytest

from storage.dialects import open_database
from tests.bench.stage import Stage
from tests.contract.stores import fresh
from tests.faults.crew import Crew

ATTACKED = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=ATTACKED)
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'duban.db'}"
    return fresh(request.getfixturevalue("postgres_server"))


@pytest.fixture
def stage(url):
    made = Stage(open_database(url))
    made.fill(9)
    yield made
    made.database.close()


@pytest.fixture(scope="session")
def crew():
    with Crew(8) as hired:
        yield hired


@pytest.fixture
def keys():
    return (f"key-{number}" for number in itertools.count())
