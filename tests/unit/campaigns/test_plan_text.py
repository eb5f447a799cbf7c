"""Every row of the plan of 2020 says what its text says, and nothing the text asks for is left out."""

import re
from pathlib import Path

import pytest

from tests.unit.campaigns.test_plan_data import (
    CATEGORIES,
    DATES,
    DUTIES,
    PHASES,
    QUOTED,
    TASKS,
    UNITS,
    Row,
    rows,
)

TEXT = (Path(__file__).parent / "plan-2020.txt").read_text(encoding="utf-8")
"""As issued, with the county under its fictional name."""
WHEN = re.compile(r"每月底|年底前|随时|(?<![年\d])\d+月(?:上旬|中下旬|底前|\d+日前|至\d+月)?")
NUMBERED = re.compile(r"（[一二三四五六七八]）[^。]+。")


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def chapter(first: str, last: str) -> str:
    return TEXT.partition(f"\n{first}")[2].partition(f"\n{last}")[0]


@pytest.mark.parametrize("row", QUOTED, ids=lambda row: row["code"])
def test_the_quote_of_a_row_stands_in_the_plan(row: Row) -> None:
    assert squeezed(str(row["quote"])) in squeezed(TEXT)


def test_every_day_that_the_plan_names_is_in_a_row() -> None:
    named = set(WHEN.findall(chapter("五、", "附件")))
    said = " ".join(f"{row.get('words')} {row.get('quote')}" for row in [*PHASES, *DUTIES, *DATES])

    assert {"4月上旬", "4月中下旬", "11月底前", "每月底", "12月5日前", "随时"} <= named
    assert not [when for when in named if when not in said]


@pytest.mark.parametrize(("first", "last", "found"), [("三、", "四、", CATEGORIES), ("四、", "五、", TASKS)])
def test_every_numbered_point_of_a_chapter_is_a_row(first: str, last: str, found: list[Row]) -> None:
    points = NUMBERED.findall(chapter(first, last))

    assert [str(row["quote"])[:12] for row in found] == [point[:12] for point in points]


def test_no_symptom_of_a_category_is_left_out() -> None:
    for category, point in zip(CATEGORIES, re.split(r"\n（.）", chapter("三、", "四、"))[1:], strict=True):
        symptoms = squeezed(point.partition("表现为")[2])
        for part in rows(category, "parts"):
            symptoms = symptoms.replace(squeezed(str(part["quote"])), "", 1)

        assert not re.sub("或者|[；，、。]", "", symptoms), category["code"]


def test_every_unit_of_the_annex_is_in_the_data_and_in_its_order() -> None:
    lines = TEXT.partition("成员：\n")[2].partition("\n\n")[0].splitlines()
    annex = [line.split()[0] for line in lines]
    names = [str(unit["name"]) for unit in UNITS if not str(unit["name"]).endswith("派出所")]

    assert annex.pop() == "各派出所"
    assert names[2:] == annex
