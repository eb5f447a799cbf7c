"""Erases words wherever they are kept."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from engine.model.channel import Gate
from engine.model.criticism import Mark
from engine.model.entry import Entry, EntryKind
from engine.model.errors import Broken
from engine.model.filters import SavedFilter
from engine.model.item import Item
from engine.model.notice import Delivery, Notice
from engine.model.redaction import Words
from engine.rules.ledger import canonical
from engine.rules.redaction import taken_out
from storage.memory.rows import Piece
from storage.memory.table import Table
from storage.memory.work import Work
from storage.rows import to_json

Value = TypeVar("Value")


class MemoryRedactions:
    """Fulfils `Redactions`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def holding(self, words: Words) -> list[Entry]:
        """See `Redactions.holding`."""
        wanted = [to_json(spelled)[1:-1].encode() for spelled in words.spellings]
        return [
            entry
            for entry in self._work.tables.entries
            if _is_meant(entry.item, words) and any(word in (entry.payload or b"") for word in wanted)
        ]

    def told(self) -> list[Entry]:
        """See `Redactions.told`."""
        return [entry for entry in self._work.tables.entries if entry.kind is EntryKind.REDACTION]

    def erase(self, by: int, remains: Mapping[int, bytes]) -> None:
        """See `Redactions.erase`."""
        with self._work.writing() as tables:
            for index, left in remains.items():
                entry = tables.entries.get(index)
                if entry is None or entry.payload is None:
                    raise Broken("要抹去的历史不存在")
                tables.entries.put(replace(entry, payload=None, salt=None, remains=left, erased_by=by))

    def rewrite(self, words: Words) -> dict[str, int]:
        """See `Redactions.rewrite`."""
        with self._work.writing() as tables:
            _put(tables.deliveries, lambda one: _delivered(one, words))
            counts = {
                "item.title": _put(tables.items, lambda one: _titled(one, words)),
                "item.body": _put(tables.items, lambda one: _filled(one, words)),
                "notice.facts": _put(tables.notices, lambda one: _noticed(one, words)),
                "delivery.last_error": _put(tables.deliveries, lambda one: _failed(one, words)),
                "evidence.name": _put(tables.evidence, lambda one: _named(one, words)),
                "criticism.label": _put(tables.marks, lambda one: _marked(one, words)),
                "redaction.remains": _put(tables.entries, lambda one: _left(one, words)),
            }
            if words.items is None:
                counts["gate.last_error"] = _put(tables.gates, lambda one: _shut(one, words))
                counts["saved_filter.query"] = _put(tables.filters, lambda one: _asked(one, words))
                counts["saved_filter.name"] = _put(tables.filters, lambda one: _called(one, words))
        return {name: count for name, count in counts.items() if count}


def _put(table: Table[Any, Value], changed: Callable[[Value], Value]) -> int:
    """How many values were not the same afterwards."""
    pairs = [(one, changed(one)) for one in table]
    fresh = [new for old, new in pairs if new != old]
    for new in fresh:
        table.put(new)
    return len(fresh)


def _titled(item: Item, words: Words) -> Item:
    return replace(item, title=words.taken_out(item.title)) if _is_meant(item.id, words) else item


def _filled(item: Item, words: Words) -> Item:
    left: Any = taken_out({"fields": dict(item.fields)}, words)
    return replace(item, fields=left["fields"]) if _is_meant(item.id, words) else item


def _noticed(notice: Notice, words: Words) -> Notice:
    left: Any = taken_out(dict(notice.facts), words)
    return replace(notice, facts=left) if _is_meant(notice.item, words) else notice


def _delivered(delivery: Delivery, words: Words) -> Delivery:
    return replace(delivery, notice=_noticed(delivery.notice, words))


def _failed(delivery: Delivery, words: Words) -> Delivery:
    left = _text(delivery.last_error, words)
    return replace(delivery, last_error=left) if _is_meant(delivery.notice.item, words) else delivery


def _named(piece: Piece, words: Words) -> Piece:
    left = replace(piece.evidence, name=words.taken_out(piece.evidence.name))
    return replace(piece, evidence=left) if _is_meant(piece.item, words) else piece


def _marked(mark: Mark, words: Words) -> Mark:
    return replace(mark, label=words.taken_out(mark.label)) if _is_meant(mark.item, words) else mark


def _left(entry: Entry, words: Words) -> Entry:
    if entry.remains is None or not _is_meant(entry.item, words):
        return entry
    return replace(entry, remains=canonical(taken_out(json.loads(entry.remains), words)))


def _shut(gate: Gate, words: Words) -> Gate:
    return replace(gate, last_error=_text(gate.last_error, words))


def _asked(saved: SavedFilter, words: Words) -> SavedFilter:
    return replace(saved, query=words.taken_out(saved.query))


def _called(saved: SavedFilter, words: Words) -> SavedFilter:
    left = words.taken_out(saved.name)
    return saved if left == saved.name else replace(saved, name=f"{left}（{saved.id[-8:]}）")


def _text(text: str | None, words: Words) -> str | None:
    return None if text is None else words.taken_out(text)


def _is_meant(item: str | None, words: Words) -> bool:
    return words.items is None or item in words.items
