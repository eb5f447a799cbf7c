"""Default deny: a unit sees itself, the bureau sees all, an owner sees the own item anywhere, a stranger nothing."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.model.actor import Actor, Grant, Person, Post, Role, Unit
from engine.model.campaign import Roster
from engine.model.errors import NotFound
from engine.model.ids import PostCode, UnitCode
from engine.model.item import Item, NewItem
from engine.model.reasons import ReasonCode
from engine.model.views import ItemFilter
from engine.usecases.items import move_item, open_items
from engine.usecases.queries import (
    explain_clocks,
    find_items,
    find_notice,
    item_detail,
    item_history,
    list_due,
    list_items,
    list_notices,
    list_soonest,
    search_lit,
)
from engine.usecases.work import tasks_of
from tests.builders import BUREAU, NOON, UNIT, a_person, an_attempt
from tests.integration.house import House, definitions, person_in

OTHER = UnitCode("unit_b")
STRANGER = a_person(77)
LISTING = {"goal": "记录完整", "standard": "抽查无缺", "measures": "培训并抽查", "due_on": "2020-06-30"}


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    post = Post(
        code=PostCode("head_b"), unit=OTHER, scope=OTHER, title="队长", roles=frozenset({Role.UNIT_HEAD})
    )
    roster = Roster(
        units=(Unit(code=OTHER, name="示例二队", parent=BUREAU, ordinal=3, handles_cases=True),),
        posts=(post,),
        persons=(Person(id=STRANGER, login="head_b", name="示例队长", is_sample=True),),
        grants=(Grant(person=STRANGER, post=post.code, from_on=date(2020, 1, 1), until_on=None),),
    )
    with house.begin() as uow:
        uow.people.add(roster)
        uow.commit()
    return house


def stranger(house: House) -> Actor:
    with house.begin() as uow:
        return uow.people.actor(STRANGER, date(2020, 5, 6))


def opened(house: House, **more: object) -> Item:
    new = NewItem(
        definition=definitions()["item"].ref,
        campaign="sample",
        unit=UNIT,
        title="记录不全",
        fields={"problem": "记录不全"},
    )
    return open_items(house.begin(), NOON, [replace(new, **more)], house.actor("officer"))[0]


def moved(house: House, item: Item, verb: str, post: str, **asked: object) -> Item:
    attempt = replace(an_attempt(verb, house.actor(post), **asked), item=item.id, key=f"{verb}/{item.number}")
    return move_item(house.begin(), NOON, attempt)


def assigned(house: House) -> Item:
    item = moved(house, opened(house), "submit", "officer")
    item = moved(house, item, "list", "office", fields=LISTING)
    return moved(house, item, "assign", "head", assignee=person_in("officer"))


def test_a_unit_and_the_bureau_see_the_item_and_another_unit_does_not(house: House):
    item = opened(house)

    def seen(actor: Actor) -> list[str]:
        return [row.number for row in list_items(house.begin(), actor, ItemFilter())]

    assert seen(house.actor("head")) == seen(house.actor("office")) == [item.number]
    assert seen(stranger(house)) == []


def test_what_may_not_be_seen_reads_like_what_does_not_exist(house: House):
    hidden, nowhere = opened(house).number, "ZG-2020-999999"
    texts = []
    for number in (hidden, nowhere):
        with pytest.raises(NotFound) as caught:
            item_detail(house.begin(), NOON, stranger(house), number)
        texts.append(f"{caught.value}{caught.value.hint}".replace(number, "N"))
        with pytest.raises(NotFound):
            item_history(house.begin(), stranger(house), number)
        with pytest.raises(NotFound):
            explain_clocks(house.begin(), NOON, stranger(house), number)
        with pytest.raises(NotFound):
            list_notices(house.begin(), stranger(house), number=number)

    assert texts[0] == texts[1]


def test_people_named_in_an_item_see_it_wherever_they_serve(house: House):
    as_owner = opened(house, owner=STRANGER)
    as_assistant = opened(house, assisting=(OTHER,))

    found = find_items(house.begin(), stranger(house), [as_owner.number, as_assistant.number])

    assert [item.id for item in found] == [as_owner.id, as_assistant.id]


def test_a_list_holds_exactly_what_can_be_opened(house: House):
    """One rule for lists, searches and pages, whatever makes an item one's own."""
    substitute = Grant(
        person=STRANGER,
        post=PostCode("head_b"),
        from_on=date(2020, 5, 1),
        until_on=None,
        on_behalf_of=person_in("legal"),
    )
    with house.begin() as uow:
        uow.people.grant(substitute)
        uow.commit()
    handed = moved(house, assigned(house), "sign_for", "officer")
    moved(house, handed, "delegate", "officer", assignee=STRANGER, until_on=date(2020, 5, 7), reason="出差")
    items = [opened(house), opened(house, owner=STRANGER), opened(house, assisting=(OTHER,)), handed]
    items += [opened(house, owner=person_in("legal"))]

    asker = stranger(house)
    listed = {row.number for row in list_items(house.begin(), asker, ItemFilter())}
    searched, _ = search_lit(house.begin(), NOON, asker, ItemFilter(title="记录"))
    soonest = {lit.row.number for lit in list_soonest(house.begin(), NOON, asker, ItemFilter())}

    assert listed == {each.number for each in items if is_found(house, asker, each)}
    assert listed == {each.number for each in items[1:]} == {lit.row.number for lit in searched}
    assert soonest == {handed.number}
    assert [task.row.number for task in tasks_of(house.begin(), NOON, asker).tasks][:1] == [handed.number]
    later = NOON + timedelta(days=3)
    assert handed.number not in [task.row.number for task in tasks_of(house.begin(), later, asker).tasks]


