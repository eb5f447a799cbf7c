"""The tree and its proofs against the published vectors, a naive reading of RFC 6962, and probes that must fail."""

from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.entry import TreeHead
from engine.rules import proofs
from engine.rules.ledger import ZERO
from engine.rules.proofs import completed, consistency_proof, inclusion_proof, root_at
from engine.rules.tree import (
    EMPTY_ROOT,
    append_leaf,
    edge_with,
    is_extended,
    is_included,
    joined,
    leaf_hash,
    node_hash,
    root_of,
)

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
ROOTS = """
    e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
    fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
    aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77
    d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7
    4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4
    76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef
    ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c
    5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328
""".split()
PAIRS = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
LAST_TWO = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
SECOND_HALF = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
FIFTH = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
SECOND = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
INCLUSIONS = {(0, 8): [SECOND, PAIRS, SECOND_HALF], (5, 8): [FIFTH, LAST_TWO, ROOTS[4]]}
CONSISTENCIES = {
    (6, 8): ["0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a", LAST_TWO, ROOTS[4]],
    (2, 5): [PAIRS, FIFTH],
    (1, 8): [SECOND, PAIRS, SECOND_HALF],
    (6, 7): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        ROOTS[4],
    ],
}
BIG = 70_000
MOST = 300


class Kept:
    """What a log stores: leaf hashes, and of every 256 neighbours one hash."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.levels: dict[int, list[bytes]] = {0: [*leaves]}
        frontier: tuple[bytes, ...] = ()
        self.roots = [root_of(frontier)]
        for index, leaf in enumerate(leaves):
            made = joined(frontier, index, leaf)
            frontier = edge_with(frontier, made)
            for level, position, found in completed(made, index):
                row = self.levels.setdefault(level, [])
                assert position == len(row)
                row.append(found)
            if index < MOST:
                self.roots.append(root_of(frontier))
        self.root = root_of(frontier)

    def read(self, level: int, first: int, count: int) -> list[bytes]:
        found = self.levels[level][first : first + count]
        assert len(found) == count
        return found


SMALL = Kept([leaf_hash(number.to_bytes(2, "big")) for number in range(MOST)])


def frontier_of(leaves: list[bytes]) -> tuple[bytes, ...]:
    frontier: tuple[bytes, ...] = ()
    for size, leaf in enumerate(leaves):
        frontier = append_leaf(frontier, size, leaf)
    return frontier


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """Section 2.1 of RFC 6962, word for word, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_the_reference_leaves(size):
    assert root_of(frontier_of(HASHES[:size])).hex() == ROOTS[size]


def test_the_hasher_keeps_leaves_and_nodes_apart():
    leaf, node = leaf_hash(b"L123456"), node_hash(b"N123", b"N456")

    assert leaf.hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert node.hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"


@given(st.integers(0, MOST))
def test_the_frontier_has_the_root_of_the_whole_tree(size):
    leaves = SMALL.levels[0][:size]
    frontier = frontier_of(leaves)

    assert len(frontier) == size.bit_count()
    assert root_of(frontier) == naive_root(leaves)


def test_the_frontier_starts_with_the_biggest_subtree():
    parts = (HASHES[:4], HASHES[4:6], HASHES[6:7])

    assert frontier_of(HASHES[:7]) == tuple(naive_root(part) for part in parts)


def test_a_frontier_of_another_size_is_refused():
    with pytest.raises(ValueError, match="subtrees"):
        append_leaf((), 1, ZERO)


def test_an_empty_log_has_the_root_of_nothing():
    assert root_of(()) == EMPTY_ROOT


@pytest.mark.parametrize("place", INCLUSIONS)
def test_inclusion_proofs_are_those_published(place):
    proof = inclusion_proof(*place, Kept(HASHES).read)

    assert [hashed.hex() for hashed in proof] == INCLUSIONS[place]
    assert is_included(HASHES[place[0]], place[0], proof, TreeHead(8, bytes.fromhex(ROOTS[8])))


