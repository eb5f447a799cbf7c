"""The doctor finds nothing on a bureau that was only used as it should be, and names whatever was tampered with."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from engine.model.item import Item, NewItem
from engine.usecases.doctor import Acknowledged, examine, examine_deeply, unaccounted
from engine.usecases.items import move_item, open_items
from engine.usecases.sweep import sweep
from tests.builders import NOON, UNIT, an_attempt
from tests.integration.house import House, definitions, person_in
from tests.unit.usecases.test_queries import LISTING

LATER = NOON + timedelta(days=70)


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    moved(house, moved(house, opened(house), "submit", "officer"), "withdraw", "officer")
    item = moved(house, opened(house), "submit", "officer")
    item = moved(house, item, "list", "office", fields=LISTING)
    moved(house, item, "assign", "head", assignee=person_in("officer"))
    list(sweep(house.begin, LATER))
    return house


def opened(house: House) -> Item:
    new = NewItem(
        definition=definitions()["item"].ref,
        campaign="sample",
        unit=UNIT,
        title="记录不全",
        fields={"problem": "记录不全"},
    )
    return open_items(house.begin(), NOON, [new], house.actor("officer"))[0]


def moved(house: House, item: Item, verb: str, post: str, **asked: object) -> Item:
    attempt = replace(an_attempt(verb, house.actor(post), **asked), item=item.id, key=f"{verb}/{item.number}")
    return move_item(house.begin(), NOON, attempt)


def codes(house: House) -> set[str]:
    return {finding.code for finding in examine_deeply(house.begin())}


def test_a_bureau_that_was_used_as_it_should_be_is_sound(house: House):
    assert list(examine_deeply(house.begin())) == []
    assert examine(house.begin(), LATER) == []


def test_rungs_that_nobody_fires_are_told(house: House):
    (finding,) = examine(house.begin(), LATER + timedelta(days=30))

    assert finding.code == "sweep"


TAMPERED: dict[str, tuple[str, set[str]]] = {
    "a state": ("UPDATE item SET state = 'accepted' WHERE number = 'ZG-2020-000002'", {"I2"}),
    "a version": ("UPDATE item SET version = version + 1 WHERE number = 'ZG-2020-000001'", {"I1"}),
    "an owner": ("UPDATE item SET owner = opener WHERE number = 'ZG-2020-000001'", {"I2"}),
    "the end of a chain": ("UPDATE item SET head = zeroblob(32) WHERE number = 'ZG-2020-000001'", {"I4"}),
    "a due date": ("UPDATE deadline SET due_at = due_at + 86400000000 WHERE clock = 'rectify'", {"I2"}),
    "where elapsed time counts from": (
        "UPDATE deadline SET counts_from = counts_from + 1 WHERE clock = 'rectify'",
        {"I2"},
    ),
    "a proof": ("UPDATE deadline SET proof = 'x' WHERE clock = 'rectify'", {"I2"}),
    "an end": (
        "UPDATE deadline SET outcome = 'met', ended_at = 1, next_rung = NULL, next_at = NULL WHERE clock = 'rectify'",
        {"I2"},
    ),
    "a lost deadline": ("DELETE FROM deadline WHERE clock = 'rectify'", {"I2"}),
    "a lost firing": ("DELETE FROM firing WHERE rung = (SELECT max(rung) FROM firing)", {"I6"}),
    "an invented firing": (
        "INSERT INTO firing SELECT item, clock, revision, 'made_up', 'made_up', armed_at FROM deadline LIMIT 1",
        {"I6"},
    ),
    "a silenced notice": ("DELETE FROM notice WHERE kind IN ('overdue', 'escalated')", {"I6"}),
    "a time": ("UPDATE entry SET at = at - 1 WHERE position = 3", {"I4", "I10"}),
    "an actor": ("UPDATE entry SET actor = replace(actor, '1', '2') WHERE position = 0", {"I4", "I12"}),
    "a verb": ("UPDATE entry SET what = 'approve' WHERE position = 1", {"I4"}),
    "a lost entry": ("DELETE FROM entry WHERE position = 2", {"I1", "I2", "I4"}),
    "a lost end": ("DELETE FROM entry WHERE position = (SELECT max(position) FROM entry)", {"I4"}),
    "the head": ("UPDATE log_head SET frontier = zeroblob(length(frontier))", {"I4"}),
    "a lost item": ("DELETE FROM item WHERE number = 'ZG-2020-000001'", {"I1"}),
    "a lost post": ("DELETE FROM holding WHERE post = 'head'", {"I12"}),
    "a lost person": ("DELETE FROM person WHERE login = 'office'", {"I12"}),
    "another definition": ("UPDATE definition SET version = 9 WHERE id = 'item'", {"I3"}),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_tampered_with_is_named(house: House, what: str):
    statement, expected = TAMPERED[what]
    tamper(house, lambda connection: connection.execute(statement))

    assert codes(house) >= expected


def tamper(house: House, change: Callable[[sqlite3.Connection], object]) -> None:
    """Change the file behind the back of the program, without the triggers that would refuse it."""
    file = house.database.engine.url.database
    house.database.close()
    connection = sqlite3.connect(file or "")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    change(connection)
    connection.commit()
    connection.close()


def test_a_payload_that_was_changed_is_named(house: House):
    def change(connection: sqlite3.Connection) -> None:
        (payload,) = connection.execute("SELECT payload FROM entry WHERE position = 1").fetchone()
        forged = json.loads(payload) | {"reason": "另一个理由"}
        connection.execute("UPDATE entry SET payload = ? WHERE position = 1", (json.dumps(forged).encode(),))

    tamper(house, change)

    assert codes(house) == {"I4"}


def test_an_erased_payload_is_a_finding_where_no_entry_tells_of_it(house: House):
    tamper(house, lambda c: c.execute("UPDATE entry SET payload = NULL, salt = NULL WHERE position = 0"))

    assert codes(house) == {"I4"}


def test_an_acknowledged_command_is_in_the_history_once(house: House):
    item = opened(house)
    done = moved(house, item, "submit", "officer")
    known = Acknowledged(
        person=person_in("officer"), key=f"submit/{item.number}", item=item.id, version=done.version
    )

    assert list(unaccounted(house.begin(), [known])) == []
    (lost,) = unaccounted(house.begin(), [replace(known, version=9)])
    (unknown,) = unaccounted(house.begin(), [replace(known, key="never")])
    assert {lost.code, unknown.code} == {"I5"}
