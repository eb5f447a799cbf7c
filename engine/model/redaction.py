"""Words that are to be erased wherever they are kept, and what the history says of it."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.ids import ItemId

MARK = "［已抹去］"
"""What stands in the place of erased words."""
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-~/")


@dataclass(frozen=True, slots=True)
class Words:
    """Words to be erased: on these items alone, or anywhere where `items` is None."""

    texts: tuple[str, ...]
    items: tuple[ItemId, ...] | None = None

    @property
    def spellings(self) -> tuple[str, ...]:
        """Each way in which they may be written, as text or inside an address; the longest first."""
        composed = [unicodedata.normalize("NFC", text) for text in self.texts]  # as the history spells them
        both = {spelled for text in composed for spelled in (text, _in_address(text))}
        return tuple(sorted(both, key=lambda text: (-len(text), text)))

    def taken_out(self, text: str) -> str:
        """A text without them; a mark that stands there already stays whole, whatever the words."""
        return re.sub("|".join(map(re.escape, (MARK, *self.spellings))), MARK, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What was or would be erased: which entries, which files of evidence, how many rows of which tables."""

    entry: int
    """The entry that tells of it."""
    indexes: tuple[int, ...]
    files: tuple[str, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    backups: int = 0
    """How many backups were made since the words were first entered: they still hold them."""


def _in_address(text: str) -> str:
    """A text as it stands in the address of a page that was asked for it."""
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in text.encode())
