"""The use cases over a real SQLite file: one move writes entry, item, deadline and answer together, once."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.model.actor import Grant, Person, Post, Role, Unit
from engine.model.calendar import Calendar
from engine.model.campaign import Campaign, Roster, Scheme
from engine.model.errors import Conflict, Error, Refused
from engine.model.ids import PostCode
from engine.model.item import Item, NewItem
from engine.rules.replay import differs, fold
from engine.rules.tree import root_of
from engine.usecases.items import move_item, open_items
from storage.dialects import open_database
from storage.schema import upgrade
from storage.unit_of_work import SqlUnitOfWork
from tests.builders import BUREAU, NOON, UNIT, a_definition, a_person, an_actor, an_attempt
from tests.integration.house import Counting

CALENDAR = Calendar(id="plain", exceptions={}, covered_until=date(2020, 12, 31))
SAMPLE = a_definition()
OFFICER, HEAD = an_actor(1, Role.OFFICER), an_actor(2, Role.UNIT_HEAD)
Begin = Callable[[], SqlUnitOfWork]


def a_roster() -> Roster:
    units = (
        Unit(code=BUREAU, name="示例县公安局", parent=None, ordinal=1, handles_cases=False),
        Unit(code=UNIT, name="示例一队", parent=BUREAU, ordinal=2, handles_cases=True),
    )
    post = Post(code=PostCode("post"), unit=UNIT, scope=UNIT, title="民警", roles=frozenset({Role.OFFICER}))
    persons = tuple(
        Person(id=a_person(n), login=f"p{n}", name=f"示例人员{n}", is_sample=True) for n in (1, 2)
    )
    grants = tuple(
        Grant(person=p.id, post=post.code, from_on=date(2020, 1, 1), until_on=None) for p in persons
    )
    return Roster(units=units, posts=(post,), persons=persons, grants=grants)


def a_campaign() -> Campaign:
    return Campaign(
        id="sample",
        title="样例行动",
        bureau=BUREAU,
        issued_on=date(2020, 4, 20),
        starts_on=date(2020, 4, 1),
        ends_on=date(2020, 12, 31),
        hard_stop_on=date(2020, 11, 30),
        source="样例",
        categories=(),
        tasks=(),
        phases=(),
        duties=(),
        scheme=Scheme(full_marks=100, criteria=(), source="样例"),
        definitions={"sample": SAMPLE.ref},
        roster=a_roster(),
        sha256="0" * 64,
        document="{}",
    )


@pytest.fixture
def begin(tmp_path: Path) -> Begin:
    database = open_database(f"sqlite:///{tmp_path / 'duban.db'}")
    upgrade(database)
    entropy = Counting()

    def unit() -> SqlUnitOfWork:
        return SqlUnitOfWork(database, entropy, CALENDAR, lambda _: SAMPLE)

    with unit() as uow:
        uow.people.add(a_roster())
        uow.definitions.publish(SAMPLE, NOON)
        uow.campaigns.add(a_campaign(), NOON)
        uow.commit()
    return unit


def opened(begin: Begin) -> Item:
    new = NewItem(
        definition=SAMPLE.ref,
        campaign="sample",
        unit=UNIT,
        title="样例",
        fields={"problem": "记录不全", "due_on": "2020-06-30"},
    )
    return open_items(begin(), NOON, [new], OFFICER)[0]


def assigned(begin: Begin) -> Item:
    item = opened(begin)
    return move_item(begin(), NOON, replace(an_attempt("assign", HEAD, assignee=a_person(1)), item=item.id))


def test_a_move_writes_item_entry_and_deadline_together(begin: Begin) -> None:
    item = assigned(begin)

    with begin() as uow:
        stored = uow.items.get([item.id])[item.id]
        entries = uow.history.of_item(item.id)
        deadlines = uow.deadlines.of_item(item.id)
        head = uow.history.head()

    assert stored == item
    assert [(e.what, e.item_version) for e in entries] == [("open", 1), ("assign", 2)]
    assert entries[1].previous == entries[0].leaf
    assert entries[1].leaf == item.head
    assert [(d.clock, d.revision, d.outcome) for d in deadlines] == [("work", 1, None)]
    assert head.size == 2
    assert len(root_of(head.frontier)) == 32


def test_the_stored_row_is_the_fold_of_its_payloads(begin: Begin) -> None:
    item = assigned(begin)
    with begin() as uow:
        changes = [json.loads(entry.payload or b"{}")["changes"] for entry in uow.history.of_item(item.id)]

    assert differs(fold(changes), item) == ()


def test_a_refused_move_changes_nothing(begin: Begin) -> None:
    item = opened(begin)

    with pytest.raises(Refused):
        move_item(begin(), NOON, replace(an_attempt("assign", HEAD), item=item.id))

    with begin() as uow:
        assert uow.items.get([item.id])[item.id] == item
        assert uow.history.head().size == 1


def test_the_same_key_has_one_effect_and_another_content_is_a_conflict(begin: Begin) -> None:
    item = assigned(begin)
    attempt = replace(an_attempt("progress", OFFICER, fields={"progress": "进行中"}), item=item.id)

    first = move_item(begin(), NOON, attempt)
    again = move_item(begin(), NOON + timedelta(hours=1), attempt)

    assert (first.version, again) == (3, first)
    with pytest.raises(Conflict):
        move_item(begin(), NOON, replace(attempt, fields={"progress": "别的"}))


def test_of_eight_contenders_exactly_one_wins(begin: Begin) -> None:
    item = assigned(begin)
    outcomes: list[str] = []

    def contend(number: int) -> None:
        attempt = replace(
            an_attempt("progress", OFFICER, fields={"progress": str(number)}),
            item=item.id,
            key=f"key-{number}",
            expected_version=item.version,
        )
        try:
            move_item(begin(), NOON, attempt)
            outcomes.append("won")
        except Error as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=contend, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["conflict"] * 7 + ["won"]