@pytest.mark.parametrize("sizes", CONSISTENCIES)
def test_consistency_proofs_are_those_published(sizes):
    old, new = (TreeHead(size, bytes.fromhex(ROOTS[size])) for size in sizes)
    proof = consistency_proof(*sizes, Kept(HASHES).read)

    assert [hashed.hex() for hashed in proof] == CONSISTENCIES[sizes]
    assert is_extended(old, new, proof)


@pytest.fixture
def quick(monkeypatch):
    """Hash each subtree once: many proofs of one log share theirs."""
    monkeypatch.setattr(proofs, "hash_of", cache(proofs.hash_of))


def test_every_entry_of_every_log_up_to_300_is_proven(quick):
    for size in range(1, MOST + 1):
        head = TreeHead(size, SMALL.roots[size])
        for index in range(size):
            proof = inclusion_proof(index, size, SMALL.read)
            assert is_included(SMALL.levels[0][index], index, proof, head), (index, size)
            assert not is_included(SMALL.levels[0][index - 1], index, proof, head) or size == 1


def test_every_growth_of_a_log_up_to_300_is_proven(quick):
    heads = [TreeHead(size, root) for size, root in enumerate(SMALL.roots)]
    for new in heads[1:]:
        for old in heads[1 : new.size + 1]:
            proof = consistency_proof(old.size, new.size, SMALL.read)
            assert is_extended(old, new, proof), (old.size, new.size)
            assert not is_extended(TreeHead(old.size, ZERO), new, proof)


def test_a_log_of_many_entries_is_proven_from_few_hashes():
    asked = 0

    def read(level: int, first: int, count: int) -> list[bytes]:
        nonlocal asked
        asked += count
        return big.read(level, first, count)

    big = Kept([leaf_hash(number.to_bytes(3, "big")) for number in range(BIG)])
    head = TreeHead(BIG, big.root)
    for index in (0, 255, 256, 65_535, 65_536, 69_999):
        asked = 0
        assert is_included(big.levels[0][index], index, inclusion_proof(index, BIG, read), head)
        assert asked <= 3 * 256
    for old in (1, 255, 256, 300, 65_536, 69_999, BIG):
        known = TreeHead(old, root_at(old, read))
        assert is_extended(known, head, consistency_proof(old, BIG, read))
    assert [len(big.levels[level]) for level in (1, 2)] == [273, 1]


@pytest.mark.parametrize("place", [(-1, 3), (3, 3), (0, 0)])
def test_no_proof_is_made_for_an_entry_outside_of_the_log(place):
    with pytest.raises(ValueError, match="not in a log"):
        inclusion_proof(*place, SMALL.read)


@pytest.mark.parametrize("sizes", [(0, 3), (4, 3), (-1, 3)])
def test_no_proof_is_made_for_what_is_no_growth(sizes):
    with pytest.raises(ValueError, match="begin"):
        consistency_proof(*sizes, SMALL.read)


Inclusion = tuple[bytes, int, list[bytes], TreeHead]
Consistency = tuple[TreeHead, TreeHead, list[bytes]]


