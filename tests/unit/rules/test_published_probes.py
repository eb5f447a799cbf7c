"""The 196 probes of transparency-dev/merkle, `testdata/inclusion` and `testdata/consistency`, under their names there.

They are facts about the tree of the RFC 6962 reference leaves: what is proven, what is changed about it, and whether
it must hold. Only what is changed is written down here; the hashes are those that `test_tree` keeps as published. Where
versions differ the newer stands: of two trees of size zero nothing is proven (commit 8c666a7; before, it was held).
"""

from collections.abc import Iterator

import pytest

from engine.model.entry import TreeHead
from engine.rules.tree import EMPTY_ROOT, is_extended, is_included
from tests.unit.rules.test_tree import CONSISTENCIES, FIFTH, HASHES, INCLUSIONS, PAIRS, ROOTS, flipped

SOME = bytes.fromhex("abacaba000000000000000000000000000000000000000000060061e00123456")
ONE, TWO = b"don't care 1", b"don't care 2"
Proof = list[bytes]
Inclusion = tuple[bytes, int, Proof, TreeHead]
Consistency = tuple[TreeHead, TreeHead, Proof]

WAYS = {
    (0, 1): [],
    **INCLUSIONS,
    (2, 3): [ROOTS[2]],
    (1, 5): [ROOTS[1], PAIRS, FIFTH],
}
GROWTHS = {(1, 1): [], **CONSISTENCIES}
HOLDS = "sizes are equal (one) and proof is empty"


def _hashes(texts: list[str]) -> Proof:
    return [bytes.fromhex(text) for text in texts]


def _root(size: int) -> bytes:
    return bytes.fromhex(ROOTS[size])


def _around(proof: Proof, **roots: bytes) -> Iterator[tuple[str, Proof]]:
    """A proof with something behind and before it that does not belong to it."""
    for name, other in {"garbage": b"", **roots}.items():
        yield f"trailing {name}", [*proof, other]
        yield f"preceding {name}", [other, *proof]


def _changed(proof: Proof, flip: int) -> Iterator[tuple[str, Proof]]:
    for place, hashed in enumerate(proof):
        wrong = bytes([hashed[0] ^ 1 << flip]) + hashed[1:]
        yield f"modified proof[{place}] bit {flip}", [*proof[:place], wrong, *proof[place + 1 :]]


def inclusions() -> Iterator[tuple[str, bool, Inclusion]]:
    """Each probe by name, whether it holds, and what is asked."""
    for (index, size), texts in WAYS.items():
        for name, probe in _about_an_entry(index, size, _hashes(texts)):
            yield f"{index} of {size}: {name}", name == "happy path", probe
    leaf = HASHES[0]
    for name, mine, root in [
        ("matching root and leaf", leaf, leaf),
        ("empty leaf", b"", leaf),
        ("empty root", leaf, b""),
        ("empty root and leaf", b"", b""),
    ]:
        yield f"single entry: {name}", mine == root == leaf, (mine, 0, [], TreeHead(1, root))
    for index, size in [(0, 0), (0, 1), (1, 0), (2, 1)]:
        for name, mine, root in [
            ("random leaf", SOME, b""),
            ("empty root", b"", EMPTY_ROOT),
            ("empty root and random leaf", SOME, EMPTY_ROOT),
        ]:
            yield f"nothing at {index} of {size}: {name}", False, (mine, index, [], TreeHead(size, root))


