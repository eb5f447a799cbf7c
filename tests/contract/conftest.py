"""The stores that must all behave alike."""

import itertools
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from engine.model.calendar import Calendar
from engine.model.definition import Stage
from engine.model.ids import DefinitionRef
from engine.model.item import Item
from storage.dialects import open_database
from storage.schema import upgrade
from storage.unit_of_work import SqlUnitOfWork
from tests.contract.postgres import binaries, server

COUNTER = itertools.count()
NOW = datetime(2020, 4, 1, 1, 2, 3, 456789, UTC)


@pytest.fixture(scope="session")
def postgres_server():
    folder = binaries()
    if folder is None:
        pytest.skip("no PostgreSQL binaries for this platform")
    with server(folder) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request, tmp_path):
    if request.param == "sqlite":
        opened = open_database(f"sqlite:///{tmp_path / 'duban.db'}")
    else:
        opened = open_database(_fresh(request.getfixturevalue("postgres_server")))
    upgrade(opened)
    yield opened
    opened.close()


def _fresh(url):
    name = f"t{next(COUNTER)}"
    admin = open_database(url + "postgres")
    with admin.engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.close()
    return url + name


@pytest.fixture
def begin(database):
    calendar = Calendar(id="plain", exceptions={}, covered_until=date(2020, 12, 31))

    def read(document):
        return SimpleNamespace(document=document)

    def unit(*, write=True):
        return SqlUnitOfWork(database, SimpleNamespace(), calendar, read, ("mail",), write=write)

    return unit


@pytest.fixture
def new_item():
    def make(number=1, **changes):
        given = {
            "id": f"{number:032x}",
            "number": f"ZG-2020-{number:06d}",
            "definition": DefinitionRef("finding", 1),
            "campaign": "zfzs-2020",
            "unit": "u1",
            "title": "问题",
            "state": "found",
            "stage": Stage.FINDING,
            "version": 1,
            "head": bytes(32),
            "opened_at": NOW,
            "entered_at": NOW,
            "opener": "a" * 32,
        }
        return Item(**(given | changes))

    return make
