"""The stores that must all behave alike."""

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

NOW = datetime(2020, 4, 1, 1, 2, 3, 456789, UTC)


@pytest.fixture
def database(tmp_path):
    opened = open_database(f"sqlite:///{tmp_path / 'duban.db'}")
    upgrade(opened)
    yield opened
    opened.close()


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
