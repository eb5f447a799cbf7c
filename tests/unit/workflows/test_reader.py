"""The strict YAML of definitions: what it reads, and that it refuses everything else fast and with a place."""

import re
from time import process_time

import pytest

from engine.model.errors import Invalid
from workflows.reader import CAMPAIGN, DEFINITION, read_yaml

HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "没有内容"),
    "only a comment": (b"# x\n", "没有内容"),
    "anchor": (b"a: &x 1\n", "锚点"),
    "anchor on a list": (b"a: &x [1]\n", "锚点"),
    "anchor on a key": (b"&x a: 1\n", "锚点"),
    "alias": (b"a: *x\n", "引用"),
    "alias as a key": (b"*x : 1\n", "引用"),
    "laughs": (b"a: &a [1]\nb: &b [*a, *a]\nc: [*b, *b]\n", "锚点"),
    "tag": (b"a: !!str 1\n", "类型标记"),
    "code tag": (b"a: !!python/object/apply:os.system ['id']\n", "类型标记"),
    "own tag": (b"a: !x 1\n", "类型标记"),
    "bare tag": (b"a: ! 1\n", "类型标记"),
    "merge key": (b"a: 1\n<<: {b: 2}\n", "合并键"),
    "duplicate key": (b"a: 1\nb: 2\na: 3\n", "键重复"),
    "duplicate key in flow": (b"{a: 1, a: 2}\n", "键重复"),
    "duplicate quoted key": (b"a: 1\n'a': 2\n", "键重复"),
    "two documents": (b"a: 1\n---\nb: 2\n", "一个文档"),
    "yaml directive": (b"%YAML 1.1\n---\na: 1\n", "指令"),
    "tag directive": (b"%TAG ! tag:x,2000:\n---\na: 1\n", "指令"),
    "unknown directive": (b"%\n", "YAML"),
    "octal": (b"a: 0o17\n", "歧义"),
    "old octal": (b"a: 017\n", "歧义"),
    "hex": (b"a: 0x1F\n", "歧义"),
    "binary": (b"a: 0b11\n", "歧义"),
    "underscores": (b"a: 1_000\n", "歧义"),
    "plus sign": (b"a: +5\n", "歧义"),
    "minus zero": (b"a: -0_0\n", "歧义"),
    "float": (b"a: 1.5\n", "歧义"),
    "exponent": (b"a: 1e3\n", "歧义"),
    "half a float": (b"a: .5\n", "歧义"),
    "open float": (b"a: 5.\n", "歧义"),
    "infinity": (b"a: .inf\n", "歧义"),
    "not a number": (b"a: .nan\n", "歧义"),
    "tilde": (b"a: ~\n", "歧义"),
    "huge integer": (b"a: " + b"9" * 40 + b"\n", "歧义"),
    "nul": (b"a: x\x00y\n", "控制字符"),
    "escaped nul": (b'a: "x\\0y"\n', "控制字符"),
    "bell": (b"a: \x07\n", "控制字符"),
    "delete": (b"a: \x7f\n", "控制字符"),
    "next line": ("a: x\u0085b: y\n".encode(), "控制字符"),
    "line separator": ("a: x\u2028b: y\n".encode(), "控制字符"),
    "right to left": ("a: x\u202ey\n".encode(), "控制字符"),
    "escaped right to left": (b'a: "\\u202E"\n', "控制字符"),
    "half a pair": (b'a: "\\ud800"\n', "控制字符"),
    "beyond unicode": (b'a: "\\U00110000"\n', "YAML"),
    "far beyond unicode": (b'a: "\\UFFFFFFFF"\n', "YAML"),
    "bom": (b"\xef\xbb\xbfa: 1\n", "BOM"),
    "inner bom": ("a: x\ufeff\n".encode(), "控制字符"),
    "utf-16": ("a: 1\n".encode("utf-16"), "UTF-8"),
    "gbk": ("a: 整改\n".encode("gbk"), "UTF-8"),
    "cut short": ("a: 整".encode()[:-1], "UTF-8"),
    "overlong": (b"a: \xc0\x80\n", "UTF-8"),
    "too large": (b"#" * (DEFINITION.bytes + 1), "32 KB"),
    "long line": (b"a: " + b"x " * 12_000 + b": b", "一行"),
    "tag without end": (b"!" * 30_000, "一行"),
    "brackets": (b"[" * 30_000, "一行"),
    "a thousand brackets": (b"[" * 1_020, "嵌套"),
    "a thousand braces": (b"{" * 1_020, "嵌套"),
    "brackets and braces": (b"[{" * 510, "嵌套"),
    "brackets apart": (b"[a," * 340, "嵌套"),
    "brackets on lines": (b"[\n" * 1_400, "嵌套"),
    "braces on lines": (b"{a:\n " * 1_400, "嵌套"),
    "dashes": (b"- " * 1_900, "嵌套"),
    "deep indents": (b"".join(b" " * n + b"a:\n" for n in range(30)), "嵌套"),
    "many values": (b"[" + b"1,\n" * 9_000 + b"]", "3000 项"),
    "many lines": (b"a: b\n" * 6_000, "3000 项"),
    "many doubles": (b"a: b\n" * 2_900, "键重复"),
    "question marks": (b"? " * 1_000, "键必须"),
    "list as a key": (b"[a]: 1\n", "键必须"),
    "mapping as a key": (b"{a: 1}: 1\n", "键必须"),
    "number as a key": (b"1: a\n", "键必须"),
    "bool as a key": (b"true: a\n", "键必须"),
    "null as a key": (b"null: a\n", "键必须"),
    "empty key": (b": a\n", "键必须"),
    "open quote": (b"a: 'x\n", "YAML"),
    "open double quote": (b'a: "x\n', "YAML"),
    "open list": (b"a: [1, 2\n", "YAML"),
    "open mapping": (b"a: {b: 1\n", "YAML"),
    "stray bracket": (b"a: ]\n", "YAML"),
    "tab indent": (b"a:\n\tb: 1\n", "YAML"),
    "bad indent": (b"a:\n  b: 1\n c: 2\n", "YAML"),
    "two colons": (b"a: b: c\n", "YAML"),
    "reserved sign": (b"a: @x\n", "YAML"),
    "bad escape": (b'a: "\\q"\n', "YAML"),
    "bad hex escape": (b'a: "\\xZZ"\n', "YAML"),
    "text after a list": (b"[1] x\n", "YAML"),
    "lines without colon": (b"a: 1\nb\n", "YAML"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_malformed_document_is_refused_fast_with_its_place(name: str) -> None:
    data, words = HOSTILE[name]
    began = process_time()

    with pytest.raises(Invalid) as caught:
        read_yaml(data, "x.yaml")

    assert process_time() - began < 0.2
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
    began = process_time()

    read_yaml(data, "x.yaml")

    assert process_time() - began < 0.2


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
