"""The strict YAML of definitions: what it reads, and that it refuses everything else fast and with a place."""

import re

import pytest

from engine.model.errors import Invalid
from tests.stopwatch import within
from tests.unit.workflows.documents import HOSTILE
from workflows.reader import CAMPAIGN, DEFINITION, read_yaml


@pytest.mark.parametrize("name", HOSTILE)
def test_a_malformed_document_is_refused_fast_with_its_place(name: str) -> None:
    data, words = HOSTILE[name]
    with within(0.2), pytest.raises(Invalid) as caught:
        read_yaml(data, "x.yaml")

    assert any(words in p.text for p in caught.value.problems)
    assert all(re.fullmatch(r"x\.yaml:[1-9]\d*:[1-9]\d*", p.where) for p in caught.value.problems)


LINES = DEFINITION.nodes - 10
LARGE: dict[str, str] = {
    "keys": "".join(f"k{number}: v\n" for number in range(LINES // 2)),
    "quoted": "".join(f'k{number}: "\\u4e00\\u4e00"\n' for number in range(LINES // 2)),
    "items": "a:\n" + "- x\n" * LINES,
    "nested lists": "a:\n" + "- - - - - - - - x\n" * (LINES // 9),
    "flow": "- {a: b, c: d, e: f}\n" * (LINES // 7),
    "folded": "a: >\n" + "  x\n" * LINES,
    "plain": "a:\n" + "  x\n" * LINES,
    "spaces": "a: 1\n" + (" " * 3_990 + "\n") * 8,
    "comments": "a: 1\n" + "# 整改\n" * LINES,
    "literal": "a: |\n" + ("  " + "x" * 3_980 + "\n") * 8,
    "double quotes": 'a: "' + ("x " * 1_990 + "\n") * 8 + '"\n',
    "escapes": 'a: "' + ("\\x41" * 990 + "\n") * 8 + '"\n',
    "both": "- x\n" * (LINES - 20) + '- "' + ("x " * 1_990 + "\n ") * 4 + '"\n',
}


@pytest.mark.parametrize("name", LARGE)
def test_the_largest_document_is_read_fast(name: str) -> None:
    data = LARGE[name].encode()
    with within(0.2):
        read_yaml(data, "x.yaml")


def test_a_file_of_a_campaign_may_be_larger() -> None:
    data = b"a:\n" + b"- x\n" * 5_000

    assert read_yaml(data, "x.yaml", CAMPAIGN)


def test_plain_values_are_read_with_their_places() -> None:
    read = read_yaml("a: 1\nb:\n  - true\n  - 否\n  - null\n  - '007'\nc: yes\nd: 2020-12-05\n".encode(), "x")

    assert read.tree == {"a": 1, "b": [True, "否", None, "007"], "c": "yes", "d": "2020-12-05"}
    assert read.places["b", 1] == (4, 5)
    assert read.keys[("c",)] == (7, 1)


def test_every_problem_is_told_in_one_pass_with_its_line() -> None:
    with pytest.raises(Invalid) as caught:
        read_yaml(b"a: 017\nb: &x 1\nb: 2\n", "x")

    assert [(p.where, p.excerpt) for p in caught.value.problems] == [
        ("x:1:4", "a: 017"),
        ("x:2:4", "b: &x 1"),
        ("x:3:1", "b: 2"),
    ]


def test_a_problem_without_place_points_at_its_parent() -> None:
    read = read_yaml(b"a:\n  b: 1\n", "x")

    assert read.problem(("a", "c", "d"), "缺").where == "x:2:3"
