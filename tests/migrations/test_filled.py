"""A filled database of each earlier version comes up to date with every row, and healthy."""

import pytest
from sqlalchemy import text

from storage.dialects import open_database
from storage.schema import upgrade
from tests.contract.conftest import _fresh, postgres_server
from tests.migrations.older import upgraded_to

__all__ = ["postgres_server"]
ITEM = {
    "number": "ZG-2020-00000{}",
    "definition_id": "item",
    "definition_version": 1,
    "campaign": "sample",
    "unit": "unit_a",
    "title": "记录不全",
    "state": "draft",
    "stage": "finding",
    "version": 1,
    "head": bytes(32),
    "opened_at": 1,
    "entered_at": 1,
    "opener": "1" * 32,
    "period": "",
    "returned_count": 0,
    "evidence_count": 0,
    "body": "{}",
}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request, tmp_path):
    sqlite = request.param == "sqlite"
    url = (
        f"sqlite:///{tmp_path / 'duban.db'}" if sqlite else _fresh(request.getfixturevalue("postgres_server"))
    )
    opened = open_database(url)
    yield opened
    opened.close()


def test_counts_are_taken_from_the_items_that_are_there(database):
    upgraded_to(database, "0001")
    rows = [
        {**ITEM, "id": f"{n:032x}", "number": ITEM["number"].format(n), "owner": owner}
        for n, owner in enumerate(("2" * 32, "2" * 32, None))
    ]
    names = ", ".join(rows[0])
    places = ", ".join(f":{name}" for name in rows[0])
    with database.engine.connect() as connection:
        connection.execute(text(f"INSERT INTO item ({names}) VALUES ({places})"), rows)
        connection.commit()

    upgrade(database)

    with database.engine.connect() as connection:
        counted = connection.execute(text("SELECT owner, stage, count FROM tally ORDER BY owner")).all()
    assert [tuple(row) for row in counted] == [("", "finding", 1), ("2" * 32, "finding", 2)]
