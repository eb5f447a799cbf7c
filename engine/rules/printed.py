"""A head of the log on paper: a line to type, in which every group of signs checks itself.

Size in decimal, then the root in Crockford's base32 (no I, L, O, U): 13 groups of four signs. The sign behind each, and
the one behind the hyphen of the size, is a checksum over GF(32) with the place of the group; a wrong sign, two swapped
signs and a group in a wrong place are found in the group they are in.
"""

from collections.abc import Iterable, Iterator

from engine.model.entry import TreeHead
from engine.rules.tree import HASH_BYTES

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP = 4
GROUPS = 13
_POLYNOMIAL = 0b100101
"""x^5 + x^2 + 1, which x generates the whole field of."""


def printed(head: TreeHead) -> str:
    """The line of a head."""
    size, number = f"{head.size}", int.from_bytes(head.root, "big") << 4
    signs = [number >> 5 * place & 31 for place in reversed(range(GROUP * GROUPS))]
    groups = [signs[start : start + GROUP] for start in range(0, len(signs), GROUP)]
    checked = ("".join(SIGNS[s] for s in (*group, _check(n, group))) for n, group in enumerate(groups))
    return f"{size}-{SIGNS[_check(GROUPS, map(int, size))]} {' '.join(checked)}"


def read_printed(text: str) -> TreeHead:
    """The head of a typed line, case aside, O read as 0, I and L as 1. Raises ValueError naming the wrong group."""
    size, *groups = text.upper().translate(str.maketrans("OIL", "011")).split()
    digits, _, check = size.partition("-")
    if not digits.isdecimal() or check != SIGNS[_check(GROUPS, map(int, digits))]:
        raise ValueError("size")
    if wrong := [*_wrong(groups)] or [*range(len(groups), GROUPS)] or [*range(GROUPS, len(groups))]:
        raise ValueError(f"group {wrong[0] + 1}")
    number = 0
    for sign in "".join(group[:GROUP] for group in groups):
        number = number << 5 | SIGNS.index(sign)
    if number & 15:
        raise ValueError(f"group {GROUPS}")
    return TreeHead(int(digits), (number >> 4).to_bytes(HASH_BYTES, "big"))


def _wrong(groups: Iterable[str]) -> Iterator[int]:
    for place, group in enumerate(groups):
        signs = [SIGNS.find(sign) for sign in group]
        if len(signs) != GROUP + 1 or -1 in signs or signs[GROUP] != _check(place, signs[:GROUP]):
            yield place


def _check(place: int, signs: Iterable[int]) -> int:
    total = place + 1
    for sign in signs:
        total = _doubled(total) ^ sign
    return _doubled(total)


def _doubled(value: int) -> int:
    return value << 1 ^ (_POLYNOMIAL if value & 16 else 0)
