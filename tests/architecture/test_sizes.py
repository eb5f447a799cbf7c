"""Functions and files stay small enough to read at once."""

import ast
from pathlib import Path
from statistics import median

from tests.architecture.source import MIGRATIONS, PRODUCT, modules, name_of, tree

FUNCTION_LINES = 50
FILE_LINES = 400
MEDIAN_BODY_LINES = 7
ONE_FILE = {"tools/verify_export.py": 600}
"""A stranger is handed one file and nothing else: it cannot be two (ADR 27)."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_no_function_is_longer_than_a_screen():
    long = [
        f"{name_of(path)}:{function.lineno} {function.name}: {lines} lines"
        for path, function in _functions()
        if (lines := _lines(function, function)) > FUNCTION_LINES
    ]

    assert not long


def test_no_file_is_longer_than_a_chapter():
    long = [
        f"{name_of(path)}: {lines} lines"
        for path in _written_by_hand()
        if (lines := path.read_text(encoding="utf-8").count("\n")) > ONE_FILE.get(name_of(path), FILE_LINES)
    ]

    assert not long


def test_the_usual_function_is_a_few_lines():
    bodies = [_lines(body[0], body[-1]) for _, function in _functions() if (body := _statements(function))]

    assert median(bodies or [0]) <= MEDIAN_BODY_LINES


def _written_by_hand() -> list[Path]:
    return [path for path in modules(*PRODUCT, "tools") if not name_of(path).startswith(MIGRATIONS)]


def _functions() -> list[tuple[Path, Function]]:
    return [
        (path, node)
        for path in _written_by_hand()
        for node in ast.walk(tree(path))
        if isinstance(node, Function)
    ]


def _statements(function: Function) -> list[ast.stmt]:
    """Return the body without docstrings and `...`, so that the bare signatures of ports do not flatter the median."""
    return [
        statement
        for statement in function.body
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
    ]


def _lines(first: ast.stmt, last: ast.stmt) -> int:
    return (last.end_lineno or last.lineno) - first.lineno + 1
