"""A calendar that a bureau adds: read with the place of every mistake."""

import json
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.calendar import SpecialDays
from engine.model.errors import Invalid
from workflows.calendars import read_calendar

GOOD = """\
id: example_county
version: 2
label: 2027年放假安排
source: 国务院办公厅关于2027年部分节假日安排的通知
covers: 2027
hours: ["08:30-12:00", "14:00-17:30"]
rests:
  - {from: 2027-02-06, to: 2027-02-12, label: 春节}
  - {from: 2027-04-05, label: 清明}
works:
  - {from: 2027-02-14, label: 春节调休}
"""


def problems(text: str) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        read_calendar(text.encode(), "calendar.yaml")
    return [(problem.where.partition(":")[2], problem.text) for problem in refused.value.problems]


def test_days_hours_and_horizon_are_read() -> None:
    override = read_calendar(GOOD.encode(), "calendar.yaml")

    assert (override.name, override.covers) == ("example_county@2", 2027)
    assert override.hours == ((510, 720), (840, 1050))
    assert override.days == (
        SpecialDays(first=date(2027, 2, 6), last=date(2027, 2, 12), works=False, label="春节"),
        SpecialDays(first=date(2027, 4, 5), last=date(2027, 4, 5), works=False, label="清明"),
        SpecialDays(first=date(2027, 2, 14), last=date(2027, 2, 14), works=True, label="春节调休"),
    )


def test_the_same_content_as_json_is_the_same_calendar() -> None:
    tree = {
        "id": "example_county",
        "version": 2,
        "label": "2027年放假安排",
        "source": "国务院办公厅关于2027年部分节假日安排的通知",
        "covers": 2027,
        "hours": ["08:30-12:00", "14:00-17:30"],
        "rests": [
            {"from": "2027-02-06", "to": "2027-02-12", "label": "春节"},
            {"from": "2027-04-05", "label": "清明"},
        ],
        "works": [{"from": "2027-02-14", "label": "春节调休"}],
    }
    written = json.dumps(tree, ensure_ascii=False, indent=1)

    assert read_calendar(written.encode(), "x.json") == read_calendar(GOOD.encode(), "calendar.yaml")


@pytest.mark.parametrize(
    ("old", "new", "where", "told"),
    [
        ("version: 2", "version: 0", "2:10", "应在 1 至 9999 之间"),
        ("rests:", "holidays:", "7:1", "未知的键：holidays"),
        ("2027-02-12", "2027-02-30", "8:28", "不是日期：2027-02-30"),
        ("to: 2027-02-12", "to: 2027-02-01", "8:5", "2027-02-06 至 2027-02-01 不是一段假期"),
        ("to: 2027-02-12", "to: 2027-12-12", "8:5", "2027-02-06 至 2027-12-12 不是一段假期"),
        ("2027-02-14", "2027-02-10", "11:5", "2027-02-10 写了两次"),
        ('"14:00-17:30"', '"11:00-17:30"', "6:24", "办公时间不合规：11:00-17:30"),
        ('"14:00-17:30"', '"14:00"', "6:24", "办公时间不合规：14:00"),
        ("label: 清明", "name: 清明", "9:5", "缺少 label"),
        ("covers: 2027", "covers: 二〇二七", "5:9", "这里应为整数"),
        ("covers: 2027", "covers: 2028", "5:9", "2028 年没有一天放假安排"),
    ],
)
def test_a_mistake_is_told_with_its_place(old: str, new: str, where: str, told: str) -> None:
    assert (where, told) in problems(GOOD.replace(old, new, 1))


def test_all_mistakes_are_told_in_one_pass() -> None:
    text = GOOD.replace("version: 2", "version: 0").replace("2027-02-12", "2027-02-30")

    assert len(problems(text)) == 2


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10_000)
    | st.sampled_from(["", "2027-02-06", "08:30-12:00", "x" * 300]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("from to label day rests".split()), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = st.sampled_from("id version label source covers hours rests works other".split())


@given(st.dictionaries(KEYS, VALUES, max_size=9))
def test_whatever_a_file_holds_is_read_or_refused_with_places(tree: dict[str, object]) -> None:
    places: list[str] = []
    try:
        read_calendar(json.dumps(tree).encode(), "calendar.json")
    except Invalid as refused:
        places = [problem.where for problem in refused.problems]

    assert all(re.fullmatch(r"calendar\.json:\d+:\d+", place) for place in places)
