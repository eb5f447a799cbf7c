"""Items, history and deadlines: what a move stores."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.model.actor import Capacity
from engine.model.deadline import Deadline, Firing, Outcome
from engine.model.definition import Stage
from engine.model.entry import EntryDraft, EntryFlag, EntryKind, TreeHead
from engine.model.errors import Broken, Conflict, Unavailable
from engine.model.item import Contribution, Delegation, ExtensionRequest, Vote
from engine.rules.proofs import consistency_proof, inclusion_proof, root_at
from engine.rules.tree import append_leaf, is_extended, is_included, root_of
from storage.dialects import open_database
from tests.contract.conftest import NOW


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
    )
    with begin() as uow:
        uow.items.add([item])
        uow.commit()

    with begin(write=False) as uow:
        assert uow.items.get([item.id, "f" * 32]) == {item.id: item}
        assert list(uow.items.scan()) == [item]
        assert uow.items.of_plan("zfzs-2020", "finding", "1.1", "u1", "2020-05") == item
        assert uow.items.of_plan("zfzs-2020", "finding", "1.1", "u1") is None
        assert uow.items.units_with("zfzs-2020", "finding", "1.1") == {"u1"}
        assert uow.items.units_with("zfzs-2020", "finding", "1.1", "2020-05") == {"u1"}
        assert uow.items.units_with("zfzs-2020", "finding", "1.1", "2020-06") == frozenset()
        assert uow.items.count_by_period("zfzs-2020", "finding") == {("1.1", "2020-05"): 1}
        assert uow.items.by_numbers([item.number]) == {item.number: item.id}


def test_what_is_not_committed_is_gone(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item()])

    with begin(write=False) as uow:
        assert list(uow.items.scan()) == []


def test_numbers_follow_each_other(begin):
    with begin() as uow:
        assert uow.items.allot_numbers("ZG", 2020, 2) == ["ZG-2020-000001", "ZG-2020-000002"]
        assert uow.items.allot_numbers("ZG", 2020, 1) == ["ZG-2020-000003"]
        assert uow.items.allot_numbers("ZG", 2021, 1) == ["ZG-2021-000001"]


def test_a_place_in_the_plan_is_taken_once(begin, new_item):
    with begin() as uow, pytest.raises(Conflict):
        uow.items.add([new_item(1, duty="1"), new_item(2, duty="1")])


def test_items_outside_the_plan_share_a_unit(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item(1), new_item(2)])

        assert len(uow.items.of_campaign("zfzs-2020", "finding")) == 2


def test_a_closed_stage_needs_its_instant(begin, new_item):
    with begin() as uow, pytest.raises(Broken):
        uow.items.add([new_item(stage=Stage.CLOSED)])


def test_a_stale_version_conflicts_and_is_told_the_present_one(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item(1), new_item(2)])
        uow.items.replace([new_item(1, version=2, state="listed")])
        with pytest.raises(Conflict, match=r"^事项已被他人办理：ZG-2020-000001 现为 listed（版本 2）$"):
            uow.items.replace([new_item(1, version=2), new_item(2, version=2)])


def test_children_are_counted_while_open(begin, new_item):
    parent = new_item(1)
    closed = {"stage": Stage.CLOSED, "closed_at": NOW}
    with begin() as uow:
        uow.items.add([parent, new_item(2, parent=parent.id), new_item(3, parent=parent.id, **closed)])

        assert [child.number for child in uow.items.children(parent.id)] == [
            "ZG-2020-000002",
            "ZG-2020-000003",
        ]
        assert uow.items.count_open_children(parent.id) == 1


def test_one_of_eight_writers_wins_a_move(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item()])
        uow.commit()
    won = []

    def move():
        with begin() as uow:
            (item,) = uow.items.get([new_item().id]).values()
            if item.version > 1:
                return
            uow.items.replace([replace(item, version=2)])
            uow.commit()
        won.append(1)

    threads = [threading.Thread(target=move) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1


def _draft(item, version, previous=b""):
    return EntryDraft(
        kind=EntryKind.TRANSITION,
        what="open",
        flags=EntryFlag.NONE,
        item=item,
        item_version=version,
        actor="a" * 32,
        payload=b"{}",
        salt=bytes(32),
        previous=previous,
    )


def test_history_grows_in_order_and_in_time(begin):
    one, two = "1" * 32, "2" * 32
    with begin() as uow:
        first = uow.history.append(
            [_draft(one, 1, bytes(32)), _draft(two, 1, bytes(32)), _draft(one, 2)], NOW
        )
        later = uow.history.append([_draft(two, 2, first[1].leaf)], NOW - timedelta(days=1))
        uow.commit()

    assert first[2].previous == first[0].leaf
    assert later[0].at == NOW
    frontier = ()
    with begin(write=False) as uow:
        for entry in uow.history.scan():
            frontier = append_leaf(frontier, entry.index, entry.leaf)
        assert uow.history.head().frontier == frontier
        assert (uow.history.head().size, uow.history.head().at) == (4, NOW)
        assert uow.history.of_item(one) == [first[0], first[2]]
        assert list(uow.history.scan(2)) == [first[2], *later]


def test_history_keeps_the_hash_of_every_256_neighbours(begin):
    for first in range(0, 600, 200):
        with begin() as uow:
            uow.history.append([_draft(None, 0, bytes(32))] * 200, NOW + timedelta(seconds=first))
            uow.commit()

    with begin(write=False) as uow:
        leaves = [entry.leaf for entry in uow.history.scan()]
        head = TreeHead(600, root_of(uow.history.head().frontier))
        assert uow.history.hashes(0, 598, 5) == leaves[598:]
        assert uow.history.hashes(1, 0, 9) == [_joined(leaves[:256]), _joined(leaves[256:512])]
        assert uow.history.hashes(2, 0, 1) == []
        for index in (0, 255, 256, 511, 512, 599):
            proof = inclusion_proof(index, 600, uow.history.hashes)
            assert is_included(leaves[index], index, proof, head)
        old = TreeHead(300, root_at(300, uow.history.hashes))
        assert is_extended(old, head, consistency_proof(300, 600, uow.history.hashes))


def _joined(leaves):
    frontier = ()
    for size, leaf in enumerate(leaves):
        frontier = append_leaf(frontier, size, leaf)
    return root_of(frontier)


def _deadline(item, revision=1, **changes):
    given = {
        "item": item,
        "clock": "limit",
        "revision": revision,
        "armed_at": NOW,
        "started_at": NOW,
        "counts_from": NOW,
        "due_at": NOW + timedelta(days=3),
        "original_due_at": NOW + timedelta(days=3),
        "proof": "三日",
        "is_provisional": False,
        "calendar": "plain",
        "next_rung": "near",
        "next_at": NOW + timedelta(days=2),
    }
    return Deadline(**(given | changes))


def test_items_with_running_clocks_are_paged_by_their_ids(begin, new_item):
    items = [new_item(number) for number in (1, 2, 3, 4)]
    with begin() as uow:
        uow.items.add(items)
        uow.deadlines.arm([_deadline(item.id) for item in items])
        uow.deadlines.arm([_deadline(items[0].id, clock="other")])
        uow.deadlines.end([_deadline(items[2].id, outcome=Outcome.MET, ended_at=NOW)])
        first = uow.deadlines.running("", 2)

        assert first == [items[0].id, items[1].id]
        assert uow.deadlines.running(first[-1], 2) == [items[3].id]


def test_a_clock_has_one_open_deadline(begin, new_item):
    item = new_item()
    first, second = _deadline(item.id), _deadline(item.id, 2)
    ended = replace(first, outcome=Outcome.REARMED, ended_at=NOW)
    with begin() as uow:
        uow.items.add([item])
        uow.deadlines.arm([first])
        with pytest.raises(Conflict):
            uow.deadlines.end([second])
        uow.deadlines.end([ended])
        uow.deadlines.arm([second])

        assert uow.deadlines.open_of([item.id]) == {item.id: [second]}
        assert uow.deadlines.latest_of([item.id]) == {item.id: [second]}
        assert uow.deadlines.of_item(item.id) == list(uow.deadlines.scan()) == [ended, second]
        assert uow.deadlines.revisions_of([item.id, "f" * 32]) == {item.id: [ended, second], "f" * 32: []}
        assert uow.deadlines.next_at() == second.next_at


def test_rungs_come_due_and_are_claimed_once(begin, new_item):
    item = new_item()
    armed = _deadline(item.id)
    firing = Firing(item=item.id, clock="limit", revision=1, rung="near", spoken_by="near", fired_at=NOW)
    with begin() as uow:
        uow.items.add([item])
        uow.deadlines.arm([armed])

        assert uow.deadlines.due(NOW, 5) == []
        assert uow.deadlines.due(armed.next_at, 5) == [armed.item]
        assert uow.deadlines.claim([firing]) == [firing]
        assert uow.deadlines.claim([firing]) == []
        uow.deadlines.advance([replace(armed, next_rung=None, next_at=None)])
        assert uow.deadlines.due(armed.due_at, 5) == []
        assert uow.deadlines.firings_of(item.id) == list(uow.deadlines.scan_firings()) == [firing]
        assert uow.deadlines.fired_on(["f" * 32, item.id]) == {item.id: [firing], "f" * 32: []}
        uow.commit()


def test_two_open_deadlines_of_a_clock_conflict(begin, new_item):
    item = new_item()
    with begin() as uow:
        uow.items.add([item])
        uow.deadlines.arm([_deadline(item.id)])
        with pytest.raises(Conflict):
            uow.deadlines.arm([_deadline(item.id, 2)])


def test_a_commit_that_cannot_hold_raises_and_leaves_nothing(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item(1)])
        uow.deadlines.arm([_deadline(new_item(2).id)])
        with pytest.raises(Broken):
            uow.commit()

    with begin(write=False) as uow:
        assert list(uow.items.scan()) == []


def test_a_unit_is_committed_once(begin):
    with begin() as uow:
        uow.commit()
        with pytest.raises(Unavailable):
            uow.commit()


def test_a_read_unit_sees_one_state(begin, new_item):
    with begin(write=False) as reader:
        assert list(reader.items.scan()) == []
        with begin() as writer:
            writer.items.add([new_item()])
            writer.commit()

        assert list(reader.items.scan()) == []


def test_nothing_is_committed_after_a_conflict(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item(1)])
        with pytest.raises(Conflict):
            uow.items.add([new_item(2), new_item(1)])
        with pytest.raises(Broken):
            uow.commit()

    with begin(write=False) as uow:
        assert list(uow.items.scan()) == []


def test_a_connection_that_died_in_the_pool_is_replaced(begin, database):
    if database.is_sqlite:
        pytest.skip("a file has no server that could hang up")
    with begin() as uow:
        pid = uow.items._session.plain("SELECT pg_backend_pid()")[0][0]
    other = open_database(database.engine.url.render_as_string(hide_password=False))
    with other.engine.connect() as killer:
        killer.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
    other.close()

    with begin(write=False) as uow:
        assert list(uow.items.scan()) == []
