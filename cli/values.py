"""Values as they are printed: as JSON for programs, in Chinese habits for readers."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

from engine.model.calendar import LOCAL


def plain(value: object) -> Any:
    """A value as JSON knows it: records and mappings as objects, other collections as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {f"{name}": plain(part) for name, part in value.items()}
    if isinstance(value, frozenset):
        return [plain(part) for part in sorted(value)]
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(part) for part in value]
    return _scalar(value)


def _scalar(value: object) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return f"{value}" if isinstance(value, Path) else value


def local(at: datetime | None) -> str:
    """An instant as a reader in China writes it; empty for none."""
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}" if at else ""
