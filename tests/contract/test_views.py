"""Read queries for tables and pages."""

from collections import Counter
from datetime import date, timedelta

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
            new_item(5, campaign="other", stage=Stage.REVIEWING, returned_count=2, title="100Q%"),
            new_item(6, owner=CORA, opener=BERT, title="第_页"),
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
        ({"units": frozenset({"u0"}), "own": frozenset({BERT})}, [2, 3, 6]),
        ({"units": frozenset(), "own": frozenset({BERT})}, [2, 3, 6]),
        ({"units": frozenset(), "own": frozenset({CORA})}, [3, 6]),
        ({"units": None, "own": frozenset({CORA})}, [1, 2, 3, 4, 5, 6]),
        ({"ids": (f"{3:032x}", f"{1:032x}", "f" * 32)}, [1, 3]),
        ({"ids": ()}, []),
        ({"opener": BERT}, [6]),
        ({"reviewer": BERT}, [2]),
        ({"opener": BERT, "units": frozenset(), "own": frozenset({CORA})}, [6]),
        ({"opener": CORA, "units": frozenset({"u1"}), "own": frozenset({BERT})}, [3]),
        ({"reviewer": BERT, "units": frozenset({"u1"}), "own": frozenset({CORA})}, []),
        ({"reviewer": BERT, "units": frozenset({"u0"}), "own": frozenset({CORA})}, [2]),
        ({"owner": BERT, "units": frozenset({"u1"}), "own": frozenset({CORA})}, [3]),
        ({"units": frozenset({"u0", *map(str, range(20))}), "own": frozenset({BERT})}, [2, 3, 6]),
        ({"units": frozenset({"u0", *map(str, range(20))})}, [2]),
        ({"title": "Q%"}, [5]),
        ({"title": "_"}, [6]),
        ({"title": "q%"}, []),
        ({"title": ""}, [1, 2, 3, 4, 5, 6]),
        ({"newest_first": True}, [6, 5, 4, 3, 2, 1]),
        ({"newest_first": True, "limit": 2, "after": "ZG-2020-000005"}, [4, 3]),
        (
            {"newest_first": True, "units": frozenset({"u0", "u1"}), "own": frozenset({BERT}), "limit": 4},
            [6, 5, 4, 3],
        ),
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
    states = filled.views.state_counts()
    assert states == Counter((item.definition.id, item.state) for item in filled.items.scan())
    assert len(states) > 1


def test_who_holds_most_comes_first(filled, new_item):
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
        (None, "", "一所", 1, 0),
        (ANNA, "安", "一所", 1, 1),
        (CORA, "", "一所", 1, 0),
        (BERT, "白", "u9", 1, 0),
    ]
    assert filled.views.holdings("nowhere", NOW) == []


def test_items_are_counted_where_they_stand(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item(1), new_item(2), new_item(3, unit="u2")])
        uow.commit()
    with begin() as uow:
        uow.items.rehead([new_item(1, head=b"1" * 32)])
        uow.items.replace(
            [new_item(1, version=2, owner=ANNA, **CLOSED), new_item(2, version=2, unit="u2", owner=ANNA)]
        )
        uow.commit()

    with begin(write=False) as uow:
        counts = [(line.unit, line.stage, line.count) for line in uow.views.stage_counts("zfzs-2020")]
        assert counts == [("u1", Stage.CLOSED, 1), ("u2", Stage.FINDING, 2)]
        held = [(line.person, line.open_count) for line in uow.views.holdings("zfzs-2020", NOW)]
        assert held == [(None, 1), (ANNA, 1)]
        assert uow.items.units_with("zfzs-2020", "finding") == {"u1", "u2"}
        assert uow.views.integrity() == []


