"""What the import contracts cannot see.

To import-linter a top-level folder that nobody listed is a stranger, so `engine → helpers → sqlalchemy` would keep
every contract. Here each top-level name must be listed, and each import of another project must be allowed.
"""

import ast
import sys
from pathlib import Path

import pytest

from tests.architecture.source import (
    BESIDE,
    PRODUCT,
    PYPROJECT,
    ROOT,
    imported_names,
    modules,
    name_of,
    top_level_python,
    tree,
)

THIRD_PARTY = {
    "engine": {"transitions"},
    "workflows": {"chinese_calendar", "ruamel"},
    "notifications": {"apprise", "jinja2"},
    "storage": {"alembic", "psycopg", "pysqlite3", "sqlalchemy"},
    "runtime": {"apscheduler", "argon2", "chinese_calendar", "cryptography", "jinja2", "segno", "xlsxwriter"},
    "cli": {"click", "rich"},
    "web": {
        "anyio",
        "fastapi",
        "icalendar",
        "jinja2",
        "prometheus_client",
        "pydantic",
        "starlette",
        "uvicorn",
    },
    "tools": set[str](),
}

PURE = frozenset(
    """
    __future__ abc base64 binascii bisect calendar collections contextlib copy dataclasses datetime decimal
    difflib enum errno fractions functools graphlib hashlib heapq hmac itertools json keyword math numbers operator
    re statistics string struct textwrap types typing unicodedata uuid zoneinfo
    """.split()
)
"""The parts of the standard library that the engine may use: they read nothing but their arguments."""

IMPURE_BUILTINS = frozenset({"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"})

CLOCK = frozenset(
    f"{owner}.{name}"
    for owner, names in {
        "datetime.datetime": ("now", "today", "utcnow"),
        "datetime.date": ("today",),
        "time": ("ctime", "gmtime", "localtime", "time", "time_ns"),
        "sqlalchemy.func": ("current_date", "current_timestamp", "localtimestamp", "now"),
    }.items()
    for name in names
)
CLOCK_IN_SQL = ("CURRENT_TIMESTAMP", "CURRENT_DATE", "DATETIME('NOW", "STRFTIME('%S', 'NOW", "NOW()")
ENTROPY = ("os.getrandom", "os.urandom", "random", "secrets", "uuid.uuid1", "uuid.uuid4")


def test_every_top_level_name_is_in_the_contracts_or_beside_the_product():
    assert top_level_python() - BESIDE == set(PRODUCT)


def test_the_contracts_cover_every_package():
    contracts = PYPROJECT["tool"]["importlinter"]["contracts"]
    layers = {name.strip() for layer in contracts[0]["layers"] for name in layer.split("|")}

    assert layers == set(PRODUCT)


@pytest.mark.parametrize("package", [*PRODUCT, "tools"])
def test_a_package_imports_only_the_strangers_it_is_allowed(package: str):
    known = sys.stdlib_module_names | set(PRODUCT) | {"tools"} | THIRD_PARTY[package]

    strangers = [
        f"{name_of(path)}:{line} imports {name}"
        for path in modules(package)
        for name, line in imported_names(tree(path))
        if name.partition(".")[0] not in known
    ]

    assert not strangers


def test_the_engine_uses_only_pure_parts_of_the_standard_library():
    impure = [
        f"{name_of(path)}:{line} imports {name}"
        for path in modules("engine")
        for name, line in imported_names(tree(path))
        if (top := name.partition(".")[0]) in sys.stdlib_module_names and top not in PURE
    ]

    assert not impure


def test_the_engine_opens_prints_and_evaluates_nothing():
    calls = [
        f"{name_of(path)}:{node.lineno} calls {node.func.id}"
        for path in modules("engine")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_BUILTINS
    ]

    assert not calls


def test_no_product_code_imports_tests_or_tools():
    crossings = [
        f"{name_of(path)}:{line} imports {name}"
        for path in modules(*PRODUCT)
        for name, line in imported_names(tree(path))
        if name.partition(".")[0] in BESIDE
    ]

    assert not crossings


def test_only_the_clock_reads_the_clock():
    readers = _uses(lambda name: name in CLOCK, but_in="runtime/clock.py")

    assert not readers


def test_the_database_is_not_asked_for_the_time():
    readers = [
        f"{name_of(path)}:{node.lineno} {node.value[:60]!r}"
        for path in modules(*PRODUCT)
        for node in _literals(tree(path))
        if any(read in node.value.upper() for read in CLOCK_IN_SQL)
    ]

    assert not readers


def test_only_the_entropy_module_makes_random_values():
    makers = _uses(
        lambda name: any(name == source or name.startswith(f"{source}.") for source in ENTROPY),
        but_in="runtime/entropy.py",
    )

    assert not makers


@pytest.mark.parametrize("package", PRODUCT)
def test_the_imported_package_is_the_one_of_this_folder(package: str):
    """Other projects install packages of these names; run in a shared environment, theirs could win."""
    module = __import__(package)

    assert module.__file__ is not None
    assert Path(module.__file__).resolve().parent == ROOT / package


def _uses(is_wanted, but_in: str) -> list[str]:
    return sorted(
        {
            f"{name_of(path)}:{line} uses {name}"
            for path in modules(*PRODUCT)
            if name_of(path) != but_in
            for name, line in _dotted_names(tree(path))
            if is_wanted(name)
        }
    )


def _dotted_names(module: ast.Module) -> list[tuple[str, int]]:
    """Return every name that the module imports or reaches through an import, written out in full."""
    aliases = {
        alias.asname or alias.name.partition(".")[0]: alias.name
        if alias.asname
        else alias.name.partition(".")[0]
        for node in ast.walk(module)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    aliases |= {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    reached = [
        (f"{aliases[parts[0]]}.{'.'.join(parts[1:])}", node.lineno)
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and (parts := _parts(node)) and parts[0] in aliases
    ]
    return [*imported_names(module), *reached]


def _parts(node: ast.expr) -> tuple[str, ...]:
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute) and (owner := _parts(node.value)):
        return (*owner, node.attr)
    return ()


def _literals(module: ast.Module) -> list[ast.Constant]:
    """Return the string constants that are not docstrings."""
    prose = {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
    ]
