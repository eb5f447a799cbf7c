"""Texts that a spreadsheet may take for a formula, a command or a link."""

from itertools import product

FORMULAS = (
    "=1+1",
    "=cmd|'/c calc'!A0",
    "+1+cmd|'/c calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    '=HYPERLINK("http://example.test","看")',
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    '=WEBSERVICE("http://example.test")',
    "=IMPORTXML(A1,B1)",
    "==1",
    "-",
)
BEFORE = ("", " ", "\t", "\r", "\n", "\u3000", "\ufeff", "\u00a0", "'", '"', "' ", "\t\t")
CELLS = [f"{start}{formula}" for start, formula in product(BEFORE, FORMULAS)]
BREAKING = [
    "\t整改",
    "\r\n整改",
    "a\x0bb\x0c",
    "_x000D_",
    "_x0041_",
    "a\x00b",
    "\x1b[31m",
    "𠮷野家 e\u0301",
    "{=1}",
    "a\uffff",
]
