"""Small pieces of Markdown."""

import ast
import inspect
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache
from itertools import pairwise

GENERATED = "<!-- Written by `make docs`; changes here are lost. -->"


def page(*parts: str) -> str:
    """A page of parts with an empty line between them."""
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar inside a cell does not end it."""
    lines = [[cell.replace("|", r"\|").replace("\n", " ") for cell in row] for row in rows]
    if not lines:
        return ""
    return "\n".join(f"| {' | '.join(line)} |" for line in [list(heads), ["---"] * len(heads), *lines])


def code(*words: str) -> str:
    """Words as code, joined by commas."""
    return ", ".join(f"`{word}`" for word in words)


def first_paragraph(thing: object) -> str:
    """The whole docstring of a thing in one line."""
    return " ".join((inspect.getdoc(thing) or "").split())


@cache
def member_docs(kind: type[StrEnum]) -> dict[str, str]:
    """The docstring below each member of an enumeration, by the member's value."""
    body = [part for node in ast.parse(inspect.getsource(kind)).body for part in getattr(node, "body", ())]
    found: dict[str, str] = {}
    for member, below in pairwise(body):
        if isinstance(member, ast.Assign) and isinstance(below, ast.Expr):
            found[str(ast.literal_eval(member.value))] = " ".join(str(ast.literal_eval(below.value)).split())
    return found
