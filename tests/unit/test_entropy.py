"""Ids and salts: ordered by their instant, never twice, and the same again from the same seed."""

from datetime import timedelta

from runtime.entropy import SeededEntropy, SystemEntropy
from tests.builders import NOON


def test_ids_are_ordered_by_their_instant():
    entropy = SystemEntropy()
    ids = [entropy.new_id(NOON + timedelta(microseconds=step)) for step in range(100)]

    assert ids == sorted(ids)
    assert {len(id_) for id_ in ids} == {32}
    assert all(set(id_) <= set("0123456789abcdef") for id_ in ids)


def test_one_instant_gives_many_ids():
    entropy = SystemEntropy()

    assert len({entropy.new_id(NOON) for _ in range(1000)}) == 1000
    assert len(entropy.salt()) == 32


def test_the_same_seed_gives_the_same_ids_and_salts():
    first, again, other = SeededEntropy(7), SeededEntropy(7), SeededEntropy(8)

    made = [(first.new_id(NOON), first.salt()) for _ in range(5)]

    assert made == [(again.new_id(NOON), again.salt()) for _ in range(5)]
    assert made != [(other.new_id(NOON), other.salt()) for _ in range(5)]
    assert len(set(made)) == 5
