"""Frozen values as JSON and back, by their annotations."""

import dataclasses
import json
import typing
from collections.abc import Mapping
from datetime import date
from enum import Enum
from types import NoneType, UnionType
from typing import Any, TypeVar

T = TypeVar("T")


def dump(value: Any) -> str:
    """A value as JSON."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True)


def load(kind: type[T], text: str) -> T:
    """The value of a type from its JSON."""
    read: T = _value(kind, json.loads(text))
    return read


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, frozenset):
        return sorted(_plain(part) for part in value)
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


def _value(kind: Any, stored: Any) -> Any:
    kind = getattr(kind, "__supertype__", kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (UnionType, typing.Union):
        inner = next(argument for argument in arguments if argument is not NoneType)
        return None if stored is None else _value(inner, stored)
    if origin in (tuple, frozenset):
        return origin(_value(arguments[0], part) for part in stored)
    if origin is Mapping:
        return {key: _value(arguments[1], part) for key, part in stored.items()}
    return _single(kind, stored)


def _single(kind: Any, stored: Any) -> Any:
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return typing.cast(Any, kind)(**{name: _value(hints[name], part) for name, part in stored.items()})
    if issubclass(kind, Enum):
        return kind(stored)
    return date.fromisoformat(stored) if kind is date else stored
