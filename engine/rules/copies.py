"""Copies of frozen values with some attributes changed: `dataclasses.replace` for the path every move takes."""

from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import replace as changed  # the same promise, so the names are checked
else:

    def changed(value, /, **changes):
        """Copy a slotted dataclass that has no `__post_init__`; two to three times as fast as `replace`."""
        kind = type(value)
        read, setters = _slots(kind)
        copy = object.__new__(kind)
        for put, old in zip(setters.values(), read(value), strict=True):
            put(copy, old)
        for name, new in changes.items():
            setters[name](copy, new)
        return copy

    @cache
    def _slots(kind):
        names = [field.name for field in fields(kind)]
        return attrgetter(*names), {name: getattr(kind, name).__set__ for name in names}


__all__ = ["changed"]
