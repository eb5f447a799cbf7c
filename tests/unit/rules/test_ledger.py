"""The bytes of the history against public vectors, our own, and a naive reading of RFC 6962."""

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.entry import EntryDraft, EntryFlag, EntryKind
from engine.model.ids import NOBODY, ItemId, PersonId
from engine.rules.ledger import (
    EMPTY_ROOT,
    ZERO,
    append_leaf,
    canonical,
    commitment,
    leaf_bytes,
    leaf_hash,
    microseconds,
    node_hash,
    root_of,
    seal,
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

OUR_LEAF = (
    "52434c310000000000000000000647484620400001000000000100112233445566778899aabbccddeeff"
    "a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "9e4fdcdaadb028328bc6c06c1fc6eee7afd71174738876761061cb7c66f617bb"
)
OUR_HASHES = """
    a90df72ac4d91adcc17cd185eec7eb9797a2aff294d4418bdf598dd8f008f004
    ed2e4bba27e2443642c9f67da7c307f6035b8080d6b6190c20027f9cec6317e7
    e373864a3206247a12fd78eb2a763ca3f4d9a8bc647c33260b421a83e0afbdd0
""".split()
OUR_ROOTS = {
    2: "498ef39df9a991d4d8bddba7310a067befbf79fa52907139378a804a47ee9cd8",
    3: "f09835ede842cc94e38ba4c2ce700444ee3b43487148687fada8ed9776af91e4",
}
START = datetime(2026, 1, 1, tzinfo=UTC)


def draft(step: int = 0, **changes: object) -> EntryDraft:
    states = [None, "查摆", "整改", "复核"]
    values: dict[str, object] = {
        "kind": EntryKind.TRANSITION,
        "what": "move",
        "flags": EntryFlag.NONE,
        "item": ItemId("00112233445566778899aabbccddeeff"),
        "item_version": step + 1,
        "actor": PersonId(("a0", "a0", "b0")[step] * 16),
        "payload": canonical({"to": states[step + 1], "from": states[step]}),
        "salt": bytes([step + 1]) * 32,
        "previous": ZERO,
    }
    return EntryDraft(**{**values, **changes})  # type: ignore[arg-type]


def frontier_of(leaves: list[bytes]) -> tuple[bytes, ...]:
    frontier: tuple[bytes, ...] = ()
    for size, leaf in enumerate(leaves):
        frontier = append_leaf(frontier, size, leaf)
    return frontier


def naive_root(leaves: list[bytes]) -> bytes:
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
    assert root_of(frontier_of([leaf_hash(leaf) for leaf in LEAVES[:size]])).hex() == ROOTS[size]


def test_the_hasher_keeps_leaves_and_nodes_apart():
    leaf, node = leaf_hash(b"L123456"), node_hash(b"N123", b"N456")

    assert leaf.hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert node.hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"


def test_our_own_vector_holds_byte_for_byte():
    previous, hashes = ZERO, []
    for step in range(3):
        entry = seal(draft(step), step, START + timedelta(seconds=step), previous)
        previous = entry.leaf
        hashes.append(entry.leaf)

    assert leaf_bytes(0, START, draft()).hex() == OUR_LEAF
    assert [leaf.hex() for leaf in hashes] == OUR_HASHES
    assert {size: root_of(frontier_of(hashes[:size])).hex() for size in OUR_ROOTS} == OUR_ROOTS


@given(st.integers(0, 300))
def test_the_frontier_has_the_root_of_the_whole_tree(size):
    leaves = [leaf_hash(number.to_bytes(2, "big")) for number in range(size)]
    frontier = frontier_of(leaves)

    assert len(frontier) == size.bit_count()
    assert root_of(frontier) == naive_root(leaves)


def test_the_frontier_starts_with_the_biggest_subtree():
    leaves = [leaf_hash(leaf) for leaf in LEAVES[:7]]
    parts = (leaves[:4], leaves[4:6], leaves[6:])

    assert frontier_of(leaves) == tuple(naive_root(part) for part in parts)


def test_a_frontier_of_another_size_is_refused():
    with pytest.raises(ValueError, match="subtrees"):
        append_leaf((), 1, ZERO)


def test_an_empty_log_has_the_root_of_nothing():
    assert root_of(()) == EMPTY_ROOT


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-(2**53) + 1, "-9007199254740991"),
        (2**53 - 1, "9007199254740991"),
        ([], "[]"),
        ({}, "{}"),
        ((1, [2, {}]), "[1,[2,{}]]"),
        (EntryKind.COMMENT, "3"),
        ("查摆/\x7f", '"查摆/\x7f"'),
        ('\x00\b\t\n\x0b\f\r\x1f"\\', '"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\\"\\\\"'),
        ("\u2028", '"\u2028"'),
        ("e\u0301", '"\u00e9"'),
        ({"e\u0301": "a\u030a"}, '{"\u00e9":"\u00e5"}'),
        ({"b": 1, "a": [1, {"d": None, "c": True}]}, '{"a":[1,{"c":true,"d":null}],"b":1}'),
        (
            {"\u20ac": 1, "\r": 2, "\ufffd": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\u00f6": 7},
            '{"\\r":2,"1":4,"\x80":6,"\u00f6":7,"\u20ac":1,"\U0001f600":5,"\ufffd":3}',
        ),
    ],
)
def test_a_value_has_one_spelling(value, text):
    assert canonical(value) == text.encode()


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        2**53,
        -(2**53),
        "\ud800",
        "a\udfff",
        {"\udc00": 1},
        {"\u00e9": 1, "e\u0301": 2},
        {1: 2},
        [{"a": 0.5}],
        b"bytes",
        {1, 2},
    ],
)
def test_a_value_without_a_spelling_is_refused(value):
    with pytest.raises(ValueError, match=r"."):
        canonical(value)


def test_a_leaf_has_122_bytes_also_without_item_and_person():
    data = leaf_bytes(7, START, draft(item=None, item_version=0, actor=NOBODY))

    assert len(data) == 122
    assert data[26:58] == bytes(32)


@pytest.mark.parametrize(
    "changes",
    [
        {"item": ItemId("00")},
        {"item": ItemId("xx" * 16)},
        {"actor": PersonId("")},
        {"previous": b""},
        {"salt": b"short"},
    ],
)
def test_a_draft_of_wrong_length_is_refused(changes):
    with pytest.raises(ValueError, match=r"."):
        leaf_bytes(0, START, draft(**changes))


def test_the_commitment_depends_on_salt_and_payload():
    salt = bytes(32)

    assert commitment(salt, b"a") == sha256(b"RCL1-payload\x00" + salt + b"a").digest()
    assert len({commitment(salt, b"a"), commitment(b"\x01" * 32, b"a"), commitment(salt, b"b")}) == 3


@given(st.integers(0, 253402300799999999))
def test_microseconds_are_exact(number):
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=number)

    assert microseconds(at) == number
    assert microseconds(at.astimezone(timezone(timedelta(hours=-8)))) == number


def test_an_instant_needs_its_zone():
    with pytest.raises(ValueError, match="zone"):
        microseconds(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_sealed_entry_keeps_what_was_drafted():
    asked = draft()
    entry = seal(asked, 4, START, ZERO)

    assert (entry.index, entry.at, entry.kind, entry.what) == (4, START, asked.kind, asked.what)
    assert (entry.payload, entry.salt, entry.previous) == (asked.payload, asked.salt, asked.previous)
    assert entry.commitment == commitment(asked.salt, asked.payload)
    assert entry.leaf == leaf_hash(leaf_bytes(4, START, asked))
