"""The append-only log."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.entry import EntryFlag, TreeHead
from engine.model.inspection import Stretch
from engine.rules.proofs import consistency_proof, inclusion_proof, root_at
from engine.rules.tree import append_leaf, is_extended, is_included, root_of
from tests.contract.conftest import NOW
from tests.contract.values import ANNA, BERT, a_draft

ONE, TWO = "1" * 32, "2" * 32
ROOT = "d564a0038000d6f2ff5ff8017620397d347b374ce7aac00e027cca451a2f53cb"
"""The root over the entries of `test_the_bytes_are_the_same_in_every_store`."""


@pytest.fixture
def history(begin):
    with begin() as uow:
        yield uow.history


def test_an_empty_log_has_no_entries(history):
    assert (history.head().size, history.head().frontier) == (0, ())
    assert list(history.scan()) == []
    assert history.append([], NOW) == []
    assert history.head().size == 0


def test_entries_come_back_as_they_were_sealed(begin):
    with begin() as uow:
        entries = uow.history.append([a_draft(ONE), a_draft(None), a_draft(TWO)], NOW)
        uow.commit()

    assert [(entry.index, entry.at, entry.item) for entry in entries] == [
        (0, NOW, ONE),
        (1, NOW, None),
        (2, NOW, TWO),
    ]
    with begin(write=False) as uow:
        assert list(uow.history.scan()) == entries


def test_drafts_of_a_batch_follow_each_other_on_their_item(history):
    first, other, second, third = history.append(
        [a_draft(ONE), a_draft(TWO), a_draft(ONE, 2, b""), a_draft(ONE, 3, b"")], NOW
    )

    assert [second.previous, third.previous] == [first.leaf, second.leaf]
    assert other.previous == bytes(32)
    assert history.append([a_draft(TWO, 2, other.leaf)], NOW)[0].previous == other.leaf


def test_an_entry_is_never_older_than_the_one_before_it(history):
    history.append([a_draft(ONE)], NOW)
    (later,) = history.append([a_draft(TWO)], NOW - timedelta(days=1))
    (last,) = history.append([a_draft(TWO)], NOW + timedelta(days=1))

    assert (later.at, last.at) == (NOW, NOW + timedelta(days=1))
    assert (history.head().size, history.head().at) == (3, last.at)


def test_the_head_is_the_edge_over_every_leaf(begin):
    for count in (3, 1, 4):
        with begin() as uow:
            uow.history.append([a_draft(ONE)] * count, NOW)
            uow.commit()

    frontier = ()
    with begin(write=False) as uow:
        for entry in uow.history.scan():
            frontier = append_leaf(frontier, entry.index, entry.leaf)
        assert uow.history.head().frontier == frontier
        assert uow.history.head().size == 8


def test_the_bytes_are_the_same_in_every_store(history):
    history.append([a_draft(ONE), a_draft(ONE, 2, b""), a_draft(None)], NOW)
    history.append([a_draft(TWO)], NOW - timedelta(seconds=1))

    assert root_of(history.head().frontier).hex() == ROOT


def test_the_entries_of_an_item_come_oldest_first(history):
    entries = history.append([a_draft(ONE), a_draft(TWO), a_draft(ONE, 2, b"")], NOW)

    assert history.of_item(ONE) == [entries[0], entries[2]]
    assert history.of_item("3" * 32) == []


def test_the_hash_of_every_256_neighbours_is_kept(begin):
    for first in range(0, 600, 200):
        with begin() as uow:
            uow.history.append([a_draft(None, 0)] * 200, NOW + timedelta(seconds=first))
            uow.commit()

    with begin(write=False) as uow:
        leaves = [entry.leaf for entry in uow.history.scan()]
        head = TreeHead(600, root_of(uow.history.head().frontier))
        assert uow.history.hashes(0, 598, 5) == leaves[598:]
        assert uow.history.hashes(1, 0, 9) == [_joined(leaves[:256]), _joined(leaves[256:512])]
        assert uow.history.hashes(1, 1, 1) == [_joined(leaves[256:512])]
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


def test_a_page_of_the_log_comes_newest_first(history):
    entries = history.append([a_draft(ONE), a_draft(None), a_draft(TWO)], NOW)

    assert history.page(3, 2) == entries[:0:-1]
    assert history.page(1, 9) == entries[:1]
    assert history.page(0, 9) == []


def test_the_deeds_of_a_person_come_newest_first(history):
    entries = history.append([a_draft(ONE), a_draft(None), a_draft(TWO), a_draft(ONE, 2)], NOW)
    history.append([replace(a_draft(TWO), actor=BERT)], NOW)
    deeds = [entries[3], entries[2], entries[0]]

    assert history.by_actor(ANNA, None, 9) == deeds
    assert history.by_actor(ANNA, None, 2) == deeds[:2]
    assert history.by_actor(ANNA, deeds[0].index, 1) == deeds[1:2]
    assert history.by_actor(ANNA, deeds[2].index, 9) == []
    assert history.by_actor("c" * 32, None, 9) == []


def test_the_log_is_read_from_any_place(history):
    entries = history.append([a_draft(ONE)] * 4, NOW)

    assert list(history.scan(2)) == entries[2:]
    assert list(history.scan(4)) == []


def test_the_log_is_read_item_after_item(history):
    entries = history.append([a_draft(TWO), a_draft(ONE), a_draft(None), a_draft(TWO), a_draft(ONE)], NOW)

    assert list(history.by_items()) == [entries[index] for index in (1, 4, 0, 3)]
    assert list(history.by_items(1, 4)) == [entries[1], entries[3]]


def test_the_newest_entry_of_a_deed_is_found(history):
    assert history.newest("open") is None

    entries = history.append([a_draft(ONE), a_draft(TWO), replace(a_draft(ONE), what="close")], NOW)

    assert history.newest("open") == entries[1]
    assert history.newest("close") == entries[2]


def test_it_is_searched_backwards_and_found_by_time(history):
    for day in range(6):
        draft = replace(a_draft((ONE, TWO)[day % 2]), flags=EntryFlag(day % 3))
        history.append([draft], NOW + timedelta(days=day))

    def found(**wanted):
        return [entry.index for entry in history.search(Stretch(**wanted))]

    assert found(first=0, before=6, limit=4) == [5, 4, 3, 2]
    assert found(first=2, before=5) == [4, 3, 2]
    assert found(first=0, before=6, item=ONE) == [4, 2, 0]
    assert found(first=0, before=6, item=TWO, flags=EntryFlag.CLAIMED_EARLIER) == [1]
    assert found(first=0, before=6, flags=EntryFlag(3)) == [5, 4, 2, 1]
    assert found(first=0, before=6, what="nothing") == []
    assert found(first=0, before=6, actor=BERT) == []
    assert [entry.index for entry in history.scan(2, 4)] == [2, 3]
    times = [NOW - timedelta(1), NOW, NOW + timedelta(microseconds=1), NOW + timedelta(5.5)]
    assert [history.index_at(at) for at in times] == [0, 0, 1, 6]
