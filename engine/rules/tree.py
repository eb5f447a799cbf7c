"""The Merkle tree of RFC 6962: its hashes, its right edge, its root, and how a verifier checks a proof.

`engine.rules.proofs` makes proofs; what is here needs nothing but hashes.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from engine.model.entry import TreeHead

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""The root of a log without entries."""


def leaf_hash(data: bytes) -> bytes:
    """Hash a leaf; the first byte keeps leaves and nodes apart."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into one."""
    return sha256(b"\x01" + left + right).digest()


def joined(frontier: Sequence[bytes], size: int, leaf: bytes) -> list[bytes]:
    """Every perfect subtree that the next leaf completes, by height: the leaf itself, the pair, the four and so on."""
    if len(frontier) != size.bit_count():
        raise ValueError(f"a log of {size} entries does not have {len(frontier)} subtrees")
    made, rest, place = [leaf], size, len(frontier)
    while rest & 1:
        place -= 1
        made.append(node_hash(frontier[place], made[-1]))
        rest >>= 1
    return made


def append_leaf(frontier: tuple[bytes, ...], size: int, leaf: bytes) -> tuple[bytes, ...]:
    """Return the right edge after one more leaf hash: one hash per set bit of the size, biggest subtree first."""
    return edge_with(frontier, joined(frontier, size, leaf))


def edge_with(frontier: Sequence[bytes], made: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return the right edge once the subtrees `made` are part of it: the biggest stands for what it was made from."""
    return (*frontier[: len(frontier) - len(made) + 1], made[-1])


def root_of(frontier: Iterable[bytes]) -> bytes:
    """Return the root of the tree with this right edge."""
    root: bytes | None = None
    for subtree in reversed(tuple(frontier)):
        root = subtree if root is None else node_hash(subtree, root)
    return EMPTY_ROOT if root is None else root


def is_included(leaf: bytes, index: int, proof: Sequence[bytes], head: TreeHead) -> bool:
    """Whether the proof leads from the leaf at `index` to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < head.size or not _are_hashes((leaf, head.root, *proof)):
        return False
    place, last, root = index, head.size - 1, leaf
    for hashed in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            root = node_hash(hashed, root)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, hashed)
        place, last = place >> 1, last >> 1
    return last == 0 and root == head.root


def is_extended(old: TreeHead, new: TreeHead, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the newer tree begins with the older one (RFC 9162, 2.1.4.2).

    Of an empty tree nothing can be proven: False.
    """
    if old.size == new.size > 0:
        return not proof and old.root == new.root
    if not 0 < old.size < new.size or not _are_hashes((old.root, new.root, *proof)):
        return False
    path = [old.root, *proof] if old.size & (old.size - 1) == 0 else [*proof]
    return bool(path) and _roots_along(path, old.size - 1, new.size - 1) == (old.root, new.root)


def _roots_along(path: Sequence[bytes], place: int, last: int) -> tuple[bytes, bytes] | None:
    """The roots of both trees that a path adds up to; None where it is too long or too short."""
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for hashed in path[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            old, new = node_hash(hashed, old), node_hash(hashed, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, hashed)
        place, last = place >> 1, last >> 1
    return (old, new) if last == 0 else None


def _are_hashes(values: Iterable[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
