"""Text from people made harmless: no control characters, no line breaks, no hidden directions, no endless lines."""

import re
import unicodedata
from typing import Final

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, format (with the marks that turn a text's direction), lone surrogates, unassigned, line separators."""
_ENCODED_WORD: Final = re.compile(r"=(?=\?)|(?<=\?)=")


def plain(text: str, limit: int) -> str:
    """The text on one line of at most `limit` characters; whatever cannot be seen becomes a space."""
    shown = "".join(" " if unicodedata.category(character) in _HIDDEN else character for character in text)
    line = " ".join(shown.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def header_text(text: str, limit: int) -> str:
    """The text for a mail header: as `plain`, and nothing in it can pass for an encoded word of RFC 2047."""
    return _ENCODED_WORD.sub("＝", plain(text, limit))
