"""What erasing words needs of storage."""

from collections.abc import Mapping
from typing import Protocol

from engine.model.entry import Entry
from engine.model.redaction import Words


class Redactions(Protocol):
    """Words wherever they are kept: in entries, and in rows beside the history."""

    def holding(self, words: Words) -> list[Entry]:
        """The entries whose payload holds one of these words, oldest first; some may hold them only inside codes."""

    def told(self) -> list[Entry]:
        """Every entry that tells of an erasure, oldest first."""

    def erase(self, by: int, remains: Mapping[int, bytes]) -> None:
        """Erase payload and salt of entries, and keep what is left of each; `by` is the newest entry and tells of them.

        Nothing else can be done to an entry: raises Broken where the newest entry does not name it.
        """

    def rewrite(self, words: Words) -> dict[str, int]:
        """Put the mark for these words in every row beside the history; returns how many rows of which tables."""
