"""What docs/mechanisms.md says is shown is there: every row, every test it names, every command."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.docs.commands import refused, shown

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "mechanisms.md").read_text(encoding="utf-8")
ROW = r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$"
ROWS = re.findall(ROW, PAGE, flags=re.MULTILINE)
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)))


def test_every_mechanism_of_the_plan_has_its_row() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 77))


def test_the_rows_are_counted() -> None:
    told = re.findall(r"^\| ([a-z ]+) \| [^|]+ \| (\d+) \|$", PAGE, flags=re.MULTILINE)

    assert {word: int(count) for word, count in told} == Counter(row[2] for row in ROWS)


def test_what_is_missing_claims_nothing_and_everything_else_is_shown() -> None:
    assert [row[0] for row in ROWS if (row[2] == "missing") != (row[4] == "–")] == []


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_it_names_is_there(file: str, name: str) -> None:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))

    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_command_it_shows_is_one() -> None:
    assert [command for command in shown(PAGE) if refused(command)] == []
