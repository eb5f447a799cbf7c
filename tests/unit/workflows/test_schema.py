"""The schema for editors: it knows what the builder knows, and tells every mistake of form."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.workflows.documents import GOOD, WRONG
from workflows.reader import read_yaml

FOLDER = Path(__file__).parents[3] / "workflows"
SCHEMA = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
BEYOND = re.compile(
    r"未知的(状态|字段|日期字段|整数字段|文字字段|选项字段|时限|动作|阶梯)：|重复：|由小到大|里程碑|亮红灯|写且只写一个"
    r"|behind 只能|用时只能按|计时方式（measure）|不得相同|由系统编号|未知的键：坏|YYYY"
    r"|^choices$|^points$|^field$|^quorum$|length$"
)
"""What a schema cannot tell: names declared elsewhere in the document, and keys that call for each other."""
KINDS = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}


def fits(value: Any, shape: dict[str, Any]) -> bool:
    """Whether a value fits a shape, for the part of JSON Schema that the file uses."""
    if "$ref" in shape:
        return fits(value, SCHEMA["$defs"][shape["$ref"].rpartition("/")[2]])
    if "oneOf" in shape:
        return sum(fits(value, each) for each in shape["oneOf"]) == 1
    if not all(fits(value, each) for each in shape.get("allOf", ())):
        return False
    if "const" in shape or "enum" in shape:
        return value in shape.get("enum", [shape.get("const")])
    kind = KINDS.get(shape.get("type", ""), object)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        return False
    return _fits_within(value, shape)


def _fits_within(value: Any, shape: dict[str, Any]) -> bool:
    if isinstance(value, str):
        long = shape.get("minLength", 0) <= len(value) <= shape.get("maxLength", 10**6)
        return long and bool(re.search(shape.get("pattern", ""), value))
    if isinstance(value, int):
        return shape.get("minimum", value) <= value <= shape.get("maximum", value)
    if isinstance(value, list):
        texts = [json.dumps(each) for each in value]
        once = not shape.get("uniqueItems") or len(set(texts)) == len(texts)
        return once and all(fits(each, shape["items"]) for each in value)
    if isinstance(value, dict) and "properties" in shape:
        known = shape["properties"]
        return set(shape["required"]) <= set(value) <= set(known) and all(
            fits(each, known[key]) for key, each in value.items()
        )
    if isinstance(value, dict) and "additionalProperties" in shape:
        return all(fits(each, shape["additionalProperties"]) for each in value.values())
    return True


@pytest.mark.parametrize("path", sorted((FOLDER / "library").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_shipped_definition_fits(path: Path) -> None:
    assert fits(read_yaml(path.read_bytes(), path.name).tree, SCHEMA)


def test_the_good_document_fits() -> None:
    assert fits(read_yaml(GOOD.encode(), "x").tree, SCHEMA)


@pytest.mark.parametrize(("old", "new", "words"), WRONG)
def test_a_mistake_of_form_does_not_fit(old: str, new: str, words: str) -> None:
    tree = read_yaml(GOOD.replace(old, new, 1).encode(), "x").tree

    assert not fits(tree, SCHEMA) or BEYOND.search(words)
