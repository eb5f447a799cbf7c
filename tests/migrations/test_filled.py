"""A filled database of each earlier version comes up to date with every row, and healthy."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.dialects import open_database
from storage.schema import upgrade
from tests.contract.stores import fresh
from tests.migrations.older import upgraded_to

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
        f"sqlite:///{tmp_path / 'duban.db'}" if sqlite else fresh(request.getfixturevalue("postgres_server"))
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


NOTICE = {"kind": "overdue", "recipient": "2" * 32, "facts": "{}", "written_at": 1}
DELIVERY = {"channel": "smtp", "token": 3, "not_before": 7, "worker": None, "last_error": None}


def test_what_lies_in_the_outbox_stays_there_with_its_reader_and_its_tries(database):
    upgraded_to(database, "0007")
    item = {**ITEM, "id": "0" * 32, "number": "ZG-2020-000001", "owner": None}
    states = ("pending", 0, None), ("leased", 2, None), ("sent", 1, 9), ("dead", 5, None)
    notices = [{**NOTICE, "key": f"{n:064x}", "item": item["id"]} for n in range(len(states))]
    deliveries = [
        {**DELIVERY, "notice": f"{n:064x}", "status": status, "attempts": attempts, "sent_at": sent_at}
        for n, (status, attempts, sent_at) in enumerate(states)
    ]
    with database.engine.connect() as connection:
        for table, rows in (("item", [item]), ("notice", notices), ("delivery", deliveries)):
            names, places = ", ".join(rows[0]), ", ".join(f":{name}" for name in rows[0])
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), rows)
        connection.commit()

    upgrade(database)

    with database.engine.connect() as connection:
        found = connection.execute(
            text("SELECT notice, status, attempts, sent_at, recipient, letter FROM delivery ORDER BY notice")
        ).all()
        assert [tuple(row) for row in found] == [
            (f"{n:064x}", *state, "2" * 32, f"{n:064x}" if state[1] else None)
            for n, state in enumerate(states)
        ]
        connection.execute(text("UPDATE delivery SET status = 'withdrawn' WHERE status = 'pending'"))
        with pytest.raises(DBAPIError):
            connection.execute(text("UPDATE delivery SET status = 'lost'"))
