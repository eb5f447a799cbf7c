"""Read queries for tables and pages."""

from datetime import timedelta

import pytest

from engine.model.deadline import Outcome
from engine.model.definition import Stage
from engine.model.ids import DefinitionRef
from engine.model.views import ItemFilter
from tests.contract.conftest import NOW
from tests.contract.values import ANNA, BERT, ROSTER, a_deadline

CORA = "c" * 32
HOUR = timedelta(hours=1)
CLOSED = {"stage": Stage.CLOSED, "closed_at": NOW}
SILENT = {"next_rung": None, "next_at": None}


@pytest.fixture
def uow(begin):
    with begin() as opened:
        opened.people.add(ROSTER)
        yield opened


@pytest.fixture
def filled(uow, new_item):
    """Six items, no two alike."""
    uow.items.add(
        [
            new_item(3, owner=BERT, unit="u9", opener=CORA),
            new_item(1, owner=ANNA),
            new_item(2, unit="u0", reviewer=BERT, definition=DefinitionRef("finding", 2)),
            new_item(4, definition=DefinitionRef("report", 1), state="done", **CLOSED),
            new_item(5, campaign="other", stage=Stage.REVIEWING, returned_count=2),
            new_item(6, owner=CORA, opener=BERT),
        ]
    )
    uow.deadlines.arm(
        [
            a_deadline(new_item(1), due_at=NOW, **SILENT),
            a_deadline(new_item(1), clock="other", due_at=NOW + HOUR, **SILENT),
            a_deadline(new_item(2), due_at=NOW, outcome=Outcome.MET, ended_at=NOW, **SILENT),
            a_deadline(new_item(3), due_at=NOW + HOUR),
        ]
    )
    return uow


def numbers(uow, **wanted):
    return [int(row.number[-6:]) for row in uow.views.items(ItemFilter(**wanted))]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"kind": "finding"}, [1, 2, 3, 5, 6]),
        ({"campaign": "other"}, [5]),
        ({"stage": Stage.REVIEWING}, [5]),
        ({"state": "done"}, [4]),
        ({"unit": "u1"}, [1, 4, 5, 6]),
        ({"owner": ANNA}, [1]),
        ({"owner": "d" * 32}, []),
        ({"overdue_at": NOW}, []),
        ({"overdue_at": NOW + timedelta(microseconds=1)}, [1]),
        ({"overdue_at": NOW + 2 * HOUR}, [1, 3]),
        ({"units": frozenset()}, []),
        ({"units": frozenset({"u0", "u9"})}, [2, 3]),
        ({"units": frozenset({"u0"}), "asker": BERT}, [2, 3, 6]),
        ({"units": frozenset(), "asker": BERT}, [2, 3, 6]),
        ({"units": frozenset(), "asker": CORA}, [3, 6]),
        ({"units": None, "asker": CORA}, [1, 2, 3, 4, 5, 6]),
        ({"after": "ZG-2020-000004"}, [5, 6]),
        ({"after": "ZG-2020-000006"}, []),
        ({"limit": 2}, [1, 2]),
        ({"after": "ZG-2020-000002", "limit": 2, "kind": "finding"}, [3, 5]),
        ({"unit": "u1", "campaign": "zfzs-2020", "state": "found", "overdue_at": NOW + HOUR}, [1]),
    ],
)
def test_a_list_is_narrowed_and_comes_by_number(filled, wanted, found):
    assert numbers(filled, **wanted) == found


def test_pages_of_a_list_follow_each_other(filled):
    first = numbers(filled, limit=4)
    rest = numbers(filled, limit=4, after=f"ZG-2020-{first[-1]:06d}")

    assert first + rest == [1, 2, 3, 4, 5, 6]


def test_a_line_tells_names_and_the_earliest_running_clock(filled, new_item):
    one, two, three, four, five, _ = filled.views.items(ItemFilter())

    assert (one.id, one.number, one.title) == (new_item(1).id, new_item(1).number, "问题")
    assert (one.unit, one.unit_name, one.owner_name) == ("u1", "一所", "安")
    assert (one.definition, one.state, one.stage) == (DefinitionRef("finding", 1), "found", Stage.FINDING)
    assert (one.version, one.due_at, one.closed_at) == (1, NOW, None)
    assert (two.due_at, two.owner_name, two.definition.version) == (None, None, 2)
    assert (three.unit_name, three.due_at) == ("u9", NOW + HOUR)
    assert (four.stage, four.closed_at) == (Stage.CLOSED, NOW)
    assert five.returned_count == 2


def test_an_owner_who_is_not_in_the_roster_has_no_name(filled):
    (row,) = filled.views.items(ItemFilter(owner=CORA))

    assert row.owner_name is None


def test_items_are_counted_by_kind_unit_and_stage(filled, new_item):
    filled.items.add([new_item(7), new_item(8, **CLOSED), new_item(9, unit="u8")])

    counted = [
        (line.kind, line.unit, line.unit_name, line.stage, line.count)
        for line in filled.views.stage_counts("zfzs-2020")
    ]

    assert counted == [
        ("finding", "u0", "分局", Stage.FINDING, 1),
        ("finding", "u1", "一所", Stage.CLOSED, 1),
        ("finding", "u1", "一所", Stage.FINDING, 3),
        ("finding", "u8", "u8", Stage.FINDING, 1),
        ("finding", "u9", "u9", Stage.FINDING, 1),
        ("report", "u1", "一所", Stage.CLOSED, 1),
    ]
    assert filled.views.stage_counts("nowhere") == []


def test_who_holds_most_comes_first_and_nobody_last(filled, new_item):
    filled.items.add(
        [new_item(7, owner=ANNA, unit="u0"), new_item(8, owner=ANNA, unit="u0"), new_item(9, **CLOSED)]
    )
    filled.items.add([new_item(10, unit="u1")])
    filled.deadlines.arm([a_deadline(new_item(7), due_at=NOW - HOUR), a_deadline(new_item(8))])

    held = [
        (line.person, line.name, line.unit_name, line.open_count, line.overdue_count)
        for line in filled.views.holdings("zfzs-2020", NOW + timedelta(microseconds=1))
    ]

    assert held == [
        (ANNA, "安", "分局", 2, 1),
        (None, "", "分局", 1, 0),
        (ANNA, "安", "一所", 1, 1),
        (CORA, "", "一所", 1, 0),
        (None, "", "一所", 1, 0),
        (BERT, "白", "u9", 1, 0),
    ]
    assert filled.views.holdings("nowhere", NOW) == []


def test_what_is_due_at_the_instant_is_not_overdue(filled):
    assert sum(line.overdue_count for line in filled.views.holdings("zfzs-2020", NOW)) == 0
