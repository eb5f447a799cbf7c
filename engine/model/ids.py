"""Names of things. Ids of stored things are 32 lower-case hex digits (128 bits); codes are chosen by people."""

from dataclasses import dataclass
from typing import NewType

ItemId = NewType("ItemId", str)
PersonId = NewType("PersonId", str)
UnitCode = NewType("UnitCode", str)
PostCode = NewType("PostCode", str)

NOBODY = PersonId("0" * 32)
"""The actor of automatic acts in the log: 128 zero bits, so it can never be taken for a person."""


@dataclass(frozen=True, slots=True, order=True)
class DefinitionRef:
    """Which definition an item runs under: an id and the version that it stays pinned to."""

    id: str
    version: int

    def __str__(self) -> str:
        return f"{self.id}@{self.version}"
