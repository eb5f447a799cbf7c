"""Reads the frozen values of the model out of a document by their annotations, noting every problem with its place."""

import dataclasses
import typing
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from hashlib import sha256
from types import NoneType, UnionType
from typing import Any

from engine.model.actor import Person
from engine.model.campaign import DutyDate
from engine.model.ids import DefinitionRef, PersonId
from workflows.cursor import Cursor
from workflows.dates import as_day, recurring

LONG = 4_000
LARGEST = 1_000_000


def person_id(login: str) -> PersonId:
    """The id of a person: the same for the same login, whoever reads it."""
    return PersonId(sha256(f"person:{login}".encode()).hexdigest()[:32])


def read_value(kind: type, entry: Cursor, **given: Any) -> Any:
    """The value of a dataclass under the cursor; `given` fills fields that the document does not write.

    Returns None where a part is missing or of the wrong form: the problems are then in `entry.problems`.
    """
    known = len(entry.problems)
    if kind is Person:
        given["id"] = person_id(entry.text("login"))
    fields = [field for field in dataclasses.fields(kind) if field.name not in given]
    required = [field.name for field in fields if field.default is dataclasses.MISSING]
    entry.closed(required, [field.name for field in fields if field.name not in required])
    hints = _hints(kind)
    read = {
        field.name: _read(hints[field.name], entry.at(field.name))
        for field in fields
        if entry.has(field.name)
    }
    return None if len(entry.problems) > known else kind(**read, **given)


def _read(kind: Any, entry: Cursor) -> Any:
    if kind is PersonId:
        return person_id(entry.as_text())
    kind = getattr(kind, "__supertype__", kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (UnionType, typing.Union):
        return None if entry.value is None else _read(_named(arguments), entry)
    if origin in (tuple, frozenset):
        return origin(value for part in _parts(entry) for value in _several(arguments[0], part))
    if origin is Mapping:
        return _versions(entry)
    return read_value(kind, entry) if _is_record(kind) else _single(kind, entry)


def _named(arguments: tuple[Any, ...]) -> Any:
    return next(argument for argument in arguments if argument is not NoneType)


def _several(kind: Any, entry: Cursor) -> Iterable[Any]:
    """The values of one line of a list: one, or the days that its words name over a time."""
    return recurring(entry) if kind is DutyDate and entry.has("from") else [_read(kind, entry)]


def _parts(entry: Cursor) -> list[Cursor]:
    if not isinstance(entry.value, list):
        entry.complain("这里应为列表", "以 - 开头的行")
        return []
    return [
        Cursor(entry.document, value, (*entry.path, place), entry.problems)
        for place, value in enumerate(entry.value)
    ]


def _versions(entry: Cursor) -> dict[str, DefinitionRef]:
    """Kinds and the versions they are pinned to."""
    value = entry.value if isinstance(entry.value, dict) else {}
    if not value:
        entry.complain("这里应写明各类流程的版本", "例如 item: 1")
    return {kind: DefinitionRef(kind, entry.at(kind).as_integer(1, LARGEST)) for kind in value}


def _single(kind: Any, entry: Cursor) -> Any:
    if kind is bool:
        return _flag(entry)
    if kind is int:
        return entry.as_integer(0, LARGEST)
    if kind is date:
        return as_day(entry)
    if issubclass(kind, StrEnum):
        word = entry.known([member.value for member in kind], "词")
        return kind(word) if word in set(kind) else next(iter(kind))
    return entry.as_text(limit=LONG)


def _flag(entry: Cursor) -> bool:
    if not isinstance(entry.value, bool):
        entry.complain("这里应为 true 或 false")
    return entry.value is True


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _is_record(kind: Any) -> bool:
    return dataclasses.is_dataclass(kind)
