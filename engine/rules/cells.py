"""Text in the cells of tables that spreadsheets open: nothing in it may be taken for a formula.

A spreadsheet takes a cell for a formula by its first character, some also after blanks or a quote, and some also where
it is full-width, as Chinese input makes it. In a workbook a cell says itself that it is text; in CSV nothing can, so
such text gets an apostrophe in front, and whoever reads it back takes exactly that one away again.
"""

from typing import Final

FORMULA: Final = frozenset("=+-@＝＋－＠")
_BLANK: Final = " \t\r\n\v\f\u00a0\u3000\ufeff\u200b'\""
_BREAKING: Final = ("\t", "\r", "\n")
MARK: Final = "'"


def is_risky(text: str) -> bool:
    """Whether some spreadsheet may take a text for a formula."""
    return text.lstrip(MARK).startswith(_BREAKING) or text.lstrip(_BLANK)[:1] in FORMULA


def guarded(text: str) -> str:
    """The text as it is written to CSV."""
    return MARK + text if is_risky(text) else text


def unguarded(cell: str) -> str:
    """The text that a cell of CSV was written from."""
    return cell[1:] if cell.startswith(MARK) and is_risky(cell[1:]) else cell
