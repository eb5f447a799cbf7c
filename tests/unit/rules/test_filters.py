"""What a saved filter may be called, and what it may hold."""

import pytest

from engine.rules.filters import LONGEST_NAME, MOST, objection

SOUND = {"name": "逾期", "query": "kind=item&q=%E7%94%B2", "kept": 0}


def test_a_name_a_query_and_room_are_all_it_needs():
    assert objection("长" * LONGEST_NAME, "", MOST - 1) == ""
    assert objection(**SOUND) == ""


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": ""}, "没有写明名称"),
        ({"name": "一\n二"}, "看不见的字符"),
        ({"name": "长" * (LONGEST_NAME + 1)}, "超过 30 个字"),
        ({"query": "q=<script>"}, "读不出来"),
        ({"query": "a=" + "b" * 2000}, "太长"),
        ({"kept": MOST}, "已存 50 个筛选"),
    ],
)
def test_what_stands_against_it_is_told(changes, why):
    assert why in objection(**{**SOUND, **changes})
