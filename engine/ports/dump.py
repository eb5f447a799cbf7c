"""What an export for strangers needs of storage."""

from collections.abc import Iterator, Mapping
from typing import Protocol


class Dump(Protocol):
    """Tables as they stand, not as the program reads them."""

    def rows(self, table: str) -> Iterator[Mapping[str, object]]:
        """Every row of a table in the order of its key, by column."""
