"""Erases words wherever they are kept."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, LargeBinary, bindparam, func, null, select, text, update

from engine.model.entry import Entry, EntryKind
from engine.model.errors import Broken
from engine.model.redaction import Words
from engine.rules.ledger import canonical
from engine.rules.redaction import taken_out
from storage.filter_tables import saved_filter
from storage.history import WHOLE
from storage.level_tables import criticism
from storage.log_tables import entry, redaction
from storage.prepared import Holds, IsAmong, Prepared, Row, Session, listed
from storage.rows import entry_of_row, to_json
from storage.tables import delivery, evidence, gate, item, notice

TOLD = Prepared(WHOLE.where(entry.c.kind == int(EntryKind.REDACTION)).order_by(entry.c.position))
ERASE = Prepared(update(entry).where(entry.c.position == bindparam("of")).values(payload=null(), salt=null()))
KEEP = Prepared.adding(redaction)
_DIGITS: Final = 8
OVERWRITE: Final = "PRAGMA secure_delete = {}"
"""Otherwise the bytes of what was erased stay in the pages of the file until something else needs the room."""


@dataclass(frozen=True)
class Carrier:
    """A column that may hold words of people: how they are taken out of it, and of which items its rows tell."""

    column: Column[Any]
    without: Callable[[Any, Words], Any]
    of_items: ColumnElement[bool] | None = None
    is_name: bool = False
    """Names are told apart: what is left of one gets the last digits of the key of its row."""

    @property
    def key(self) -> list[Column[Any]]:
        """What a row is found by."""
        return list(self.column.table.primary_key)


def _plain(stored: str, words: Words) -> str:
    return words.taken_out(stored)


def _spelled(stored: str, words: Words) -> str:
    return to_json(taken_out(json.loads(stored), words))


def _canonical(stored: bytes, words: Words) -> bytes:
    return canonical(taken_out(json.loads(stored), words))


OF_NOTICES = delivery.c.notice.in_(select(notice.c.key).where(IsAmong(notice.c.item, "items")))
OF_ENTRIES = redaction.c.position.in_(select(entry.c.position).where(IsAmong(entry.c.item, "items")))
CARRIERS: Final = (
    Carrier(item.c.title, _plain, IsAmong(item.c.id, "items")),
    Carrier(item.c.body, _spelled, IsAmong(item.c.id, "items")),
    Carrier(notice.c.facts, _spelled, IsAmong(notice.c.item, "items")),
    Carrier(delivery.c.last_error, _plain, OF_NOTICES),
    Carrier(evidence.c.name, _plain, IsAmong(evidence.c.item, "items")),
    Carrier(criticism.c.label, _plain, IsAmong(criticism.c.item, "items")),
    Carrier(redaction.c.remains, _canonical, OF_ENTRIES),
    Carrier(gate.c.last_error, _plain),
    Carrier(saved_filter.c.query, _plain),
    Carrier(saved_filter.c.name, _plain, is_name=True),
)
"""Every column that may hold words of people. Those that hold none are named in the test, each with its reason."""


def _holding(
    column: Column[Any], fields: list[Column[Any]], of_items: ColumnElement[bool] | None
) -> Prepared:
    """Rows whose column holds a word; of some items where these are given."""
    found = [select(*fields).where(_holds(column, dialect)) for dialect in ("sqlite", "postgresql")]
    if of_items is not None:
        found = [statement.where(of_items) for statement in found]
    return Prepared(*found)


def _holds(column: Column[Any], dialect: str) -> ColumnElement[bool]:
    if not isinstance(column.type, LargeBinary):
        return Holds(column, "word")
    word = bindparam("word", type_=LargeBinary)
    if dialect == "sqlite":
        return func.instr(column, word) > 0
    return text(f"position(:word IN {column.table.name}.{column.name}) > 0").bindparams(word)  # type: ignore[return-value]


ANYWHERE = {carrier: _holding(carrier.column, [*carrier.key, carrier.column], None) for carrier in CARRIERS}
ON_ITEMS = {
    carrier: _holding(carrier.column, [*carrier.key, carrier.column], carrier.of_items)
    for carrier in CARRIERS
    if carrier.of_items is not None
}
STORE = {
    carrier: Prepared(
        update(carrier.column.table)
        .where(*[column == bindparam(f"of_{column.name}") for column in carrier.key])
        .values({carrier.column.name: bindparam("left")})
    )
    for carrier in CARRIERS
}
ENTRIES, ENTRIES_ON_ITEMS = (
    Prepared(
        *[
            WHOLE.where(_holds(entry.c.payload, dialect), *narrowed).order_by(entry.c.position)
            for dialect in ("sqlite", "postgresql")
        ]
    )
    for narrowed in ((), (IsAmong(entry.c.item, "items"),))
)


class SqlRedactions:
    """Fulfils `Redactions`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def holding(self, words: Words) -> list[Entry]:
        """See `Redactions.holding`."""
        statement = ENTRIES if words.items is None else ENTRIES_ON_ITEMS
        found = {row["position"]: row for row in self._found(statement, words, is_bytes=True)}
        return [entry_of_row(found[position]) for position in sorted(found)]

    def told(self) -> list[Entry]:
        """See `Redactions.told`."""
        return [entry_of_row(row) for row in self._session.rows(TOLD)]

    def erase(self, by: int, remains: Mapping[int, bytes]) -> None:
        """See `Redactions.erase`."""
        with self._overwriting():
            count = self._session.many(ERASE, [{"of": index} for index in remains])
        if count != len(remains):
            raise Broken("要抹去的历史不存在")
        rows = [{"position": n, "erased_by": by, "remains": left} for n, left in remains.items()]
        self._session.many(KEEP, rows)

    def rewrite(self, words: Words) -> dict[str, int]:
        """See `Redactions.rewrite`."""
        with self._overwriting():
            counts = {
                f"{one.column.table.name}.{one.column.name}": self._rewrite(one, words) for one in CARRIERS
            }
        return {name: count for name, count in counts.items() if count}

    @contextmanager
    def _overwriting(self) -> Iterator[None]:
        """Have a file overwrite what is freed meanwhile; it would make every other transaction slower."""
        if self._session.dialect == "sqlite":
            self._session.plain(OVERWRITE.format("ON"))
        yield
        if self._session.dialect == "sqlite":
            self._session.plain(OVERWRITE.format("OFF"))

    def _rewrite(self, carrier: Carrier, words: Words) -> int:
        statement = ANYWHERE[carrier] if words.items is None else ON_ITEMS.get(carrier)
        if statement is None:
            return 0
        is_bytes = isinstance(carrier.column.type, LargeBinary)
        rows = {
            tuple(row[column.name] for column in carrier.key): row[carrier.column.name]
            for row in self._found(statement, words, is_bytes=is_bytes)
        }
        left = {key: self._left(carrier, key, stored, words) for key, stored in rows.items()}
        names = [f"of_{column.name}" for column in carrier.key]
        changed = [
            {**dict(zip(names, key, strict=True)), "left": left[key]}
            for key in rows
            if left[key] != rows[key]
        ]
        self._session.many(STORE[carrier], changed)
        return len(changed)

    def _left(self, carrier: Carrier, key: tuple[Any, ...], stored: Any, words: Words) -> Any:
        left = carrier.without(stored, words)
        return f"{left}（{key[0][-_DIGITS:]}）" if carrier.is_name and left != stored else left

    def _found(self, statement: Prepared, words: Words, *, is_bytes: bool) -> Iterator[Row]:
        narrowed = {} if words.items is None else {"items": listed(words.items)}
        for spelled in words.spellings:
            inside = to_json(spelled)[
                1:-1
            ]  # as it stands inside a text in JSON; most words stand there as they are
            for word in dict.fromkeys((spelled, inside)):
                yield from self._session.rows(statement, word=word.encode() if is_bytes else word, **narrowed)
