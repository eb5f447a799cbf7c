"""Makes proofs from stored hashes: that an entry is in a log, and that a log only grew.

Stored are the leaf hashes and, of every 256 neighbours, the hash of the perfect subtree over them; so each 256th append
stores one hash more, and a proof reads at most three times 256 hashes of a log of a million entries.
"""

from collections.abc import Callable, Iterator, Sequence

from engine.rules.tree import node_hash, root_of

BITS = 8
"""Binary levels of the tree between two stored levels."""
WIDTH = 1 << BITS

Span = tuple[int, int]
"""Entries from an index on, up to but without another."""
Read = Callable[[int, int, int], Sequence[bytes]]
"""(level, first, count): that many neighbouring hashes of perfect subtrees of 256 ** level entries each."""


def completed(made: Sequence[bytes], index: int) -> Iterator[tuple[int, int, bytes]]:
    """What is to be stored beside the entry at `index`: (level, position, hash); `made` is what its leaf completes."""
    for level in range(1, (len(made) - 1) // BITS + 1):
        yield level, index >> BITS * level, made[BITS * level]


def inclusion_proof(index: int, size: int, read: Read) -> tuple[bytes, ...]:
    """The hashes beside the way from an entry to the root, nearest first. Raises ValueError outside of the log."""
    if not 0 <= index < size:
        raise ValueError(f"entry {index} is not in a log of {size}")
    return tuple(hash_of(span, read) for span in _beside(index, size))


def consistency_proof(old: int, new: int, read: Read) -> tuple[bytes, ...]:
    """The hashes from which the roots at both sizes can be made. Raises ValueError unless 0 < old <= new."""
    if not 0 < old <= new:
        raise ValueError(f"a log of {new} does not begin with one of {old}")
    return tuple(hash_of(span, read) for span in _between(old, new))


def root_at(size: int, read: Read) -> bytes:
    """The root that the log had with `size` entries."""
    return hash_of((0, size), read)


def hash_of(span: Span, read: Read) -> bytes:
    """The hash of a subtree of the log, perfect or at its right edge."""
    return root_of(_perfect(start, height, read) for start, height in _parts(span))


def _beside(index: int, size: int) -> list[Span]:
    start, end, spans = 0, size, []
    while end - start > 1:
        middle = start + _half(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def _between(old: int, new: int) -> list[Span]:
    start, end, spans = 0, new, []
    while old != end:
        middle = start + _half(end - start)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return ([(start, end)] if start else []) + spans[::-1]


def _half(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def _parts(span: Span) -> Iterator[tuple[int, int]]:
    """The perfect subtrees that a span is made of, biggest first: (first entry, height)."""
    start, end = span
    while start < end:
        height = (end - start).bit_length() - 1
        yield start, height
        start += 1 << height


def _perfect(start: int, height: int, read: Read) -> bytes:
    level, rest = divmod(height, BITS)
    hashes = [*read(level, start >> BITS * level, 1 << rest)]
    while len(hashes) > 1:
        hashes = [node_hash(*pair) for pair in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]
