"""Items as they stand."""

from dataclasses import replace
from datetime import date

import pytest

from engine.model.actor import Capacity
from engine.model.definition import Stage
from engine.model.errors import Broken, Conflict
from engine.model.ids import DefinitionRef
from engine.model.item import Contribution, Delegation, ExtensionRequest, Vote
from tests.contract.conftest import NOW

MONTH = "2020-05"
CLOSED = {"stage": Stage.CLOSED, "closed_at": NOW}


@pytest.fixture
def items(begin):
    with begin() as uow:
        yield uow.items


def test_an_item_comes_back_as_it_was(begin, new_item):
    item = new_item(
        fields={"words": "整改", "count": 3},
        contributions=frozenset({Contribution("b" * 32, Capacity.DRAFTER)}),
        votes=(Vote("office", "b" * 32),),
        delegation=Delegation("c" * 32, date(2020, 5, 1)),
        extension=ExtensionRequest("limit", date(2020, 6, 1), "c" * 32),
        assisting=("u2", "u3"),
        duty="1.1",
        period="2020-05",
        as_of=date(2020, 3, 1),
        owner="d" * 32,
        reviewer="e" * 32,
        parent="f" * 32,
        link="part",
        category="1",
        returned_count=2,
        evidence_count=3,
        **CLOSED,
    )
    with begin() as uow:
        uow.items.add([item])
        uow.commit()

    with begin(write=False) as uow:
        assert uow.items.get([item.id, "f" * 32]) == {item.id: item}
        assert list(uow.items.scan()) == [item]


def test_what_is_stored_cannot_be_changed_from_outside(items, new_item):
    fields = {"words": "整改"}
    items.add([new_item(fields=fields)])

    fields["words"] = "后来改的"

    assert items.get([new_item().id])[new_item().id].fields == {"words": "整改"}


def test_nothing_is_asked_and_nothing_told(items):
    items.add([])
    items.replace([])

    assert items.get([]) == items.by_numbers([]) == {}


def test_numbers_lead_to_the_items_that_exist(items, new_item):
    items.add([new_item(1), new_item(2)])

    assert items.by_numbers(["ZG-2020-000002", "ZG-2020-000009"]) == {"ZG-2020-000002": new_item(2).id}


def test_numbers_follow_each_other_in_each_series(items):
    assert items.allot_numbers("ZG", 2020, 2) == ["ZG-2020-000001", "ZG-2020-000002"]
    assert items.allot_numbers("ZG", 2020, 1) == ["ZG-2020-000003"]
    assert items.allot_numbers("ZG", 2021, 1) == ["ZG-2021-000001"]
    assert items.allot_numbers("BS", 2020, 1) == ["BS-2020-000001"]
    assert [items.allot("DB-蓝", 2020, count) for count in (1, 3, 1)] == [1, 2, 5]


@pytest.mark.parametrize("taken", ["id", "number"])
def test_an_id_and_a_number_are_taken_once(items, new_item, taken):
    items.add([new_item(1)])

    with pytest.raises(Conflict, match="已有同样的记录"):
        items.add([replace(new_item(2), **{taken: getattr(new_item(1), taken)})])


def test_a_place_in_the_plan_is_taken_once(items, new_item):
    items.add([new_item(1, duty="1")])

    with pytest.raises(Conflict):
        items.add([new_item(2, duty="1")])


@pytest.mark.parametrize(
    "changes",
    [
        {"campaign": "other"},
        {"definition": DefinitionRef("report", 1)},
        {"duty": "2"},
        {"duty": None},
        {"unit": "u2"},
        {"period": "2020-05"},
    ],
)
def test_another_place_in_the_plan_is_free(items, new_item, changes):
    first, second = new_item(1, duty="1"), new_item(2, **({"duty": "1"} | changes))

    items.add([first, second])

    assert set(items.get([first.id, second.id])) == {first.id, second.id}


def test_a_place_is_the_same_under_a_newer_definition(items, new_item):
    items.add([new_item(1, duty="1")])

    with pytest.raises(Conflict):
        items.add([new_item(2, duty="1", definition=DefinitionRef("finding", 2))])


def test_items_outside_the_plan_share_a_unit(items, new_item):
    items.add([new_item(1), new_item(2)])

    assert len(items.of_campaign("zfzs-2020", "finding")) == 2


def test_an_item_does_not_move_to_a_place_that_is_taken(items, new_item):
    items.add([new_item(1, duty="1"), new_item(2, duty="1", unit="u2")])

    with pytest.raises(Conflict):
        items.replace([new_item(2, duty="1", unit="u1", version=2)])


def test_a_place_that_was_left_is_free(items, new_item):
    items.add([new_item(1, duty="1")])
    items.replace([new_item(1, duty="1", unit="u2", version=2)])
    second = new_item(2, duty="1")

    items.add([second])

    assert second.id in items.get([second.id])


@pytest.mark.parametrize(
    "changes", [{"stage": Stage.CLOSED}, {"closed_at": NOW}, {"id": "short"}, {"version": 0}]
)
def test_an_unsound_item_is_not_stored(items, new_item, changes):
    with pytest.raises(Broken):
        items.add([new_item(**changes)])


def test_a_moved_item_stands_as_it_was_given(items, new_item):
    items.add([new_item()])
    moved = new_item(
        version=2, state="done", fields={"words": "整改"}, owner="b" * 32, head=b"1" * 32, **CLOSED
    )

    items.replace([moved])

    assert items.get([moved.id]) == {moved.id: moved}