@pytest.mark.parametrize(
    ("until", "wanted", "found"),
    [
        (NOW, {}, []),
        (NOW + HOUR, {}, [(1, "limit")]),
        (NOW + 2 * HOUR, {}, [(1, "limit"), (1, "other"), (3, "limit")]),
        (NOW + 2 * HOUR, {"limit": 2}, [(1, "limit"), (1, "other")]),
        (NOW + 2 * HOUR, {"unit": "u9"}, [(3, "limit")]),
        (NOW + 2 * HOUR, {"overdue_at": NOW + HOUR}, [(1, "limit"), (1, "other")]),
        (
            NOW + 2 * HOUR,
            {"units": frozenset({"u9"}), "own": frozenset({ANNA})},
            [(1, "limit"), (1, "other"), (3, "limit")],
        ),
        (NOW + 2 * HOUR, {"units": frozenset({"u9"})}, [(3, "limit")]),
        (NOW + 2 * HOUR, {"units": frozenset()}, []),
    ],
)
def test_running_limits_are_listed_by_their_instant(filled, until, wanted, found):
    listed = filled.views.due(ItemFilter(**wanted), until)

    assert [(int(one.item, 16), one.clock) for one in listed] == found


def test_what_is_open_is_found_by_number_and_by_its_limits(filled, new_item):
    units = frozenset({"u0", "u1", "u9"})

    def numbered(ids):
        return [int(one, 16) for one in ids]

    assert numbered(filled.views.open_items("zfzs-2020", units, 9)) == [1, 2, 3, 6]
    assert numbered(filled.views.open_items("zfzs-2020", units, 2)) == [1, 2]
    assert numbered(filled.views.open_items("zfzs-2020", frozenset({"u9"}), 9)) == [3]
    assert numbered(filled.views.urgent_items("zfzs-2020", units, 9)) == [1, 1, 3]
    assert numbered(filled.views.urgent_items("zfzs-2020", units, 2)) == [1, 1]
    assert numbered(filled.views.urgent_items("zfzs-2020", frozenset({"u9"}), 9)) == [3]
    for campaign, some in (("other", frozenset({"u9"})), ("zfzs-2020", frozenset())):
        assert filled.views.open_items(campaign, some, 9) == []
        assert filled.views.urgent_items(campaign, some, 9) == []


def test_a_report_stands_by_the_limit_that_ran_when_it_was_first_handed_in(uow, new_item):
    def a_report(number, **changes):
        given = {"definition": DefinitionRef("report", 1), "duty": "monthly", "period": f"2020-0{number}"}
        return new_item(number, **(given | changes))

    def limit(item, revision, hours, ended=None, outcome=None, **changes):
        ended_at = None if ended is None else NOW + ended * HOUR
        given = {"due_at": NOW + hours * HOUR, "outcome": outcome, "ended_at": ended_at} | changes
        return a_deadline(item, revision, clock="report", **given)

    silent, late, moved = a_report(1), a_report(2, as_of=date(2020, 4, 1)), a_report(3, unit="u0")
    others = [a_report(4, period=None), new_item(5, duty="monthly", period="2020-01"), a_report(6, duty=None)]
    uow.items.add([silent, late, moved, *others, a_report(7, campaign="other"), a_report(8, unit="u9")])
    uow.deadlines.arm([limit(item, 1, 5) for item in (silent, *others)])
    uow.deadlines.arm(
        [limit(late, 1, 5, 6, Outcome.MET), limit(late, 2, 9, 9, Outcome.MET), limit(late, 3, 9)]
    )
    uow.deadlines.arm([limit(moved, 1, 5, 1, Outcome.REARMED), limit(moved, 2, 7, 6, Outcome.MET)])
    uow.deadlines.arm([a_deadline(silent, 2, clock="other")])

    def reports(units, *duty):
        found = uow.views.reports("zfzs-2020", "report", frozenset(units), *duty)
        return {row.period: row for row in found}

    every = reports({"u0", "u1", "u9"})
    assert {period: (row.due_at, row.submitted_at) for period, row in every.items()} == {
        "2020-01": (NOW + 5 * HOUR, None),
        "2020-02": (NOW + 5 * HOUR, NOW + 6 * HOUR),
        "2020-03": (NOW + 7 * HOUR, NOW + 6 * HOUR),
    }
    row = every["2020-02"]
    assert (row.number, row.unit, row.duty, row.state, row.as_of) == (
        late.number,
        "u1",
        "monthly",
        "found",
        date(2020, 4, 1),
    )
    assert set(reports({"u0", "u1"}, "monthly")) == set(every)
    assert set(reports({"u0"})) == {"2020-03"}
    assert reports({"u0", "u1"}, "weekly") == reports(set()) == {}


def test_what_is_due_at_the_instant_is_not_overdue(filled):
    assert sum(line.overdue_count for line in filled.views.holdings("zfzs-2020", NOW)) == 0
