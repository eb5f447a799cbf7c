"""Armed clocks and the firing of their rungs."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.deadline import Outcome
from engine.model.errors import Broken, Conflict
from tests.contract.conftest import NOW
from tests.contract.values import a_deadline, a_firing

HOUR = timedelta(hours=1)
ENDED = {"outcome": Outcome.REARMED, "ended_at": NOW + HOUR}
SILENT = {"next_rung": None, "next_at": None}


@pytest.fixture
def items(new_item):
    return [new_item(number) for number in range(1, 5)]


@pytest.fixture
def deadlines(begin, items):
    with begin() as uow:
        uow.items.add(items)
        yield uow.deadlines


def test_a_deadline_comes_back_as_it_was(deadlines, items):
    running = a_deadline(items[0], is_provisional=True, due_at=NOW + HOUR)
    over = a_deadline(items[1], **SILENT, **ENDED)

    deadlines.arm([running, over])

    assert list(deadlines.scan()) == [running, over]


def test_open_deadlines_are_told_for_each_item(deadlines, items):
    second, other, ended = a_deadline(items[0], 2), a_deadline(items[0], clock="a"), a_deadline(items[1])
    deadlines.arm([second, other, a_deadline(items[0], 1, **ENDED), replace(ended, **ENDED)])

    assert deadlines.open_of([items[0].id, items[1].id]) == {
        items[0].id: [other, second],
        items[1].id: [],
    }
    assert deadlines.open_of([]) == {}


def test_the_newest_revision_is_told_whether_it_runs_or_not(deadlines, items):
    one, two = a_deadline(items[0], 1, **ENDED), a_deadline(items[0], 2, proof="再三日", **ENDED)
    ten, other = a_deadline(items[0], 10, proof="十", **ENDED), a_deadline(items[0], clock="other")
    deadlines.arm([two, one, other, ten, a_deadline(items[2])])

    assert deadlines.latest_of([items[0].id, items[1].id]) == {items[0].id: [ten, other], items[1].id: []}


def test_what_ends_keeps_everything_but_outcome_and_instant(deadlines, items):
    armed = a_deadline(items[0])
    deadlines.arm([armed])

    deadlines.end([replace(armed, proof="别的", **ENDED)])

    assert list(deadlines.scan()) == [replace(armed, **ENDED)]


@pytest.mark.parametrize("change", ["end", "advance"])
def test_only_what_runs_is_changed(deadlines, items, change):
    armed = a_deadline(items[0])
    deadlines.arm([armed])
    deadlines.end([replace(armed, **ENDED)])

    for gone in (replace(armed, **ENDED), a_deadline(items[0], 2, **ENDED)):
        with pytest.raises(Conflict, match="时限已变"):
            getattr(deadlines, change)([gone])


def test_a_step_forward_keeps_everything_but_the_next_rung(deadlines, items):
    armed = a_deadline(items[0])
    deadlines.arm([armed])
    moved = replace(armed, next_rung="late", next_at=NOW + HOUR)

    deadlines.advance([replace(moved, proof="别的")])

    assert list(deadlines.scan()) == [moved]


@pytest.mark.parametrize("second", [{"revision": 2}, {"revision": 1, **ENDED}])
def test_a_clock_has_one_open_deadline_and_each_revision_once(deadlines, items, second):
    deadlines.arm([a_deadline(items[0])])

    with pytest.raises(Conflict):
        deadlines.arm([a_deadline(items[0], **second)])


def test_a_clock_is_armed_again_when_it_has_ended(deadlines, items):
    first, second = a_deadline(items[0]), a_deadline(items[0], 2)
    deadlines.arm([first])
    deadlines.end([replace(first, **ENDED)])
    deadlines.arm([second])

    assert deadlines.open_of([items[0].id]) == {items[0].id: [second]}


@pytest.mark.parametrize(
    "changes", [{"outcome": Outcome.MET}, {"ended_at": NOW}, {"next_rung": None}, {"next_at": None}]
)
def test_half_a_deadline_is_not_stored(deadlines, items, changes):
    with pytest.raises(Broken):
        deadlines.arm([a_deadline(items[0], **changes)])


def test_what_is_due_comes_earliest_first_and_no_more_than_asked(deadlines, items):
    late = a_deadline(items[0], next_at=NOW + 2 * HOUR)
    same, early = a_deadline(items[2], next_at=NOW), a_deadline(items[1], next_at=NOW)
    other = a_deadline(items[1], clock="a", next_at=NOW)
    deadlines.arm([late, same, early, other, a_deadline(items[3], **SILENT)])
    deadlines.arm([a_deadline(items[3], clock="over", next_at=NOW, **ENDED)])

    assert deadlines.due(NOW - HOUR, 9) == []
    assert deadlines.due(NOW + HOUR, 9) == [items[1].id, items[2].id]
    assert deadlines.due(NOW + 2 * HOUR, 9) == [items[1].id, items[2].id, items[0].id]
    assert deadlines.due(NOW + 2 * HOUR, 3) == [items[1].id, items[2].id]
    assert deadlines.due(NOW + 2 * HOUR, 2) == [items[1].id]


def test_the_earliest_instant_is_that_of_what_runs(deadlines, items):
    assert deadlines.next_at() is None

    deadlines.arm([a_deadline(items[0], next_at=NOW, **ENDED), a_deadline(items[1], **SILENT)])
    assert deadlines.next_at() is None

    deadlines.arm([a_deadline(items[2], next_at=NOW + HOUR), a_deadline(items[3])])
    assert deadlines.next_at() == NOW + HOUR


def test_a_rung_is_claimed_once(deadlines, items):
    deadlines.arm([a_deadline(items[0])])
    near, late = a_firing(items[0]), a_firing(items[0], "late", spoken_by="near")

    assert deadlines.claim([near]) == [near]
    assert deadlines.claim([replace(near, fired_at=NOW + HOUR), late]) == [late]
    assert deadlines.claim([]) == []
    assert list(deadlines.scan_firings()) == [late, near]


@pytest.mark.postgres
def test_a_rung_that_another_claims_at_the_same_moment_is_a_conflict(postgresql, new_item):
    """A file has one writer at a time; on a server both have seen that the rung is free."""
    rung = a_firing(new_item())
    with postgresql.begin() as uow:
        uow.items.add([new_item()])
        uow.deadlines.arm([a_deadline(new_item())])
        uow.commit()

    with postgresql.begin() as one, postgresql.begin() as other, ThreadPoolExecutor(1) as pool:
        assert one.deadlines.claim([rung]) == [rung]
        late = pool.submit(other.deadlines.claim, [rung])
        while not late.done() and not one._session.plain("SELECT 1 FROM pg_locks WHERE NOT granted"):
            pass
        one.commit()
        with pytest.raises(Conflict, match="刚由他人催办"):
            late.result()


def test_a_rung_needs_its_deadline(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item()])
        uow.deadlines.claim([a_firing(new_item())])
        with pytest.raises(Broken):
            uow.commit()


def test_revisions_come_in_the_order_of_arming(deadlines, items):
    first = a_deadline(items[0], clock="z", armed_at=NOW)
    second = a_deadline(items[0], clock="a", armed_at=NOW + HOUR)
    third = a_deadline(items[0], clock="m", armed_at=NOW + HOUR)
    deadlines.arm([third, second, first, a_deadline(items[1])])

    assert deadlines.of_item(items[0].id) == [first, second, third]
    assert [one.clock for one in deadlines.scan()] == ["a", "m", "z", "limit"]


def test_every_revision_is_told_for_each_item(deadlines, items):
    first, second = a_deadline(items[0], 1, **ENDED), a_deadline(items[0], 2)
    other = a_deadline(items[0], clock="a")
    deadlines.arm([second, first, other, a_deadline(items[2])])

    assert deadlines.revisions_of([items[0].id, items[1].id]) == {
        items[0].id: [other, first, second],
        items[1].id: [],
    }


def test_firings_come_oldest_first(deadlines, items):
    deadlines.arm([a_deadline(items[0]), a_deadline(items[1])])
    later, first = a_firing(items[0], "a", fired_at=NOW + HOUR), a_firing(items[0], "z")
    other = a_firing(items[1])
    deadlines.claim([later, other, first])

    assert deadlines.firings_of(items[0].id) == [first, later]
    assert deadlines.fired_on([items[0].id, items[2].id]) == {items[0].id: [first, later], items[2].id: []}
    assert list(deadlines.scan_firings()) == [first, other, later]


def test_items_with_running_clocks_are_paged_by_their_ids(deadlines, items):
    deadlines.arm([a_deadline(item) for item in items])
    deadlines.arm([a_deadline(items[0], clock="other")])
    deadlines.end([a_deadline(items[2], outcome=Outcome.MET, ended_at=NOW)])
    first = deadlines.running("", 2)

    assert first == [items[0].id, items[1].id]
    assert deadlines.running(first[-1], 2) == [items[3].id]
    assert deadlines.running(items[3].id, 2) == []
