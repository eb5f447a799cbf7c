"""One suite, three stores."""

from datetime import UTC, datetime

import pytest

from engine.model.definition import Stage
from engine.model.ids import DefinitionRef
from engine.model.item import Item
from storage.dialects import Database
from tests.contract.stores import InDatabase, InMemory, empty, fresh, migrated, migrated_file
from tests.integration.house import PLAIN, Counting, House, HouseInMemory

NOW = datetime(2020, 4, 1, 1, 2, 3, 456789, UTC)


class HouseIn(House):
    """The small bureau in a database that is there already."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._entropy = Counting()
        self._publish(PLAIN)


@pytest.fixture(scope="session")
def postgres_database(postgres_server):
    opened = InDatabase(migrated(fresh(postgres_server)))
    yield opened
    opened.close()


@pytest.fixture
def memory():
    return InMemory()


@pytest.fixture
def sqlite(tmp_path):
    path = tmp_path / "duban.db"
    path.write_bytes(migrated_file())
    opened = InDatabase(f"sqlite:///{path}")
    yield opened
    opened.close()


@pytest.fixture
def postgresql(postgres_database):
    yield postgres_database
    empty(postgres_database)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def begin(store):
    return store.begin


@pytest.fixture
def house(store) -> House:
    return HouseInMemory() if isinstance(store, InMemory) else HouseIn(store.database)


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