def spoiled(proof: list[bytes], *roots: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """The ways in which a list of hashes can be wrong, by name."""
    for place, hashed in enumerate(proof):
        yield f"bit 3 of hash {place}", [*proof[:place], flipped(hashed), *proof[place + 1 :]]
        yield f"without hash {place}", [*proof[:place], *proof[place + 1 :]]
        yield f"a hash inserted at {place}", [*proof[:place], bytes(32), *proof[place:]]
        yield f"hash {place} twice", [*proof[: place + 1], *proof[place:]]
        yield f"hash {place} too short", [*proof[:place], hashed[:-1], *proof[place + 1 :]]
    for place in range(len(proof) - 1):
        yield f"swapped at {place}", [*proof[:place], proof[place + 1], proof[place], *proof[place + 2 :]]
    for name, other in [("garbage", b""), ("zeroes", bytes(32)), *(("a root", root) for root in roots)]:
        yield f"{name} behind", [*proof, other]
        yield f"{name} before", [other, *proof]
    if proof:
        yield "no hash at all", []
        yield "cut off", proof[:-1]


def flipped(hashed: bytes) -> bytes:
    return bytes([hashed[0] ^ 8]) + hashed[1:]


def wrong_inclusions(index: int, size: int) -> Iterator[tuple[str, Inclusion]]:
    root, leaf = bytes.fromhex(ROOTS[size]), HASHES[index]
    head, proof = TreeHead(size, root), [*inclusion_proof(index, size, Kept(HASHES).read)]
    for other in {index - 1, index + 1, index ^ 2, index + size, -1 - index} - {index}:
        yield f"index {other}", (leaf, other, proof, head)
    for other in {size * 2, size // 2, size + 8, 0, -1, index} - {size}:
        if not _same_path(index, size, other):
            yield f"size {other}", (leaf, index, proof, TreeHead(other, root))
    yield "another leaf", (leaf_hash(b"WrongLeaf"), index, proof, head)
    yield "a short leaf", (leaf[:31], index, proof, head)
    for name, other_root in [("empty", EMPTY_ROOT), ("random", leaf_hash(b"x")), ("no", b"")]:
        yield f"{name} root", (leaf, index, proof, TreeHead(size, other_root))
    for name, path in spoiled(proof, root):
        yield name, (leaf, index, path, head)


def _same_path(index: int, size: int, other: int) -> bool:
    """Two sizes may have the same way from an entry to the root; a size alone is then no probe."""
    read = Kept(HASHES + HASHES).read
    return 0 <= index < other and len(inclusion_proof(index, size, read)) == len(
        inclusion_proof(index, other, read)
    )


def wrong_consistencies(old: int, new: int) -> Iterator[tuple[str, Consistency]]:
    before, after = (TreeHead(size, bytes.fromhex(ROOTS[size])) for size in (old, new))
    proof = [*consistency_proof(old, new, Kept(HASHES).read)]
    for other in {old - 1, old + 1, old ^ 2, 0, -old, new + 1} - {old, new}:
        yield f"old size {other}", (TreeHead(other, before.root), after, proof)
    for other in {new * 2, new // 2, 0, old - 1} - {new, old}:
        yield f"new size {other}", (before, TreeHead(other, after.root), proof)
    for name, root in [("empty", EMPTY_ROOT), ("random", leaf_hash(b"x")), ("no", b"")]:
        yield f"{name} old root", (TreeHead(old, root), after, proof)
        yield f"{name} new root", (before, TreeHead(new, root), proof)
    if old != new:
        yield "roots swapped", (TreeHead(old, after.root), TreeHead(new, before.root), proof)
    for name, path in spoiled(proof, before.root, after.root):
        yield name, (before, after, path)


@pytest.mark.parametrize("place", [(0, 1), (0, 8), (5, 8), (2, 3), (1, 5)])
def test_inclusion_probes_are_refused(place):
    probes = [*wrong_inclusions(*place)]

    assert len(probes) >= 14
    assert [name for name, probe in probes if is_included(*probe)] == []


@pytest.mark.parametrize("sizes", [(1, 1), (1, 8), (6, 8), (2, 5), (6, 7)])
def test_consistency_probes_are_refused(sizes):
    probes = [*wrong_consistencies(*sizes)]

    assert len(probes) >= 14
    assert [name for name, probe in probes if is_extended(*probe)] == []


def test_of_an_empty_log_nothing_is_proven():
    empty = TreeHead(0, EMPTY_ROOT)

    assert not is_extended(empty, TreeHead(1, HASHES[0]), [])
    assert not is_extended(empty, empty, [])
    assert not is_included(HASHES[0], 0, [], empty)
