"""Which parts of an entry are words of people, and what is left of it without them.

An entry is erased as a whole, payload and salt. What the entry that tells of it says again is everything but the words:
the history of the item can still be replayed, and a mark stands where the words stood.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce

from engine.model.entry import Entry, EntryKind
from engine.model.redaction import MARK, Words
from engine.rules.ledger import Json, canonical

ERASABLE = frozenset(
    {
        EntryKind.TRANSITION,
        EntryKind.EVIDENCE,
        EntryKind.COMMENT,
        EntryKind.FIRING,
        EntryKind.REDACTION,
        EntryKind.OPERATIONS,
    }
)
"""What may be erased: never what others are judged by (definitions, posts, keys, checkpoints, restorations)."""
KEPT = frozenset(
    {
        *(
            "type",
            "verb",
            "actor",
            "system",
            "sha256",
            "claimed_on",
            "other",
            "ended",
            "armed",
            "made_on",
            "size",
        ),
        *(
            "clock",
            "revision",
            "rung",
            "rungs",
            "silent",
            "voices",
            "effects",
            "due",
            "cause",
            "causes",
            "calendar",
            "told",
        ),
        *(
            "why",
            "basis",
            "indexes",
            "files",
            "item",
            "version",
            "seconds",
            "expected",
            "at",
            "last",
            "view",
            "returned",
        ),
        *(
            "number",
            "definition",
            "campaign",
            "unit",
            "parent",
            "link",
            "category",
            "duty",
            "period",
            "as_of",
        ),
        *("opened_at", "opener", "owner", "reviewer", "delegation", "assisting", "contributions", "votes"),
        *("extension", "state", "stage", "entered_at", "closed_at", "returned_count", "evidence_count"),
    }
)
"""What an entry tells by codes, instants and numbers. Everything else may be words of people."""
FIELDS = "fields"
_DAY = re.compile(r"\d{4}-\d\d-\d\d(T[0-9:.]+Z)?")
_CODE = re.compile(rf"[a-z][a-z0-9_]*|{_DAY.pattern}|{re.escape(MARK)}")
"""What is no word of anybody: codes of choices, days and instants, what was erased before."""
SHORTEST = 2
"""One character is no word that could be looked for."""


def taken_out(value: Json, words: Words, *, kept: frozenset[str] = KEPT) -> Json:
    """A value without these words, but for what is told by codes."""
    if isinstance(value, str):
        return value if _DAY.fullmatch(value) else words.taken_out(value)
    if isinstance(value, Mapping):
        return {
            name: inner if name in kept else taken_out(inner, words, kept=_inside(name, kept))
            for name, inner in value.items()
        }
    if isinstance(value, Sequence):
        return [taken_out(inner, words, kept=kept) for inner in value]
    return value


def remains_of(entry: Entry, words: Words) -> bytes | None:
    """What is left of an entry without these words; None where it holds none of them."""
    if entry.payload is None:
        return None
    told = json.loads(entry.payload)
    left = taken_out(told, words)
    return None if left == told else canonical(left)


def words_in(value: Json, *, kept: frozenset[str] = KEPT) -> Iterator[str]:
    """Everything in a value that somebody may have written in words."""
    if isinstance(value, str):
        if len(value) >= SHORTEST and not _CODE.fullmatch(value):
            yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in kept:
                yield from words_in(inner, kept=_inside(name, kept))
    elif isinstance(value, Sequence):
        for inner in value:
            yield from words_in(inner, kept=kept)


def announced(redactions: Sequence[Entry]) -> dict[int, tuple[Entry, Json]]:
    """Each entry that these entries of redaction tell of, by index: who erased it last, and what is left of it.

    A later redaction may have erased words out of an earlier one: the later one tells what is left of that, too.
    """
    return reduce(_learned, sorted(redactions, key=lambda entry: -entry.index), {})


def files_erased(redactions: Sequence[Entry]) -> frozenset[str]:
    """The files of evidence that were erased, by SHA-256."""
    told = announced(redactions)
    return frozenset(
        f"{digest}" for entry in redactions for digest in _listed(_told(entry, told).get("files"))
    )


def _learned(known: dict[int, tuple[Entry, Json]], entry: Entry) -> dict[int, tuple[Entry, Json]]:
    remains = _told(entry, known).get("remains")
    told = remains if isinstance(remains, Mapping) else {}
    fresh = {int(index): (entry, left) for index, left in told.items() if index.isdecimal()}
    return {**fresh, **known}


def _told(entry: Entry, known: Mapping[int, tuple[Entry, Json]]) -> Mapping[str, Json]:
    try:
        told: Json = known[entry.index][1] if entry.index in known else json.loads(entry.payload or b"{}")
    except ValueError:
        return {}
    return told if isinstance(told, Mapping) else {}


def _listed(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list) else []


def _inside(name: str, kept: frozenset[str]) -> frozenset[str]:
    """Below the fields of an item every name is one that a definition has given."""
    return frozenset() if name == FIELDS else kept