def test_an_item_moves_twice_in_one_unit(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item()])
        uow.commit()

    with begin() as uow:
        (item,) = uow.items.get([new_item().id]).values()
        uow.items.replace([replace(item, version=2, state="listed")])
        uow.items.rehead([replace(item, version=2, head=b"1" * 32)])
        uow.items.replace([replace(item, version=3, head=b"2" * 32)])

        assert list(uow.items.scan()) == [replace(item, version=3, head=b"2" * 32)]


def test_a_stale_version_conflicts_and_is_told_the_present_one(items, new_item):
    items.add([new_item(1), new_item(2)])
    items.replace([new_item(1, version=2, state="listed")])

    with pytest.raises(Conflict, match=r"^事项已被他人办理：ZG-2020-000001 现为 listed（版本 2）$") as caught:
        items.replace([new_item(1, version=2), new_item(2, version=2)])
    assert caught.value.hint == "请刷新后再办"


@pytest.mark.parametrize(
    ("number", "version", "told"),
    [
        (1, 1, "ZG-2020-000001 现为 found（版本 1）"),
        (1, 3, "ZG-2020-000001 现为 found（版本 1）"),
        (2, 2, "已不存在"),
    ],
)
def test_only_the_version_just_above_is_taken(items, new_item, number, version, told):
    items.add([new_item(1)])

    with pytest.raises(Conflict, match=told):
        items.replace([new_item(number, version=version, title="又")])


def test_a_new_head_leaves_everything_else(items, new_item):
    items.add([new_item(1), new_item(2)])

    items.rehead([new_item(1, head=b"1" * 32, version=7, title="别的")])

    assert list(items.scan()) == [new_item(1, head=b"1" * 32), new_item(2)]


def test_children_come_by_their_numbers_and_are_counted_while_open(items, new_item):
    parent = new_item(9)
    items.add(
        [
            parent,
            new_item(3, parent=parent.id, **CLOSED),
            new_item(2, parent=parent.id),
            new_item(1, parent=new_item(2).id),
        ]
    )

    assert [child.number[-1] for child in items.children(parent.id)] == ["2", "3"]
    assert items.count_open_children(parent.id) == 1
    assert items.children(new_item(1).id) == []
    assert items.count_open_children(new_item(1).id) == 0


def test_items_of_a_kind_in_a_campaign_come_by_their_numbers(items, new_item):
    items.add(
        [
            new_item(2, id="1" * 32),
            new_item(1, id="2" * 32, definition=DefinitionRef("finding", 2)),
            new_item(3, campaign="other"),
            new_item(4, definition=DefinitionRef("report", 1)),
        ]
    )

    assert [item.number[-1] for item in items.of_campaign("zfzs-2020", "finding")] == ["1", "2"]


def test_what_runs_under_a_version_comes_in_pages_by_number(items, new_item):
    first, second = DefinitionRef("finding", 1), DefinitionRef("finding", 2)
    under_first = [new_item(1), new_item(2, **CLOSED), new_item(4)]
    others = [new_item(3, definition=second), new_item(9, campaign="other")]
    items.add([*others, *reversed(under_first)])

    assert items.under("zfzs-2020", first, "", 2) == under_first[:2]
    assert items.under("zfzs-2020", first, under_first[1].number, 2) == under_first[2:]
    assert items.under("zfzs-2020", first, under_first[2].number, 2) == []
    assert items.under("zfzs-2020", second, "", 9) == others[:1]
    assert items.under("zfzs-2020", DefinitionRef("report", 1), "", 9) == []


def test_every_item_comes_by_its_id(items, new_item):
    items.add([new_item(2), new_item(1, id="f" * 32), new_item(3)])

    assert [item.number[-1] for item in items.scan()] == ["2", "3", "1"]


def test_units_are_known_by_what_they_have(items, new_item):
    items.add(
        [
            new_item(1),
            new_item(2),
            new_item(3, unit="u2", duty="1"),
            new_item(4, unit="u3", campaign="other"),
            new_item(5, unit="u4", definition=DefinitionRef("report", 1)),
            new_item(6, unit="u5", duty="1", period=MONTH),
        ]
    )

    assert items.units_with("zfzs-2020", "finding") == {"u1", "u2", "u5"}
    assert items.units_with("zfzs-2020", "finding", "1") == {"u2", "u5"}
    assert items.units_with("zfzs-2020", "finding", "2") == frozenset()
    assert items.units_with("zfzs-2020", "finding", "1", MONTH) == {"u5"}
    assert items.units_with("zfzs-2020", "finding", "1", "2020-06") == frozenset()


def test_items_are_counted_by_row_of_the_plan_and_period(items, new_item):
    items.add(
        [
            new_item(1),
            new_item(2, duty="1"),
            new_item(3, duty="1", unit="u2"),
            new_item(4, duty="1", period=MONTH),
            new_item(5, duty="2", definition=DefinitionRef("finding", 2)),
            new_item(6, duty="3", definition=DefinitionRef("report", 1)),
            new_item(7, duty="3", campaign="other"),
        ]
    )

    assert items.count_by_period("zfzs-2020", "finding") == {("1", ""): 2, ("1", MONTH): 1, ("2", ""): 1}


def test_a_row_of_the_plan_leads_to_its_item(items, new_item):
    once, monthly = new_item(1, duty="1"), new_item(2, duty="1", period="2020-05")
    items.add([once, monthly, new_item(3)])

    assert items.of_plan("zfzs-2020", "finding", "1", "u1") == once
    assert items.of_plan("zfzs-2020", "finding", "1", "u1", "2020-05") == monthly
    for other in (("other", "finding", "1", "u1"), ("zfzs-2020", "report", "1", "u1")):
        assert items.of_plan(*other) is None
    for duty, unit, period in (("2", "u1", ""), ("1", "u2", ""), ("1", "u1", "2020-06")):
        assert items.of_plan("zfzs-2020", "finding", duty, unit, period) is None
