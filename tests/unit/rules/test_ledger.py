"""The bytes of an entry: one spelling of JSON, and our own vector byte for byte."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.entry import Entry, EntryDraft, EntryFlag, EntryKind, LogHead
from engine.model.ids import NOBODY, ItemId, PersonId
from engine.rules.ledger import (
    ZERO,
    canonical,
    commitment,
    leaf_bytes,
    microseconds,
    seal,
    sealed,
    sealed_bytes,
)
from engine.rules.tree import leaf_hash, root_of
from tests.unit.rules.test_tree import frontier_of

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


def test_our_own_vector_holds_byte_for_byte():
    previous, hashes = ZERO, []
    for step in range(3):
        entry = seal(draft(step), step, START + timedelta(seconds=step), previous)
        previous = entry.leaf
        hashes.append(entry.leaf)

    assert leaf_bytes(0, START, draft()).hex() == OUR_LEAF
    assert [leaf.hex() for leaf in hashes] == OUR_HASHES
    assert {size: root_of(frontier_of(hashes[:size])).hex() for size in OUR_ROOTS} == OUR_ROOTS


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


def test_an_entry_is_the_draft_in_its_place():
    asked = draft(1, kind=EntryKind.COMMENT, flags=EntryFlag(5), previous=b"")
    placed = draft(1, kind=EntryKind.COMMENT, flags=EntryFlag(5), previous=b"\x07" * 32)

    entry = seal(asked, 4, START, b"\x07" * 32)

    assert entry == Entry(
        index=4,
        at=START,
        kind=EntryKind.COMMENT,
        what="move",
        flags=EntryFlag(5),
        item=asked.item,
        item_version=2,
        actor=asked.actor,
        previous=b"\x07" * 32,
        commitment=commitment(asked.salt, asked.payload),
        leaf=leaf_hash(leaf_bytes(4, START, placed)),
        payload=asked.payload,
        salt=asked.salt,
    )
    assert seal(placed, 4, START, b"\x07" * 32) == entry


def test_the_bytes_of_a_leaf_come_from_the_entry_alone_also_after_it_was_erased():
    placed = draft(1, kind=EntryKind.COMMENT, flags=EntryFlag(5), previous=b"\x07" * 32)
    entry = seal(placed, 4, START, placed.previous)
    erased = replace(entry, payload=None, salt=None)

    assert sealed_bytes(entry) == sealed_bytes(erased) == leaf_bytes(4, START, placed)


def test_drafts_follow_each_other_on_their_item_and_the_head_in_the_log():
    other = ItemId("ff" * 16)
    drafts = [
        draft(0),
        draft(0, item=other),
        draft(1, previous=b""),
        draft(2, previous=b""),
        draft(1, item=other, previous=b""),
    ]
    head = LogHead(size=7, at=START, frontier=())

    entries = sealed(drafts, head, START + timedelta(seconds=1))

    assert [entry.index for entry in entries] == [7, 8, 9, 10, 11]
    assert [entry.at for entry in entries] == [START + timedelta(seconds=1)] * 5
    first, foreign, second, *_ = entries
    assert [e.previous for e in entries] == [ZERO, ZERO, first.leaf, second.leaf, foreign.leaf]
    assert entries == [
        seal(asked, entry.index, entry.at, entry.previous)
        for asked, entry in zip(drafts, entries, strict=True)
    ]
    assert [e.at for e in sealed(drafts[:1], head, START - timedelta(seconds=1))] == [START]


@pytest.mark.parametrize("spelled", [["é", "b", [None, True], "a"], {"é": ["x", False, 1], "a": ("y",)}])
def test_both_ways_of_spelling_agree(spelled):
    """What holds a sign that needs a look takes the other way; the same signs composed take the short one."""
    apart = json.loads(json.dumps(spelled, ensure_ascii=False).replace("é", "e\u0301"))

    assert canonical(apart) == canonical(spelled)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (1.0, "no canonical form for float"),
        ({"a": b""}, "no canonical form for bytes"),
        (["e\u0301", {1, 2}], "no canonical form for set"),
        ({1: 2}, "a key must be a string, not int"),
        ({"a": 2**53}, "a whole number beyond 2\\^53 - 1 is not read exactly everywhere"),
        ([-(2**53)], "a whole number beyond"),
        ({"\u00e9": 1, "e\u0301": 2}, "two keys are the same: \u00e9"),
        ({"e\u0301": ["\ud800"]}, "a lone surrogate is no character"),
        ({"e\u0301": 0, "\udfff": 1}, "a lone surrogate is no character"),
    ],
)
def test_what_has_no_spelling_is_told(value, problem):
    with pytest.raises(ValueError, match=problem):
        canonical(value)


def test_a_size_that_is_wrong_is_told():
    with pytest.raises(ValueError, match="expected 32 bytes, not 5"):
        commitment(b"short", b"")


class Named(str):
    """A string of a kind of its own, as the members of an enumeration are."""

    __slots__ = ()


def test_kinds_of_strings_numbers_and_mappings_are_spelled_as_what_they_are():
    frozen = MappingProxyType({Named("é"): EntryKind.COMMENT, "e": MappingProxyType({"a": Named("x")})})

    assert canonical(frozen) == '{"e":{"a":"x"},"é":3}'.encode()
    assert canonical([frozen, Named("e\u0301")]) == '[{"e":{"a":"x"},"é":3},"é"]'.encode()
    with pytest.raises(ValueError, match="beyond"):
        canonical(MappingProxyType({"a": 2**53}))
    with pytest.raises(ValueError, match="no canonical form"):
        canonical(MappingProxyType({"a": 0.5}))
