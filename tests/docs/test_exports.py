"""docs/exports.md names every field of every form."""

import re
from pathlib import Path

import pytest

from engine.model.inspection import ExportForm
from runtime.exports.columns import COLUMNS
from runtime.exports.facts import CHANGING, FACTS
from runtime.exports.tables import object_of
from tests.audit.test_exports import Told

PAGE = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in PAGE.split("\n## ")[1:]}


def test_every_column_has_its_row() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", SECTIONS["CSV and xlsx"], flags=re.MULTILINE)[2:]

    assert [name for row in rows for name in row.split(", ")] == [column.head for column in COLUMNS]


def test_every_member_is_told() -> None:
    (event,) = Told(["x"]).events()

    told = re.findall(r"`(\w+)`", SECTIONS["JSON Lines"].partition("| --- |")[2].replace("`id@version`", ""))
    assert [name for name in told if name != "null"] == [*object_of(event)]


@pytest.mark.parametrize("name", [*FACTS, *CHANGING])
def test_every_fact_of_mining_is_told(name: str) -> None:
    assert f"`{name}`" in SECTIONS["OCEL 2.0 (JSON)"]


def test_every_form_has_its_section() -> None:
    told = " ".join(SECTIONS).lower().replace("json lines", "jsonl")

    assert all(form.value in told for form in ExportForm)
