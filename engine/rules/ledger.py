"""The bytes of an entry: canonical JSON, and the leaf of format RCL1."""

import json
import struct
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TypeAlias

from engine.model.entry import Entry, EntryDraft, LogHead
from engine.model.ids import ItemId
from engine.rules.tree import leaf_hash

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"

ZERO = bytes(32)
"""Stands for the previous entry where there is none."""
LARGEST = 2**53 - 1
"""The largest whole number that every reader of JSON reads exactly."""

_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=dict, check_circular=False
)
_TEXT = frozenset({str})
_SIMPLE = frozenset({str, bool, type(None)})
_LEAF = struct.Struct(">4sQQBBI16s16s32s32s")
_MAGIC = b"RCL1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def canonical(value: Json) -> bytes:
    """Return the one spelling of `value`: RFC 8785, strings in NFC, whole numbers within ±(2^53 - 1).

    raises: ValueError where no such spelling exists (fractions, larger numbers, lone surrogates, equal keys).
    """
    _check(value)
    text = _ENCODER.encode(value)
    return (text if _is_plain(text) else _spelled(value)).encode()


def _check(value: Json) -> None:
    """Refuse what has no canonical form."""
    if isinstance(value, dict):
        members: Iterable[Json] = value.values()
        if not _TEXT.issuperset(map(type, value)):
            _check_keys(value)
    elif isinstance(value, list | tuple):
        members = value
    else:
        return _check_other(value)
    for member in members:
        kind = type(member)
        if kind is int:
            _integer(member)  # type: ignore[arg-type] # mypy does not read the test above
        elif kind not in _SIMPLE:
            _check(member)
    return None


def _check_other(value: Json) -> None:
    if isinstance(value, Mapping):
        _check({**value})
    elif isinstance(value, int):
        _integer(value)
    elif not isinstance(value, str) and value is not None:
        raise ValueError(f"no canonical form for {type(value).__name__}")


def _check_keys(value: Mapping[str, Json]) -> None:
    for key in value:
        _key(key)


def _is_plain(text: str) -> bool:
    """True where the encoder of the library spells canonically: strings in NFC, keys equally ordered either way."""
    if text.isascii():
        return True
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    return units == len(text) and unicodedata.is_normalized("NFC", text)


def _spelled(value: Json) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, Mapping):
        return _object(value)
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_spelled, value)) + "]"
    raise ValueError(f"no canonical form for {type(value).__name__}")


def _string(value: str) -> str:
    return json.dumps(_normal(value), ensure_ascii=False)


def _normal(value: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("a lone surrogate is no character")
    return unicodedata.normalize("NFC", value)


def _integer(value: int) -> str:
    if not -LARGEST <= value <= LARGEST:
        raise ValueError("a whole number beyond 2^53 - 1 is not read exactly everywhere")
    return int.__repr__(value)


def _object(value: Mapping[str, Json]) -> str:
    members: dict[str, str] = {}
    for key, member in value.items():
        name = _key(key)
        if name in members:
            raise ValueError(f"two keys are the same: {name}")
        members[name] = _spelled(member)
    ordered = sorted(members, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(f"{_string(name)}:{members[name]}" for name in ordered) + "}"


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise ValueError(f"a key must be a string, not {type(key).__name__}")
    return _normal(key)


def commitment(salt: bytes, payload: bytes) -> bytes:
    """Bind the leaf to a payload that can be erased: without the salt nobody can guess what it was."""
    return sha256(b"RCL1-payload\x00" + _sized(salt, 32) + payload).digest()


def microseconds(at: datetime) -> int:
    """Microseconds since 1970 UTC, by whole numbers only."""
    if at.utcoffset() is None:
        raise ValueError("an instant needs its zone")
    return (at - _EPOCH) // _MICROSECOND


def leaf_bytes(index: int, at: datetime, draft: EntryDraft) -> bytes:
    """Return the 122 bytes of an entry, as every verifier makes them again from an export."""
    return _LEAF.pack(
        _MAGIC,
        index,
        microseconds(at),
        draft.kind,
        draft.flags,
        draft.item_version,
        _sized(bytes.fromhex(draft.item or "0" * 32), 16),
        _sized(bytes.fromhex(draft.actor), 16),
        _sized(draft.previous, 32),
        commitment(draft.salt, draft.payload),
    )


def sealed_bytes(entry: Entry) -> bytes:
    """Return the bytes of the leaf of an entry; they hold its commitment, also where the payload was erased."""
    draft = EntryDraft(
        kind=entry.kind,
        what=entry.what,
        flags=entry.flags,
        item=entry.item,
        item_version=entry.item_version,
        actor=entry.actor,
        payload=b"",
        salt=ZERO,
        previous=entry.previous,
    )
    return leaf_bytes(entry.index, entry.at, draft)[: -len(ZERO)] + entry.commitment


def _sized(value: bytes, size: int) -> bytes:
    """Refuse what `struct` would silently cut or fill."""
    if len(value) != size:
        raise ValueError(f"expected {size} bytes, not {len(value)}")
    return value


def seal(draft: EntryDraft, index: int, at: datetime, previous: bytes) -> Entry:
    """Give a draft its place in the log; `previous` is the leaf hash before it on the same item, zero bytes if none."""
    placed = draft if draft.previous == previous else replace(draft, previous=previous)
    return Entry(
        index=index,
        at=at,
        kind=placed.kind,
        what=placed.what,
        flags=placed.flags,
        item=placed.item,
        item_version=placed.item_version,
        actor=placed.actor,
        previous=previous,
        commitment=commitment(placed.salt, placed.payload),
        leaf=leaf_hash(leaf_bytes(index, at, placed)),
        payload=placed.payload,
        salt=placed.salt,
    )


def sealed(drafts: Sequence[EntryDraft], head: LogHead, now: datetime) -> list[Entry]:
    """Give drafts their places behind `head`, one after the other, none older than the newest entry.

    A draft whose `previous` is b"" follows the draft before it on the same item.
    """
    at = max(now, head.at)
    newest: dict[ItemId | None, bytes] = {}
    entries: list[Entry] = []
    for index, draft in enumerate(drafts, head.size):
        entries.append(seal(draft, index, at, draft.previous or newest[draft.item]))
        newest[draft.item] = entries[-1].leaf
    return entries
