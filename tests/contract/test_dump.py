"""Tables as they stand, row by row."""

from datetime import timedelta

import pytest

from engine.model.checkpoint import Checkpoint, LogKey
from engine.model.entry import TreeHead
from engine.model.transition import Evidence
from storage.dump import TABLES
from storage.rows import micros
from storage.tables import metadata
from tests.contract.conftest import NOW
from tests.contract.test_calendars import LATER, OVERRIDE
from tests.contract.test_campaigns import CAMPAIGN
from tests.contract.test_definitions import ITEM
from tests.contract.values import ANNA, BERT, ROSTER, a_deadline, a_draft, a_firing
from tests.integration.house import definitions

KEYS = {name: [column.name for column in metadata.tables[name].primary_key] for name in TABLES}


@pytest.fixture
def dump(begin, new_item):
    with begin() as uow:
        uow.people.add(ROSTER)
        for definition in definitions().values():
            uow.definitions.publish(definition, NOW)
        uow.campaigns.add(CAMPAIGN, NOW)
        uow.calendars.add(OVERRIDE, NOW)
        uow.calendars.add(LATER, NOW)
        uow.items.add([new_item(2), new_item(1, fields={"words": "整改"})])
        uow.deadlines.arm([a_deadline(new_item(2)), a_deadline(new_item(1))])
        uow.deadlines.claim([a_firing(new_item(2), "near"), a_firing(new_item(2), "late")])
        uow.evidence.add(new_item(1).id, [Evidence(sha256="1" * 64, name="照片", size=3)], BERT, NOW)
        uow.evidence.add(new_item(1).id, [Evidence(sha256="0" * 64, name="记录", size=3)], BERT, NOW)
        uow.history.append([a_draft(None, 0)] * 513, NOW)
        uow.checkpoints.add(
            Checkpoint(
                position=9, head=TreeHead(9, b"1" * 32), cause="day", note="一", at=NOW + timedelta(hours=1)
            )
        )
        uow.checkpoints.add_key(LogKey(0, "vkey"))
        yield uow.dump


@pytest.mark.parametrize("name", TABLES)
def test_every_row_comes_in_the_order_of_its_key_with_every_column(dump, name):
    rows = list(dump.rows(name))
    keys = [[row[column] for column in KEYS[name]] for row in rows]

    assert rows
    assert keys == sorted(keys)
    assert all(set(row) == {column.name for column in metadata.tables[name].columns} for row in rows)


@pytest.mark.parametrize(
    ("name", "count", "first"),
    [
        ("entry", 513, {"position": 0, "item": None, "actor": ANNA, "payload": b"{}", "at": micros(NOW)}),
        ("tree_hash", 2, {"level": 1, "position": 0}),
        ("checkpoint", 1, {"position": 9, "size": 9, "root": b"1" * 32, "cause": "day", "note": "一"}),
        ("log_key", 1, {"position": 0, "vkey": "vkey"}),
        (
            "definition",
            len(definitions()),
            {"id": "item", "version": ITEM.ref.version, "sha256": ITEM.sha256},
        ),
        ("campaign", 1, {"id": "sample", "sha256": CAMPAIGN.sha256, "loaded_at": micros(NOW)}),
        ("calendar", 2, {"position": 1, "id": "county", "version": 1, "loaded_at": micros(NOW)}),
        ("unit", 2, {"code": "u0", "parent": None, "ordinal": 0, "handles_cases": 0}),
        ("post", 2, {"code": "p0", "unit": "u0", "scope": "u0", "title": "主任"}),
        ("post_role", 3, {"post": "p0", "role": "office"}),
        ("person", 2, {"id": ANNA, "login": "anna", "name": "安", "is_sample": 1}),
        ("holding", 3, {"person": ANNA, "post": "p0", "from_on": "2020-04-01", "on_behalf_of": ""}),
        ("item", 2, {"number": "ZG-2020-000001", "period": "", "opened_at": micros(NOW), "stage": "finding"}),
        ("deadline", 2, {"clock": "limit", "revision": 1, "outcome": None, "is_provisional": 0}),
        ("firing", 2, {"rung": "late", "spoken_by": "late", "fired_at": micros(NOW)}),
        ("evidence", 2, {"sha256": "0" * 64, "uploader": BERT, "at": micros(NOW), "made_on": None}),
    ],
)
def test_rows_are_told_as_they_stand(dump, name, count, first):
    rows = list(dump.rows(name))

    assert len(rows) == count
    assert {column: rows[0][column] for column in first} == first