def _about_an_entry(index: int, size: int, proof: Proof) -> Iterator[tuple[str, Inclusion]]:
    leaf, head, root = HASHES[index], TreeHead(size, _root(size)), _root(size)
    yield "happy path", (leaf, index, proof, head)
    for name, other in {"- 1": index - 1, "+ 1": index + 1, "^ 2": index ^ 2}.items():
        yield f"leafIdx {name}", (leaf, other, proof, head)
    for name, other in {"* 2": size * 2, "div 2": size // 2}.items():
        yield f"treeSize {name}", (leaf, index, proof, TreeHead(other, root))
    yield "wrong leaf", (b"WrongLeaf", index, proof, head)
    yield "empty root", (leaf, index, proof, TreeHead(size, EMPTY_ROOT))
    yield "random root", (leaf, index, proof, TreeHead(size, SOME))
    changed = [*_around(proof, root=root), *_changed(proof, 3)]
    if proof:
        changed.append(("removed component", proof[:-1]))
    if len(proof) > 1:
        changed.append(("inserted component", [proof[0], SOME, *proof[1:]]))
    for name, path in changed:
        yield name, (leaf, index, path, head)


def consistencies() -> Iterator[tuple[str, bool, Consistency]]:
    """Each probe by name, whether it holds, and what is asked."""
    for (old, new), texts in GROWTHS.items():
        for name, probe in _about_a_growth(old, new, _hashes(texts)):
            yield f"{old} to {new}: {name}", name == "happy path", probe
    for name, sizes, roots, proof in ADDITIONAL:
        heads = TreeHead(sizes[0], roots[0]), TreeHead(sizes[1], roots[1])
        yield name, name == HOLDS, (*heads, proof)


def _about_a_growth(old: int, new: int, proof: Proof) -> Iterator[tuple[str, Consistency]]:
    before, after = TreeHead(old, _root(old)), TreeHead(new, _root(new))
    yield "happy path", (before, after, proof)
    if not proof:
        return
    for name, other in {"- 1": old - 1, "+ 1": old + 1, "^ 2": old ^ 2}.items():
        yield f"size1 {name}", (TreeHead(other, before.root), after, proof)
    for name, other in {"* 2": new * 2, "div 2": new // 2}.items():
        yield f"size2 {name}", (before, TreeHead(other, after.root), proof)
    yield "wrong root1", (TreeHead(old, b"WrongRoot"), after, proof)
    yield "wrong root2", (before, TreeHead(new, b"WrongRoot"), proof)
    yield "swapped roots", (TreeHead(old, after.root), TreeHead(new, before.root), proof)
    yield "empty proof", (before, after, [])
    yield "truncated proof", (before, after, proof[:-1])
    yield "preceding proof[0]", (before, after, [proof[0], *proof])
    for name, path in [*_around(proof, root1=before.root, root2=after.root), *_changed(proof, 4)]:
        yield name, (before, after, path)


ADDITIONAL = [
    ("sizes are equal (zero) but roots are not", (0, 0), (ONE, TWO), []),
    ("sizes are equal (one) but roots are not", (1, 1), (ONE, TWO), []),
    ("sizes are equal (zero) and proof is empty", (0, 0), (ONE, ONE), []),
    ("sizes are equal (one) and proof is empty", (1, 1), (TWO, TWO), []),
    ("size1 is zero and does not equal size2", (0, 1), (ONE, TWO), []),
    ("size1 is zero and size2 is not zero", (0, 1), (EMPTY_ROOT, TWO), []),
    ("size1 is greater than size2", (1, 0), (ONE, TWO), []),
    ("size1 is greater than size2 again", (2, 1), (ONE, TWO), []),
    ("sizes do not match and proof is empty", (1, 2), (ONE, TWO), []),
    ("roots do not match and sizes are zero", (0, 0), (EMPTY_ROOT, TWO), []),
    ("roots do not match and sizes are one", (1, 1), (EMPTY_ROOT, TWO), []),
    ("sizes match but proof is not empty and sizes are zero", (0, 0), (EMPTY_ROOT, EMPTY_ROOT), [EMPTY_ROOT]),
    ("consistency check on empty tree is useless", (0, 1), (EMPTY_ROOT, EMPTY_ROOT), [EMPTY_ROOT]),
    ("sizes match but proof is not empty and sizes are one", (1, 1), (EMPTY_ROOT, EMPTY_ROOT), [EMPTY_ROOT]),
]


def test_the_published_probes_are_all_here():
    assert [len({name for name, *_ in probes}) for probes in (inclusions(), consistencies())] == [98, 98]
    assert [sum(holds for _, holds, _ in probes) for probes in (inclusions(), consistencies())] == [6, 6]


def test_every_published_probe_of_an_entry_answers_as_published():
    assert [name for name, holds, probe in inclusions() if is_included(*probe) != holds] == []


def test_every_published_probe_of_a_growth_answers_as_published():
    assert [name for name, holds, probe in consistencies() if is_extended(*probe) != holds] == []


@pytest.mark.parametrize("size", [1, 8])
def test_a_tree_that_did_not_grow_is_its_own_beginning(size):
    head = TreeHead(size, _root(size))

    assert is_extended(head, head, [])
    assert not is_extended(TreeHead(size, flipped(head.root)), head, [])