def is_found(house: House, asker: Actor, item: Item) -> bool:
    try:
        return find_items(house.begin(), asker, [item.number])[0].id == item.id
    except NotFound:
        return False


def test_a_detail_tells_open_moves_what_they_need_and_why_the_others_are_shut(house: House):
    item = assigned(house)

    detail = item_detail(house.begin(), NOON, house.actor("officer"), item.number)
    choices = {choice.move.verb: choice for choice in detail.choices}

    assert choices["sign_for"].is_open
    assert not choices["sign_for"].needs
    assert not choices["assign"].is_open
    assert [r.code for r in choices["assign"].against] == [ReasonCode.NOT_STANDING]
    as_head = item_detail(house.begin(), NOON, house.actor("head"), item.number)
    extension = {choice.move.verb: choice for choice in as_head.choices}["apply_extension"]
    assert extension.is_open
    assert {r.code for r in extension.needs} == {ReasonCode.REASON_MISSING, ReasonCode.INPUT_MISSING}
    assert detail.names[person_in("officer")] == "示例officer"
    assert {d.clock for d in detail.deadlines} == {"sign_for", "rectify"}


def test_history_names_people_and_moves(house: House):
    item = assigned(house)

    lines = item_history(house.begin(), house.actor("head"), item.number)

    assert [(line.label, line.actor_name) for line in lines] == [
        ("新建", "示例officer"),
        ("报送", "示例officer"),
        ("立项", "示例office"),
        ("交办", "示例head"),
    ]
    assert lines[1].payload["verb"] == "submit"


def test_an_inbox_is_ones_own_and_an_item_tells_what_was_told(house: House):
    item = assigned(house)

    own = list_notices(house.begin(), house.actor("officer"))
    on_item = list_notices(house.begin(), house.actor("office"), number=item.number)

    assert {row.recipient for row in own} == {person_in("officer")}
    assert {row.kind for row in on_item} >= {"submitted", "listed", "assigned"}
    key = own[0].key
    assert find_notice(house.begin(), house.actor("officer"), key[:10]).key == key
    assert find_notice(house.begin(), house.actor("office"), key).key == key
    for asked in (key, key[:10], "", "0" * 64):
        with pytest.raises(NotFound):
            find_notice(house.begin(), stranger(house), asked)


def test_the_earliest_clocks_are_listed_however_many_items_there_are(house: House):
    items = [assigned(house) for _ in range(5)]
    horizon = NOON + timedelta(days=90)

    lines = list_due(house.begin(), house.actor("head"), ItemFilter(limit=6), horizon)

    assert [line.label for line in lines] == ["签收时限"] * 5 + ["整改时限"]
    assert {line.row.number for line in lines[:5]} == {item.number for item in items}


def test_clocks_are_listed_by_their_due_instant_and_explained(house: House):
    item = assigned(house)
    horizon = NOON + timedelta(days=90)

    lines = list_due(house.begin(), house.actor("head"), ItemFilter(), horizon)
    stories = {s.clock.id: s for s in explain_clocks(house.begin(), NOON, house.actor("head"), item.number)}

    assert [line.label for line in lines] == ["签收时限", "整改时限"]
    assert list_due(house.begin(), stranger(house), ItemFilter(), horizon) == []
    assert len(list_due(house.begin(), house.actor("head"), ItemFilter(), NOON + timedelta(days=9))) == 1
    assert "2020-06-30" in stories["rectify"].revisions[0].proof
    steps = stories["rectify"].steps
    assert [step.rung.id for step in steps][:4] == ["elapsed_50", "elapsed_75", "before_7", "before_3"]
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert stories["sign_for"].working_days_left == 2
    late = explain_clocks(house.begin(), NOON + timedelta(days=7), house.actor("head"), item.number)
    assert [s.working_days_left for s in late if s.clock.id == "sign_for"] == [-3]
