"""Text in columns: a Chinese character is two columns wide, and no line runs over the edge for want of a space."""

from collections.abc import Iterable, Iterator, Sequence
from unicodedata import combining, east_asian_width

GAP = "  "


def width(text: str) -> int:
    """How many columns a text takes on a terminal."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def pad(text: str, columns: int) -> str:
    """The text filled up with spaces to a number of columns."""
    return text + " " * (columns - width(text))


def clip(text: str, columns: int) -> str:
    """The text on one line, cut where it is wider than a number of columns."""
    line = " ".join(text.split())
    if width(line) <= columns:
        return line
    while width(line) > columns - 1:
        line = line[:-1]
    return f"{line}…"


def wrap(text: str, columns: int) -> Iterator[str]:
    """The lines of a text, none wider than a number of columns; words of Latin letters stay whole."""
    line = ""
    for piece in _pieces(text):
        if line and width(line + piece.rstrip()) > columns:
            yield line.rstrip()
            line = ""
        line += piece
    yield line.rstrip()


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, most: int = 44) -> str:
    """Rows under their heads, columns aligned; cells wider than `most` columns are cut."""
    lines = [[clip(_cell(cell), most) for cell in row] for row in (heads, *rows)]
    widths = [max(width(line[place]) for line in lines) for place in range(len(heads))]
    return "\n".join(
        GAP.join(pad(cell, w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def pairs(rows: Iterable[tuple[str, object]]) -> str:
    """Names and values, one pair a line; empty values are left out."""
    shown = [(name, _cell(value)) for name, value in rows if value not in (None, "", ())]
    widest = max((width(name) for name, _ in shown), default=0)
    return "\n".join(f"{pad(name, widest)}{GAP}{value}" for name, value in shown)


def _cell(value: object) -> str:
    return "" if value is None else f"{value}"


def _pieces(text: str) -> Iterator[str]:
    """Where a line may break: after a space, and around every wide character."""
    word = ""
    for character in text:
        if character == " " or east_asian_width(character) in "WF":
            yield word + character
            word = ""
        else:
            word += character
    yield word
