"""Lists of items: what is one's own, by due instant, and searched a stretch at a time."""

from datetime import date, timedelta

import pytest

from engine.model.deadline import Deadline
from engine.model.item import Delegation
from engine.model.views import DuePlace, ItemFilter
from tests.contract.conftest import NOW

ANNA, BERT, CARL = "a" * 32, "b" * 32, "c" * 32
FEW, MANY = frozenset({"u1"}), frozenset({"u1", *(f"u{n}" for n in range(100, 120))})


def running(number: int, days: int, clock: str = "limit") -> Deadline:
    at = dict.fromkeys(("armed_at", "started_at", "counts_from"), NOW)
    due = dict.fromkeys(("due_at", "original_due_at"), NOW + timedelta(days=days))
    rest = {"revision": 1, "proof": "", "is_provisional": False, "calendar": "plain"}
    return Deadline(item=f"{number:032x}", clock=clock, next_rung=None, next_at=None, **at, **due, **rest)


def numbers(rows) -> list[int]:
    return [int(row.number[-6:]) for row in rows]


@pytest.mark.parametrize("units", [FEW, MANY], ids=["few units", "many units"])
def test_what_is_shared_with_somebody_is_listed_like_their_own(begin, new_item, units):
    def item(number, **changes):
        return new_item(number, **{"unit": "u9", "opener": CARL, **changes})

    with begin() as uow:
        uow.items.add(
            [
                item(1, unit="u1"),
                item(2),
                item(3, delegation=Delegation(ANNA, date(2020, 5, 1))),
                item(4, assisting=("u1", "u7")),
                item(5, owner=BERT),
                item(6, delegation=Delegation(BERT, date(2020, 5, 1))),
                item(7, assisting=("u8",)),
            ]
        )

        def seen(*principals, **more):
            wanted = ItemFilter(units=units, own=frozenset({ANNA, *principals}), **more)
            return numbers(uow.views.items(wanted))

        assert seen() == [1, 3, 4]
        assert seen(BERT) == [1, 3, 4, 5, 6]
        assert seen(BERT, newest_first=True, limit=2) == [6, 5]
        assert seen(delegate=ANNA) == [3]
        assert seen(unit="u9") == [3, 4]


def test_a_delegation_ends_in_lists_when_it_ends(begin, new_item):
    handed = new_item(1, delegation=Delegation(ANNA, date(2020, 5, 1)))
    with begin() as uow:
        uow.items.add([handed])
        uow.items.replace([new_item(1, version=2, delegation=Delegation(BERT, date(2020, 5, 1)))])
        assert numbers(uow.views.items(ItemFilter(delegate=ANNA))) == []
        assert numbers(uow.views.items(ItemFilter(delegate=BERT))) == [1]
        uow.items.replace([new_item(1, version=3)])
        assert numbers(uow.views.items(ItemFilter(delegate=BERT))) == []


def test_items_run_by_due_instants_page_by_page(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item(n, opener=CARL, owner=ANNA if n % 2 else None) for n in range(1, 7)])
        limits = [running(1, 5), running(2, 3), running(3, 3), running(4, 1), running(5, 9)]
        uow.deadlines.arm([*limits, running(1, 2, "earlier")])

        def pages(**wanted):
            behind, found = None, []
            while rows := uow.views.soonest(ItemFilter(limit=2, **wanted), behind):
                found += numbers(rows)
                behind = DuePlace(rows[-1].due_at, rows[-1].id)
            return found

        assert pages() == [4, 1, 2, 3, 5]
        assert pages(owner=ANNA) == [1, 3, 5]
        assert pages(units=frozenset({"u9"}), own=frozenset({ANNA})) == [1, 3, 5]
        assert pages(overdue_at=NOW + timedelta(days=3)) == [4, 1]


@pytest.mark.parametrize("units", [None, FEW, MANY], ids=["all", "few units", "many units"])
def test_a_search_reads_a_stretch_and_says_how_far_it_came(begin, new_item, units):
    with begin() as uow:
        uow.items.add([new_item(n, title="印章" if n % 3 == 0 else "台账", unit="u1") for n in range(1, 10)])

        def edge(count, **wanted):
            return uow.views.edge(
                ItemFilter(units=units, own=frozenset({ANNA}), title="印章", **wanted), count
            )

        assert edge(4) == "ZG-2020-000005"
        assert edge(4, after="ZG-2020-000005") is None
        assert edge(2, newest_first=True) == "ZG-2020-000007"
        assert edge(20) is None
        found = uow.views.items(ItemFilter(title="印章", to="ZG-2020-000005"))
        assert numbers(found) == [3]
        back = uow.views.items(ItemFilter(title="印章", to="ZG-2020-000007", newest_first=True))
        assert numbers(back) == [9]
